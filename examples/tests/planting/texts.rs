//! Faults in expressions.

use serde_json::Value;

use super::{Fault, changed, texts_below, type_of};

/// A change of a text: what is sought, what stands there instead, and what is found then.
struct Edit {
    kind: &'static str,
    codes: &'static [&'static str],
    edit: fn(&Value, &str) -> Option<String>,
}

const EDITS: [Edit; 13] = [
    Edit {
        kind: "misspelt parameter",
        codes: &["undefined-parameter"],
        edit: |_, it| misspell(it, "parameters."),
    },
    Edit {
        kind: "misspelt root",
        codes: &["undefined-name"],
        edit: |_, it| inside(it, "parameters.", "paramaters."),
    },
    Edit { kind: "misspelt step", codes: &["unknown-step"], edit: misspelt_step },
    Edit {
        kind: "misspelt output",
        codes: &["unknown-output"],
        edit: |_, it| inside(it, ".output.", ".outputs."),
    },
    Edit { kind: "misspelt filter", codes: &["unknown-filter"], edit: misspelt_filter },
    Edit {
        kind: "JavaScript operator",
        codes: &["template-syntax"],
        edit: |_, it| before_end(it, " && true"),
    },
    Edit { kind: "unclosed expression", codes: &["template-syntax"], edit: unclosed },
    Edit { kind: "subtraction of steps", codes: &["dashed-name"], edit: dashed },
    Edit {
        kind: "member of a text",
        codes: &["undefined-member"],
        edit: |document, it| of_type(document, it, "string", |name| format!("parameters.{name}.owner")),
    },
    Edit {
        kind: "method of a text",
        codes: &["unknown-method"],
        edit: |document, it| {
            of_type(document, it, "string", |name| format!("parameters.{name}.forEach('a')"))
        },
    },
    Edit {
        kind: "filter of a boolean",
        codes: &["filter-input"],
        edit: |document, it| of_type(document, it, "boolean", |name| format!("parameters.{name} | trim")),
    },
    Edit { kind: "object in a text", codes: &["object-printed"], edit: printed_object },
    Edit {
        kind: "boolean beside a text",
        codes: &["never-equal"],
        edit: |document, it| of_type(document, it, "boolean", |name| format!("parameters.{name} == 'true'")),
    },
];

pub(super) fn plant(document: &Value, found: &mut Vec<Fault>) {
    let mut texts = texts_below(document, "/spec/steps");
    texts.extend(texts_below(document, "/spec/output"));
    for (pointer, text) in texts {
        // One that cannot be read already hides what else is wrong in it.
        if !is_rendered(&pointer) || text.contains("||") || text.contains("&&") {
            continue;
        }
        for Edit { kind, codes, edit } in &EDITS {
            if let Some(edited) = edit(document, &text) {
                let what = format!("{pointer}: {}", edited.trim());
                let document = changed(document, &pointer, |it| *it = edited.into());
                found.push(Fault { kind, what, codes, shown: true, document });
            }
        }
    }
}

/// A step's name, id and action are taken as they are.
fn is_rendered(pointer: &str) -> bool {
    let part = pointer.split('/').nth(4).unwrap_or_default();
    pointer.starts_with("/spec/output") || ["input", "if", "each"].contains(&part)
}

/// The bytes of the first expression of a text that stands outside of quotes and tags.
fn expression(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find("${{")? + 3;
    (!text.contains("{%")).then_some(())?;
    Some(start..start + text[start..].find("}}")?)
}

/// Replaces something inside the first expression.
fn inside(text: &str, from: &str, to: &str) -> Option<String> {
    let range = expression(text)?;
    let at = text[range.clone()].find(from)? + range.start;
    // Not inside a string, and not a part of another name.
    (!text[range.start..at].contains(['\'', '"']) || from.starts_with('.')).then_some(())?;
    let before = text[..at].chars().next_back();
    (from.starts_with('.') || before.is_none_or(|c| !c.is_alphanumeric() && c != '.')).then_some(())?;
    Some(format!("{}{to}{}", &text[..at], &text[at + from.len()..]))
}

/// The name after a prefix in the first expression.
fn name_after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let range = expression(text)?;
    let at = text[range.clone()].find(prefix)? + range.start + prefix.len();
    let rest = &text[at..range.end];
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 1).then(|| &rest[..end])
}

fn misspell(text: &str, prefix: &str) -> Option<String> {
    let name = name_after(text, prefix)?;
    inside(text, &format!("{prefix}{name}"), &format!("{prefix}{name}Zz"))
}

fn misspelt_step(_: &Value, text: &str) -> Option<String> {
    inside(text, "steps['", "steps['zz").or_else(|| {
        let name = name_after(text, "steps.")?;
        inside(text, &format!("steps.{name}."), &format!("steps.zz{name}."))
    })
}

fn misspelt_filter(_: &Value, text: &str) -> Option<String> {
    let range = expression(text)?;
    let at = text[range.clone()].find("| ")? + range.start + 2;
    Some(format!("{}zz{}", &text[..at], &text[at..]))
}

fn before_end(text: &str, added: &str) -> Option<String> {
    let range = expression(text)?;
    Some(format!("{}{added}{}", &text[..range.end], &text[range.end..]))
}

fn unclosed(_: &Value, text: &str) -> Option<String> {
    let range = expression(text)?;
    (!text[range.end + 2..].contains("}}"))
        .then(|| format!("{}{}", &text[..range.end], &text[range.end + 2..]))
}

fn dashed(_: &Value, text: &str) -> Option<String> {
    let range = expression(text)?;
    let at = text[range.clone()].find("steps['")? + range.start;
    let (id, rest) = text[at + 7..].split_once("']")?;
    let plain = id.contains('-') && id.chars().all(|c| c.is_alphabetic() || c == '-' || c == '_');
    plain.then(|| format!("{}steps.{id}{rest}", &text[..at]))
}

/// A text that is one parameter of a type, and that alone.
fn of_type(document: &Value, text: &str, kind: &str, write: impl Fn(&str) -> String) -> Option<String> {
    let name = text.strip_prefix("${{")?.strip_suffix("}}")?.trim().strip_prefix("parameters.")?;
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && type_of(document, name)? == kind).then(|| format!("${{{{ {} }}}}", write(name)))
}

fn printed_object(document: &Value, text: &str) -> Option<String> {
    of_type(document, text, "string", |name| {
        format!("parameters.{name} | parseEntityRef({{defaultKind: 'group'}})")
    })
    .filter(|_| !text.contains("repo") && !text.contains("Repo") && !text.contains("Url"))
    .map(|it| format!("of {it}"))
}
