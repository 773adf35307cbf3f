//! A JSON text in pieces that other texts have too.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use memchr::memchr;
use memchr::memmem::Finder;

/// Stands for the subject in a piece: no UTF-8 has such a byte.
pub(super) const SUBJECT: u8 = 0xff;
/// The piece before the subject ends so.
const BEFORE_SUBJECT: &[u8] = br#"name":""#;
/// A shorter subject would be found where it is not meant, and a longer one saves nothing.
const LENGTHS: RangeInclusive<usize> = 4..=100;

/// What a text is about, as far as that is known: the first thing called `name` in it. Much of an entity's document has
/// its name in it: addresses, titles, what it is called elsewhere.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// Whether the next piece begins with it.
    is_next: bool,
    /// Where it stands in the text.
    place: Option<Range<usize>>,
}

impl Subject {
    /// Takes notice of the piece of a text that begins at a place. True where that tells the subject.
    #[inline]
    pub(super) fn is_told_by(&mut self, piece: &[u8], at: usize) -> bool {
        if self.place.is_some() {
            return false;
        }
        if !std::mem::replace(&mut self.is_next, piece.ends_with(BEFORE_SUBJECT)) {
            return false;
        }
        let end = memchr(b'"', piece).filter(|end| LENGTHS.contains(end));
        self.place = end.map(|end| at..at + end);
        self.place.is_some()
    }

    /// Where the subject stands in the text, where it is known.
    pub(super) fn place(&self) -> Option<Range<usize>> {
        self.place.clone()
    }
}

/// A piece with [`SUBJECT`] in place of the subject.
fn without<'p>(subject: &Finder<'_>, piece: &'p [u8]) -> Cow<'p, [u8]> {
    let Some(mut found) = subject.find(piece) else { return Cow::Borrowed(piece) };
    let (mut rest, mut without) = (piece, Vec::with_capacity(piece.len()));
    loop {
        without.extend_from_slice(&rest[..found]);
        without.push(SUBJECT);
        rest = &rest[found + subject.needle().len()..];
        match subject.find(rest) {
            Some(next) => found = next,
            None => break,
        }
    }
    without.extend_from_slice(rest);
    Cow::Owned(without)
}

/// Cuts a text behind the quotes with which texts in it begin: each piece is a key or a value, and what stands between it
/// and the next one. Where there are quotes within texts the cuts are elsewhere, and the pieces less alike.
#[derive(Debug)]
pub(super) struct Pieces<'t> {
    text: &'t [u8],
    at: usize,
    subject: Subject,
    finder: Option<Finder<'t>>,
}

impl<'t> Pieces<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self { text, at: 0, subject: Subject::default(), finder: None }
    }

    /// What is left of the text.
    pub(super) fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// Whether nothing was cut off yet: before the first text there is nothing that ends.
    fn is_first(&self) -> bool {
        self.at == 0
    }

    /// The next piece as it stands in the text.
    pub(super) fn peek(&self) -> Option<&'t [u8]> {
        let rest = self.rest();
        let end = match quote(rest, 0) {
            Some(first) if self.is_first() => first + 1,
            Some(close) => quote(rest, close + 1).map_or(rest.len(), |open| open + 1),
            None => rest.len(),
        };
        (end > 0).then(|| &rest[..end])
    }

    /// The piece without the subject.
    pub(super) fn without_subject<'p>(&self, piece: &'p [u8]) -> Cow<'p, [u8]> {
        self.finder.as_ref().map_or(Cow::Borrowed(piece), |finder| without(finder, piece))
    }

    /// Goes on behind a piece, which is the next one.
    pub(super) fn pass(&mut self, piece: &[u8]) {
        if self.subject.is_told_by(piece, self.at) {
            self.finder = self.subject.place().map(|place| Finder::new(&self.text[place]));
        }
        self.at += piece.len();
    }
}

/// Whether a piece can be no other than the next one wherever a text that is cut already goes on with it.
pub(super) fn is_whole(piece: &[u8]) -> bool {
    let close = quote(piece, 0);
    close.and_then(|close| quote(piece, close + 1)).is_some_and(|open| open + 1 == piece.len())
}

/// The next quote from a place on that nothing escapes, at a glance.
fn quote(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr(b'"', text.get(from..)?)?;
        if at == 0 || text[at - 1] != b'\\' {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8]) -> Vec<(&[u8], Cow<'_, [u8]>)> {
        let (mut pieces, mut all) = (Pieces::of(text), Vec::new());
        while let Some(piece) = pieces.peek() {
            all.push((piece, pieces.without_subject(piece)));
            pieces.pass(piece);
        }
        all
    }

    #[test]
    fn a_text_is_cut_where_texts_in_it_begin() {
        let text = br#"{"title":"a\"b","x":[1,"y"]}"#;
        let want: [&[u8]; 5] = [br#"{""#, br#"title":""#, br#"a\"b",""#, br#"x":[1,""#, br#"y"]}"#];
        let cut: Vec<&[u8]> = pieces(text).into_iter().map(|(piece, _)| piece).collect();
        assert_eq!(cut, want);
        assert_eq!(want.map(is_whole), [false, true, true, true, false]);
        assert!(pieces(b"").is_empty());
        assert_eq!(pieces(b"12").len(), 1);
    }

    #[test]
    fn the_subject_is_what_is_called_name_first() {
        let text = br#"{"a":{"name":"orders","x":"/orders/orders-x","name":"order"}}"#;
        let without: Vec<_> = pieces(text).into_iter().map(|(_, without)| without).collect();
        let want: [&[u8]; 7] = [
            br#"{""#,
            br#"a":{""#,
            br#"name":""#,
            br#"orders",""#,
            br#"x":""#,
            b"/\xff/\xff-x\",\"",
            br#"name":""#,
        ];
        assert_eq!(without[..7], want);
        assert_eq!(&*without[7], br#"order"}}"#);
    }
}
