//! Many short texts.

use std::sync::Arc;

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::grams::{Grams, GramsBuilder};
use super::page::{Page, TEXTS};
use super::sparse::Sparse;
use super::text::{Text, lower};
use super::written::Part;

/// An array of short texts, empty wherever nothing was put, of which copies share what they have in common.
///
/// They are in pages, which take little room and are searched at once. A change makes a page anew.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Texts {
    pages: Sparse<Arc<Page>>,
    /// The pages to look at for a text inside of others.
    grams: Option<Grams>,
}

impl Texts {
    /// No texts, of which grams will be noted.
    pub(super) fn with_grams() -> Self {
        Self { grams: Some(Grams::default()), ..Self::default() }
    }

    /// Whether what was read can be asked about, and all of it is below an end.
    pub(super) fn is_sound(&self, end: u32) -> bool {
        self.pages.iter().all(|(number, page)| number <= page_of(end) && page.is_sound())
    }

    /// The text at an index.
    pub(super) fn get(&self, index: u32) -> Text<'_> {
        self.pages.get(page_of(index)).map(|page| page.get(place_in_page(index))).unwrap_or_default()
    }

    /// Puts a text at an index.
    pub(super) fn set(&mut self, index: u32, text: &str) {
        let (number, place) = (page_of(index), place_in_page(index));
        let known = self.pages.get(number).map_or_else(Arc::default, Arc::clone);
        let page = known.with(place, text);
        if let Some(grams) = &mut self.grams {
            note(grams, number, known.get(place), text, &page);
        }
        if page.is_empty() {
            self.pages.remove(number);
        } else {
            self.pages.set(number, Arc::new(page));
        }
    }

    /// The indexes of texts whose lower case passes a test, ascending.
    pub(super) fn passing(&self, test: impl Fn(&str) -> bool) -> Vec<u32> {
        let mut found = Vec::new();
        for (number, page) in self.pages.iter() {
            let page = page.lower();
            let places =
                page.iter().zip(0..).filter(|(text, _)| test(text)).map(|(_, place): (_, u32)| place);
            found.extend(places.map(|place| number * TEXTS as u32 + place));
        }
        found
    }

    /// The indexes of texts whose lower case has this inside, ascending. It is not empty.
    pub(super) fn containing(&self, lower: &str) -> Vec<u32> {
        let finder = Finder::new(lower);
        let mut found = Vec::new();
        let mut look = |number: u32, page: &Page| {
            page.find_all(&finder, |place| found.push(number * TEXTS as u32 + place as u32));
        };
        match self.grams.as_ref().and_then(|grams| grams.candidates(lower)) {
            Some(pages) => {
                let pages = pages.iter().filter_map(|number| Some((number, self.pages.get(number)?)));
                pages.for_each(|(number, page)| look(number, page));
            }
            None => self.pages.iter().for_each(|(number, page)| look(number, page)),
        }
        found
    }
}

/// Notes the grams of a page on which a text took the place of another.
fn note(grams: &mut Grams, number: u32, old: Text<'_>, new: &str, page: &Page) {
    grams.insert(number, &lower(new));
    if !old.is_empty() {
        grams.remove(number, &old.lower(), &page.lower().iter().collect());
    }
}

/// Writes texts one behind the other.
#[derive(Debug, Default)]
pub(super) struct TextsBuilder {
    pages: Vec<Page>,
    /// The texts of the page that is not full yet.
    open: Part,
}

impl TextsBuilder {
    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        (self.pages.len() * TEXTS + self.open.len()) as u32
    }

    /// Adds a text behind the others.
    pub(super) fn push(&mut self, text: &str) {
        self.open.push(text);
        if self.open.len() == TEXTS {
            self.close();
        }
    }

    pub(super) fn build(mut self, with_grams: bool) -> Texts {
        if self.open.len() > 0 {
            self.close();
        }
        let grams = with_grams.then(|| {
            let mut grams = GramsBuilder::default();
            let pages = self.pages.iter().zip(0..);
            pages.for_each(|(page, number)| grams.push(number, &page.lower().iter().collect()));
            grams.build()
        });
        let pages = self.pages.into_iter().map(Arc::new);
        Texts { pages: (0..).zip(pages).collect(), grams }
    }

    fn close(&mut self) {
        let texts: Vec<&str> = self.open.iter().collect();
        self.pages.push(Page::new(&texts));
        self.open.clear();
    }
}

fn page_of(index: u32) -> u32 {
    index / TEXTS as u32
}

fn place_in_page(index: u32) -> usize {
    index as usize % TEXTS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Texts whose ends and beginnings make something of each other, of which some change their length in lower case.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["(head/|other head/|abababab)?[abAB]{0,6}", "[aΣİK]{0,3}", "\\PC{0,3}"]
    }

    fn texts<'t>(all: impl IntoIterator<Item = &'t str>, with_grams: bool) -> Texts {
        let mut builder = TextsBuilder::default();
        for (text, number) in all.into_iter().zip(0..) {
            assert_eq!(builder.len(), number);
            builder.push(text);
        }
        builder.build(with_grams)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn as_a_list(
            start in prop::collection::vec(text(), 0..200),
            steps in prop::collection::vec((0..300_u32, text()), 0..60),
            needle in "[ab]{1,4}|[aςσ]{1,2}|i|\u{307}|(he)?ad/[ab]{0,2}|/[ab]{1,2}|d/",
            with_grams: bool,
        ) {
            let mut texts = texts(start.iter().map(String::as_str), with_grams);
            let kept = texts.clone();
            let start: BTreeMap<u32, String> = (0..).zip(start).collect();
            let mut want = start.clone();
            for (index, text) in steps {
                texts.set(index, &text);
                want.insert(index, text);
            }
            for (texts, want) in [(texts, want), (kept, start)] {
                let lower: BTreeMap<u32, String> = want.iter().map(|(at, it)| (*at, it.to_lowercase())).collect();
                for index in 0..300 {
                    prop_assert_eq!(texts.get(index).written(), want.get(&index).map_or("", |it| it));
                    prop_assert_eq!(texts.get(index).lower(), lower.get(&index).map_or("", |it| it));
                }
                let holding = |test: &dyn Fn(&str) -> bool| {
                    lower.iter().filter(|(_, it)| test(it)).map(|(at, _)| *at).collect::<Vec<_>>()
                };
                prop_assert_eq!(texts.containing(&needle), holding(&|it| it.contains(&needle)));
                prop_assert_eq!(texts.passing(|it| it.starts_with(&needle)), holding(&|it| it.starts_with(&needle)));
            }
        }
    }

    #[test]
    fn a_find_may_begin_inside_one_that_does_not_count() {
        for with_grams in [false, true] {
            let texts = texts(["xaa", "baab", "b"], with_grams);
            assert_eq!(texts.containing("aab"), [1]);
            assert!(texts.containing("bb").is_empty());
        }
    }
}
