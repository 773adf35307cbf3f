//! A schema with what it refers to.

use serde_json::{Map, Value};

/// How many `$ref`s are followed from one to the next.
const MAX_REFERENCES: usize = 8;

/// A schema as the forms of Backstage read it: what stands beside a `$ref` counts more than what the `$ref` leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema<'s> {
    /// The schema as it is written.
    pub(crate) own: &'s Value,
    /// What `$ref`s in it start from.
    pub(crate) root: &'s Value,
}

impl<'s> Schema<'s> {
    pub(crate) fn new(own: &'s Value, root: &'s Value) -> Self {
        Self { own, root }
    }

    /// A schema in this one.
    pub(crate) fn inner(self, own: &'s Value) -> Self {
        Self { own, ..self }
    }

    /// What it says under a key.
    pub(crate) fn get(self, key: &str) -> Option<&'s Value> {
        // Most schemas refer to nothing.
        match self.own.get(key) {
            None if self.own.get("$ref").is_some() => self.layers().find_map(|layer| layer.get(key)),
            own => own,
        }
    }

    /// The texts, numbers or schemas of a list.
    pub(crate) fn list(self, key: &str) -> &'s [Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The fields that it names itself, each with its schema.
    pub(crate) fn properties(self) -> impl Iterator<Item = (&'s String, Self)> {
        let fields = self.get("properties").and_then(Value::as_object).into_iter().flatten();
        fields.map(move |(name, field)| (name, self.inner(field)))
    }

    /// Whether it wants one value, or one of some.
    pub(crate) fn is_constant(self) -> bool {
        self.get("const").is_some() || self.get("enum").is_some()
    }

    /// Whether a field or page belongs to a feature that is switched on by a portal.
    pub(crate) fn is_off(self) -> bool {
        let own = self.get("ui:backstage").and_then(|it| it.get("featureFlag"));
        own.or_else(|| self.get("backstage:featureFlag")).is_some()
    }

    /// Where what it refers to stands in its root, as a JSON pointer.
    pub(crate) fn target(self) -> Option<&'s str> {
        self.layers().filter_map(reference).last()
    }

    /// All of it as one value.
    pub(crate) fn whole(self) -> Value {
        let layers: Vec<_> = self.layers().collect();
        if layers.len() == 1 {
            return self.own.clone();
        }
        let members = layers.into_iter().rev().filter_map(Value::as_object).flatten();
        let members = members.filter(|(key, _)| *key != "$ref");
        members.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>().into()
    }

    /// Itself, what it refers to, what that refers to, and so on.
    fn layers(self) -> impl Iterator<Item = &'s Value> {
        let next = move |layer: &&'s Value| self.root.pointer(reference(layer)?);
        std::iter::successors(Some(self.own), next).take(MAX_REFERENCES)
    }
}

/// The JSON pointer of what a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix('#')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_beside_a_reference_counts_more() {
        let root = json!({"definitions": {
            "a": {"type": "string", "title": "A", "minLength": 1}, "b": {"$ref": "#/definitions/a", "title": "B"},
            "self": {"$ref": "#/definitions/self", "title": "S"},
        }});
        let own = json!({"$ref": "#/definitions/b", "minLength": 2});
        let schema = Schema::new(&own, &root);
        assert_eq!(schema.whole(), json!({"type": "string", "title": "B", "minLength": 2}));
        assert_eq!((schema.get("title"), schema.target()), (Some(&json!("B")), Some("/definitions/a")));
        let endless = Schema::new(&root["definitions"]["self"], &root);
        assert_eq!((endless.get("type"), endless.whole()), (None, json!({"title": "S"})));
    }
}
