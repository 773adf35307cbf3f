//! What the model says, as data: every file below `tests/data/{refs,check,strict,layers}` is a test. Add one, run with
//! `UPDATE_EXPECTED=1`, and read what it wrote. A file that begins with a number is that case of the conformance list.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use idp_catalog::{
    Field, Kind, Model, Profile, RelationField, RelationFlow, Shape, Verdict, YamlDocument, YamlLimits,
    parse_yaml,
};
use idp_core::{EntityRef, RefDefaults, Severity, SourceText};
use serde_json::Value;

fn judged(model: &Model, source: &SourceText) -> Vec<(YamlDocument, Verdict)> {
    let documents = parse_yaml(source, &YamlLimits::default()).into_iter();
    documents.map(|document| (model.judge(source, &document), document)).map(|(v, d)| (d, v)).collect()
}

fn describe(model: &Model, path: &Path, reverse: bool) -> String {
    let mut out = String::new();
    for (document, verdict) in judged(model, &common::source(path)) {
        let entity_ref = verdict.entity_ref.as_ref().map_or("-", |it| it.as_str());
        let stage = verdict.stage.map_or_else(|| "valid".to_owned(), |stage| format!("refused at {stage}"));
        writeln!(out, "{}: {entity_ref} {stage}", document.index()).unwrap();
        for declared in &verdict.relations {
            write!(out, "  {} {}", declared.relation.r#type, declared.relation.target_ref).unwrap();
            if reverse {
                let back = declared.reverse.as_deref().unwrap_or("nothing back");
                write!(out, " ({back}, {})", declared.field).unwrap();
            }
            writeln!(out).unwrap();
        }
        common::write_diagnostics(&mut out, &verdict.diagnostics);
    }
    out
}

#[test]
fn check() {
    let model = Model::backstage();
    common::each("check", "yaml", |path| common::expect(path, &describe(&model, path, false)));
}

#[test]
fn strict() {
    let model = Model::backstage().with_profile(Profile::strict());
    common::each("strict", "yaml", |path| common::expect(path, &describe(&model, path, false)));
}

/// `NAME.yaml` is judged by the layers `NAME.layer.yaml` and `NAME-*.layer.yaml`, and by what `NAME.layers` names.
#[test]
fn layers() {
    common::each("layers", "yaml", |path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".layer.yaml") {
            return Ok(());
        }
        let stem = name.strip_suffix(".yaml").unwrap();
        let own = common::files("layers", "yaml").into_iter().filter(|it| {
            let file = it.file_name().unwrap().to_string_lossy().into_owned();
            file.strip_suffix(".layer.yaml")
                .is_some_and(|layer| layer == stem || layer.starts_with(&format!("{stem}-")))
        });
        let named = fs::read_to_string(path.with_extension("layers")).unwrap_or_default();
        let optional = named.lines().filter_map(Model::optional_layer);
        let layers: Vec<SourceText> = own.map(|it| common::source(&it)).chain(optional).collect();
        let flow = if named.contains("declared") { RelationFlow::Declared } else { RelationFlow::All };
        let out = match Model::backstage().with_layers(layers) {
            Ok(model) => describe(&model.with_profile(Profile::backstage().flow(flow)), path, true),
            Err(error) => {
                let mut out = "the layers are refused\n".to_owned();
                common::write_diagnostics(&mut out, error.diagnostics());
                out
            }
        };
        common::expect(path, &out)
    });
}

/// A line is `[text, default kind, default namespace]`, or the parts of a reference.
#[test]
fn refs() {
    common::each("refs", "refs", |path| {
        let mut out = String::new();
        for line in fs::read_to_string(path).unwrap().lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            let part = |key: &str| value[key].as_str().unwrap();
            let entity_ref = match &value {
                Value::Array(items) => {
                    let item = |index: usize| items.get(index).and_then(Value::as_str);
                    let defaults = RefDefaults { kind: item(1), namespace: item(2) };
                    EntityRef::parse(item(0).unwrap(), defaults)
                }
                _ => EntityRef::new(part("kind"), part("namespace"), part("name")),
            };
            match entity_ref {
                Ok(it) => {
                    writeln!(out, "{line}\n  {it}: {:?} {:?} {:?}", it.kind(), it.namespace(), it.name())
                }
                Err(error) => writeln!(out, "{line}\n  error: {error}"),
            }
            .unwrap();
        }
        common::expect(path, &out)
    });
}

#[test]
fn a_host_adds_kinds_in_code_before_those_of_layers() {
    let queue = || Kind::new("Queue", ["acme.io/v1"]);
    let layer = SourceText::new("l.yaml", "layer: l\nkinds: [{kind: Queue, apiVersions: [acme.io/v1]}]\n");
    let relation = RelationField::new("owner", "ownedBy", "ownerOf").to("Group").in_namespace("teams");
    let model = Model::empty()
        .with(queue().need("owner", Shape::Text).relation(relation))
        .with(queue().need("x", Shape::object([Field::optional("y", Shape::Bool)])))
        .with(Kind::new("Topic", ["acme.io/v1"]).may("size", Shape::Integer))
        .with_layers([layer])
        .unwrap();
    let text = "apiVersion: acme.io/v1\nkind: Queue\nmetadata: {name: q}\nspec: {owner: a}\n";
    let source = SourceText::new("q.yaml", text);
    let verdict = &judged(&model, &source)[0].1;
    assert_eq!(verdict.diagnostics[0].message, "`spec` needs the field `x`", "the last one counts");
    assert_eq!(model.kinds().map(Kind::name).collect::<Vec<_>>(), ["Topic", "Queue", "Queue", "Queue"]);
}

#[test]
fn severities_are_the_hosts() {
    let text = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: s}\nspec: {owner: 'api:a', domian: d}\n";
    let source = SourceText::new("s.yaml", text);
    let codes = |profile: Profile| {
        let verdict = &judged(&Model::backstage().with_profile(profile), &source)[0].1;
        let found = verdict.diagnostics.iter().map(|it| (it.code.clone().into_owned(), it.severity));
        (verdict.is_valid(), found.collect::<Vec<_>>())
    };
    assert_eq!(codes(Profile::backstage()), (true, vec![]));
    let strict =
        vec![("disallowed-kind".into(), Severity::Error), ("misspelt-field".into(), Severity::Warning)];
    assert_eq!(codes(Profile::strict()), (false, strict));
    let mild = Profile::strict().with("disallowed-kind", Some(Severity::Info)).with("misspelt-field", None);
    assert_eq!(codes(mild), (true, vec![("disallowed-kind".into(), Severity::Info)]));
}
