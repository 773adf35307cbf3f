//! What is asked of documents that have one form.

use idp_core::EntityRef;

use super::format::Format;
use super::profile::Profile;
use super::relations::{self, ReferenceBlank};
use super::shape::Shape;
use super::{Examined, Model, policy};
use crate::form::Blanks;
use crate::json::Json;

/// What is asked of the texts of documents that have the form of one that was found good. It is all that is left to ask:
/// the rest is the same for all of them.
#[derive(Debug)]
pub(crate) struct Demands<'m> {
    kind: String,
    name: usize,
    namespace: Option<usize>,
    texts: Vec<(usize, Demand<'m>)>,
    references: Vec<ReferenceBlank<'m>>,
    profile: &'m Profile,
}

/// What is asked of a text.
#[derive(Debug)]
enum Demand<'m> {
    Format(Format),
    Shape(&'m Shape),
}

impl Demand<'_> {
    fn is_met(&self, text: &str) -> bool {
        match self {
            Self::Format(format) => format.allows(text),
            Self::Shape(shape) => shape.accepts_text(text),
        }
    }
}

impl Model {
    /// The values in a document that must have a shape, and those.
    fn shapes<'m, 'v, 't>(
        &'m self,
        document: &'v Json<'t>,
        metadata: &'v Json<'t>,
        kind: &str,
        spec: Option<&'m Shape>,
    ) -> Vec<(&'m Shape, &'v Json<'t>)> {
        let rules = [("annotations", &self.annotations), ("labels", &self.labels)];
        let ruled = rules.into_iter().flat_map(|(field, rules)| {
            let rules = rules.iter().filter(|rule| rule.is_for(kind));
            rules.filter_map(move |rule| Some((&rule.shape, metadata.get(field)?.get(&rule.key)?)))
        });
        let spec = spec.and_then(|shape| Some((shape, document.get("spec")?)));
        [(&self.metadata, metadata)].into_iter().chain(spec).chain(ruled).collect()
    }
}

impl<'m> Demands<'m> {
    /// What is asked of documents with the form of one that a model approves of. `None` where that depends on more than
    /// single texts.
    pub(crate) fn of(model: &'m Model, document: &Json<'_>, form: &Blanks<'_>) -> Option<Self> {
        let (kind, spec) = model.kind_of(document)?;
        let metadata = document.get("metadata")?;
        let blank = |key: &str| form.find(metadata.get(key)?.as_str()?);
        let mut demands = Self {
            kind: kind.name.clone(),
            name: blank("name")?,
            namespace: blank("namespace"),
            texts: Vec::new(),
            references: relations::blanks(spec, document, form)?,
            profile: &model.profile,
        };
        let mut add = |text: &str, demand| demands.texts.extend(form.find(text).map(|blank| (blank, demand)));
        policy::each_format(document.as_object()?, |text, format, _| add(text, Demand::Format(format)));
        let shapes = model.shapes(document, metadata, &kind.name, spec.shape.as_ref());
        let are_texts = shapes
            .into_iter()
            .all(|(shape, value)| shape.each_text(value, &mut |text, shape| add(text, Demand::Shape(shape))));
        are_texts.then_some(demands)
    }

    /// What a document of the form says, given its texts, where there is nothing at all to say about it.
    pub(crate) fn approve(&self, texts: &[&str]) -> Option<Examined> {
        if !self.texts.iter().all(|(blank, demand)| texts.get(*blank).is_some_and(|text| demand.is_met(text)))
        {
            return None;
        }
        let namespace = self.namespace.map_or(Some("default"), |blank| texts.get(blank).copied())?;
        let entity_ref = EntityRef::new(&self.kind, namespace, texts.get(self.name)?).ok()?;
        let read = |it: &ReferenceBlank<'m>| it.read(texts, namespace, self.profile);
        let references = self.references.iter().map(read).collect::<Option<_>>()?;
        let relations = relations::made_of(references, &entity_ref, self.profile);
        Some(Examined { entity_ref, relations })
    }
}
