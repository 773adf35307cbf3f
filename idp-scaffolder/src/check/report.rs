//! What a check has found.

use std::cmp::Reverse;

use idp_core::{Diagnostic, EntityRef, Severity, Span};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Template;

/// Something wrong with a template.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong, where, and what to do about it.
    #[serde(flatten)]
    pub diagnostic: Diagnostic,
    /// The place in the template as a JSON pointer; `None` where it is in one of its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Parameters with which it shows: such as the form accepts or, for `default-invalid`, the default that it refuses.
    /// `None` where parameters play no part, or none were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Map<String, Value>>,
}

/// Everything that was found in one template, in the order of its places.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TemplateReport {
    /// The template.
    pub template: EntityRef,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl TemplateReport {
    /// Puts findings in order, each once.
    pub(crate) fn new(template: &Template, mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|left, right| order(left).cmp(&order(right)));
        // A skeleton that several steps render shows the same thing several times. What matters most comes first.
        findings.dedup_by(|later, first| order(later).0 == order(first).0);
        Self { template: template.entity_ref().clone(), findings }
    }

    /// Whether an error is among the findings.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|it| it.diagnostic.severity == Severity::Error)
    }
}

/// What a finding is and where: the template's own first, then those of its files.
type Identity<'f> = (bool, &'f str, Span, &'f str, Option<&'f str>, &'f str);

/// What findings are ordered by; those that say the same thing by how much it matters.
fn order(finding: &Finding) -> (Identity<'_>, Reverse<Severity>) {
    let (diagnostic, place) = (&finding.diagnostic, finding.diagnostic.place.as_ref());
    let identity = (
        finding.pointer.is_none(),
        place.map(|it| it.source.name()).unwrap_or_default(),
        place.map(|it| it.span).unwrap_or_default(),
        &*diagnostic.code,
        finding.pointer.as_deref(),
        &*diagnostic.message,
    );
    (identity, Reverse(diagnostic.severity))
}
