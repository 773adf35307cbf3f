//! The relations an entity's fields declare.

use idp_core::{Diagnostic, Entity, EntityRef, ParseRefError, RefDefaults, Relation};
use serde_json::Value;

use super::FieldPath;
use super::kind::{Kind, RelationField};
use super::report::{Report, Stage};
use super::shape::{child_pointer, describe_value, is_placeholder};

/// An edge as its declaring entity sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// From the entity to the target.
    pub relation: Relation,
    /// The type of the edge back, from the target to the entity.
    pub reverse: String,
    /// The field that declares it; of several the first.
    pub field: FieldPath,
}

impl Declared {
    /// The edge back, where the entity names itself: then it leaves the same entity.
    fn mirrored(&self, own: &EntityRef) -> Option<Self> {
        let relation = Relation::new(&*self.reverse, own.clone());
        (self.relation.target_ref == *own).then(|| Self {
            relation,
            reverse: self.relation.r#type.clone(),
            field: self.field.clone(),
        })
    }
}

/// Reads the relations of an entity of a kind, sorted by type and target, each once. References that cannot be
/// read are reported.
pub(super) fn declared(kind: &Kind, entity: &Entity, report: &mut Report<'_>) -> Vec<Declared> {
    let mut found = Vec::new();
    walk(kind, entity, |at, result| match result {
        Ok(declared) => found.push(declared),
        Err(problem) => report.at(Stage::Relations, &at, problem),
    });
    sorted(entity, found)
}

/// The relations of an entity known to be valid.
pub(super) fn of_valid(kind: &Kind, entity: &Entity) -> Vec<Declared> {
    let mut found = Vec::new();
    walk(kind, entity, |_, result| found.extend(result.ok()));
    sorted(entity, found)
}

fn sorted(entity: &Entity, mut found: Vec<Declared>) -> Vec<Declared> {
    let own: Vec<_> = found.iter().filter_map(|declared| declared.mirrored(entity.entity_ref())).collect();
    found.extend(own);
    // Stable: of several fields that declare the same, the first one stays.
    found.sort_by(|a, b| (&a.relation, &a.reverse).cmp(&(&b.relation, &b.reverse)));
    found.dedup_by(|next, first| next.relation == first.relation && next.reverse == first.reverse);
    found
}

fn walk(kind: &Kind, entity: &Entity, mut each: impl FnMut(String, Result<Declared, Diagnostic>)) {
    let Some(spec) = entity.spec() else { return };
    for field in &kind.relations {
        let Some(value) = spec.get(&field.field) else { continue };
        let pointer = child_pointer("/spec", &field.field);
        let path = FieldPath::new(format!("spec.{}", field.field));
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    each(format!("{pointer}/{index}"), target(field, path.item(index), item, entity));
                }
            }
            item if is_falsy(item) || is_placeholder(item) => {}
            item => each(pointer, target(field, path, item, entity)),
        }
    }
}

/// What JavaScript takes for "not given".
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn target(
    field: &RelationField,
    path: FieldPath,
    value: &Value,
    entity: &Entity,
) -> Result<Declared, Diagnostic> {
    let Value::String(text) = value else {
        let found = describe_value(value);
        return Err(Diagnostic::error(
            "bad-reference",
            format!("a reference must be a string, this is {found}"),
        ));
    };
    let defaults = RefDefaults { kind: field.default_kind.as_deref(), namespace: Some(entity.namespace()) };
    let target = EntityRef::parse(text, defaults).map_err(|error| explain(&error, text))?;
    let relation = Relation::new(&*field.outgoing, target);
    Ok(Declared { relation, reverse: field.reverse.clone(), field: path })
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
