//! Entities' documents in few bytes.
//!
//! A document read into a tree of values takes five to seven times the bytes of its JSON. Most of them are never looked
//! at again: the index answers questions. So they are kept as JSON, packed with LZ4 and a dictionary of documents of the
//! same catalog, from which most keys and many values are taken: a third of the text, read back in microseconds.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use idp_core::{Entity, EntityRef};
use lz4rip::block::{DictCompressor, decompress_into_with_dict, get_maximum_output_size};
use serde_json::Value;

use crate::parallel::lock;

/// Bytes of a dictionary. A longer one packs better, and leaves less room in the cache for everything else.
const DICTIONARY: usize = 8000;
/// Documents that a dictionary is made of.
const SAMPLES: usize = 8;
/// How many are looked at for each of them: some may be none.
const TRIES: usize = 16;

/// So many documents at once say what the documents of a catalog have in common.
pub(crate) const ENOUGH_TO_LEARN: usize = 64;

/// What packs documents. Copies share one dictionary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packer(Arc<Dictionaries>);

#[derive(Debug, Default)]
struct Dictionaries {
    /// What there is before anything was learnt: nothing.
    empty: Arc<Dictionary>,
    learnt: OnceLock<Arc<Dictionary>>,
}

/// Text that documents have in common.
#[derive(Default)]
pub(crate) struct Dictionary {
    text: Vec<u8>,
    /// Who has packed with it before: to get ready for that takes as long as packing a document does. There are as many
    /// as threads have packed at once.
    ready: Mutex<Vec<Ready>>,
}

/// Who has packed before.
struct Ready {
    compressor: DictCompressor,
    /// Where to, before it is known how little it is.
    packed: Vec<u8>,
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dictionary({} bytes)", self.text.len())
    }
}

impl From<&[u8]> for Dictionary {
    fn from(bytes: &[u8]) -> Self {
        Self { text: bytes.to_vec(), ready: Mutex::default() }
    }
}

/// Bytes before a packed text, which say how long it is: a number, the lowest byte first.
const LENGTH: usize = 4;
/// Packing makes of a text no less than one byte for so many: a longer one is claimed falsely.
const MOST_PACKED: usize = 256;
/// Room for packing that is kept for the next document.
const MOST_KEPT: usize = 64 << 10;

impl Dictionary {
    /// A text, packed; `None` where it is longer than can be said.
    fn pack(&self, text: &[u8]) -> Option<Arc<[u8]>> {
        let length = u32::try_from(text.len()).ok()?.to_le_bytes();
        let known = lock(&self.ready).pop();
        let begin = || Ready { compressor: DictCompressor::new(&self.text), packed: Vec::new() };
        let mut ready = known.unwrap_or_else(begin);
        let Ready { compressor, packed } = &mut ready;
        let most = LENGTH + get_maximum_output_size(text.len());
        packed.resize(most.max(packed.len()), 0);
        let end = compressor.compress_into(text, &mut packed[LENGTH..]);
        packed[..LENGTH].copy_from_slice(&length);
        let body = end.ok().map(|end| packed[..LENGTH + end].into());
        packed.truncate(MOST_KEPT);
        packed.shrink_to(MOST_KEPT);
        lock(&self.ready).push(ready);
        body
    }

    /// Adds the text that was packed, in which something may be missing where there is `None`.
    fn unpack(&self, packed: &[u8], text: &mut Vec<u8>) -> Option<()> {
        let (length, packed) = packed.split_first_chunk::<LENGTH>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if length / MOST_PACKED > packed.len() {
            return None;
        }
        let start = text.len();
        text.resize(start + length, 0);
        let end = decompress_into_with_dict(packed, &mut text[start..], &self.text).ok()?;
        (end == length).then_some(())
    }
}

/// A document, packed.
#[derive(Clone)]
pub(crate) struct Body {
    dictionary: Arc<Dictionary>,
    packed: Arc<[u8]>,
}

impl Packer {
    /// Whether there is a dictionary.
    pub(crate) fn has_learnt(&self) -> bool {
        self.0.learnt.get().is_some()
    }

    /// Makes a dictionary of some of these documents, once.
    pub(crate) fn learn<T>(&self, documents: &[T], text: impl Fn(&T) -> Option<String>) {
        if self.has_learnt() {
            return;
        }
        // Of different kinds: sources often tell one kind after the other.
        let shares = documents.chunks(documents.len().div_ceil(SAMPLES).max(1));
        let samples = shares.filter_map(|share| share[share.len() / 2..].iter().take(TRIES).find_map(&text));
        let parts = samples.flat_map(|text| text.into_bytes().into_iter().take(DICTIONARY / SAMPLES));
        let dictionary: Vec<u8> = parts.collect();
        if !dictionary.is_empty() {
            // Somebody else may have been faster: then that one stays.
            let _ = self.0.learnt.set(Arc::new(Dictionary::from(&*dictionary)));
        }
    }

    /// Packs with a dictionary from here on that somebody else has learnt, unless it has learnt one itself.
    pub(crate) fn take_over(&self, dictionary: &Arc<Dictionary>) {
        if !dictionary.text.is_empty() {
            let _ = self.0.learnt.set(Arc::clone(dictionary));
        }
    }

    /// Packs an entity's document.
    pub(crate) fn pack(&self, entity: &Entity) -> Body {
        // Not by `to_string`, which goes through formatting.
        let text = serde_json::to_vec(entity.as_value());
        self.pack_bytes(&text.unwrap_or_else(|_| entity.as_value().to_string().into_bytes()))
    }

    /// Packs a document that is JSON already, as it is written.
    pub(crate) fn pack_text(&self, text: &str) -> Body {
        self.pack_bytes(text.as_bytes())
    }

    fn pack_bytes(&self, text: &[u8]) -> Body {
        let dictionary = self.0.learnt.get().unwrap_or(&self.0.empty);
        let packed = dictionary.pack(text).unwrap_or_default();
        Body { dictionary: Arc::clone(dictionary), packed }
    }
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
        &self.dictionary.text
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
    /// Whether both say the same: in objects the order does not count. What cannot be read says nothing.
    fn eq(&self, other: &Self) -> bool {
        let read = |body: &Self| serde_json::from_str::<Value>(&body.text()).ok();
        self.is_same(other) || read(self).zip(read(other)).is_some_and(|(own, other)| own == other)
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
}
