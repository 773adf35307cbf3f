//! Predicates as text.

use idp_core::{Comparison, Predicate, Test};

use super::expression::is_keyword;
use super::token::{is_word, quote};

/// Writes a predicate so that [`parse_predicate`](super::parse_predicate) reads it again, the same in every part.
///
/// ```
/// use idp_catalog::{parse_predicate, print_predicate};
/// let predicate = parse_predicate("spec.type in (service,'web site') and not (a or b != 1)")?;
/// let text = print_predicate(&predicate);
/// assert_eq!(text, r#"spec.type in (service, "web site") and not (a exists or not b = 1)"#);
/// assert_eq!(parse_predicate(&text)?, predicate);
/// # Ok::<(), idp_core::Error>(())
/// ```
#[must_use]
pub fn print_predicate(predicate: &Predicate) -> String {
    match predicate {
        Predicate::All(parts) => several(parts, " and ", "all"),
        Predicate::Any(parts) => several(parts, " or ", "any"),
        Predicate::Not(part) => format!("not {}", operand(part)),
        Predicate::Exists(field) => format!("{} exists", word(field)),
        Predicate::Value(field, test) => format!("{} {}", word(field), tested(test)),
        Predicate::Exactly(field, Test::In(values)) if values.len() == 1 => {
            format!("{} == {}", word(field), word(&values[0]))
        }
        Predicate::Exactly(field, test) => format!("{} exactly {}", word(field), tested(test)),
        Predicate::Has(field, element) => format!("{} has ({})", word(field), print_predicate(element)),
        // What this version does not know cannot be read either.
        _ => "?".to_owned(),
    }
}

/// Parts joined by a word; where that would say something else, by name.
fn several(parts: &[Predicate], joint: &str, name: &str) -> String {
    if parts.len() < 2 {
        let parts: Vec<String> = parts.iter().map(print_predicate).collect();
        return format!("{name}({})", parts.join(", "));
    }
    let parts: Vec<String> = parts.iter().map(operand).collect();
    parts.join(joint)
}

/// A predicate as a part of another: in parentheses where it is several.
fn operand(predicate: &Predicate) -> String {
    let text = print_predicate(predicate);
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) if parts.len() > 1 => format!("({text})"),
        _ => text,
    }
}

fn tested(test: &Test) -> String {
    match test {
        Test::In(values) if values.len() == 1 => format!("= {}", word(&values[0])),
        Test::In(values) => {
            let values: Vec<String> = values.iter().map(|value| word(value)).collect();
            format!("in ({})", values.join(", "))
        }
        Test::Prefix(prefix) => format!("starts with {}", word(prefix)),
        Test::Substring(text) => format!("~ {}", word(text)),
        Test::Pattern(pattern) if pattern.contains('/') => format!("matches {}", quote(pattern)),
        Test::Pattern(pattern) => format!("matches /{pattern}/"),
        Test::Compare(comparison, bound) => format!("{} {}", sign(*comparison), word(bound)),
        Test::Between(from, to) => format!("between {} and {}", word(from), word(to)),
        _ => "?".to_owned(),
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::AtLeast => ">=",
        Comparison::Greater => ">",
    }
}

/// A field or a value: in quotes where it could be taken for something else.
fn word(text: &str) -> String {
    if is_word(text) && !is_keyword(text) && !text.contains(char::is_control) {
        text.to_owned()
    } else {
        quote(text)
    }
}
