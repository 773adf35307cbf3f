//! Kubernetes objects as text.

use idp_plugin_sdk::{Error, Result};
use serde_json::Value;

/// Objects as documents of one file. The same objects give the same text.
pub(crate) fn documents<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Result<String> {
    let texts: Vec<_> = objects.into_iter().map(document).collect::<Result<_>>()?;
    Ok(texts.join("---\n"))
}

fn document(object: &Value) -> Result<String> {
    let text = serde_saphyr::to_string(object)
        .map_err(|error| Error::internal("an object does not print as YAML").because(error.to_string()))?;
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_yaml_would_misread_reads_back() {
        let tricky = [
            "yes",
            "1e3",
            "0x10",
            "null",
            "~",
            "- a",
            "a: b",
            "#x",
            " lead",
            "multi\nline\n",
            "",
            "2026-01-01",
        ];
        let object =
            json!({"values": tricky, "number": 1.5, "nested": {"empty": {}, "list": []}, "on": true});
        let read: Value = serde_yaml::from_str(&document(&object).unwrap()).unwrap();
        assert_eq!(read, object);
        // Kubernetes reads YAML 1.1, where these are booleans.
        for word in ["yes", "no", "on", "off", "y", "n"] {
            assert_ne!(document(&json!({ "key": word })).unwrap(), format!("key: {word}\n"));
            assert_ne!(document(&json!({ word: "key" })).unwrap(), format!("{word}: key\n"));
        }
    }
}
