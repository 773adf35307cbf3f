//! How much is asked of a descriptor beyond what makes it valid.

use std::collections::BTreeMap;

use idp_core::Severity;

/// A field that a kind does not have, called nearly like one it has.
pub(super) const MISSPELT_FIELD: &str = "misspelt-field";
/// A reference to an entity of a kind that the field is not meant for: an owner that is no group and no user.
pub(super) const DISALLOWED_KIND: &str = "disallowed-kind";
/// A reference to an entity that is not there.
pub(crate) const DANGLING_REFERENCE: &str = "dangling-reference";

/// Which references become relations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelationFlow {
    /// Every reference, and always the edge back. Backstage's default.
    #[default]
    All,
    /// References to kinds that the field is meant for; the edge back where such a pair is declared. What Backstage
    /// does where its catalog has model sources. What is dropped is a warning.
    Declared,
}

/// How much is asked of a descriptor beyond what makes it valid.
///
/// | code | what | `backstage` | `strict` |
/// |---|---|---|---|
/// | `misspelt-field` | a field that is not known, and called nearly like one that is | — | warning |
/// | `disallowed-kind` | a reference to a kind that its field is not meant for, as an owner that is no group or user | — | error |
/// | `dangling-reference` | a reference to an entity that is not there, where files are checked together | — | error |
///
/// Each severity can be set, and those of the model's own rules too.
///
/// ```
/// use idp_catalog::Profile;
/// use idp_core::Severity;
/// let profile = Profile::strict().with("dangling-reference", Some(Severity::Warning)).with("misspelt-field", None);
/// assert_eq!(profile.severity("dangling-reference"), Some(Severity::Warning));
/// assert_eq!(profile.severity("misspelt-field"), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    severities: BTreeMap<String, Option<Severity>>,
    flow: RelationFlow,
}

impl Profile {
    /// What Backstage asks, and nothing else.
    #[must_use]
    pub fn backstage() -> Self {
        Self::default()
    }

    /// Also what Backstage lets through and is hardly meant.
    #[must_use]
    pub fn strict() -> Self {
        Self::default()
            .with(MISSPELT_FIELD, Some(Severity::Warning))
            .with(DISALLOWED_KIND, Some(Severity::Error))
            .with(DANGLING_REFERENCE, Some(Severity::Error))
    }

    /// The profile of a name: `backstage` or `strict`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "backstage" => Some(Self::backstage()),
            "strict" => Some(Self::strict()),
            _ => None,
        }
    }

    /// Gives a problem another severity; `None` does not look for it.
    #[must_use]
    pub fn with(mut self, code: &str, severity: Option<Severity>) -> Self {
        self.severities.insert(code.to_owned(), severity);
        self
    }

    /// Says which references become relations.
    #[must_use]
    pub fn flow(mut self, flow: RelationFlow) -> Self {
        self.flow = flow;
        self
    }

    /// The severity of a problem; `None` where it is not looked for.
    #[must_use]
    pub fn severity(&self, code: &str) -> Option<Severity> {
        self.severities.get(code).copied().flatten()
    }

    /// The severity of a problem that has one of its own.
    pub(super) fn severity_or(&self, code: &str, own: Severity) -> Option<Severity> {
        self.severities.get(code).copied().unwrap_or(Some(own))
    }

    pub(super) fn drops_disallowed(&self) -> bool {
        self.flow == RelationFlow::Declared
    }
}
