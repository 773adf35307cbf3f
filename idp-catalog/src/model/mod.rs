//! The model: which entities there can be, and whether a document is one.

mod envelope;
mod field_path;
mod format;
mod kind;
mod policy;
mod relations;
mod report;
mod shape;
mod verdict;

use std::sync::Arc;

use idp_core::{Diagnostic, Entity, EntityRef, SourceText};
use serde_json::{Map, Value};

pub use field_path::FieldPath;
pub use kind::{Kind, RelationField};
pub use relations::Declared;
use report::Report;
pub use report::Stage;
pub use shape::{Field, Shape};

use crate::yaml::YamlDocument;

/// The kinds a catalog knows. A value: hosts add their own kinds to it.
///
/// ```
/// use idp_catalog::{Kind, Model, YamlLimits, parse_yaml};
/// use idp_core::SourceText;
///
/// let model = Model::backstage().with(Kind::new("Queue", ["acme.io/v1"]));
/// let file = SourceText::new("queue.yaml", "apiVersion: acme.io/v1\nkind: Queue\nmetadata:\n  name: orders\n");
/// let verdict = model.judge(&file, &parse_yaml(&file, &YamlLimits::default())[0]);
/// assert!(verdict.is_valid(), "{:?}", verdict.diagnostics);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    kinds: Vec<Kind>,
}

/// What the model says about one document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Who the document says it is, where it has a usable envelope.
    pub entity_ref: Option<EntityRef>,
    /// The entity, where the document has a usable envelope. It is valid only if [`Verdict::is_valid`].
    pub entity: Option<Entity>,
    /// The relations it declares, sorted by type and target.
    pub relations: Vec<Declared>,
    /// The first stage that refused it.
    pub stage: Option<Stage>,
    /// Everything there is to say about it, of every stage.
    pub diagnostics: Vec<Diagnostic>,
}

impl Verdict {
    /// Whether no stage refused it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.stage.is_none()
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::backstage()
    }
}

impl Model {
    /// The kinds every Backstage knows: Component, API, Resource, System, Domain, Group, User, Location, Template.
    #[must_use]
    pub fn backstage() -> Self {
        Self { kinds: kind::backstage() }
    }

    /// No kinds at all.
    #[must_use]
    pub fn empty() -> Self {
        Self { kinds: Vec::new() }
    }

    /// Adds a kind. One declared later for the same name and `apiVersion` replaces the earlier one.
    #[must_use]
    pub fn with(mut self, kind: Kind) -> Self {
        self.kinds.insert(0, kind);
        self
    }

    /// The kinds, the most recently added first.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// Judges one document: every problem, the first stage that refuses, the relations. A blank document is valid
    /// and no entity.
    #[must_use]
    pub fn judge(&self, source: &SourceText, document: &YamlDocument) -> Verdict {
        let mut report = Report::new(source, document);
        let mut entity = None;
        let mut relations = Vec::new();
        if let Some(value) = document.value.as_ref().filter(|_| !document.is_blank() && !document.is_broken())
        {
            entity = Entity::from_shared(Arc::clone(value)).ok();
            if let Some(root) = envelope::check(value, &mut report) {
                policy::check(root, &mut report);
                relations = self.judge_kind(root, value, entity.as_ref(), &mut report);
            }
        }
        let (stage, diagnostics) = report.into_parts();
        Verdict {
            entity_ref: entity.as_ref().map(|entity| entity.entity_ref().clone()),
            entity,
            relations,
            stage,
            diagnostics,
        }
    }

    /// The relations of an entity that was found valid before.
    #[must_use]
    pub fn relations(&self, entity: &Entity) -> Vec<Declared> {
        let kind = self.find(entity.kind(), entity.api_version());
        kind.map(|kind| relations::of_valid(kind, entity)).unwrap_or_default()
    }

    fn judge_kind(
        &self,
        root: &Map<String, Value>,
        value: &Value,
        entity: Option<&Entity>,
        report: &mut Report<'_>,
    ) -> Vec<Declared> {
        let text = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, api_version) = (text("kind"), text("apiVersion"));
        if name.is_empty() || api_version.is_empty() {
            return Vec::new();
        }
        let Some(kind) = self.find(name, api_version) else {
            self.unknown(name, api_version, report);
            return Vec::new();
        };
        schema(kind, value, report);
        entity.map(|entity| relations::declared(kind, entity, report)).unwrap_or_default()
    }

    fn find(&self, name: &str, api_version: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| kind.name == name && kind.api_versions.iter().any(|it| it == api_version))
    }

    /// Explains why no kind matches.
    fn unknown(&self, name: &str, api_version: &str, report: &mut Report<'_>) {
        let versions: Vec<&str> = self
            .kinds
            .iter()
            .filter(|it| it.name == name)
            .flat_map(|it| &it.api_versions)
            .map(|it| &**it)
            .collect();
        if versions.is_empty() {
            let problem = Diagnostic::error("unknown-kind", format!("no kind `{name}` is known"));
            let help = match crate::similar(name, self.kinds.iter().map(|it| &it.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare the kind to the catalog's model, or remove the document".to_owned(),
            };
            report.at(Stage::Kind, "/kind", problem.help(help));
        } else {
            let message = format!("the kind `{name}` is not known under the apiVersion `{api_version}`");
            let help = format!("use `{}`", versions.join("` or `"));
            report.at(
                Stage::Kind,
                "/apiVersion",
                Diagnostic::error("unknown-api-version", message).help(help),
            );
        }
    }
}

fn schema(kind: &Kind, value: &Value, report: &mut Report<'_>) {
    let shape = kind.shape();
    match value.get("spec") {
        Some(spec) if spec.is_object() => verdict::check(Stage::Schema, &shape, spec, "/spec", report),
        // Something else than an object was reported already.
        Some(_) => {}
        None if kind.fields.is_empty() => {}
        None => {
            let message = format!("an entity of kind `{}` needs a `spec`", kind.name);
            report.at(Stage::Schema, "", Diagnostic::error("missing-field", message));
        }
    }
}
