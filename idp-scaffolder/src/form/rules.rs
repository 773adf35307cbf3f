//! What Backstage's form extensions ask of an answer beside the schema.

use serde_json::Value;

use super::QuestionKind;
use super::entities::values;
use crate::parameters::Schema;

/// Characters that a name or tag may have, at most.
const LONGEST: usize = 63;

/// What is wrong with an answer.
pub(super) fn problem(kind: &QuestionKind, schema: Schema<'_>, answer: &Value) -> Option<String> {
    let extension = schema.get("ui:field").and_then(Value::as_str);
    match (kind, answer) {
        (QuestionKind::RepoUrl(options), Value::String(address)) => options.problem(address),
        (QuestionKind::Tags(_), Value::Array(tags)) => {
            let wrong = tags.iter().filter_map(Value::as_str).find(|tag| !is_tag(tag))?;
            Some(format!(
                "`{wrong}` is no tag: lower-case letters, digits, `:`, `+` or `#` with single `-` between them"
            ))
        }
        (QuestionKind::Entity(options), Value::String(reference)) => options.problem(reference),
        (QuestionKind::Entities(options), Value::Array(references)) => {
            references.iter().filter_map(Value::as_str).find_map(|it| options.problem(it))
        }
        (_, Value::String(owner)) if extension == Some("RepoOwnerPicker") => {
            let excluded = schema.get("ui:options").and_then(|it| values(it.get("excludedOwners")?));
            let excluded = excluded.is_some_and(|owners| owners.contains(owner));
            excluded.then(|| format!("`{owner}` is an owner that may not be chosen"))
        }
        (_, Value::String(branch)) if extension == Some("RepoBranchPicker") => {
            (!is_branch(branch)).then(|| format!("`{branch}` is no name that a branch can have"))
        }
        (_, Value::String(name)) if extension == Some("EntityNamePicker") => {
            let message =
                "not a name: letters and digits with `-`, `_` or `.` between them, at most 63 characters";
            (!is_name(name)).then(|| message.to_owned())
        }
        _ => None,
    }
}

fn is_tag(text: &str) -> bool {
    let part = |part: &str| {
        let allowed = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b":+#".contains(&it);
        !part.is_empty() && part.bytes().all(allowed)
    };
    text.len() <= LONGEST && text.split('-').all(part)
}

/// Whether Git takes a text for the name of a branch.
fn is_branch(text: &str) -> bool {
    let forbidden = |it: char| it.is_ascii_control() || it.is_ascii_whitespace() || "~^:?*[\\".contains(it);
    let part = |it: &str| !it.is_empty() && !it.starts_with('.') && !it.ends_with(".lock");
    !text.contains(forbidden)
        && !text.contains("..")
        && !text.contains("@{")
        && !text.starts_with('-')
        && !text.ends_with('.')
        && text != "@"
        && text.split('/').all(part)
}

fn is_name(text: &str) -> bool {
    let solid = |it: &u8| it.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    text.len() <= LONGEST
        && bytes.first().is_some_and(solid)
        && bytes.last().is_some_and(solid)
        && bytes.iter().all(|it| solid(it) || b"-_.".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_those_of_git() {
        for (text, good) in [
            ("main", true),
            ("feature/a-b_1.2", true),
            ("release/@1", true),
            ("", false),
            ("a b", false),
            ("a..b", false),
            ("a//b", false),
            ("/a", false),
            ("a/", false),
            ("-a", false),
            ("a/.b", false),
            ("a.lock", false),
            ("a.", false),
            ("a~1", false),
            ("a@{1}", false),
            ("@", false),
        ] {
            assert_eq!(is_branch(text), good, "{text}");
        }
    }

    #[test]
    fn names_and_tags_are_those_of_the_catalog() {
        let longest = "a".repeat(LONGEST);
        for (text, name, tag) in [
            ("payments", true, true),
            ("my-service", true, true),
            ("c++", false, true),
            ("My_Service.2", true, false),
            ("-a", false, false),
            ("a--b", true, false),
            ("", false, false),
            (longest.as_str(), true, true),
            (&format!("{longest}a"), false, false),
        ] {
            assert_eq!((is_name(text), is_tag(text)), (name, tag), "{text}");
        }
    }
}
