//! JSON pointers (RFC 6901) to parts of a document.

use std::borrow::Cow;
use std::fmt;

/// The way to the value that is being looked at. Each step knows the one before, and nothing is written out until somebody
/// asks: nearly all values are good, and their pointers are never asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pointer<'p> {
    before: Option<&'p Pointer<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    /// Where it begins, written out.
    Start(&'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> Pointer<'p> {
    pub(super) fn new(start: &'p str) -> Self {
        Self { before: None, step: Step::Start(start) }
    }

    pub(super) fn with_key<R>(&self, key: &str, then: impl FnOnce(&Pointer<'_>) -> R) -> R {
        then(&Pointer { before: Some(self), step: Step::Key(key) })
    }

    pub(super) fn with_index<R>(&self, index: usize, then: impl FnOnce(&Pointer<'_>) -> R) -> R {
        then(&Pointer { before: Some(self), step: Step::Index(index) })
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.before.iter().try_for_each(|before| before.fmt(f))?;
        match self.step {
            Step::Start(text) => f.write_str(text),
            Step::Key(key) => write!(f, "/{}", escaped(key)),
            Step::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// The pointer of a member of the value at `pointer`.
pub(super) fn child_pointer(pointer: &str, key: &str) -> String {
    Pointer::new(pointer).with_key(key, |child| child.to_string())
}

fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_says_the_way_from_its_start() {
        let start = Pointer::new("/metadata");
        let text = start.with_key("a/b~c", |at| at.with_index(3, |at| at.with_key("", |at| at.to_string())));
        assert_eq!(text, "/metadata/a~1b~0c/3/");
        assert_eq!(child_pointer("", "spec"), "/spec");
    }
}
