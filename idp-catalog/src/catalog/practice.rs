//! What whoever judges many documents remembers of those that it has judged.

use super::links;
use crate::Model;
use crate::form::Forms;
use crate::index::CellForm;
use crate::json::Json;
use crate::model::{Demands, Examined};
use crate::snapshot::{Sketch, Sketched};

/// What one thread knows from the documents that it has judged, of one model.
#[derive(Debug, Default)]
pub(super) struct Practice<'m> {
    forms: Forms<Form<'m>>,
    /// What the documents make, where it is the first snapshot.
    pub(super) sketch: Option<Sketch>,
}

/// What is known of documents that have one form.
#[derive(Debug)]
struct Form<'m> {
    demands: Demands<'m>,
    /// Texts that portals make links of.
    links: Vec<usize>,
    /// What is sketched of them, if anything is.
    cells: Option<CellForm>,
}

impl<'m> Practice<'m> {
    /// With a sketch to be added to.
    pub(super) fn sketching(sketch: Option<Sketch>) -> Self {
        Self { sketch, ..Self::default() }
    }

    /// What a document says that has a form which is known, and about which there is nothing to say. Adds it to the sketch.
    pub(super) fn approve(&mut self, document: &str) -> Option<(Examined, Option<Sketched>)> {
        let (form, texts) = self.forms.recognise(document)?;
        let examined = form.approve(&texts)?;
        let sketched = match &mut self.sketch {
            Some(sketch) => {
                let cells = form.cells.as_ref().filter(|cells| cells.fits(&texts))?;
                Some(sketch.add_of_form(&examined.relations, cells, &texts))
            }
            None => None,
        };
        Some((examined, sketched))
    }

    /// Learns the form of a document, which is approved of, and written as who makes a tree of it would write it.
    pub(super) fn learn(&mut self, model: &'m Model, text: &str, document: &Json<'_>) {
        let Self { forms, sketch } = self;
        forms.learn(text, document, |blanks| {
            let cells = match sketch {
                Some(sketch) => Some(sketch.form_of(document, blanks)?),
                None => None,
            };
            let links = links::texts(document).filter_map(|text| blanks.find(text)).collect();
            Some(Form { demands: Demands::of(model, document, blanks)?, links, cells })
        });
    }
}

impl Form<'_> {
    fn approve(&self, texts: &[&str]) -> Option<Examined> {
        let run_nothing =
            self.links.iter().all(|link| !texts.get(*link).is_some_and(|text| links::runs_script(text)));
        run_nothing.then(|| self.demands.approve(texts)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn component(name: &str, text: &str) -> String {
        let component = json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": {"name": name, "tags": [text], "annotations": {"backstage.io/view-url": text}},
            "spec": {"type": "service", "lifecycle": text, "owner": "shop", "dependsOn": ["component:orders"]},
        });
        component.to_string()
    }

    /// What is approved of after one document, of another one.
    fn approved(sketch: Option<Sketch>, document: &str) -> Option<(Examined, Option<Sketched>)> {
        let (model, first) = (Model::backstage(), component("first", "a"));
        let mut practice = Practice::sketching(sketch);
        assert!(practice.approve(&first).is_none());
        practice.learn(&model, &first, &serde_json::from_str(&first).unwrap());
        practice.approve(document)
    }

    #[test]
    fn what_has_a_form_that_is_known_is_not_read() {
        for sketch in [None, Some(Sketch::new(0))] {
            let is_sketched = sketch.is_some();
            let (examined, sketched) = approved(sketch, &component("other", "b")).unwrap();
            assert_eq!(examined.entity_ref.as_str(), "component:default/other");
            let targets = examined.relations.iter().map(|it| it.relation.target_ref.as_str());
            assert!(targets.eq(["component:default/orders", "group:default/shop"]));
            assert_eq!(sketched.is_some(), is_sketched);
        }
    }

    #[test]
    fn a_text_about_which_there_is_something_to_say_is_not_approved_of() {
        assert!(approved(None, &component("other", "a b")).is_none(), "no tag");
        assert!(approved(None, &component("other", "")).is_none(), "an empty field");
        assert!(approved(None, &component("a/b", "a")).is_none(), "no name");
        assert!(approved(None, &component("", "a")).is_none(), "an empty name");
        assert!(approved(None, &component("other", "a").replace("shop", "a:")).is_none(), "no reference");
        let script = r#""backstage.io/view-url":"javascript:x""#;
        let linked = component("other", "a").replace(r#""backstage.io/view-url":"a""#, script);
        assert!(linked.contains(script) && approved(None, &linked).is_none(), "a script");
    }
}
