//! The program's state file, as far as it is of interest.

use std::collections::BTreeMap;

use idp_plugin_sdk::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A state file.
#[derive(Debug, Deserialize)]
pub(crate) struct TfState {
    lineage: String,
    serial: u64,
    #[serde(default)]
    outputs: BTreeMap<String, TfOutput>,
    #[serde(default)]
    resources: Vec<TfResource>,
}

#[derive(Debug, Deserialize)]
struct TfOutput {
    value: Value,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Debug, Deserialize)]
struct TfResource {
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    instances: Vec<TfInstance>,
}

#[derive(Debug, Deserialize)]
struct TfInstance {
    index_key: Option<Value>,
}

/// Which state it is: every change counts the serial up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    lineage: String,
    serial: u64,
}

impl TfState {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(ErrorKind::Corrupt, "a stack's state does not read back").because(error)
        })
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { lineage: self.lineage.clone(), serial: self.serial }
    }

    /// The outputs that are no secrets.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Value> {
        let plain = self.outputs.iter().filter(|(_, output)| !output.sensitive);
        plain.map(|(name, output)| (name.clone(), output.value.clone())).collect()
    }

    /// The addresses of what it manages, in order.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let managed = self.resources.iter().filter(|it| it.mode == "managed");
        let mut all: Vec<_> = managed.flat_map(|it| it.instances.iter().map(|one| it.address(one))).collect();
        all.sort();
        all
    }
}

impl TfResource {
    fn address(&self, instance: &TfInstance) -> String {
        let module = self.module.as_ref().map(|it| format!("{it}.")).unwrap_or_default();
        let index = instance.index_key.as_ref().map(|it| format!("[{it}]")).unwrap_or_default();
        format!("{module}{}.{}{index}", self.kind, self.name)
    }
}
