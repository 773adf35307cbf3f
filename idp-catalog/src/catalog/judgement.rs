//! What becomes of one document.

use std::borrow::Cow;

use idp_core::{EntityRef, SourceText};

use super::judged::Said;
use super::judging::Remark;
use super::links;
use super::practice::Practice;
use crate::body::{Body, Packer};
use crate::json::Json;
use crate::model::Examined;
use crate::parsed::Unit;
use crate::snapshot::{Sketch, Sketched};
use crate::{Model, Stage, YamlDocument, YamlLimits};

/// What documents are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) model: &'a Model,
    pub(super) limits: &'a YamlLimits,
    pub(super) packer: &'a Packer,
}

/// What became of a document.
pub(super) struct Judgement {
    /// `None` where it does not even say which entity it means.
    pub(super) entity_ref: Option<EntityRef>,
    pub(super) said: Said,
}

impl Judgement {
    /// Of a document about which there is nothing to say.
    fn of(examined: Examined, body: Body, sketched: Option<Sketched>) -> Self {
        let said = Said { body: Some(body), incomplete: false, diagnostics: Vec::new(), sketched };
        Self { entity_ref: Some(examined.entity_ref), said }
    }
}

impl<'a> Judge<'a> {
    /// Judges a document by itself; nothing where there is none. What the index takes of a valid one is added to what is
    /// sketched in practice.
    pub(super) fn of_unit(self, unit: &Unit, practice: &mut Practice<'a>) -> Option<Judgement> {
        self.approved(unit, practice).or_else(|| {
            let (text, document) = unit.read(self.limits);
            let judge = || self.of_document(&text, &document, Vec::new(), practice.sketch.as_mut());
            (!document.is_blank()).then(judge)
        })
    }

    /// What becomes of a line about which there is nothing to say: nobody makes a tree of it.
    fn approved(self, unit: &Unit, practice: &mut Practice<'a>) -> Option<Judgement> {
        let text = unit.line(self.limits)?;
        if let Some((examined, sketched)) = practice.approve(text) {
            return Some(Judgement::of(examined, self.packer.pack_text(text), sketched));
        }
        let document: Json<'_> = serde_json::from_str(text).ok()?;
        let examined = self.model.approve(&document)?;
        if links::texts(&document).any(links::runs_script) {
            return None;
        }
        let written = canonical(text.trim(), &document)?;
        if *written == *text {
            practice.learn(self.model, text, &document);
        }
        let body = self.packer.pack_text(&written);
        let sketched = practice.sketch.as_mut().map(|sketch| sketch.add(&examined.relations, document));
        Some(Judgement::of(examined, body, sketched))
    }

    /// Judges a document, about which there may be something to say already.
    pub(super) fn of_document(
        self,
        source: &SourceText,
        document: &YamlDocument,
        remarks: Vec<Remark>,
        sketch: Option<&mut Sketch>,
    ) -> Judgement {
        let mut verdict = self.model.judge(source, document);
        links::disarm(&mut verdict, source, document);
        for Remark { stage, problem } in remarks {
            verdict.refuse(stage, problem);
        }
        let entity = verdict.entity.as_ref().filter(|_| verdict.is_valid());
        let add = |sketch: &mut Sketch| -> Option<Sketched> {
            Some(sketch.add(&verdict.relations, entity?.as_value().into()))
        };
        let said = Said {
            body: entity.map(|entity| self.packer.pack(entity)),
            incomplete: verdict.stage == Some(Stage::Content),
            diagnostics: verdict.diagnostics.iter().map(Into::into).collect(),
            sketched: sketch.and_then(add),
        };
        Judgement { entity_ref: verdict.entity_ref, said }
    }

    /// Has the packer learn from some documents.
    pub(super) fn learn<T: Sync>(self, units: &[T], unit: impl Fn(&T) -> &Unit + Sync) {
        self.packer.learn(units, |it| {
            let approved = |text: &str| -> Option<String> {
                let document: Json<'_> = serde_json::from_str(text).ok()?;
                self.model.approve(&document)?;
                canonical(text.trim(), &document).map(Cow::into_owned)
            };
            if let Some(text) = unit(it).line(self.limits).and_then(approved) {
                return Some(text);
            }
            let (text, document) = unit(it).read(self.limits);
            self.model.judge(&text, &document).entity.map(|entity| entity.as_value().to_string())
        });
    }
}

/// A document as whoever makes a tree of it would write it, so that the same is packed as the same. Most are written so.
fn canonical<'t>(text: &'t str, document: &Json<'_>) -> Option<Cow<'t, str>> {
    if document.is_written_as(text) {
        return Some(Cow::Borrowed(text));
    }
    serde_json::to_string(document).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use idp_core::{Content, Document};

    use super::*;
    use crate::parsed;

    #[test]
    fn what_is_learnt_is_what_is_packed_however_it_is_written() {
        let (model, limits) = (Model::backstage(), YamlLimits::default());
        let spec = r#"{"type": "service", "lifecycle": "production", "owner": "group:default/shop"}"#;
        let line = |number| {
            let metadata = format!(r#"{{"name": "orders-{number}"}}"#);
            let kind = r#""apiVersion": "backstage.io/v1alpha1", "kind": "Component""#;
            format!("{{{kind}, \"metadata\": {metadata}, \"spec\": {spec}}}\n")
        };
        let spaced: String = (0..300).map(line).collect();
        let packed = [spaced.clone(), spaced.replace(": ", ":").replace(", ", ",")].map(|text| {
            let packer = Packer::default();
            let judge = Judge { model: &model, limits: &limits, packer: &packer };
            let content = Content::Lines { text, first: 1 };
            let units = parsed::units(Document { location: "all.ndjson".into(), content }, &limits);
            judge.learn(&units, |unit| unit);
            judge.of_unit(&units[7], &mut Practice::default()).unwrap().said.body.unwrap().bytes().to_vec()
        });
        assert_eq!(packed[0], packed[1]);
        assert!(packed[0].len() < 40, "{}", packed[0].len());
    }
}
