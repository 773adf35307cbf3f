//! Parameters and secrets from the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idp_core::{EntityRef, Error, ErrorKind, Principal, RefDefaults, Result, Secret};
use serde_json::{Map, Value};

/// What a template is given.
#[derive(Debug, clap::Args)]
pub(crate) struct ValueArgs {
    /// A file of parameters, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// One parameter; the value is YAML, so `true` and `3` are no texts. May be given often.
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
    pub(crate) fn parameters(&self) -> Result<Map<String, Value>> {
        let mut parameters = match &self.values {
            Some(path) => read_map(path)?,
            None => Map::new(),
        };
        for text in &self.set {
            let (name, value) = split(text)?;
            let value = serde_yaml::from_str(value)
                .map_err(|error| Error::invalid("not a value").with("parameter", name).because(error))?;
            parameters.insert(name.to_owned(), value);
        }
        Ok(parameters)
    }

    pub(crate) fn secrets(&self) -> Result<BTreeMap<String, Secret>> {
        self.secrets.read()
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

fn split(text: &str) -> Result<(&str, &str)> {
    text.split_once('=').ok_or_else(|| Error::invalid("not of the form NAME=VALUE").with("text", text))
}

fn read_map(path: &std::path::Path) -> Result<Map<String, Value>> {
    let failed = || Error::invalid("the parameters are not usable").with("file", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed().because(error))?;
    serde_yaml::from_str(&text).map_err(|error| failed().because(error))
}
