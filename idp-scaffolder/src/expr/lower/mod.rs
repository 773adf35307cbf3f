//! Lowers a template to a minijinja program.
//!
//! minijinja runs the program: control flow, captures, macros, output, fuel. Expressions do not go through it: JavaScript
//! differs in nearly every operator, and a call of minijinja's for each of them would have to be written, read and
//! compiled as well. `op(n)` evaluates the whole of expression `n`, which is a tree of [`Site`]s: each says which
//! operation it is, on which operands, and where in the source it stands, so every error has the place of the operation
//! that failed. What minijinja holds in a variable of the program (a loop's item, a captured text) is passed along:
//! `op(n,v1)`.
//!
//! `{% if a == 'x' %}hi ${{ b | upper }}{% endif %}` becomes `{%if op(0)%}{{op(1)}}{%else%}{%endif%}`. Texts and outputs
//! between two tags are one operation, so nothing of a template is ever read as program, and templates whose tags are
//! alike have the same one: minijinja reads it once.
//!
//! Variables do not map to minijinja's: nunjucks lets a `set` in a loop change an outer variable, so names live in the
//! frames of [`super::run`].

mod expression;
mod statement;

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::Value;

use super::syntax::ast::{Expr, ExprKind, Node};
use idp_core::Span;

/// How deep operations may nest: evaluating them takes a thread's stack.
const DEPTH: usize = 150;

/// An operation of a program.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) op: Op,
    pub(crate) operands: Vec<Operand>,
    pub(crate) span: Span,
}

/// What an operation works on.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// What another operation gives, by its number.
    Site(usize),
    /// A literal.
    Literal(Value),
    /// What the program passes along with the outermost operation, by its place.
    Given(usize),
}

/// One step of a member path.
#[derive(Debug)]
pub(crate) enum Key {
    /// Known from the source.
    Name(Arc<str>),
    /// The next operand.
    Operand,
}

/// What an operation does. Its operands are evaluated before it, from left to right, but for those of `and`, `or` and the
/// inline `if`.
#[derive(Debug)]
pub(crate) enum Op {
    /// The value of a variable.
    Name(String),
    /// Members, one after the other.
    Path(Vec<Key>),
    /// `object[start:stop:step]`; which bounds are there.
    Slice([bool; 3]),
    /// Calls the first operand; `path` is how messages name it.
    Call {
        path: Option<String>,
        keywords: Vec<String>,
    },
    /// Calls a method of the first operand; without a name the second operand is the key.
    Method {
        path: Option<String>,
        name: Option<String>,
        keywords: Vec<String>,
    },
    Filter {
        name: String,
        keywords: Vec<String>,
    },
    Test {
        name: String,
        keywords: Vec<String>,
        negated: bool,
    },
    /// Operators of one level, from left to right.
    Chain(Vec<&'static str>),
    Sign(&'static str),
    Not,
    In {
        negated: bool,
    },
    Array,
    Dict(Vec<Arc<str>>),
    Regex {
        pattern: String,
        flags: String,
    },
    /// The last operand.
    Last,
    /// The first operand without truth, or the last one.
    And,
    /// The first operand with truth, or the last one.
    Or,
    /// Condition, value, and the value otherwise.
    Inline,
    /// JavaScript truth.
    Truth,
    /// The text of an output.
    Print,
    /// The texts of the operands, one after the other.
    Join,
    /// Keeps the operand as the template's value.
    Result,
    /// Opens a loop's frame and answers the items.
    Iterate {
        width: usize,
    },
    /// Sets the loop's names to the item.
    Bind(Vec<String>),
    /// Opens a frame.
    Enter,
    /// Closes the innermost frame.
    Leave,
    /// Sets names to the operand.
    Set(Vec<String>),
    /// Whether a `case` applies.
    Matches,
    /// Defines a macro; the operand is its compiled body.
    Macro {
        name: String,
        parameters: Vec<String>,
        caller: bool,
    },
    /// Whether a parameter was not given.
    Missing(String),
}

/// A lowered template.
#[derive(Debug)]
pub(crate) struct Program {
    /// What minijinja runs.
    pub(crate) source: String,
    /// The operations that minijinja runs, by the number that it knows them by.
    pub(crate) entries: Vec<usize>,
    /// Every operation.
    pub(crate) sites: Vec<Site>,
    /// The first expression that nests deeper than is evaluated.
    pub(crate) too_deep: Option<Span>,
    /// The template is one output and nothing else, and the program keeps its value.
    pub(crate) whole_value: bool,
    /// `loop` occurs somewhere.
    pub(crate) uses_loop: bool,
}

/// How to lower a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// A step's value: one output keeps its type.
    Value,
    /// A file's text.
    Text,
    /// An older engine's value: each output is its JSON, to be read back.
    Json,
}

/// Lowers a template.
pub(crate) fn lower(nodes: &[Node], form: Form) -> Program {
    let mut lowering = Lowering { form, ..Lowering::default() };
    let parts: Vec<&Node> = nodes.iter().filter(|node| **node != Node::Comment).collect();
    let whole = match parts[..] {
        [Node::Output(value)] if form == Form::Value => Some(value),
        _ => None,
    };
    match whole {
        Some(value) => {
            let operand = lowering.expression(value);
            lowering.statement(Op::Result, value.span, vec![operand], &[]);
        }
        None => lowering.nodes(nodes),
    }
    Program {
        source: lowering.out,
        entries: lowering.entries,
        sites: lowering.sites,
        too_deep: lowering.too_deep,
        whole_value: whole.is_some(),
        uses_loop: lowering.uses_loop,
    }
}

impl Default for Lowering {
    fn default() -> Self {
        Self {
            out: String::new(),
            entries: Vec::new(),
            sites: Vec::new(),
            names: 0,
            depth: 0,
            too_deep: None,
            form: Form::Text,
            uses_loop: false,
        }
    }
}

struct Lowering {
    out: String,
    entries: Vec<usize>,
    sites: Vec<Site>,
    /// How many names of its own the program uses.
    names: usize,
    depth: usize,
    too_deep: Option<Span>,
    form: Form,
    uses_loop: bool,
}

impl Lowering {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A new operation.
    fn site(&mut self, op: Op, span: Span, operands: Vec<Operand>) -> Operand {
        self.sites.push(Site { op, operands, span });
        Operand::Site(self.sites.len() - 1)
    }

    /// `op(n, given…)`: a new operation with what it is given of the program's variables.
    fn op(&mut self, op: Op, span: Span, operands: Vec<Operand>, given: &[&str]) {
        let number = self.entries.len();
        self.entries.push(self.sites.len());
        self.sites.push(Site { op, operands, span });
        let _ = write!(self.out, "op({number}");
        for name in given {
            self.push(",");
            self.push(name);
        }
        self.push(")");
    }

    /// An operation run for what it does.
    fn statement(&mut self, op: Op, span: Span, operands: Vec<Operand>, given: &[&str]) {
        self.push("{%do ");
        self.op(op, span, operands, given);
        self.push("%}");
    }

    /// A new name of the program.
    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }
}

/// How messages name a value: `values.items.join`, where it is a plain path.
fn path_of(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Member { object, key, .. } => match &key.kind {
            ExprKind::Str(name) => Some(format!("{}.{name}", path_of(object)?)),
            _ => None,
        },
        _ => None,
    }
}
