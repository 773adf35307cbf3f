//! What of a document is its form, and what is not.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{Json, Member};

/// A document with more bytes, or more texts, is like no other: its form would take much room for nothing.
const MOST_BYTES: usize = 16 << 10;
const MOST_TEXTS: usize = 256;

/// The texts of a document in whose places others of its form have other ones, by where they are written.
///
/// Texts that decide what is asked of a document belong to its form: its kind, that kind's version, and its type.
#[derive(Debug)]
pub(crate) struct Blanks<'t> {
    document: &'t str,
    /// Ascending.
    places: Vec<Range<usize>>,
}

impl<'t> Blanks<'t> {
    /// Those of a document that was read from a text. `None` where one of its texts is not written as it is, or there is much
    /// of it.
    pub(super) fn of(text: &'t str, document: &Json<'_>) -> Option<Self> {
        if text.len() > MOST_BYTES {
            return None;
        }
        let mut blanks = Self { document: text, places: Vec::new() };
        for (key, value) in document.as_object()? {
            match (&**key, value) {
                ("apiVersion" | "kind", Json::Text(_)) => {}
                ("spec", Json::Object(spec)) => blanks.add_spec(spec)?,
                _ => blanks.add(value)?,
            }
        }
        Some(blanks)
    }

    /// Which of them a text is: the very one, not one that reads the same.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        let place = self.place(text)?;
        self.places
            .binary_search_by_key(&place.start, |it| it.start)
            .ok()
            .filter(|at| self.places[*at] == place)
    }

    /// What is written before, between and behind them.
    pub(super) fn between(&self) -> impl Iterator<Item = &'t str> {
        let starts = [0].into_iter().chain(self.places.iter().map(|it| it.end));
        let ends = self.places.iter().map(|it| it.start).chain([self.document.len()]);
        starts.zip(ends).map(|(start, end)| &self.document[start..end])
    }

    fn add_spec(&mut self, spec: &[Member<'_>]) -> Option<()> {
        let decides = |(key, value): &&Member<'_>| key == "type" && value.as_text().is_some();
        spec.iter().filter(|member| !decides(member)).try_for_each(|(_, value)| self.add(value))
    }

    fn add(&mut self, value: &Json<'_>) -> Option<()> {
        match value {
            Json::Text(Cow::Borrowed(text)) if self.places.len() < MOST_TEXTS => {
                self.places.push(self.place(text)?);
            }
            Json::Text(_) => return None,
            Json::List(items) => items.iter().try_for_each(|item| self.add(item))?,
            Json::Object(members) => members.iter().try_for_each(|(_, value)| self.add(value))?,
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
        Some(())
    }

    /// Where a text stands that was read from this one, without its quotes.
    fn place(&self, text: &str) -> Option<Range<usize>> {
        let start = text.as_ptr().addr().checked_sub(self.document.as_ptr().addr())?;
        let place = start..start + text.len();
        (place.end <= self.document.len()).then_some(place)
    }
}
