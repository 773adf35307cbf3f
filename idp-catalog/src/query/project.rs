//! Parts of an entity.

use idp_core::{Error, Result};
use serde_json::{Map, Value};

/// Which fields of entities to show.
///
/// ```
/// use idp_catalog::Projection;
/// use serde_json::json;
/// let entity = json!({"kind": "Component", "metadata": {"name": "cart", "annotations": {"a.b/c": "x"}}});
/// let some = Projection::parse(["kind,metadata.annotations.a.b/c"])?;
/// assert_eq!(some.of(&entity), json!({"kind": "Component", "metadata": {"annotations": {"a.b/c": "x"}}}));
/// assert_eq!(Projection::parse([""])?.of(&entity), entity);
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// Without any: all.
    fields: Vec<String>,
}

impl Projection {
    /// Whole entities.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// The fields at dotted paths, several in a text separated by commas. Case counts; keys that contain dots are
    /// found; paths that lead nowhere, or into lists, show nothing. Without any field everything is shown.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] for a field with `[`: lists are shown whole.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut fields = Vec::new();
        for text in texts {
            for field in text.as_ref().split(',').map(str::trim).filter(|field| !field.is_empty()) {
                if field.contains('[') {
                    return Err(Error::invalid(format!(
                        "`{field}` leads into a list: lists are shown whole"
                    )));
                }
                fields.push(field.to_owned());
            }
        }
        Ok(Self { fields })
    }

    /// What is shown of an entity.
    #[must_use]
    pub fn of(&self, entity: &Value) -> Value {
        if self.fields.is_empty() { entity.clone() } else { project(entity, &self.fields) }
    }
}

fn project(entity: &Value, fields: &[String]) -> Value {
    let mut out = Value::Object(Map::new());
    for field in fields {
        let mut keys = Vec::new();
        if let Some(found) = find(entity, field, &mut keys) {
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
    use super::Projection;
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
            assert_eq!(Projection::parse(fields).unwrap().of(&entity), want);
        }
    }
}
