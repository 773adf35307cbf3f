//! Entities' documents in few bytes.
//!
//! A document read into a tree of values takes five to seven times the bytes of its JSON. Most of them are never looked
//! at again: the index answers questions. So they are kept as JSON, packed with what documents of the same catalog have in
//! common: a third of the text, packed and read back in a microsecond or two.

mod dictionary;
mod pieces;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use idp_core::{Entity, EntityRef};
use serde_json::Value;

pub(crate) use self::dictionary::Dictionary;
use crate::parallel;

/// So many documents at once say what the documents of a catalog have in common.
pub(crate) const ENOUGH_TO_LEARN: usize = 64;
/// One of so many is looked at, up to a number.
const ONE_OF: usize = 8;
const MOST_SAMPLES: usize = 256;
/// One of so many, up to a number, shows whether a dictionary is good for what comes: to look at a document of YAML costs
/// as much as judging it.
const ONE_TRIED_OF: usize = 32;
const MOST_TRIED: usize = 16;
/// How often a dictionary grows: each one is written to every image that has a document packed with it.
const MOST_GROWTH: usize = 16;

/// What packs documents. Copies share one dictionary, which grows where documents come that it was not made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packer(Arc<RwLock<Learnt>>);

#[derive(Debug, Default)]
struct Learnt {
    dictionary: Arc<Dictionary>,
    /// How often it has grown.
    growth: usize,
}

/// A document, packed.
#[derive(Clone)]
pub(crate) struct Body {
    dictionary: Arc<Dictionary>,
    packed: Arc<[u8]>,
}

impl Packer {
    fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).dictionary)
    }

    /// Has the dictionary grow by what these documents have in common, where it packs them badly.
    pub(crate) fn learn<T: Sync>(&self, documents: &[T], text: impl Fn(&T) -> Option<String> + Sync) {
        let (known, growth) = {
            let learnt = self.0.read().unwrap_or_else(PoisonError::into_inner);
            (Arc::clone(&learnt.dictionary), learnt.growth)
        };
        let texts = |one_of: usize, most: usize| -> Vec<String> {
            let step = documents.len().div_ceil(most).max(one_of);
            let samples = documents.iter().skip(step / 2).step_by(step).collect();
            parallel::map(samples, &text).into_iter().flatten().collect()
        };
        let packs_well = || !known.is_empty() && packs_well(&known, &texts(ONE_TRIED_OF, MOST_TRIED));
        if growth >= MOST_GROWTH || packs_well() {
            return;
        }
        let grown = known.with_pieces_of(&texts(ONE_OF, MOST_SAMPLES));
        if grown.text().len() == known.text().len() {
            return;
        }
        let mut learnt = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been faster: then that one stays.
        if Arc::ptr_eq(&learnt.dictionary, &known) {
            *learnt = Learnt { dictionary: Arc::new(grown), growth: growth + 1 };
        }
    }

    /// Packs with the largest of some dictionaries from here on that somebody else has learnt, unless it has learnt one
    /// itself.
    pub(crate) fn take_over(&self, dictionaries: &[Arc<Dictionary>]) {
        let mut learnt = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let largest = dictionaries.iter().max_by_key(|it| it.text().len()).filter(|it| !it.is_empty());
        if let Some(largest) = largest.filter(|_| learnt.growth == 0) {
            *learnt = Learnt { dictionary: Arc::clone(largest), growth: dictionaries.len() };
        }
    }

    /// Packs an entity's document.
    pub(crate) fn pack(&self, entity: &Entity) -> Body {
        // Not by the value's `to_string`, which goes through formatting.
        let text = serde_json::to_string(entity.as_value());
        self.pack_text(&text.unwrap_or_else(|_| entity.as_value().to_string()))
    }

    /// Packs a document that is JSON already, as it is written.
    pub(crate) fn pack_text(&self, text: &str) -> Body {
        let dictionary = self.dictionary();
        let packed = dictionary.pack(text).unwrap_or_default().into();
        Body { dictionary, packed }
    }
}

/// Whether a dictionary makes less than half of texts.
fn packs_well(dictionary: &Dictionary, texts: &[String]) -> bool {
    let packed = |text: &String| dictionary.pack(text).map_or(text.len(), |packed| packed.len());
    texts.iter().map(packed).sum::<usize>() * 2 <= texts.iter().map(String::len).sum()
}

impl Body {
    /// A document that was packed before: its [`Body::bytes`] with its [`Body::dictionary`].
    pub(crate) fn packed(dictionary: Arc<Dictionary>, bytes: &[u8]) -> Self {
        Self { dictionary, packed: bytes.into() }
    }

    /// The document, packed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.packed
    }

    /// What it is packed with.
    pub(crate) fn dictionary(&self) -> &[u8] {
        self.dictionary.text()
    }

    /// Whether it is packed with this very dictionary.
    pub(crate) fn is_packed_with(&self, dictionary: &[u8]) -> bool {
        std::ptr::eq(self.dictionary(), dictionary)
    }

    /// The document as JSON. Empty only for what was not packed here.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        let unpacked = self.append_to(&mut text);
        unpacked.and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
    }

    /// Adds the document as JSON; `None` only for what was not packed here.
    pub(crate) fn append_to(&self, text: &mut Vec<u8>) -> Option<()> {
        self.dictionary.unpack(&self.packed, text)
    }

    /// The document of an entity.
    pub(crate) fn entity(&self, entity_ref: &EntityRef) -> Entity {
        let value: Option<Value> = serde_json::from_str(&self.text()).ok();
        value.and_then(|value| Entity::from_value(value).ok()).unwrap_or_else(|| entity_ref.into())
    }

    /// Whether both were packed from the same text.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.packed, &other.packed)
            || (self.packed == other.packed && Arc::ptr_eq(&self.dictionary, &other.dictionary))
    }
}

impl PartialEq for Body {
    /// Whether both say the same: in objects the order does not count. What cannot be unpacked says nothing.
    fn eq(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        let (own, other) = (self.text(), other.text());
        let read = |text: &str| serde_json::from_str::<Value>(text).ok();
        own == other && !own.is_empty()
            || read(&own).zip(read(&other)).is_some_and(|(own, other)| own == other)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entity(number: usize) -> Entity {
        let name = format!("orders-{number}");
        let body = json!({
            "apiVersion": "v1", "kind": "Component", "metadata": {
                "name": name, "annotations": {"github.com/project-slug": format!("example/{name}")},
                "description": format!("Über {number} \u{0}\u{10ffff}"),
            },
            "spec": {"x": [1.0, -0.5e-7, u64::MAX, null, true, {}], "type": "service", "lifecycle": "production"},
        });
        Entity::from_value(body).unwrap()
    }

    #[test]
    fn what_is_packed_comes_back_with_and_without_a_dictionary() {
        let packer = Packer::default();
        let before = packer.pack(&entity(0));
        let texts: Vec<String> = (0..100).map(|it| entity(it).as_value().to_string()).collect();
        packer.learn(&texts, |text| Some(text.clone()));
        assert!(!packer.dictionary().is_empty());
        for (number, text) in texts.iter().enumerate() {
            let (entity, body) = (entity(number), packer.pack(&entity(number)));
            assert_eq!(body.entity(entity.entity_ref()), entity);
            assert_eq!(body.text(), *text);
            assert!(body.packed.len() * 2 < text.len(), "{} bytes", body.packed.len());
        }
        assert_eq!(before, packer.pack(&entity(0)));
        assert_ne!(before, packer.pack(&entity(1)));
    }

    #[test]
    fn the_order_of_fields_does_not_count() {
        let pack = |text| Packer::default().pack_text(text);
        assert_eq!(pack(r#"{"a":1,"b":[2]}"#), pack(r#"{ "b": [2], "a": 1 }"#));
        assert_ne!(pack(r#"{"a":1,"b":[2]}"#), pack(r#"{"a":1,"b":[3]}"#));
    }

    #[test]
    fn a_dictionary_grows_where_documents_are_of_another_kind() {
        let packer = Packer::default();
        let texts = |kind: &str| -> Vec<String> {
            let text = |it| format!(r#"{{"kind":"{kind}","{kind} {kind}":"{kind}:{it}"}}"#);
            (0..100).map(text).collect()
        };
        let (first, second) = (texts("component"), texts("a resource of another kind"));
        packer.learn(&first, |text| Some(text.clone()));
        let [before, poor] = [&first[7], &second[7]].map(|text| packer.pack_text(text));
        packer.learn(&first, |text| Some(text.clone()));
        assert!(before.is_same(&packer.pack_text(&first[7])), "nothing is learnt of what packs well");
        packer.learn(&second, |text| Some(text.clone()));
        let after = packer.pack_text(&second[7]);
        assert!(after.packed.len() * 2 < poor.packed.len());
        assert_eq!(
            (before.text(), after.text(), poor.text()),
            (first[7].clone(), second[7].clone(), second[7].clone())
        );
    }
}
