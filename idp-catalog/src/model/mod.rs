//! The model: which entities there can be, and whether a document is one.

mod demands;
mod depth;
mod envelope;
mod field_path;
mod format;
mod kind;
mod layer;
mod pointer;
mod policy;
mod profile;
mod relations;
mod report;
mod rule;
mod shape;
mod strict;
mod verdict;

use std::sync::Arc;

use idp_core::{Diagnostic, Digest, Entity, EntityRef, Error, Result, SourceText};

pub(crate) use demands::Demands;
pub use field_path::FieldPath;
use kind::Spec;
pub use kind::{Kind, RelationField};
use layer::{Composed, Layer};
use pointer::Pointer;
pub(crate) use profile::DANGLING_REFERENCE;
use profile::MISSPELT_FIELD;
pub use profile::{Profile, RelationFlow};
pub use relations::Declared;
pub(crate) use report::More;
use report::Report;
pub use report::Stage;
use rule::{KeyRule, Rule};
pub use shape::{Field, Shape, TextRule};

use crate::json::Json;
use crate::yaml::YamlDocument;

/// The kinds a catalog knows, and the rules it keeps. A value: hosts add their own to it, as data or in code.
///
/// ```
/// use idp_catalog::{Model, YamlLimits, parse_yaml};
/// use idp_core::SourceText;
///
/// let layer = SourceText::new("acme.yaml", "
/// layer: acme
/// kinds:
///   - kind: Queue
///     apiVersions: [acme.io/v1]
///     spec: {required: [owner], properties: {owner: {type: string}}}
///     relations: [{field: owner, type: ownedBy, reverse: ownerOf, defaultKind: Group}]
/// ");
/// let model = Model::backstage().with_layers([layer])?;
/// let text = "apiVersion: acme.io/v1\nkind: Queue\nmetadata: {name: orders}\nspec: {owner: shop}\n";
/// let file = SourceText::new("queue.yaml", text);
/// let verdict = model.judge(&file, &parse_yaml(&file, &YamlLimits::default())[0]);
/// assert!(verdict.is_valid(), "{:?}", verdict.diagnostics);
/// assert_eq!(verdict.relations[0].relation.target_ref.as_str(), "group:default/shop");
/// # Ok::<(), idp_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Model {
    layers: Vec<Arc<Layer>>,
    /// Kinds that were added in code, the last first. They stand before those of the layers.
    added: Vec<Arc<Kind>>,
    kinds: Vec<Arc<Kind>>,
    annotations: Vec<KeyRule>,
    labels: Vec<KeyRule>,
    rules: Vec<Rule>,
    metadata: Shape,
    profile: Profile,
}

/// The built-in layer.
const BACKSTAGE: &str = include_str!("layers/backstage.yaml");

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

/// What a document says.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Who it is.
    pub(crate) entity_ref: EntityRef,
    /// What it declares.
    pub(crate) relations: Vec<Declared>,
}

impl Verdict {
    /// Whether no stage refused it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.stage.is_none()
    }

    /// Adds a reason to refuse it.
    pub(crate) fn refuse(&mut self, stage: Stage, problem: Diagnostic) {
        self.stage = Some(self.stage.map_or(stage, |first| first.min(stage)));
        self.diagnostics.push(problem);
        self.diagnostics.sort_by_key(|it| it.place.as_ref().map(|place| place.span.start));
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
        let mut model = Self::empty();
        model.layers.extend(Layer::own("backstage.yaml", BACKSTAGE).map(Arc::new));
        // A test holds that it is a good one.
        model.with_layers([]).unwrap_or_else(|_| Self::empty())
    }

    /// No kinds at all.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            layers: Vec::new(),
            added: Vec::new(),
            kinds: Vec::new(),
            annotations: Vec::new(),
            labels: Vec::new(),
            rules: Vec::new(),
            metadata: policy::metadata_shape(),
            profile: Profile::default(),
        }
    }

    /// A layer that comes with the library and is not part of [`Model::backstage`], by its name. `ai` is what
    /// Backstage's optional AI module adds: `AiResource`, and APIs of type `mcp-server`.
    #[must_use]
    pub fn optional_layer(name: &str) -> Option<SourceText> {
        (name == "ai").then(|| SourceText::new("ai.yaml", include_str!("layers/ai.yaml")))
    }

    /// Adds layers: YAML or JSON files that declare kinds, annotations, labels and rules, update what other layers
    /// declare, or remove it. All layers together are declared first, then updated, then removed from, so that
    /// their order matters only among updates. Two that declare the same are one.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic for everything that is wrong in a layer, and for
    /// everything in which two of them contradict each other.
    pub fn with_layers(mut self, layers: impl IntoIterator<Item = SourceText>) -> Result<Self> {
        let mut problems = Vec::new();
        for source in layers {
            match Layer::read(&source) {
                Ok(layer) => self.layers.push(Arc::new(layer)),
                Err(diagnostics) => problems.extend(diagnostics),
            }
        }
        if !problems.is_empty() {
            return Err(Error::diagnosed(problems));
        }
        let Composed { kinds, annotations, labels, rules } =
            layer::compose(self.layers.iter().map(|it| &**it)).map_err(Error::diagnosed)?;
        let kinds = self.added.iter().cloned().chain(kinds.into_iter().map(Arc::new)).collect();
        Ok(Self { kinds, annotations, labels, rules, ..self })
    }

    /// Adds a kind. One added later for the same name and `apiVersion` replaces the earlier one.
    #[must_use]
    pub fn with(mut self, kind: Kind) -> Self {
        let kind = Arc::new(kind);
        self.added.insert(0, Arc::clone(&kind));
        self.kinds.insert(0, kind);
        self
    }

    /// Asks this much of descriptors.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// How much it asks of descriptors.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The kinds, those added in code first, the last of them foremost.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().map(|kind| &**kind)
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
            if depth::check(value, &mut report) {
                let examined = self.examine(&Json::from(&**value), &mut report);
                if let Some((examined, entity)) = examined.zip(entity.as_ref()) {
                    relations = examined.relations;
                    rule::check(&self.rules, entity, &relations, &self.profile, &mut report);
                }
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

    /// What a document says, where there is nothing at all to say about it. Where this does not know, [`Model::judge`]
    /// does: it takes a document's own tree, which costs several times as much as looking at the text it was read from.
    pub(crate) fn approve(&self, document: &Json<'_>) -> Option<Examined> {
        if !self.rules.is_empty() || !depth::is_shallow(document) {
            return None;
        }
        let mut report = Report::default();
        self.examine(document, &mut report).filter(|_| report.is_blank())
    }

    /// Everything that is asked of every document, but for the rules that layers add for whole entities. What it says,
    /// where its envelope can be used and its kind is known.
    fn examine(&self, document: &Json<'_>, report: &mut Report<'_>) -> Option<Examined> {
        let root = envelope::check(document, report)?;
        policy::check(root, &self.metadata, report);
        strict::check_keys(document, &Pointer::new(""), report);
        if report.is_settled() { None } else { self.examine_kind(document, report) }
    }

    /// The relations of an entity that was found valid before.
    #[must_use]
    pub fn relations(&self, entity: &Entity) -> Vec<Declared> {
        self.relations_of(entity.entity_ref(), &Json::from(entity.as_value()))
    }

    /// As [`Model::relations`], of the entity's document.
    pub(crate) fn relations_of(&self, own: &EntityRef, document: &Json<'_>) -> Vec<Declared> {
        let Some((_, spec)) = self.kind_of(document) else { return Vec::new() };
        relations::declared(spec, own, document, &self.profile)
    }

    /// The kind that a document is of, and what its `spec` is to hold.
    fn kind_of(&self, document: &Json<'_>) -> Option<(&Kind, &Spec)> {
        let text = |key: &str| document.get(key).and_then(Json::as_str);
        let kind = self.find(text("kind")?, text("apiVersion")?)?;
        let r#type = document.get("spec").and_then(|spec| spec.get("type"));
        Some((kind, kind.spec_of(r#type.and_then(Json::as_str))))
    }

    /// What the relations of entities depend on.
    pub(crate) fn relations_digest(&self) -> Digest {
        let kinds = self.kinds.iter().map(|kind| kind.relations());
        let parts: Vec<String> = kinds.chain([format!("{:?}", self.profile)]).collect();
        Digest::of_parts(parts.iter().map(String::as_bytes))
    }

    fn examine_kind(&self, document: &Json<'_>, report: &mut Report<'_>) -> Option<Examined> {
        let Some((kind, spec)) = self.kind_of(document) else {
            let text = |key: &str| document.get(key).and_then(Json::as_str).unwrap_or_default();
            self.unknown(text("kind"), text("apiVersion"), report);
            return None;
        };
        schema(kind, spec, document, report);
        self.misspelt(spec, document, report);
        let entity_ref = envelope::identity(document)?;
        let references = relations::check(spec, document, &self.profile, report);
        rule::check_keys(&self.annotations, "annotations", document, report);
        rule::check_keys(&self.labels, "labels", document, report);
        let relations = relations::made_of(references, &entity_ref, &self.profile);
        Some(Examined { entity_ref, relations })
    }

    /// Reports fields that are hardly meant, where the profile looks for them.
    fn misspelt(&self, spec: &Spec, document: &Json<'_>, report: &mut Report<'_>) {
        let Some(severity) = self.profile.severity(MISSPELT_FIELD) else { return };
        let shapes = [("metadata", Some(&self.metadata)), ("spec", spec.shape.as_ref())];
        for (field, shape) in shapes {
            if let (Some(shape), Some(value)) = (shape, document.get(field)) {
                Pointer::new("")
                    .with_key(field, |at| strict::check_fields(shape, value, severity, at, report));
            }
        }
    }

    fn find(&self, name: &str, api_version: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| kind.name == name && kind.api_versions.iter().any(|it| it == api_version))
            .map(|kind| &**kind)
    }

    /// Explains why no kind matches.
    fn unknown(&self, name: &str, api_version: &str, report: &mut Report<'_>) {
        if name.is_empty() || api_version.is_empty() {
            // That was said when the envelope was looked at.
            return;
        }
        let versions: Vec<&str> = self
            .kinds
            .iter()
            .filter(|it| it.name == name)
            .flat_map(|it| &it.api_versions)
            .map(|it| &**it)
            .collect();
        if versions.is_empty() {
            let problem = Diagnostic::error("unknown-kind", format!("no kind `{name}` is known"));
            let help = match idp_core::similar(name, self.kinds.iter().map(|it| &it.name)) {
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

fn schema(kind: &Kind, spec: &Spec, document: &Json<'_>, report: &mut Report<'_>) {
    let Some(shape) = &spec.shape else { return };
    match document.get("spec") {
        Some(value) if value.as_object().is_some() => {
            verdict::check(Stage::Schema, shape, value, "/spec", report)
        }
        // Something else than an object was reported already.
        Some(_) => {}
        None => {
            let message = format!("an entity of kind `{}` needs a `spec`", kind.name);
            report.at(Stage::Schema, "", Diagnostic::error("missing-field", message));
        }
    }
}

#[cfg(test)]
mod tests;
