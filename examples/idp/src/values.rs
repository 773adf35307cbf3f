//! Parameters and secrets from the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idp_core::{Diagnostic, EntityRef, Error, ErrorKind, Principal, RefDefaults, Result, Secret};
use idp_scaffolder::{FieldError, Form, Template};
use serde_json::{Map, Value};

/// What a template is given.
#[derive(Debug, clap::Args)]
pub(crate) struct ValueArgs {
    /// A file of parameters, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// One parameter. The value is of the type that the template asks for; of others it is YAML, as in `[a, b]`. A dotted
    /// name leads into an object. May be given often, and counts more than the file.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    secrets: SecretArgs,
    /// On whose behalf: `user:default/ada`.
    #[arg(long = "as", value_name = "REF")]
    principal: Option<String>,
}

/// Secrets, never by value.
#[derive(Debug, clap::Args)]
pub(crate) struct SecretArgs {
    /// A secret, by the environment variable that holds it. May be given often.
    #[arg(long = "secret", value_name = "NAME=VARIABLE")]
    secrets: Vec<String>,
}

impl ValueArgs {
    /// The form of a template, with what was given.
    pub(crate) fn form(&self, template: &Template) -> Result<Form> {
        let form = Form::new(template.clone()).map_err(diagnosed)?.given(self.parameters(template)?);
        Ok(self.secrets.read()?.into_iter().fold(form, |form, (name, secret)| form.secret(name, secret)))
    }

    /// The parameters of a template that were given.
    fn parameters(&self, template: &Template) -> Result<Map<String, Value>> {
        let mut parameters = match &self.values {
            Some(path) => read_map(path)?,
            None => Map::new(),
        };
        for text in &self.set {
            let (name, value) = split(text)?;
            let path = path_of(template, name);
            let value = typed(template.field_schema(&path), value)
                .map_err(|error| Error::invalid("not a value").with("parameter", name).because(error))?;
            set(&mut parameters, &path, value).ok_or_else(|| {
                Error::invalid("what stands before a dot is no object").with("parameter", name)
            })?;
        }
        Ok(parameters)
    }

    pub(crate) fn principal(&self) -> Result<Option<Principal>> {
        let parse = |it: &String| EntityRef::parse(it, RefDefaults { kind: Some("user"), namespace: None });
        Ok(self.principal.as_ref().map(parse).transpose()?.map(Principal::new))
    }
}

impl SecretArgs {
    pub(crate) fn read(&self) -> Result<BTreeMap<String, Secret>> {
        let read = |text: &String| {
            let (name, variable) = split(text)?;
            let value = std::env::var(variable).map_err(|_| {
                Error::new(ErrorKind::Missing, "no such environment variable").with("variable", variable)
            })?;
            Ok((name.to_owned(), Secret::new(value)))
        };
        self.secrets.iter().map(read).collect()
    }
}

/// The names that a dotted name leads through: one, where the template has a field that is called so.
fn path_of(template: &Template, name: &str) -> Vec<String> {
    let whole = vec![name.to_owned()];
    match template.field_schema(&whole) {
        Some(_) => whole,
        None => name.split('.').map(str::to_owned).collect(),
    }
}

/// A value as its schema wants it. Where a text is wanted `3` is one, and so is what is no YAML.
fn typed(schema: Option<&Value>, text: &str) -> serde_yaml::Result<Value> {
    match schema.and_then(|it| it.get("type")).and_then(Value::as_str) {
        Some("string") => Ok(Value::String(unquoted(text))),
        Some("array") => serde_yaml::from_str(text)
            .map(|it: Value| if it.is_array() { it } else { Value::Array(vec![it]) }),
        _ => serde_yaml::from_str(text),
    }
}

/// A text as it is, but for quotes around the whole of it. It is not read as YAML, which would end it at a ` #`.
fn unquoted(text: &str) -> String {
    let quoted = ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
    match serde_yaml::from_str(text) {
        Ok(Value::String(inner)) if quoted => inner,
        _ => text.to_owned(),
    }
}

/// Sets a value in objects, which come into being; `None` where something else is there.
fn set(parameters: &mut Map<String, Value>, path: &[String], value: Value) -> Option<()> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        parameters.insert(first.clone(), value);
        return Some(());
    }
    let inner = parameters.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    set(inner.as_object_mut()?, rest, value)
}

fn split(text: &str) -> Result<(&str, &str)> {
    text.split_once('=').ok_or_else(|| Error::invalid("not of the form NAME=VALUE").with("text", text))
}

fn read_map(path: &std::path::Path) -> Result<Map<String, Value>> {
    let failed = || Error::invalid("the parameters are not usable").with("file", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed().because(error))?;
    serde_yaml::from_str(&text).map_err(|error| failed().because(error))
}

/// What is wrong with fields, as an error.
pub(crate) fn diagnosed(errors: Vec<FieldError>) -> Error {
    Error::diagnosed(errors.into_iter().map(Diagnostic::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_taken_as_it_is() {
        let schema = json!({"type": "string"});
        for (given, taken) in [
            ("Fix #3", "Fix #3"),
            ("3", "3"),
            ("a: b", "a: b"),
            ("[x", "[x"),
            (" padded ", " padded "),
            ("'3'", "3"),
            ("\"a # b\"", "a # b"),
            ("\"", "\""),
            ("'a' or 'b'", "'a' or 'b'"),
            ("", ""),
        ] {
            assert_eq!(typed(Some(&schema), given).unwrap(), taken, "{given}");
        }
    }
}
