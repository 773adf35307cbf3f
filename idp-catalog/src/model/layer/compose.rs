//! Several layers as one model: declare, then update, then remove.

use idp_core::{Diagnostic, Severity, similar};

use super::data::{KeyData, KindData, RelationData, RuleData, UpdateData};
use super::merge::{Merge, remove_field};
use super::{Layer, shape};
use crate::model::kind::{Kind, RelationField, Spec};
use crate::model::rule::{KeyRule, Rule};

/// What the layers add up to.
#[derive(Debug, Default)]
pub(in crate::model) struct Composed {
    pub(in crate::model) kinds: Vec<Kind>,
    pub(in crate::model) annotations: Vec<KeyRule>,
    pub(in crate::model) labels: Vec<KeyRule>,
    pub(in crate::model) rules: Vec<Rule>,
}

/// Puts layers together.
///
/// # Errors
/// Everything in which they contradict each other.
pub(in crate::model) fn compose<'l>(
    layers: impl Iterator<Item = &'l Layer> + Clone,
) -> Result<Composed, Vec<Diagnostic>> {
    let mut composer = Composer::default();
    for layer in layers.clone() {
        composer.declare(layer);
    }
    for layer in layers.clone() {
        for (index, update) in layer.data.update.iter().enumerate() {
            composer.update(layer, update, &format!("/update/{index}"));
        }
    }
    for layer in layers {
        composer.remove(layer);
    }
    if composer.problems.is_empty() { Ok(composer.build()) } else { Err(composer.problems) }
}

/// A thing, and the layer and pointer that declare it.
pub(super) struct Placed<'l, T> {
    pub(super) data: T,
    pub(super) layer: &'l Layer,
    pub(super) pointer: String,
}

#[derive(Default)]
struct Composer<'l> {
    kinds: Vec<Placed<'l, KindData>>,
    annotations: Vec<Placed<'l, KeyData>>,
    labels: Vec<Placed<'l, KeyData>>,
    rules: Vec<Placed<'l, RuleData>>,
    merge: Merge<'l>,
    problems: Vec<Diagnostic>,
}

impl<'l> Composer<'l> {
    fn declare(&mut self, layer: &'l Layer) {
        let problems = &mut self.problems;
        let same_kind = |a: &KindData, b: &KindData| {
            a.kind == b.kind && a.api_versions.iter().any(|it| b.api_versions.contains(it))
        };
        let key = |it: &KeyData| format!("`{}`", it.key);
        add(
            &mut self.kinds,
            layer,
            &layer.data.kinds,
            "kinds",
            same_kind,
            |it| format!("the kind `{}`", it.kind),
            problems,
        );
        add(
            &mut self.annotations,
            layer,
            &layer.data.annotations,
            "annotations",
            |a, b| a.key == b.key,
            key,
            problems,
        );
        add(&mut self.labels, layer, &layer.data.labels, "labels", |a, b| a.key == b.key, key, problems);
        let rule = |it: &RuleData| format!("the rule `{}`", it.code);
        add(&mut self.rules, layer, &layer.data.rules, "rules", |a, b| a.code == b.code, rule, problems);
    }

    fn update(&mut self, layer: &'l Layer, update: &UpdateData, pointer: &str) {
        if !self.kinds.iter().any(|it| it.data.kind == update.kind) {
            return self.unknown(layer, &format!("{pointer}/kind"), &update.kind);
        }
        self.problems.extend(self.merge.check(layer, update, pointer));
        for kind in self.kinds.iter_mut().filter(|it| it.data.kind == update.kind) {
            self.merge.apply(update, &mut kind.data);
        }
    }

    fn remove(&mut self, layer: &Layer) {
        let remove = &layer.data.remove;
        for (index, name) in remove.kinds.iter().enumerate() {
            self.remove_kind(layer, &format!("/remove/kinds/{index}"), name);
        }
        for (index, it) in remove.types.iter().enumerate() {
            let gone = self.kinds_called(&it.kind).filter_map(|kind| kind.types.remove(&it.name)).count();
            self.expect(gone > 0, layer, &format!("/remove/types/{index}"), &it.name);
        }
        for (index, it) in remove.fields.iter().enumerate() {
            let gone = self
                .kinds_called(&it.kind)
                .map(|kind| remove_field(kind, &it.field))
                .filter(|it| *it)
                .count();
            self.expect(gone > 0, layer, &format!("/remove/fields/{index}"), &it.field);
        }
        for (index, key) in remove.annotations.iter().enumerate() {
            let gone = drop_where(&mut self.annotations, |it| it.key == *key);
            self.expect(gone, layer, &format!("/remove/annotations/{index}"), key);
        }
        for (index, key) in remove.labels.iter().enumerate() {
            let gone = drop_where(&mut self.labels, |it| it.key == *key);
            self.expect(gone, layer, &format!("/remove/labels/{index}"), key);
        }
        for (index, code) in remove.rules.iter().enumerate() {
            let gone = drop_where(&mut self.rules, |it| it.code == *code);
            self.expect(gone, layer, &format!("/remove/rules/{index}"), code);
        }
    }

    fn remove_kind(&mut self, layer: &Layer, pointer: &str, name: &str) {
        if !drop_where(&mut self.kinds, |it| it.kind == name) {
            self.unknown(layer, pointer, name);
        }
    }

    fn kinds_called<'s>(&'s mut self, name: &'s str) -> impl Iterator<Item = &'s mut KindData> {
        self.kinds.iter_mut().map(|it| &mut it.data).filter(move |it| it.kind == name)
    }

    fn expect(&mut self, found: bool, layer: &Layer, pointer: &str, name: &str) {
        if !found {
            let message = format!("there is no `{name}` to remove");
            self.problems.push(layer.at(pointer, Diagnostic::error("layer-unknown", message)));
        }
    }

    fn unknown(&mut self, layer: &Layer, pointer: &str, kind: &str) {
        let problem = Diagnostic::error("layer-unknown", format!("no layer declares the kind `{kind}`"));
        let near = similar(kind, self.kinds.iter().map(|it| &it.data.kind));
        let help =
            near.map_or("declare it under `kinds`".to_owned(), |near| format!("did you mean `{near}`?"));
        self.problems.push(layer.at(pointer, problem.help(help)));
    }

    fn build(self) -> Composed {
        let key = |it: Placed<'_, KeyData>| KeyRule {
            key: it.data.key,
            kinds: it.data.kinds,
            shape: it.data.value.as_ref().map_or(crate::Shape::Any, shape),
            severity: it.data.severity,
        };
        Composed {
            kinds: self.kinds.iter().map(|it| kind(&it.data)).collect(),
            annotations: self.annotations.into_iter().map(key).collect(),
            labels: self.labels.into_iter().map(key).collect(),
            rules: self.rules.iter().filter_map(|it| Rule::new(&it.data).ok()).collect(),
        }
    }
}

fn kind(data: &KindData) -> Kind {
    let mut kind = Kind::new(&data.kind, data.api_versions.iter().map(String::as_str));
    kind.spec = Spec::from_data(&data.spec);
    let types = data.types.iter().map(|(name, data)| (name.clone(), Spec::from_data(data)));
    kind.types = types.collect();
    kind
}

/// Adds what a layer declares. What is there already, and says the same, is one; what says something else is a problem.
fn add<'l, T: Clone + PartialEq>(
    known: &mut Vec<Placed<'l, T>>,
    layer: &'l Layer,
    declared: &[T],
    field: &str,
    same: impl Fn(&T, &T) -> bool,
    name: impl Fn(&T) -> String,
    problems: &mut Vec<Diagnostic>,
) {
    for (index, data) in declared.iter().enumerate() {
        let pointer = format!("/{field}/{index}");
        match known.iter().find(|it| same(&it.data, data)) {
            None => known.push(Placed { data: data.clone(), layer, pointer }),
            Some(first) if first.data == *data => {}
            Some(first) => problems.push(conflict(layer, &pointer, &name(data), first.layer, &first.pointer)),
        }
    }
}

/// Two layers say different things about one.
pub(super) fn conflict(layer: &Layer, pointer: &str, what: &str, other: &Layer, first: &str) -> Diagnostic {
    let message = format!("{what} is declared differently by the layer `{}`", other.data.layer);
    let help = format!(
        "it stands first in {}; make both the same, or change one under `update`",
        other.place(first)
    );
    layer.at(pointer, Diagnostic::new(Severity::Error, "layer-conflict", message).help(help))
}

fn drop_where<T>(known: &mut Vec<Placed<'_, T>>, gone: impl Fn(&T) -> bool) -> bool {
    let before = known.len();
    known.retain(|it| !gone(&it.data));
    known.len() < before
}

impl From<&RelationData> for RelationField {
    fn from(data: &RelationData) -> Self {
        let mut field = Self::new(&data.field, &data.outgoing, &data.reverse);
        field.default_kind.clone_from(&data.default_kind);
        field.default_namespace = data.default_namespace.clone().filter(|it| it != "inherit");
        field.allowed_kinds.clone_from(&data.allowed_kinds);
        field.reverse_kinds.clone_from(&data.reverse_kinds);
        field
    }
}
