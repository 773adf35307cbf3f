//! Parts of an entity.

use serde_json::{Map, Value};

/// The entity with only the fields at these dotted paths. Keys that contain dots are found; paths that lead
/// nowhere, or into lists, are left out.
#[must_use]
pub fn project<S: AsRef<str>>(entity: &Value, fields: &[S]) -> Value {
    let mut out = Value::Object(Map::new());
    for field in fields {
        let mut keys = Vec::new();
        if let Some(found) = find(entity, field.as_ref(), &mut keys) {
            place(&mut out, &keys, found);
        }
    }
    out
}

/// The value at a path, and the keys that lead to it. A segment that is no key is joined with the next one.
fn find<'v>(value: &'v Value, path: &str, keys: &mut Vec<String>) -> Option<&'v Value> {
    let map = value.as_object()?;
    let dots = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    for end in dots {
        let Some(child) = map.get(&path[..end]) else { continue };
        keys.push(path[..end].to_owned());
        return if end == path.len() { Some(child) } else { find(child, &path[end + 1..], keys) };
    }
    None
}

fn place(out: &mut Value, keys: &[String], found: &Value) {
    let Some((last, parents)) = keys.split_last() else { return };
    let mut at = out;
    for key in parents {
        let Value::Object(map) = at else { return };
        at = map.entry(key.as_str()).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(map) = at {
        map.insert(last.clone(), found.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::project;
    use serde_json::json;

    #[test]
    fn dotted_keys_nulls_and_nothing() {
        let entity =
            json!({"kind": "K", "metadata": {"name": "n", "annotations": {"a.b/c": 1}}, "spec": {"x": null}});
        for (fields, want) in [
            (vec!["kind", "metadata.name"], json!({"kind": "K", "metadata": {"name": "n"}})),
            (vec!["metadata.annotations.a.b/c"], json!({"metadata": {"annotations": {"a.b/c": 1}}})),
            (vec!["spec.x"], json!({"spec": {"x": null}})),
            (vec!["metadata.nope"], json!({})),
        ] {
            assert_eq!(project(&entity, &fields), want);
        }
    }
}
