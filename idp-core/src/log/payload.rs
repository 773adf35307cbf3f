//! What an event says: JSON text, or what makes it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::Result;

/// The JSON text of an event, or something of this process that makes it whenever it is asked. Cheap to clone.
///
/// Payloads are equal where their texts are; one whose text cannot be made equals none. `{:?}` shows a text that is there
/// and makes none, `{:#?}` makes it.
///
/// ```
/// use idp_core::Payload;
///
/// let payload = Payload::from(r#"{"name": "orders"}"#);
/// assert_eq!(payload.text()?, r#"{"name": "orders"}"#);
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Payload(Kept);

#[derive(Clone)]
enum Kept {
    /// The string as it was given: in an `Arc<str>` it would be a copy.
    Text(Arc<String>),
    Deferred(Arc<dyn DeferredPayloads>, usize),
}

/// What makes the texts of payloads when somebody asks for them.
///
/// For a writer that has what it writes in memory anyway, and a log that
/// [keeps payloads as they are](crate::Log::keeps_payloads): most texts are then never made. Payloads share what makes
/// them, so that one more takes no memory of its own.
pub trait DeferredPayloads: Send + Sync + 'static {
    /// The text of one of them: JSON, and the same whenever it is asked for. Perhaps on the thread of a log, and while
    /// that is locked: making it must not ask the log.
    ///
    /// # Errors
    /// Where it cannot be made. A durable log then appends nothing.
    fn text(&self, index: usize) -> Result<String>;
}

impl Payload {
    /// The payload whose text is made by the one with this index.
    pub fn deferred(payloads: Arc<dyn DeferredPayloads>, index: usize) -> Self {
        Self(Kept::Deferred(payloads, index))
    }

    /// The text. One that is deferred is made anew at every call.
    ///
    /// # Errors
    /// That of [`DeferredPayloads::text`]. A text that was given is always there.
    pub fn text(&self) -> Result<Cow<'_, str>> {
        match &self.0 {
            Kept::Text(text) => Ok(Cow::Borrowed(text)),
            Kept::Deferred(payloads, index) => payloads.text(*index).map(Cow::Owned),
        }
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self(Kept::Text(Arc::new(without_much_room(text))))
    }
}

/// A text that may be kept for long. A little room costs less than a copy.
fn without_much_room(mut text: String) -> String {
    if text.capacity() > text.len() + text.len() / 2 {
        text.shrink_to_fit();
    }
    text
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.text().is_ok_and(|own| other.text().is_ok_and(|other| own == other))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kept::Deferred(_, index) if !f.alternate() => write!(f, "deferred {index}"),
            _ => match self.text() {
                Ok(text) => f.write_str(&text),
                Err(error) => write!(f, "no text: {error}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// Numbers as text, up to a hundred.
    struct Numbers;

    impl DeferredPayloads for Numbers {
        fn text(&self, index: usize) -> Result<String> {
            if index < 100 { Ok(index.to_string()) } else { Err(Error::internal("too large")) }
        }
    }

    fn deferred(index: usize) -> Payload {
        Payload::deferred(Arc::new(Numbers), index)
    }

    #[test]
    fn a_string_stays_where_it_is() {
        let text = "[1, 2]".to_owned();
        let place = text.as_ptr();
        let payload = Payload::from(text);
        assert_eq!(payload.clone().text().unwrap().as_ptr(), place);
    }

    #[test]
    fn payloads_are_equal_where_their_texts_are() {
        for (one, other, same) in [
            (deferred(7), Payload::from("7"), true),
            (deferred(7), deferred(7), true),
            (deferred(7), deferred(8), false),
            (Payload::from("7"), Payload::from(" 7"), false),
            (deferred(100), deferred(100), false),
        ] {
            assert_eq!(one == other, same, "{one:?} and {other:?}");
            assert_eq!(other == one, same, "{other:?} and {one:?}");
        }
    }

    #[test]
    fn a_text_is_made_for_debugging_only_where_that_is_asked_for() {
        assert_eq!(format!("{:?} {:?}", Payload::from("{}"), deferred(7)), "{} deferred 7");
        assert_eq!(format!("{:#?} {:#?}", deferred(7), deferred(100)), "7 no text: too large");
    }
}
