//! Bounds on what following may cost.

/// Bounds on one pass. What goes beyond is not read, is told, and makes the answer partial.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowLimits {
    /// Locations that lead to locations: how many in a row.
    pub depth: usize,
    /// Targets of one Location.
    pub targets: usize,
    /// Problems with the targets of one Location that are told one by one.
    pub problems: usize,
    /// Files and folders that are fetched.
    pub fetches: usize,
    /// Bytes of one file, or of all the wanted files of one folder.
    pub file_bytes: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Substitutions in one document.
    pub substitutions: usize,
    /// Bytes of what they put into one document.
    pub document_bytes: usize,
    /// Bytes of what they put into all documents.
    pub substituted_bytes: usize,
    /// Fetches at a time.
    pub concurrency: usize,
    /// Fetches at a time from one host.
    pub per_host: usize,
}

impl Default for FollowLimits {
    fn default() -> Self {
        Self {
            depth: 10,
            targets: 10_000,
            problems: 100,
            fetches: 10_000,
            file_bytes: 16 << 20,
            bytes: 1 << 30,
            substitutions: 100,
            document_bytes: 16 << 20,
            substituted_bytes: 1 << 30,
            concurrency: 16,
            per_host: 4,
        }
    }
}
