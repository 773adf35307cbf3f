//! `{$text: ./README.md}` and its kin: parts of an entity that stand in other files.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Diagnostic, Error};
use serde_json::Value;
use url::Url;

use super::bundle;
use super::files::{File, Files};
use super::place::{Place, Repository};
use crate::{YamlDocument, YamlLimits};

/// What becomes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Its text, as it is.
    Text,
    /// Its data.
    Json,
    /// The data of its only document.
    Yaml,
    /// Its text, with what it refers to in other files put in.
    Bundle,
}

/// The keys, and what they stand for.
const KEYS: [(&str, Form); 5] = [
    ("$text", Form::Text),
    ("$json", Form::Json),
    ("$yaml", Form::Yaml),
    ("$openapi", Form::Bundle),
    ("$asyncapi", Form::Bundle),
];

/// A part that stands in another file.
#[derive(Debug, Clone)]
pub(super) struct Substitution {
    /// The object that is replaced.
    pub(super) pointer: String,
    pub(super) key: &'static str,
    pub(super) form: Form,
    /// The repository of the entity.
    pub(super) home: Option<Repository>,
    /// The file, or why there is none.
    pub(super) url: Result<Url, Diagnostic>,
}

impl Substitution {
    /// The pointer of the key.
    pub(super) fn key_pointer(&self) -> String {
        format!("{}/{}", self.pointer, self.key)
    }
}

/// Whether a text can hold substitutions: a quick look before the slow one.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains('$') && KEYS.iter().any(|(key, _)| text.contains(key))
}

/// The substitutions of a document. An object is one where it has exactly one key, and a known one.
pub(super) fn find(value: &Value, place: &Place) -> Vec<Substitution> {
    let mut found = Vec::new();
    walk(value, String::new(), place, &mut found);
    found
}

fn walk(value: &Value, pointer: String, place: &Place, found: &mut Vec<Substitution>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{pointer}/{index}"), place, found);
            }
        }
        Value::Object(map) => {
            let single = map.iter().next().filter(|_| map.len() == 1);
            let known = single.and_then(|(key, it)| Some((KEYS.iter().find(|(name, _)| name == key)?, it)));
            if let Some(((key, form), argument)) = known {
                let home = place.url().and_then(Repository::of);
                let url = locate(argument, key, place, home.as_ref());
                return found.push(Substitution { pointer, key, form: *form, home, url });
            }
            for (key, item) in map {
                let token = key.replace('~', "~0").replace('/', "~1");
                walk(item, format!("{pointer}/{token}"), place, found);
            }
        }
        _ => {}
    }
}

fn locate(argument: &Value, key: &str, place: &Place, home: Option<&Repository>) -> Result<Url, Diagnostic> {
    let Some(text) = argument.as_str() else {
        let message = format!("`{key}` takes the path or URL of a file");
        return Err(Diagnostic::error("bad-substitution", message));
    };
    Repository::confine(home, place.resolve(text)?)
}

/// The files that a pass has fetched for substitutions, or why it could not.
pub(super) type Fetched = BTreeMap<Url, Result<Arc<Files>, Error>>;

/// The text file at a URL.
fn file<'f>(url: &Url, fetched: &'f Fetched) -> Result<&'f Arc<File>, String> {
    match fetched.get(url) {
        Some(Ok(files)) => match (&files.files[..], &files.unusable[..]) {
            ([file], []) if !files.is_folder => Ok(file),
            (_, [why, ..]) => Err(why.clone()),
            _ => Err(format!("`{url}` is a folder")),
        },
        Some(Err(error)) => Err(error.chain()),
        None => Err(format!("`{url}` was not fetched")),
    }
}

/// The files that a bundled file refers to for an entity of a repository, each with the URL it means; nothing where it
/// cannot be read.
pub(super) fn references(
    url: &Url,
    home: Option<&Repository>,
    fetched: &Fetched,
    limits: &YamlLimits,
) -> Vec<Result<Url, Diagnostic>> {
    let Ok(file) = file(url, fetched) else { return Vec::new() };
    let Ok(value) = only_document(file, limits) else { return Vec::new() };
    let resolve = |text| Repository::confine(home, file.place.resolve(text)?);
    bundle::references(value).into_iter().map(resolve).collect()
}

/// How many bytes a value takes, about.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|it| 1 + size(it)).sum(),
        Value::Object(map) => map.iter().map(|(key, it)| 1 + key.len() + size(it)).sum(),
        _ => 1,
    }
}

/// What is put in the place of a substitution, of at most so many bytes.
pub(super) fn value(
    substitution: &Substitution,
    fetched: &Fetched,
    limits: &YamlLimits,
    room: usize,
) -> Result<Value, Diagnostic> {
    let (url, home) = (substitution.url.clone()?, substitution.home.as_ref());
    let failed = |why: String| {
        Diagnostic::error(
            "unreadable-substitution",
            format!("`{}` cannot be replaced: {why}", substitution.key),
        )
    };
    let found = file(&url, fetched).map_err(failed)?;
    let fits = |bytes: usize| if bytes <= room { Ok(()) } else { Err(failed(TOO_LARGE.to_owned())) };
    match substitution.form {
        Form::Text => {
            fits(found.text.text().len())?;
            Ok(Value::from(found.text.text()))
        }
        Form::Json => {
            fits(found.text.text().len())?;
            serde_json::from_str(found.text.text())
                .map_err(|error| failed(format!("{} is not JSON: {error}", found.place.location)))
        }
        Form::Yaml => {
            let value = only_document(found, limits).map_err(failed)?;
            fits(size(value))?;
            Ok(value.clone())
        }
        Form::Bundle => {
            let text = bundled(&url, home, found, fetched, limits, room).map_err(failed)?;
            fits(text.len())?;
            Ok(Value::from(text))
        }
    }
}

/// Why there is nothing in the place of a substitution whose document has enough already.
pub(super) const TOO_LARGE: &str = "the document gets too large by it";

/// The data of a file with exactly one document.
fn only_document<'f>(file: &'f File, limits: &YamlLimits) -> Result<&'f Value, String> {
    let documents = file.documents(limits);
    let broken = documents.iter().flat_map(YamlDocument::problems).find(|it| it.is_error());
    if let Some(problem) = broken {
        return Err(problem.to_string());
    }
    let mut values = documents.iter().filter(|it| !it.is_blank()).filter_map(YamlDocument::value);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(format!("{} does not hold exactly one document", file.place.location)),
    }
}

/// The text of an interface description. As it is where it refers to no other file, else as JSON, which is YAML too.
fn bundled(
    url: &Url,
    home: Option<&Repository>,
    root: &File,
    fetched: &Fetched,
    limits: &YamlLimits,
    room: usize,
) -> Result<String, String> {
    if bundle::references(only_document(root, limits)?).is_empty() {
        return Ok(root.text.text().to_owned());
    }
    let mut files = BTreeMap::new();
    let mut open = vec![url.clone()];
    while let Some(next) = open.pop() {
        if files.contains_key(&next) {
            continue;
        }
        files.insert(next.clone(), only_document(file(&next, fetched)?, limits)?.clone());
        for reference in references(&next, home, fetched, limits) {
            open.push(reference.map_err(|problem| problem.message)?);
        }
    }
    let resolve = |from: &Url, text: &str| file(from, fetched).ok()?.place.resolve(text).ok();
    let whole = bundle::bundle(url, &files, &resolve, room)?;
    serde_json::to_string_pretty(&whole).map_err(|error| error.to_string())
}
