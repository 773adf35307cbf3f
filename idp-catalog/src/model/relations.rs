//! The relations an entity's fields declare.

use idp_core::{Diagnostic, EntityRef, ParseRefError, RefDefaults, Relation, Severity};

use super::FieldPath;
use super::kind::{RelationField, Spec};
use super::profile::{DISALLOWED_KIND, Profile};
use super::report::{Report, Stage};
use super::shape::{describe, is_placeholder};
use crate::json::Json;

/// An edge as its declaring entity sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// From the entity to the target.
    pub relation: Relation,
    /// The type of the edge back, from the target to the entity, where there is one.
    pub reverse: Option<String>,
    /// The field that declares it; of several the first.
    pub field: FieldPath,
}

impl Declared {
    /// The edge back, where the entity names itself: then it leaves the same entity.
    fn mirrored(&self, own: &EntityRef) -> Option<Self> {
        let reverse = self.reverse.as_ref().filter(|_| self.relation.target_ref == *own)?;
        Some(Self {
            relation: Relation::new(&**reverse, own.clone()),
            reverse: Some(self.relation.r#type.clone()),
            field: self.field.clone(),
        })
    }
}

/// A reference that a field holds.
pub(super) struct Reference<'k> {
    field: &'k RelationField,
    path: FieldPath,
    target: EntityRef,
}

/// Reports references, in a `spec` of a kind, that cannot be read or that the profile does not like. Gives those that can
/// be read.
pub(super) fn check<'k>(
    spec: &'k Spec,
    document: &Json<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) -> Vec<Reference<'k>> {
    let mut found = Vec::new();
    walk(spec, document, |field, path, result| match result {
        Ok(target) => {
            judge_kind(field, &path, &target, profile, report);
            found.push(Reference { field, path, target });
        }
        Err(problem) => report.at(Stage::Relations, &path.pointer(), problem),
    });
    found
}

/// The relations that the document of an entity declares, sorted by type and target, each once.
pub(super) fn declared(
    spec: &Spec,
    own: &EntityRef,
    document: &Json<'_>,
    profile: &Profile,
) -> Vec<Declared> {
    let mut found = Vec::new();
    walk(spec, document, |field, path, result| {
        found.extend(result.ok().map(|target| Reference { field, path, target }));
    });
    made_of(found, own, profile)
}

/// The relations that references make, sorted by type and target, each once.
pub(super) fn made_of(found: Vec<Reference<'_>>, own: &EntityRef, profile: &Profile) -> Vec<Declared> {
    let related = found.into_iter().filter_map(|it| relate(it, profile));
    sorted(own, related.collect())
}

/// Says so where a field refers to a kind that it is not meant for.
fn judge_kind(
    field: &RelationField,
    path: &FieldPath,
    target: &EntityRef,
    profile: &Profile,
    report: &mut Report<'_>,
) {
    if field.allows(target.kind()) {
        return;
    }
    let dropped = profile.drops_disallowed();
    let severity = profile.severity(DISALLOWED_KIND).or(dropped.then_some(Severity::Warning));
    let Some(severity) = severity else { return };
    let kinds = field.allowed_kinds.join("` or `");
    let end = if dropped { "; the reference is dropped" } else { "" };
    let message = format!("`{}` is for `{kinds}`, not for `{target}`{end}", path.field());
    report.at(Stage::Rules, &path.pointer(), Diagnostic::new(severity, DISALLOWED_KIND, message));
}

/// The relation that a reference makes, if it makes one.
fn relate(reference: Reference<'_>, profile: &Profile) -> Option<Declared> {
    let Reference { field, path, target } = reference;
    let drops = profile.drops_disallowed();
    if drops && !field.allows(target.kind()) {
        return None;
    }
    let paired = !drops || field.pairs_with(target.kind());
    let relation = Relation::new(&*field.outgoing, target);
    Some(Declared { relation, reverse: paired.then(|| field.reverse.clone()), field: path })
}

fn sorted(own: &EntityRef, mut found: Vec<Declared>) -> Vec<Declared> {
    let mirrored: Vec<_> = found.iter().filter_map(|declared| declared.mirrored(own)).collect();
    found.extend(mirrored);
    // Stable: of several fields that declare the same, the first one stays.
    found.sort_by(|a, b| (&a.relation, &a.reverse).cmp(&(&b.relation, &b.reverse)));
    found.dedup_by(|next, first| next.relation == first.relation && next.reverse == first.reverse);
    found
}

fn walk<'k>(
    kind: &'k Spec,
    document: &Json<'_>,
    mut each: impl FnMut(&'k RelationField, FieldPath, Result<EntityRef, Diagnostic>),
) {
    let Some(spec) = document.get("spec") else { return };
    let namespace = document.get("metadata").and_then(|it| it.get("namespace")).and_then(Json::as_str);
    let namespace = namespace.unwrap_or("default");
    for field in &kind.relations {
        match spec.get(&field.field) {
            None => {}
            Some(Json::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    each(field, field.path.item(index), target(field, item, namespace));
                }
            }
            Some(item) if is_falsy(item) || is_placeholder(item) => {}
            Some(item) => each(field, field.path.clone(), target(field, item, namespace)),
        }
    }
}

/// What JavaScript takes for "not given".
fn is_falsy(value: &Json<'_>) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::Text(text) => text.is_empty(),
        _ => false,
    }
}

fn target(field: &RelationField, value: &Json<'_>, namespace: &str) -> Result<EntityRef, Diagnostic> {
    let Json::Text(text) = value else {
        let found = describe(value);
        return Err(Diagnostic::error(
            "bad-reference",
            format!("a reference must be a string, this is {found}"),
        ));
    };
    let namespace = field.default_namespace.as_deref().unwrap_or(namespace);
    let defaults = RefDefaults { kind: field.default_kind.as_deref(), namespace: Some(namespace) };
    EntityRef::parse(text, defaults).map_err(|error| explain(&error, text))
}

fn explain(error: &ParseRefError, text: &str) -> Diagnostic {
    let problem = Diagnostic::error("bad-reference", error.to_string());
    match error {
        ParseRefError::NoKind(_) => {
            problem.help(format!("say what it is, as in `component:{text}` or `resource:{text}`"))
        }
        _ => problem.help("write `name`, `namespace/name` or `kind:namespace/name`"),
    }
}
