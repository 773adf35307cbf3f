//! What a check has found.

use idp_core::{Diagnostic, EntityRef, Severity};
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
    /// Parameters that the form accepts and with which it shows; `None` where parameters play no part, or none were
    /// found.
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
        // A skeleton that several steps render shows the same thing several times.
        findings.dedup_by(|later, first| {
            let same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code && a.place == b.place;
            same(&later.diagnostic, &first.diagnostic)
                && later.pointer == first.pointer
                && later.diagnostic.message == first.diagnostic.message
        });
        Self { template: template.entity_ref().clone(), findings }
    }

    /// Whether an error is among the findings.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|it| it.diagnostic.severity == Severity::Error)
    }
}

/// The template's own findings first, then those of its files.
fn order(finding: &Finding) -> (bool, &str, usize, &str) {
    let place = finding.diagnostic.place.as_ref();
    (
        finding.pointer.is_none(),
        place.map(|it| it.source.name()).unwrap_or_default(),
        place.map(|it| it.span.start).unwrap_or_default(),
        &finding.diagnostic.code,
    )
}
