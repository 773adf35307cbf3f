//! Writes a tree as a template: read again, it is the same tree.
//!
//! The parser keeps parentheses, so an expression needs no others. What white space control and line trimming took from
//! a text is gone from the tree: what is printed is to be read without them.

mod expression;
mod statement;
#[cfg(test)]
mod tests;

use super::ast::Node;

/// A tree as a template, whose outputs open with `{{` where `cookiecutter` says so.
pub(crate) fn print(nodes: &[Node], cookiecutter: bool) -> String {
    let mut printer = Printer { out: String::new(), open: if cookiecutter { "{{" } else { "${{" } };
    printer.nodes(nodes);
    printer.out
}

struct Printer {
    out: String,
    /// What opens an output.
    open: &'static str,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Parts with `, ` between them.
    fn list<T>(&mut self, parts: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            print(self, part);
        }
    }
}
