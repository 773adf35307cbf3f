//! The relations an entity's fields declare.

use idp_core::{Diagnostic, EntityRef, ParseRefError, Relation, Severity};

use super::FieldPath;
use super::kind::{RelationField, Spec};
use super::profile::{DISALLOWED_KIND, Profile};
use super::report::{Report, Stage};
use super::shape::{describe, is_placeholder};
use crate::form::Blanks;
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
    let Some(severity) = severity_of_kind(profile) else { return };
    let kinds = field.allowed_kinds.join("` or `");
    let end = if profile.drops_disallowed() { "; the reference is dropped" } else { "" };
    let message = format!("`{}` is for `{kinds}`, not for `{target}`{end}", path.field());
    report.at(Stage::Rules, &path.pointer(), Diagnostic::new(severity, DISALLOWED_KIND, message));
}

/// How bad it is that a field refers to a kind that it is not meant for; `None` where nothing is said.
fn severity_of_kind(profile: &Profile) -> Option<Severity> {
    profile.severity(DISALLOWED_KIND).or(profile.drops_disallowed().then_some(Severity::Warning))
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
    let namespace = document.get("metadata").and_then(|it| it.get("namespace")).and_then(Json::as_str);
    let namespace = namespace.unwrap_or("default");
    each_item(kind, document, |field, path, item| {
        if path.index().is_some() || !is_falsy(item) && !is_placeholder(item) {
            each(field, path, target(field, item, namespace));
        }
    });
}

/// Shows what stands in the fields that are relations.
fn each_item<'k, 'v, 't>(
    kind: &'k Spec,
    document: &'v Json<'t>,
    mut each: impl FnMut(&'k RelationField, FieldPath, &'v Json<'t>),
) {
    let Some(spec) = document.get("spec") else { return };
    for field in &kind.relations {
        match spec.get(&field.field) {
            None => {}
            Some(Json::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    each(field, field.path.item(index), item);
                }
            }
            Some(item) => each(field, field.path.clone(), item),
        }
    }
}

/// Where documents of a form have references, of a kind that is the same for all of them.
#[derive(Debug)]
pub(super) struct ReferenceBlank<'k> {
    field: &'k RelationField,
    path: FieldPath,
    blank: usize,
}

/// The references of a form, given a document of it about which there is nothing to say. `None` where they depend on more
/// than its texts.
pub(super) fn blanks<'k>(
    spec: &'k Spec,
    document: &Json<'_>,
    form: &Blanks<'_>,
) -> Option<Vec<ReferenceBlank<'k>>> {
    let (mut found, mut are_texts) = (Vec::new(), true);
    each_item(spec, document, |field, path, item| match item {
        Json::Text(text) => match form.find(text) {
            Some(blank) if !text.is_empty() => found.push(ReferenceBlank { field, path, blank }),
            _ => are_texts = false,
        },
        // What is not given in one document of the form is given in none.
        item => are_texts &= is_falsy(item),
    });
    are_texts.then_some(found)
}

impl<'k> ReferenceBlank<'k> {
    /// The reference that a document has there, if there is nothing to say about it.
    pub(super) fn read(&self, texts: &[&str], namespace: &str, profile: &Profile) -> Option<Reference<'k>> {
        let Self { field, path, blank } = self;
        // One that is not given cannot be read either.
        let text = texts.get(*blank)?;
        let target = EntityRef::parse(text, field.defaults(namespace)).ok()?;
        let is_fine = field.allows(target.kind()) || severity_of_kind(profile).is_none();
        is_fine.then(|| Reference { field, path: path.clone(), target })
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
    EntityRef::parse(text, field.defaults(namespace)).map_err(|error| explain(&error, text))
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
