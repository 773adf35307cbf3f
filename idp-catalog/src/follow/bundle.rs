//! One document out of several that refer to each other by `$ref`.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use url::Url;

/// Levels to which references may be nested. Deeper than any interface description is.
const MAX_DEPTH: usize = 100;

/// Values that the result may hold.
const MAX_VALUES: usize = 1_000_000;

/// The other files that a file refers to, as they are written.
pub(super) fn references(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        Value::Object(map) => {
            let text = map.get("$ref").and_then(Value::as_str);
            found.extend(text.filter(|it| !it.starts_with('#')).map(file_part));
            map.values().for_each(|it| collect(it, found));
        }
        _ => {}
    }
}

fn file_part(reference: &str) -> &str {
    reference.split_once('#').map_or(reference, |(file, _)| file)
}

/// Puts everything that `root` refers to in other files into one document.
///
/// The first reference to a thing is replaced by the thing, later ones point at where it then stands: a description
/// that refers to itself in a circle stays finite.
///
/// `resolve` says which file a reference in a file means.
///
/// # Errors
/// The reference that leads to nothing, or that is nested too deeply.
pub(super) fn bundle(
    root: &Url,
    files: &BTreeMap<Url, Value>,
    resolve: &dyn Fn(&Url, &str) -> Option<Url>,
) -> Result<Value, String> {
    let mut bundler = Bundler { root, files, resolve, placed: BTreeMap::new(), left: MAX_VALUES };
    let value = files.get(root).ok_or_else(|| format!("`{root}` is not there"))?;
    bundler.value(root, value, "", 0)
}

struct Bundler<'a> {
    root: &'a Url,
    files: &'a BTreeMap<Url, Value>,
    resolve: &'a dyn Fn(&Url, &str) -> Option<Url>,
    /// Where in the result each thing of another file was put first.
    placed: BTreeMap<(Url, String), String>,
    left: usize,
}

impl Bundler<'_> {
    /// A value of `file`, as it stands at `at` in the result.
    fn value(&mut self, file: &Url, value: &Value, at: &str, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("references are nested more than {MAX_DEPTH} levels deep"));
        }
        self.left = self.left.checked_sub(1).ok_or("references repeat too much")?;
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(index, it)| self.value(file, it, &format!("{at}/{index}"), depth + 1)).collect()
            }
            Value::Object(map) => match map.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.reference(file, map, reference, at, depth),
                None => self.members(file, map, at, depth),
            },
            other => Ok(other.clone()),
        }
    }

    fn members(
        &mut self,
        file: &Url,
        map: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<Value, String> {
        let mut members = Map::new();
        for (key, value) in map {
            let inner = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            members.insert(key.clone(), self.value(file, value, &inner, depth + 1)?);
        }
        Ok(Value::Object(members))
    }

    fn reference(
        &mut self,
        file: &Url,
        map: &Map<String, Value>,
        reference: &str,
        at: &str,
        depth: usize,
    ) -> Result<Value, String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if path.is_empty() {
            file.clone()
        } else {
            (self.resolve)(file, path).ok_or_else(|| format!("`{reference}` cannot be resolved"))?
        };
        // What the document itself holds stays where it is.
        if target == *self.root {
            return Ok(json!({"$ref": format!("#{fragment}")}));
        }
        let key = (target.clone(), fragment.to_owned());
        if let Some(placed) = self.placed.get(&key) {
            return Ok(json!({"$ref": format!("#{placed}")}));
        }
        let whole = self.files.get(&target).ok_or_else(|| format!("`{reference}` is not there"))?;
        let pointer = percent_decode_str(fragment).decode_utf8_lossy();
        let found =
            whole.pointer(&pointer).ok_or_else(|| format!("`{reference}` names nothing in its file"))?;
        if map.len() > 1 && !found.is_object() {
            return Err(format!("`{reference}` has neighbours, and does not name an object"));
        }
        self.placed.insert(key, at.to_owned());
        self.value(&target, found, at, depth + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(files: &[(&str, Value)]) -> Result<Value, String> {
        let base = Url::parse("file:///api/").unwrap();
        let files: BTreeMap<Url, Value> =
            files.iter().map(|(path, value)| (base.join(path).unwrap(), value.clone())).collect();
        bundle(&base.join("root").unwrap(), &files, &|from, text| from.join(text).ok())
    }

    #[test]
    fn the_first_reference_becomes_the_thing_and_later_ones_point_at_it() {
        let root = json!({
            "a": {"$ref": "./pets#/Pet"}, "b": {"$ref": "pets#/Pet"}, "c": {"$ref": "#/a"}, "d": {"$ref": "pets"},
        });
        let pets = json!({"Pet": {"owner": {"$ref": "#/Owner"}, "friend": {"$ref": "#/Pet"}}, "Owner": 1});
        assert_eq!(
            bundled(&[("root", root), ("pets", pets)]).unwrap(),
            json!({
                "a": {"owner": 1, "friend": {"$ref": "#/a"}},
                "b": {"$ref": "#/a"},
                "c": {"$ref": "#/a"},
                "d": {"Pet": {"owner": {"$ref": "#/a/owner"}, "friend": {"$ref": "#/a"}}, "Owner": 1},
            })
        );
    }

    #[test]
    fn circles_over_files_end() {
        let (root, other) =
            (json!({"x": {"$ref": "other"}}), json!({"y": {"$ref": "root"}, "z": {"$ref": "#"}}));
        assert_eq!(
            bundled(&[("root", root), ("other", other)]).unwrap(),
            json!({"x": {"y": {"$ref": "#"}, "z": {"$ref": "#/x"}}})
        );
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        for (reference, problem) in
            [("none", "`none` is not there"), ("b#/x", "`b#/x` names nothing in its file")]
        {
            let files = [("root", json!({"a": {"$ref": reference}})), ("b", json!({}))];
            assert_eq!(bundled(&files).unwrap_err(), problem);
        }
    }
}
