//! Annotations that a portal shows as links, and that would run a script.

use std::sync::Arc;

use idp_core::{Diagnostic, Entity, SourceText};
use serde_json::Value;

use crate::json::Json;
use crate::{Verdict, YamlDocument};

/// The annotations that portals make links of.
const LINKS: [&str; 2] = ["backstage.io/view-url", "backstage.io/edit-url"];

/// What stands in place of a link that would run a script: the same as in Backstage.
const REJECTED: &str = "https://backstage.io/annotation-rejected-for-security-reasons";

/// Takes scripts out of an entity's links, and says so.
pub(super) fn disarm(verdict: &mut Verdict, source: &SourceText, document: &YamlDocument) {
    let Some(entity) = &verdict.entity else { return };
    let is_script = |link: &&str| entity.annotation(link).is_some_and(runs_script);
    let scripts: Vec<&str> = LINKS.into_iter().filter(is_script).collect();
    if scripts.is_empty() {
        return;
    }
    let mut body = entity.as_value().clone();
    for link in scripts {
        let pointer = format!("/metadata/annotations/{}", link.replace('/', "~1"));
        if let Some(link) = body.pointer_mut(&pointer) {
            *link = Value::from(REJECTED);
        }
        let problem = Diagnostic::warning("unsafe-link", "a link that would run a script was taken out");
        verdict.diagnostics.push(problem.at(source, document.locate(&pointer)));
    }
    verdict.entity = Entity::from_shared(Arc::new(body)).ok();
}

/// The links of a document that portals make of annotations.
pub(super) fn texts<'v>(document: &'v Json<'_>) -> impl Iterator<Item = &'v str> {
    let annotations = document.get("metadata").and_then(|it| it.get("annotations"));
    LINKS.into_iter().filter_map(move |link| annotations?.get(link)?.as_str())
}

/// Whether a browser takes a text for `javascript:`: it skips control characters and spaces before, and line breaks and
/// tabs within.
pub(super) fn runs_script(link: &str) -> bool {
    let link = link.trim_start_matches(|c: char| c <= ' ');
    let plain = link.chars().filter(|c| !matches!(c, '\r' | '\n' | '\t')).take("javascript:".len());
    plain.collect::<String>().eq_ignore_ascii_case("javascript:")
}

#[cfg(test)]
mod tests {
    use super::runs_script;

    #[test]
    fn scripts_are_told_from_links() {
        for script in
            ["javascript:alert(1)", " \u{1}JavaScript:x", " java\nscript:alert(1)", "j\ta\rvascript\n:x"]
        {
            assert!(runs_script(script), "{script:?}");
        }
        for link in ["https://h/javascript:x", "javascript", "java script:x", "xjavascript:", ""] {
            assert!(!runs_script(link), "{link:?}");
        }
    }
}
