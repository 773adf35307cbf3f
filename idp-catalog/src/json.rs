//! JSON whose texts stay where they were read from.
//!
//! What the index needs of a document is looked at once and dropped. A tree of [`serde_json::Value`] copies every text and
//! hashes every key for that; here an object is a list of its members, and a text is a part of what was read unless it has
//! escapes in it. No crate has quite this: an object must not be looked through for every member that is added, which
//! makes a large one cost its square, and a number must be one also where some crate of the host has switched
//! `serde_json/arbitrary_precision` on.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

/// The only key of what stands for a number, where numbers have arbitrary precision.
const NUMBER: &str = "$serde_json::private::Number";

/// Members that an object is made ready for with its first one.
const MEMBERS: usize = 8;

/// A value of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Json<'t> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    List(Vec<Json<'t>>),
    Object(Vec<Member<'t>>),
}

/// A member of an object.
pub(crate) type Member<'t> = (Cow<'t, str>, Json<'t>);

impl<'t> Json<'t> {
    /// The member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        member(self.as_object()?, key)
    }

    /// The members of an object.
    pub(crate) fn as_object(&self) -> Option<&[Member<'t>]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The items of a list.
    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// Whether it is an object or a list.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self, Self::Object(_) | Self::List(_))
    }

    pub(crate) fn as_text(&self) -> Option<&Cow<'t, str>> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| &**text)
    }

    /// What was read as an object, and may be a number.
    fn object(members: Vec<Member<'t>>) -> Self {
        let number = match &*members {
            [(key, Self::Text(text))] if key == NUMBER => text.parse().ok(),
            _ => None,
        };
        number.map_or(Self::Object(members), Self::Number)
    }
}

/// The value of a member, of the first where several have the key.
pub(crate) fn member<'m, 't>(members: &'m [Member<'t>], key: &str) -> Option<&'m Json<'t>> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

impl<'t> From<&'t Value> for Json<'t> {
    fn from(value: &'t Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => {
                let member = |(key, value): (&'t String, &'t Value)| (Cow::Borrowed(&**key), value.into());
                Self::Object(map.iter().map(member).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

impl Serialize for Json<'_> {
    /// Writes what the tree of values would be written as.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // Room for what most objects have: growing costs more than the room.
        let mut members = Vec::with_capacity(MEMBERS);
        while let Some((Text(key), value)) = map.next_entry()? {
            members.push((key, value));
        }
        Ok(Json::object(members))
    }
}

/// A key.
struct Text<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyText)
    }
}

struct AnyText;

impl<'de> Visitor<'de> for AnyText {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-c\"\\\\\n\u{1}é]{0,4}".prop_map(Value::from),
        ];
        scalar.prop_recursive(3, 24, 4, |inside| {
            let key = "[ab\"\\\\é]{0,3}";
            prop_oneof![
                prop::collection::vec(inside.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inside, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_a_tree_of_values_is(value in value()) {
            let text = value.to_string();
            let read: Json<'_> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), &*text);
            prop_assert_eq!(read, Json::from(&value));
        }
    }

    #[test]
    fn texts_without_escapes_are_not_copied() {
        let read: Json<'_> = serde_json::from_str(r#"{"a": "x", "b": "\n"}"#).unwrap();
        assert!(matches!(read.get("a"), Some(Json::Text(Cow::Borrowed("x")))));
        assert!(matches!(read.get("b"), Some(Json::Text(Cow::Owned(_)))));
    }

    #[test]
    fn a_large_object_cost_its_square() {
        let many: Value = (0..300_000)
            .map(|it| (format!("k{it}"), Value::from(it)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let text = many.to_string();
        assert_eq!(serde_json::from_str::<Json<'_>>(&text).unwrap(), Json::from(&many));
    }

    #[test]
    fn numbers_of_arbitrary_precision_are_numbers() {
        let told = json!({"x": {NUMBER: "12"}, "y": {NUMBER: "twelve"}, "z": {NUMBER: "1", "other": 2}});
        let told = told.to_string();
        let json: Json<'_> = serde_json::from_str(&told).unwrap();
        assert_eq!(json.get("x"), Some(&Json::Number(12.into())));
        assert!(matches!(json.get("y"), Some(Json::Object(_))));
        assert!(matches!(json.get("z"), Some(Json::Object(_))));
    }
}
