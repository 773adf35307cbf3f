//! The file of a manifest.

use idp_plugin_sdk::resources::Manifest;
use idp_plugin_sdk::{Error, Result};
use serde_json::Value;

use crate::slot::Files;
use crate::yaml::documents;

/// The file's name.
pub(crate) fn file_name(name: &str) -> String {
    format!("{name}.yaml")
}

/// One file with every object.
pub(crate) fn render(want: &Manifest) -> Result<Files> {
    if want.objects.is_empty() {
        return Err(Error::invalid("a manifest needs an object").with("name", &want.name));
    }
    want.objects.iter().try_for_each(|it| check(want, it))?;
    Ok(Files::from([(file_name(&want.name), documents(&want.objects)?)]))
}

fn check(want: &Manifest, object: &Value) -> Result<()> {
    let bad = |why: &str| Err(Error::invalid(why).with("manifest", &want.name));
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (Some(version), Some(kind), Some(_)) = (text("/apiVersion"), text("/kind"), text("/metadata/name"))
    else {
        return bad("an object needs `apiVersion`, `kind` and `metadata.name`");
    };
    if version == "v1" && kind == "Secret" {
        return bad(
            "a `Secret` does not belong into Git; use what your cluster has for sealed or external secrets",
        );
    }
    if text("/metadata/namespace").is_some_and(|it| it != want.namespace) {
        return bad("an object is in another namespace than its manifest");
    }
    Ok(())
}
