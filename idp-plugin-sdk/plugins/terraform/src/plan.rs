//! The program's plan, as far as it is of interest.

use std::collections::BTreeMap;

use idp_plugin_sdk::{Redactor, unknown};
use serde_json::Value;

/// What a plan would do.
#[derive(Debug, PartialEq)]
pub(crate) struct TfPlan {
    /// A line for each resource that changes: `+ aws_s3_bucket.logs`.
    pub lines: Vec<String>,
    /// The addresses of what there is then, in order.
    pub addresses: Vec<String>,
    /// The outputs there are then, without the sensitive ones.
    pub outputs: BTreeMap<String, Value>,
}

impl TfPlan {
    /// Reads what `show -json` prints of a plan.
    pub(crate) fn of(json: &Value) -> Self {
        let mut addresses = Vec::new();
        collect(&json["planned_values"]["root_module"], &mut addresses);
        addresses.sort();
        let changes = json["resource_changes"].as_array().into_iter().flatten();
        let mut lines: Vec<_> = changes.filter_map(line).collect();
        lines.sort();
        Self { lines, addresses, outputs: outputs(&json["output_changes"]) }
    }

    /// With secrets masked that code hands to an output without saying so.
    pub(crate) fn masked(self, redactor: &Redactor) -> Self {
        let outputs = self.outputs.into_iter().map(|(name, value)| (name, redactor.json(&value))).collect();
        Self { outputs, ..self }
    }
}

/// Resources of a module and of those inside it.
fn collect(module: &Value, addresses: &mut Vec<String>) {
    let resources = module["resources"].as_array().into_iter().flatten();
    let managed = resources.filter(|it| it["mode"] == "managed");
    addresses.extend(managed.filter_map(|it| it["address"].as_str()).map(str::to_owned));
    module["child_modules"].as_array().into_iter().flatten().for_each(|it| collect(it, addresses));
}

fn line(change: &Value) -> Option<String> {
    let actions: Vec<_> = change["change"]["actions"].as_array()?.iter().filter_map(Value::as_str).collect();
    let sign = match actions[..] {
        ["create"] => "+",
        ["update"] => "~",
        ["delete"] => "-",
        ["delete", "create"] | ["create", "delete"] => "-/+",
        _ => return None,
    };
    Some(format!("{sign} {}", change["address"].as_str()?))
}

fn outputs(changes: &Value) -> BTreeMap<String, Value> {
    let remaining = changes.as_object().into_iter().flatten().filter(|(_, it)| it["actions"][0] != "delete");
    let plain = remaining.filter(|(_, it)| it["after_sensitive"] == false);
    plain.map(|(name, it)| (name.clone(), value(name, it))).collect()
}

fn value(name: &str, change: &Value) -> Value {
    if change["after_unknown"] == false {
        change["after"].clone()
    } else {
        unknown(format!("stack.outputs.{name}"))
    }
}
