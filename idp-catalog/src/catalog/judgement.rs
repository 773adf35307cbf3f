//! What becomes of one document.

use idp_core::{EntityRef, SourceText};

use super::judged::Said;
use super::judging::Remark;
use super::links;
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

impl Judge<'_> {
    /// Judges a document by itself; nothing where there is none. What the index takes of a valid one is added to a sketch.
    pub(super) fn of_unit(self, unit: &Unit, mut sketch: Option<&mut Sketch>) -> Option<Judgement> {
        self.approved(unit, sketch.as_deref_mut()).or_else(|| {
            let (text, document) = unit.read(self.limits);
            (!document.is_blank()).then(|| self.of_document(&text, &document, Vec::new(), sketch))
        })
    }

    /// What becomes of a line about which there is nothing to say: nobody makes a tree of it.
    fn approved(self, unit: &Unit, sketch: Option<&mut Sketch>) -> Option<Judgement> {
        let text = unit.line(self.limits)?;
        let document: Json<'_> = serde_json::from_str(text).ok()?;
        let Examined { entity_ref, relations } =
            self.model.approve(&document).filter(|_| !links::has_script(&document))?;
        let body = self.packed(text.trim(), &document)?;
        let sketched = sketch.map(|sketch| sketch.add(&relations, document));
        let said = Said { body: Some(body), incomplete: false, diagnostics: Vec::new(), sketched };
        Some(Judgement { entity_ref: Some(entity_ref), said })
    }

    fn packed(self, text: &str, document: &Json<'_>) -> Option<Body> {
        if document.is_written_as(text) {
            return Some(self.packer.pack_text(text));
        }
        // As whoever makes a tree of it would have it, so that the same is packed as the same.
        Some(self.packer.pack_text(&serde_json::to_string(document).ok()?))
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
            if let Some(line) = unit(it).line(self.limits) {
                return Some(line.trim().to_owned());
            }
            let (text, document) = unit(it).read(self.limits);
            self.model.judge(&text, &document).entity.map(|entity| entity.as_value().to_string())
        });
    }
}
