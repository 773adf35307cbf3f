//! How much a template may ask for.

/// The longest text that an operation builds, in bytes.
pub(crate) const STRING_BYTES: usize = 16 << 20;

/// How many items an operation builds.
pub(crate) const ITEMS: usize = 100_000;

/// How deep macros may call each other.
pub(crate) const CALLS: usize = 64;

/// How much a template may ask for. Hitting a limit is an error like any other, with the place of the operation that did;
/// with the beginning, where the whole template is too much, or its output in [`Mode::Strict`](super::Mode::Strict).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of template source.
    pub source: usize,
    /// Parts (tags, outputs, sub-expressions) of one template.
    pub nodes: usize,
    /// Work of one rendering: about one unit for each operation, and for each 64 bytes that one goes through or builds.
    /// The text between tags counts twice: it is put together, and it is written.
    pub work: u64,
    /// Work of all the names and contents of one skeleton.
    pub skeleton_work: u64,
    /// Bytes of one rendering's output.
    pub output: usize,
    /// Bytes of the values that one rendering builds.
    pub scratch: usize,
    /// Bytes of one regular expression.
    pub pattern: usize,
    /// Bytes of memory, about, of the templates that an engine keeps ready to be rendered again. Of those whose tags are
    /// alike it keeps what they have in common beside that: 256 programs of 4 KiB at most, and none where this is 0.
    pub kept: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source: 4 << 20,
            nodes: 1_000_000,
            work: 2_000_000,
            skeleton_work: 100_000_000,
            output: 16 << 20,
            scratch: 64 << 20,
            pattern: 16_384,
            kept: 64 << 20,
        }
    }
}
