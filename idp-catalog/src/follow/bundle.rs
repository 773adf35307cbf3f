//! One document out of several that refer to each other by `$ref`.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

use super::substitute::TOO_LARGE;

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
/// that refers to itself in a circle stays finite. What stands beside a reference hides members of the thing; nobody
/// else points at such a copy.
///
/// `resolve` says which file a reference in a file means.
///
/// # Errors
/// The reference that leads to nothing, or that is nested too deeply; and a result of more than `room` bytes.
pub(super) fn bundle(
    root: &Url,
    files: &BTreeMap<Url, Value>,
    resolve: &dyn Fn(&Url, &str) -> Option<Url>,
    room: usize,
) -> Result<Value, String> {
    let mut bundler = Bundler { root, files, resolve, placed: BTreeMap::new(), left: MAX_VALUES, room };
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
    room: usize,
}

/// An object, and the file it stands in.
#[derive(Clone, Copy)]
struct Part<'p> {
    file: &'p Url,
    map: &'p Map<String, Value>,
}

impl<'p> Part<'p> {
    fn reference(&self) -> Option<&'p str> {
        self.map.get("$ref").and_then(Value::as_str)
    }

    /// What it has besides a reference.
    fn members(&self) -> impl Iterator<Item = (&'p String, &'p Value)> + use<'p> {
        let refers = self.reference().is_some();
        self.map.iter().filter(move |(key, _)| !refers || *key != "$ref")
    }
}

impl Bundler<'_> {
    /// A value of `file`, as it stands at `at` in the result.
    fn value(&mut self, file: &Url, value: &Value, at: &str, depth: usize) -> Result<Value, String> {
        self.enter(at, depth)?;
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(index, it)| self.value(file, it, &format!("{at}/{index}"), depth + 1)).collect()
            }
            Value::Object(map) => self.object(&[], Part { file, map }, at, depth),
            Value::String(text) => self.spend(text.len()).map(|()| value.clone()),
            other => Ok(other.clone()),
        }
    }

    fn enter(&mut self, at: &str, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("references are nested more than {MAX_DEPTH} levels deep"));
        }
        // A long path is work as well.
        self.left = self.left.checked_sub(1 + at.len() / 256).ok_or("references repeat too much")?;
        // It is indented in the text.
        self.spend(2 * depth)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), String> {
        self.room = self.room.checked_sub(bytes).ok_or(TOO_LARGE)?;
        Ok(())
    }

    /// An object, with the neighbours of the references that led to it.
    fn object(
        &mut self,
        beside: &[Part<'_>],
        part: Part<'_>,
        at: &str,
        depth: usize,
    ) -> Result<Value, String> {
        let parts = [beside, &[part]].concat();
        match part.reference() {
            Some(reference) => self.reference(&parts, part.file, reference, at, depth),
            None => self.members(Map::new(), &parts, at, depth).map(Value::Object),
        }
    }

    /// Adds the members of objects; of two of one name the first counts.
    fn members(
        &mut self,
        mut members: Map<String, Value>,
        parts: &[Part<'_>],
        at: &str,
        depth: usize,
    ) -> Result<Map<String, Value>, String> {
        for (file, (key, value)) in parts.iter().flat_map(|it| it.members().map(|member| (it.file, member))) {
            if !members.contains_key(key) {
                self.spend(key.len())?;
                let inner = format!("{at}/{}", escaped(key));
                members.insert(key.clone(), self.value(file, value, &inner, depth + 1)?);
            }
        }
        Ok(members)
    }

    /// What a reference of the last of `parts` names, under everything that stands beside it.
    fn reference(
        &mut self,
        parts: &[Part<'_>],
        file: &Url,
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
            return self.pointing(fragment, parts, at, depth);
        }
        let pointer = canonical(&percent_decode_str(fragment).decode_utf8_lossy());
        let key = (target.clone(), pointer);
        if let Some(placed) = self.placed.get(&key).cloned() {
            return self.pointing(&placed, parts, at, depth);
        }
        let whole = self.files.get(&target).ok_or_else(|| format!("`{reference}` is not there"))?;
        let found =
            whole.pointer(&key.1).ok_or_else(|| format!("`{reference}` names nothing in its file"))?;
        self.placed.insert(key.clone(), at.to_owned());
        let has_neighbours = parts.iter().any(|it| it.members().next().is_some());
        match found {
            Value::Object(map) => {
                self.enter(at, depth + 1)?;
                let value = self.object(parts, Part { file: &target, map }, at, depth + 1)?;
                if has_neighbours {
                    self.placed.remove(&key);
                }
                Ok(value)
            }
            _ if has_neighbours => Err(format!("`{reference}` has neighbours, and does not name an object")),
            other => self.value(&target, other, at, depth + 1),
        }
    }

    /// A reference into the result, with what stands beside it.
    fn pointing(&mut self, to: &str, parts: &[Part<'_>], at: &str, depth: usize) -> Result<Value, String> {
        self.spend(to.len())?;
        let members = Map::from_iter([("$ref".to_owned(), Value::from(format!("#{to}")))]);
        self.members(members, parts, at, depth).map(Value::Object)
    }
}

/// A pointer in the one way to write it.
fn canonical(pointer: &str) -> String {
    let tokens = pointer.split('/').map(|it| escaped(&it.replace("~1", "/").replace("~0", "~")));
    tokens.collect::<Vec<_>>().join("/")
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bundled(files: &[(&str, Value)]) -> Result<Value, String> {
        let base = Url::parse("file:///api/").unwrap();
        let files: BTreeMap<Url, Value> =
            files.iter().map(|(path, value)| (base.join(path).unwrap(), value.clone())).collect();
        bundle(&base.join("root").unwrap(), &files, &|from, text| from.join(text).ok(), 100_000)
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

    #[test]
    fn what_stands_beside_a_reference_was_dropped() {
        let root = json!({
            "a": {"$ref": "pets#/Pet", "title": "mine", "deprecated": {"$ref": "pets#/Yes"}},
            "b": {"$ref": "pets#/Pet"},
            "c": {"$ref": "pets#/Pet", "title": "again"},
            "d": {"$ref": "pets#/Alias", "title": "by another name"},
        });
        let pets = json!({
            "Pet": {"title": "Pet", "x": {"$ref": "#/Yes"}}, "Yes": {"it": true}, "Alias": {"$ref": "#/Pet", "y": 1},
        });
        assert_eq!(
            bundled(&[("root", root), ("pets", pets)]).unwrap(),
            json!({
                "a": {"title": "mine", "deprecated": {"it": true}, "x": {"$ref": "#/a/deprecated"}},
                "b": {"title": "Pet", "x": {"$ref": "#/a/deprecated"}},
                "c": {"$ref": "#/b", "title": "again"},
                "d": {"$ref": "#/b", "title": "by another name", "y": 1},
            })
        );
    }

    #[test]
    fn one_thing_was_copied_for_every_spelling_of_its_place() {
        let root = json!([{"$ref": "b#/x"}, {"$ref": "b#/%78"}, {"$ref": "b#%2Fx"}, {"$ref": "b#/%7Ey"}, {"$ref": "b#/~0y"}]);
        let other = json!({"x": {"long": 1}, "~y": {"other": 2}});
        let expected = json!([{"long": 1}, {"$ref": "#/0"}, {"$ref": "#/0"}, {"other": 2}, {"$ref": "#/3"}]);
        assert_eq!(bundled(&[("root", root), ("b", other)]).unwrap(), expected);
    }

    #[test]
    fn copies_beyond_the_room_are_refused() {
        let root: Value = (0..20).map(|it| json!({"$ref": "b", "title": it})).collect();
        let error = bundled(&[("root", root), ("b", json!({"text": "x".repeat(10_000)}))]).unwrap_err();
        assert_eq!(error, TOO_LARGE);
    }
}
