//! The files of a namespace.

use std::collections::BTreeMap;

use idp_plugin_sdk::Result;
use idp_plugin_sdk::resources::{Amount, Limits, Namespace, Quota};
use serde_json::{Map, Value, json};

use crate::slot::Files;
use crate::yaml::documents;

/// One file for each object.
pub(crate) fn render(want: &Namespace) -> Result<Files> {
    let objects = [
        ("namespace.yaml", Some(namespace(want))),
        ("resource-quota.yaml", want.quota.as_ref().map(|it| resource_quota(want, it))),
        ("limit-range.yaml", want.limits.as_ref().map(|it| limit_range(want, it))),
    ];
    let present = objects.into_iter().filter_map(|(name, object)| Some((name, object?)));
    present.map(|(name, object)| Ok((name.to_owned(), documents([&object])?))).collect()
}

fn namespace(want: &Namespace) -> Value {
    let mut metadata = json!({ "name": want.name });
    for (key, entries) in [("labels", &want.labels), ("annotations", &want.annotations)] {
        if !entries.is_empty() {
            metadata[key] = json!(entries);
        }
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
}

fn resource_quota(want: &Namespace, quota: &Quota) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota", "namespace": want.name},
        "spec": {"hard": hard(quota)},
    })
}

/// CPU and memory bound both what is requested and what may be used.
fn hard(quota: &Quota) -> BTreeMap<String, String> {
    let mut hard = quota.other.clone();
    for (names, amount) in [
        (&["requests.cpu", "limits.cpu"][..], &quota.cpu),
        (&["requests.memory", "limits.memory"], &quota.memory),
        (&["requests.storage"], &quota.storage),
        (&["pods"], &quota.pods.map(|it| it.to_string())),
    ] {
        if let Some(amount) = amount {
            hard.extend(names.iter().map(|name| ((*name).to_owned(), amount.clone())));
        }
    }
    hard
}

fn limit_range(want: &Namespace, limits: &Limits) -> Value {
    let mut limit = Map::from_iter([("type".to_owned(), json!("Container"))]);
    for (name, amount) in [("default", &limits.default), ("defaultRequest", &limits.default_request)] {
        if let Some(amount) = amount {
            limit.insert(name.to_owned(), amounts(amount));
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "limits", "namespace": want.name},
        "spec": {"limits": [limit]},
    })
}

fn amounts(amount: &Amount) -> Value {
    let entries = [("cpu", &amount.cpu), ("memory", &amount.memory)];
    entries.into_iter().filter_map(|(name, it)| Some((name.to_owned(), json!(it.as_ref()?)))).collect()
}
