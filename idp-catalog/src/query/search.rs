//! Finding entities by the words in them, the best first.

use idp_core::{Error, Result};
use memchr::memmem::Finder;
use serde::Serialize;

use super::elements::texts;
use super::fields::Fields;
use super::test::ValueTest;
use crate::index::Ids;
use crate::parallel;
use crate::snapshot::Snapshot;

/// Longest text to search for, in bytes.
const MAX_TEXT: usize = 1000;

/// Most words in it.
const MAX_WORDS: usize = 32;

/// Where to look when nothing else is said, and what a find there is worth.
const FIELDS: [(&str, u32); 4] =
    [("metadata.name", 8), ("metadata.title", 8), ("metadata.tags", 4), ("metadata.description", 1)];

/// A text to search for, in fields of different weight. Ignores case; no character is special.
///
/// Every word of the text must occur in one of the fields, wherever in them. A word is worth most where it is the whole
/// value (8 times the field's weight), then at the beginning of one (4), as a word of its own (2), and inside of a word
/// (1); its best find counts, and an entity's rank is the sum over the words. Among equals the reference decides.
///
/// ```
/// use idp_catalog::{Query, Search};
/// use idp_core::Predicate;
/// let payments = Query::matching(Predicate::equals("kind", "component"))
///     .search(Search::new("card pay").field("metadata.name", 10).field("spec.summary", 1))
///     .limit(10);
/// # let _ = payments;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Lower-case. Without any everything is found.
    words: Vec<String>,
    /// Lower-case keys with their weights; `None` for those everybody looks at.
    fields: Option<Vec<(String, u32)>>,
}

/// How a word stands in a value, by what that is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Find {
    Nowhere = 0,
    Inside = 1,
    Word = 2,
    Start = 4,
    Whole = 8,
}

impl Search {
    /// Searches for every word of a text in name, title, tags and description.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { words: text.to_lowercase().split_whitespace().map(str::to_owned).collect(), fields: None }
    }

    /// Searches for a text as it stands, its inner spaces included.
    #[must_use]
    pub fn phrase(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        Self { words: if text.is_empty() { Vec::new() } else { vec![text] }, fields: None }
    }

    /// Looks at a field, besides those named before, instead of those everybody looks at.
    #[must_use]
    pub fn field(mut self, field: &str, weight: u32) -> Self {
        self.fields.get_or_insert_default().push((field.to_lowercase(), weight));
        self
    }

    /// Looks at these fields only, all of the same weight. In no field nothing is found.
    #[must_use]
    pub fn fields<'f>(mut self, fields: impl IntoIterator<Item = &'f str>) -> Self {
        self.fields = Some(fields.into_iter().map(|field| (field.to_lowercase(), 1)).collect());
        self
    }

    /// Refuses a text that is too long.
    pub(super) fn check(&self) -> Result<()> {
        let length: usize = self.words.iter().map(String::len).sum();
        if length <= MAX_TEXT && self.words.len() <= MAX_WORDS {
            return Ok(());
        }
        Err(Error::invalid(format!("a search has at most {MAX_WORDS} words and {MAX_TEXT} bytes")))
    }

    /// The entities of a set in which the text is found, with what each is worth.
    pub(super) fn hits(&self, snapshot: &Snapshot, within: &Ids) -> Vec<(u32, u32)> {
        let candidates =
            self.words.iter().fold(within.clone(), |left, word| self.holding(word, snapshot, &left));
        candidates.iter().filter_map(|id| Some((id, self.rank(snapshot, id)?))).collect()
    }

    /// Those of a set that may have a word in a field: that have it in a value, or have a value that is in no index.
    fn holding(&self, word: &str, snapshot: &Snapshot, within: &Ids) -> Ids {
        let keys = Fields::of(snapshot);
        let fields: Vec<&str> = match &self.fields {
            Some(fields) => fields.iter().map(|(field, _)| &**field).collect(),
            None => FIELDS.iter().map(|(field, _)| *field).collect(),
        };
        let test = ValueTest::Substring(word.to_owned());
        let mut found: Vec<Ids> = fields.iter().map(|field| keys.passing(field, &test)).collect();
        let long = fields.iter().filter_map(|field| keys.field(field)).map(|field| field.null());
        let long = Ids::union(long).intersection(within);
        found.push(mentioning(word, snapshot, &long));
        Ids::union(&found).intersection(within)
    }

    /// What an entity is worth; `None` where it is not found.
    pub(super) fn rank(&self, snapshot: &Snapshot, id: u32) -> Option<u32> {
        self.words.iter().try_fold(0_u32, |sum, word| {
            let best = self.best(word, snapshot, id);
            (best > 0).then(|| sum.saturating_add(best))
        })
    }

    fn best(&self, word: &str, snapshot: &Snapshot, id: u32) -> u32 {
        let worth =
            |(field, weight): (&str, u32)| best_in_field(word, snapshot, id, field).saturating_mul(weight);
        let best = match &self.fields {
            Some(fields) => fields.iter().map(|(field, weight)| worth((field, *weight))).max(),
            None => FIELDS.into_iter().map(worth).max(),
        };
        best.unwrap_or_default()
    }
}

/// Those of a set whose bodies may have a word in them. To look at the text of a body costs a tenth of reading it.
fn mentioning(word: &str, snapshot: &Snapshot, within: &Ids) -> Ids {
    let is_plain = word.is_ascii() && !word.contains(['"', '\\']) && !word.contains(char::is_control);
    if !is_plain {
        return within.clone();
    }
    let finder = Finder::new(word);
    let mentions = |id: u32| {
        let mut text = snapshot.record(id).map(|record| record.body_text()).unwrap_or_default();
        text.make_ascii_lowercase();
        // Letters outside of ASCII may be ASCII in lower case, and what is escaped may be anything.
        !text.is_ascii() || text.contains('\\') || finder.find(text.as_bytes()).is_some()
    };
    let found = parallel::map(within.iter().collect(), |id| mentions(id).then_some(id));
    Ids::from_sorted(found.into_iter().flatten().collect())
}

fn best_in_field(word: &str, snapshot: &Snapshot, id: u32, field: &str) -> u32 {
    let keys = Fields::of(snapshot);
    let best = keys.values_of(id, field).iter().map(|value| find(word, value)).max();
    // A value that is too long for the index has to be looked up.
    let is_long = keys.field(field).is_some_and(|field| field.null().contains(id));
    let record = if is_long { snapshot.record(id) } else { None };
    let long = record.and_then(|record| {
        texts(record.entity().as_value(), field).iter().map(|text| find(word, &text.to_lowercase())).max()
    });
    best.max(long).unwrap_or(Find::Nowhere) as u32
}

/// Both in lower case.
fn find(word: &str, value: &str) -> Find {
    if value == word {
        return Find::Whole;
    }
    if value.starts_with(word) {
        return Find::Start;
    }
    let mut places = value.match_indices(word).map(|(at, _)| at).peekable();
    if places.peek().is_none() {
        return Find::Nowhere;
    }
    let alone = |at: usize| {
        let before = value[..at].chars().next_back();
        let after = value[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    if places.any(alone) { Find::Word } else { Find::Inside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        for (word, value, want) in [
            ("pay", "pay", Find::Whole),
            ("pay", "payments", Find::Start),
            ("pay", "card-pay v2", Find::Word),
            ("pay", "prepay, pay", Find::Word),
            ("pay", "prepay", Find::Inside),
            ("pay", "card", Find::Nowhere),
            ("é", "café au lait", Find::Inside),
        ] {
            assert_eq!(find(word, value), want, "{word} in {value}");
        }
    }
}
