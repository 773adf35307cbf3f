//! Documents that are written in the same way.
//!
//! What a program writes differs in its texts, and hardly in anything else: it has the same fields in the same order, and
//! lists of much the same lengths. What is asked of such documents, and what the index takes of them, depends on their form,
//! which is all of a document but its texts, and then on single texts. So that is worked out once for each form, with a
//! document that was read and found good. Those that follow are not read: their texts are cut out from between what the
//! form has there, and looked at one by one, which takes a third of the instructions.
//!
//! A text stands in the same place of what a document says wherever it is plain, which is to say that nothing in it is
//! escaped or would have to be: JSON that is the same up to such texts is the same up to them when it is read. Where a
//! document has no form that is known, or one of its texts is not what is asked, it is read like any other, and whoever
//! reads it says what is wrong.

mod blanks;

use memchr::memchr2;

pub(crate) use self::blanks::Blanks;
use crate::json::Json;

/// Forms that one thread keeps, until the end of an ingest. Documents that have no form in common would have one learnt for
/// each.
const MOST_FORMS: usize = 1024;
/// Ways in which a form may go on from one place: each is compared.
const MOST_WAYS: usize = 32;
/// Texts that most documents have no more of.
const TEXTS: usize = 64;

/// What is known of each form that was met.
///
/// Forms are the ways through a tree: from each place, which is behind a text, there is a way on for everything that was
/// ever written there up to the next text.
#[derive(Debug)]
pub(crate) struct Forms<T> {
    places: Vec<Place<T>>,
    count: usize,
}

#[derive(Debug)]
struct Place<T> {
    ways: Vec<Way>,
    /// What is known of the form that ends here, if one does: perhaps that there is nothing to know.
    known: Option<Option<Box<T>>>,
}

#[derive(Debug)]
struct Way {
    /// What is written, quotes of the texts around it included.
    written: Box<str>,
    to: u32,
}

impl<T> Default for Forms<T> {
    fn default() -> Self {
        Self { places: vec![Place::default()], count: 0 }
    }
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self { ways: Vec::new(), known: None }
    }
}

impl<T> Place<T> {
    /// The way that a text goes on with. There is no more than one: none begins with another.
    fn way(&self, rest: &str) -> Option<&Way> {
        self.ways.iter().find(|way| rest.as_bytes().starts_with(way.written.as_bytes()))
    }
}

impl<T> Forms<T> {
    /// What is known of the form of a document, and its texts.
    pub(crate) fn recognise<'t>(&self, document: &'t str) -> Option<(&T, Vec<&'t str>)> {
        let (mut place, mut rest) = (self.places.first()?, document);
        let mut texts = Vec::with_capacity(TEXTS);
        loop {
            let way = place.way(rest)?;
            (place, rest) = (self.places.get(way.to as usize)?, rest.get(way.written.len()..)?);
            if rest.is_empty() {
                return Some((place.known.as_ref()?.as_deref()?, texts));
            }
            let text;
            (text, rest) = rest.split_at_checked(plain(rest)?)?;
            texts.push(text);
        }
    }

    /// Learns the form of a document that was read from a text, unless it is known or there are too many: then nothing is
    /// worked out about it. Of what there is nothing to know, each document is to be read.
    pub(crate) fn learn(
        &mut self,
        text: &str,
        document: &Json<'_>,
        work_out: impl FnOnce(&Blanks<'_>) -> Option<T>,
    ) {
        if self.count == MOST_FORMS {
            return;
        }
        let Some(blanks) = Blanks::of(text, document) else { return };
        let mut place = 0;
        for written in blanks.between() {
            let Some(next) = self.way(place, written) else { return };
            place = next;
        }
        let known = &mut self.places[place].known;
        if known.is_none() {
            *known = Some(work_out(&blanks).map(Box::new));
            self.count += 1;
        }
    }

    /// Where a way leads to, which is made where there is none; `None` where there are too many.
    fn way(&mut self, place: usize, written: &str) -> Option<usize> {
        let end = self.places.len();
        let ways = &mut self.places[place].ways;
        if let Some(way) = ways.iter().find(|way| &*way.written == written) {
            return Some(way.to as usize);
        }
        if ways.len() == MOST_WAYS {
            return None;
        }
        ways.push(Way { written: written.into(), to: u32::try_from(end).ok()? });
        self.places.push(Place::default());
        Some(end)
    }
}

/// How long the text is that something begins with, which ends at a quote; `None` where it is not plain.
fn plain(rest: &str) -> Option<usize> {
    let end = memchr2(b'"', b'\\', rest.as_bytes())?;
    let (text, ended_by) = (&rest.as_bytes()[..end], rest.as_bytes()[end]);
    // Not by `any`: all of them at once are looked at faster than one after the other.
    let is_control = text.iter().fold(false, |found, byte| found | (*byte < b' '));
    (ended_by == b'"' && !is_control).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn learnt(documents: &[&str]) -> Forms<usize> {
        let mut forms = Forms::default();
        for (number, text) in documents.iter().enumerate() {
            let document: Json<'_> = serde_json::from_str(text).unwrap();
            forms.learn(text, &document, |_| Some(number));
        }
        forms
    }

    #[test]
    fn a_document_of_a_form_has_other_texts_in_its_places() {
        let forms = learnt(&[
            r#"{"kind":"A","metadata":{"name":"x","tags":["a"]},"spec":{"type":"t","n":1}}"#,
            r#"{"kind":"A","metadata":{"name":"x","tags":["a","b"]},"spec":{"type":"t","n":1}}"#,
            r#"{"kind":"B","metadata":{"name":"x"}}"#,
            r#"{"a":["\n"]}"#,
        ]);
        let texts = |text| forms.recognise(text).map(|(number, texts)| (*number, texts));
        let one = r#"{"kind":"A","metadata":{"name":"","tags":["ä b"]},"spec":{"type":"t","n":1}}"#;
        assert_eq!(texts(one), Some((0, vec!["", "ä b"])));
        let two = one.replace("b\"", "b\",\"c\"");
        assert_eq!(texts(&two), Some((1, vec!["", "ä b", "c"])));
        assert_eq!(texts(r#"{"kind":"B","metadata":{"name":"y"}}"#), Some((2, vec!["y"])));
        for other in [
            &one.replace(r#""t""#, r#""other""#),
            &one.replace("A", "C"),
            &one.replace(":1", ":2"),
            &one.replace("ä", "\\n"),
            &one.replace("ä", "\u{1}"),
            &one.replace(',', ", "),
            &one[..one.len() - 1],
            &format!("{one} "),
            r#"{"a":["x"]}"#,
            "",
        ] {
            assert_eq!(texts(other), None, "{other}");
        }
    }

    #[test]
    fn no_more_is_learnt_than_is_kept() {
        let ways = |number: usize| [number % 12, number / 12 % 12, number / 144];
        let document = |number| {
            let [a, b, c] = ways(number);
            format!(r#"{{"a{a}":"x","b{b}":"x","c{c}":"x"}}"#)
        };
        let documents: Vec<String> = (0..1728).map(document).collect();
        let known = |documents: &[String]| {
            let forms = learnt(&documents.iter().map(String::as_str).collect::<Vec<_>>());
            documents.iter().filter(|it| forms.recognise(it).is_some()).count()
        };
        assert_eq!(known(&documents), MOST_FORMS);
        let numbers: Vec<String> = (0..100).map(|it| format!(r#"{{"a":[{it},"x"]}}"#)).collect();
        assert_eq!(known(&numbers), MOST_WAYS);
    }

    #[test]
    fn no_form_is_learnt_of_what_is_large() {
        let list = |count: usize, text: &str| format!(r#"{{"a":[{}]}}"#, vec![text; count].join(","));
        for (document, is_known) in [
            (list(256, r#""""#), true),
            (list(257, r#""""#), false),
            (list(8000, "1"), true),
            (list(9000, "1"), false),
        ] {
            assert_eq!(learnt(&[&document]).recognise(&document).is_some(), is_known, "{}", document.len());
        }
    }

    proptest! {
        #[test]
        fn what_is_recognised_reads_as_the_form_with_its_texts(
            texts in prop::collection::vec("[a\"\\\\\u{1}é{}:,\\[]{0,3}", 4),
            learnt_from in prop::collection::vec("[a{}:,]{0,3}", 4),
        ) {
            let written = |texts: &[String]| {
                format!(r#"{{"k":["{}",{{"{}":null}}],"{}":"{}"}}"#, texts[0], "key", "other", texts[3])
            };
            let forms = learnt(&[&written(&learnt_from)]);
            let document = written(&texts);
            let read = serde_json::from_str::<serde_json::Value>(&document).ok();
            let want = read.filter(|_| !document.contains('\\')).and_then(|read| {
                let of_form = read["k"].as_array()?.len() == 2 && read.as_object()?.len() == 2;
                let texts = [read["k"][0].as_str()?, read["other"].as_str()?].map(str::to_owned);
                (of_form && read["k"][1].get("key")?.is_null()).then_some(texts)
            });
            let found = forms.recognise(&document).map(|(_, texts)| texts);
            prop_assert_eq!(found, want.as_ref().map(|texts| texts.iter().map(String::as_str).collect()));
        }
    }
}
