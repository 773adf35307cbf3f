//! The template as its author wrote it.

use std::collections::BTreeMap;
use std::sync::Arc;

use idp_core::{Digest, Entity, EntityRef, Error, Place, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::parameters::{FieldError, FormPage, Validators, find};
use crate::places::Places;

/// The `apiVersion` of templates.
pub const TEMPLATE_API_VERSION: &str = "scaffolder.backstage.io/v1beta3";

/// A template (`scaffolder.backstage.io/v1beta3`) and the place its relative URLs start from.
#[derive(Clone, Debug)]
pub struct Template {
    entity: Entity,
    base: Option<Url>,
    root: Option<Url>,
    spec: Arc<TemplateSpec>,
    validators: Arc<Validators>,
    places: Option<Arc<dyn Places>>,
}

/// The part of a template that the engine acts on. Unknown fields are kept in the entity and passed over here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TemplateSpec {
    /// What kind of thing it makes: `service`, `website`.
    pub r#type: String,
    /// Forms of parameters: one, or one a page.
    #[serde(default)]
    pub parameters: Pages,
    /// The schema of the secrets a run needs.
    #[serde(default)]
    pub secrets: SecretsSpec,
    /// What it does, in order.
    pub steps: Vec<StepSpec>,
    /// What a run answers, rendered at its end.
    #[serde(default)]
    pub output: Value,
}

/// Pages of parameters; a single form is one page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub struct Pages(pub Vec<Value>);

impl From<Value> for Pages {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self(Vec::new()),
            Value::Array(pages) => Self(pages),
            page => Self(vec![page]),
        }
    }
}

/// What a template says about secrets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SecretsSpec {
    /// A JSON schema over the map of secrets.
    pub schema: Option<Value>,
}

/// One step as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StepSpec {
    /// The step's id; [`Template::steps`] fills in `step-<n>`.
    #[serde(default)]
    pub id: Option<String>,
    /// The step's name, for a person.
    #[serde(default)]
    pub name: Option<String>,
    /// The action it names.
    pub action: String,
    /// The input, with expressions.
    #[serde(default)]
    pub input: Option<Map<String, Value>>,
    /// Whether it runs: a boolean, or text with expressions.
    #[serde(default)]
    pub r#if: Option<Value>,
    /// What it repeats for.
    #[serde(default)]
    pub each: Option<Value>,
}

/// One step, with its id and name filled in.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Position, from 0.
    pub index: usize,
    /// What was written.
    pub spec: &'a StepSpec,
}

impl Step<'_> {
    /// The id as written, or `step-<n>` counted from 1.
    pub fn id(&self) -> String {
        self.spec.id.clone().unwrap_or_else(|| format!("step-{}", self.index + 1))
    }

    /// The name as written, or the action.
    pub fn name(&self) -> &str {
        self.spec.name.as_deref().unwrap_or(&self.spec.action)
    }
}

impl Template {
    /// Reads a template from its entity. Relative URLs in it start from `base`, the URL of the folder it stands in.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] where it is no template, or its spec is not of the form the engine needs.
    pub fn from_entity(entity: Entity, base: Option<Url>) -> Result<Self> {
        if entity.kind() != "Template" || entity.api_version() != TEMPLATE_API_VERSION {
            return Err(Error::invalid(format!(
                "not a template: need kind `Template` of `{TEMPLATE_API_VERSION}`"
            ))
            .with("entity", entity.entity_ref())
            .with("apiVersion", entity.api_version()));
        }
        let spec = entity.spec().cloned().map(Value::Object).unwrap_or_default();
        let spec: TemplateSpec = serde_json::from_value(spec).map_err(|error| {
            Error::invalid("the template's spec is not usable")
                .with("template", entity.entity_ref())
                .because(error)
        })?;
        let validators = Arc::default();
        Ok(Self { entity, root: base.clone(), base, spec: Arc::new(spec), validators, places: None })
    }

    /// Lets its relative URLs reach up to `root`: the repository that it is part of, where skeletons are shared. Without
    /// this they stay in the template's own folder.
    ///
    /// # Errors
    /// [`idp_core::ErrorKind::InvalidInput`] where the template does not stand below `root`.
    pub fn within(mut self, root: Url) -> Result<Self> {
        if self.base.as_ref().is_none_or(|base| !base.as_str().starts_with(root.as_str())) {
            return Err(Error::invalid("the template does not stand below this folder").with("root", root));
        }
        self.root = Some(root);
        Ok(self)
    }

    /// Knows where its parts stand in its file: what is wrong with parameters then points at the rule there.
    #[must_use]
    pub fn at(mut self, places: Arc<dyn Places>) -> Self {
        self.places = Some(places);
        self
    }

    /// Its forms, each as a plain JSON schema and a UI schema, for a front end.
    pub fn forms(&self) -> Vec<FormPage> {
        self.spec.parameters.0.iter().map(FormPage::of).collect()
    }

    /// The schema of a field, on whichever page or branch of the forms it is: `["database", "size"]`.
    pub fn field_schema(&self, path: &[String]) -> Option<&Value> {
        find(&self.spec.parameters.0, path).map(|field| field.schema().0)
    }

    /// Its schemas, read once.
    pub(crate) fn validators(&self) -> &Validators {
        &self.validators
    }

    /// Where a page of parameters stands in the document: a form of one page stands there itself.
    pub(crate) fn page_pointer(&self, index: usize) -> String {
        match self.entity.spec().and_then(|spec| spec.get("parameters")) {
            Some(Value::Array(_)) => format!("/spec/parameters/{index}"),
            _ => "/spec/parameters".to_owned(),
        }
    }

    /// Points an error at its rule in the file.
    pub(crate) fn locate(&self, error: &mut FieldError) {
        let Some(places) = self.places.as_ref().filter(|_| !error.rule.is_empty()) else { return };
        error.place = Some(Place { source: places.source().clone(), span: places.value(&error.rule) });
    }

    /// What relative URLs cannot leave.
    pub fn root(&self) -> Option<&Url> {
        self.root.as_ref()
    }

    /// Its reference.
    pub fn entity_ref(&self) -> &EntityRef {
        self.entity.entity_ref()
    }

    /// The whole document.
    pub fn entity(&self) -> &Entity {
        &self.entity
    }

    /// What the engine acts on.
    pub fn spec(&self) -> &TemplateSpec {
        &self.spec
    }

    /// Where relative URLs start.
    pub fn base(&self) -> Option<&Url> {
        self.base.as_ref()
    }

    /// The content address of the document.
    pub fn digest(&self) -> Digest {
        Digest::of_json(self.entity.as_value())
    }

    /// The steps in order.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.spec.steps.iter().enumerate().map(|(index, spec)| Step { index, spec })
    }

    /// Ids that more than one step has, with how often.
    pub fn duplicate_ids(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for step in self.steps() {
            *counts.entry(step.id()).or_insert(0) += 1;
        }
        counts.retain(|_, count| *count > 1);
        counts
    }
}
