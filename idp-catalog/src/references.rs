//! References between files that are checked together, without a catalog.

use std::collections::HashSet;

use idp_core::{Diagnostic, EntityRef, Place, Severity, SourceText, similar};

use crate::model::DANGLING_REFERENCE;
use crate::{Verdict, YamlDocument};

/// Comparisons that the search for suggestions may cost in all.
const COMPARISONS: usize = 500_000;

/// A reference as it stands in a file.
#[derive(Debug, Clone)]
pub struct Reference {
    target: EntityRef,
    field: String,
    place: Place,
}

impl Reference {
    /// The references that a document declares.
    #[must_use]
    pub fn of(source: &SourceText, document: &YamlDocument, verdict: &Verdict) -> Vec<Self> {
        let declared = verdict.relations.iter();
        let references = declared.map(|declared| Self {
            target: declared.relation.target_ref.clone(),
            field: declared.field.to_string(),
            place: Place { source: source.clone(), span: document.locate(&declared.field.pointer()) },
        });
        references.collect()
    }

    /// The entity that it names.
    #[must_use]
    pub fn target(&self) -> &EntityRef {
        &self.target
    }
}

/// The entities that a set of files describes.
///
/// ```
/// use idp_catalog::{KnownEntities, Model, Reference, YamlLimits};
/// use idp_core::{Severity, SourceText};
/// let text = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: shop}\nspec: {owner: nobody}\n";
/// let files = [SourceText::new("shop.yaml", text)];
/// let judged = Model::backstage().judge_all(&files, &YamlLimits::default(), |_, file, document, verdict| {
///     (Reference::of(file, document, &verdict), verdict.entity_ref)
/// });
/// let mut known = KnownEntities::new(judged.iter().filter_map(|(_, entity_ref)| entity_ref.clone()));
/// let problem = known.check(&judged[0].0[0], Severity::Error).unwrap();
/// assert_eq!(problem.message, "`spec.owner` refers to `group:default/nobody`, which is not there");
/// ```
#[derive(Debug, Clone)]
pub struct KnownEntities {
    all: HashSet<EntityRef>,
    comparisons: usize,
}

impl KnownEntities {
    /// These entities.
    #[must_use]
    pub fn new(entities: impl IntoIterator<Item = EntityRef>) -> Self {
        Self { all: entities.into_iter().collect(), comparisons: COMPARISONS }
    }

    /// The problem that a reference leads nowhere, if it does.
    #[must_use]
    pub fn check(&mut self, reference: &Reference, severity: Severity) -> Option<Diagnostic> {
        if self.all.contains(&reference.target) {
            return None;
        }
        let message = format!("`{}` refers to `{}`, which is not there", reference.field, reference.target);
        let problem = Diagnostic::new(severity, DANGLING_REFERENCE, message)
            .at(&reference.place.source, reference.place.span);
        Some(match self.suggestion(&reference.target) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("describe it in one of these files, or correct the reference"),
        })
    }

    /// An entity that may be meant, as long as looking for it is cheap.
    fn suggestion(&mut self, target: &EntityRef) -> Option<&str> {
        self.comparisons = self.comparisons.checked_sub(self.all.len())?;
        let same_kind = self.all.iter().filter(|it| it.kind() == target.kind());
        let same_name = self.all.iter().filter(|it| it.name() == target.name());
        let near = similar(target.as_str(), same_kind.map(EntityRef::as_str));
        near.or_else(|| same_name.map(EntityRef::as_str).min())
    }
}
