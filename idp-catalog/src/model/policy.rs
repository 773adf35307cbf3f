//! The rules that hold for entities of every kind: which fields there are, and what they may contain.

use idp_core::Diagnostic;

use super::format::{self, Format};
use super::pointer::child_pointer;
use super::report::{Report, Stage};
use super::shape::{Field, Shape};
use super::verdict;
use crate::json::{Json, Member, member};

const STAGE: Stage = Stage::Policy;

/// Checks `root`, the document's root object, whose metadata has the shape of [`metadata_shape`].
pub(super) fn check(root: &[Member<'_>], metadata_shape: &Shape, report: &mut Report<'_>) {
    root_fields(root, report);
    if let Some(metadata) = member(root, "metadata").filter(|it| it.as_object().is_some()) {
        verdict::check(STAGE, metadata_shape, metadata, "/metadata", report);
    }
    field_format(member(root, "apiVersion"), || "/apiVersion".to_owned(), format::API_VERSION, report);
    field_format(member(root, "kind"), || "/kind".to_owned(), format::KIND, report);
    if let Some(metadata) = member(root, "metadata").and_then(Json::as_object) {
        metadata_formats(metadata, report);
    }
}

fn root_fields(root: &[Member<'_>], report: &mut Report<'_>) {
    for (key, value) in root {
        match &**key {
            "apiVersion" | "kind" | "metadata" => {}
            "spec" if value.as_object().is_some() => {}
            "spec" => {
                report.at(STAGE, "/spec", Diagnostic::error("wrong-type", "`spec` must be an object"));
            }
            "relations" | "status" => {
                let message = format!("`{key}` is written by the catalog and may not be set");
                let help = "remove it; relations come from fields of `spec` such as `owner` and `system`";
                report.at_key(
                    STAGE,
                    &child_pointer("", key),
                    Diagnostic::error("output-field", message).help(help),
                );
            }
            _ => {
                let message = format!("the field `{key}` is not allowed at the root of an entity");
                let help =
                    "the root holds `apiVersion`, `kind`, `metadata` and `spec`; is the indentation right?";
                report.at_key(
                    STAGE,
                    &child_pointer("", key),
                    Diagnostic::error("unknown-field", message).help(help),
                );
            }
        }
    }
}

/// What `metadata` looks like, whatever the kind.
pub(super) fn metadata_shape() -> Shape {
    let texts = ["uid", "etag", "namespace", "title"].map(|name| Field::optional(name, Shape::Text));
    let strings = || Shape::Object { fields: Vec::new(), rest: Box::new(Shape::String) };
    let link = Shape::object([
        Field::required("url", Shape::Text),
        Field::optional("title", Shape::Text),
        Field::optional("icon", Shape::Text),
        Field::optional("type", Shape::Text),
    ]);
    let others = [
        Field::optional("description", Shape::String),
        Field::optional("labels", strings()),
        Field::optional("annotations", strings()),
        Field::optional("tags", Shape::texts()),
        Field::optional("links", Shape::List(Box::new(link))),
    ];
    Shape::object(texts.into_iter().chain(others))
}

fn metadata_formats(metadata: &[Member<'_>], report: &mut Report<'_>) {
    field_format(member(metadata, "name"), || "/metadata/name".to_owned(), format::NAME, report);
    field_format(
        member(metadata, "namespace"),
        || "/metadata/namespace".to_owned(),
        format::NAMESPACE,
        report,
    );
    for (key, value) in members(metadata, "labels") {
        let pointer = || child_pointer("/metadata/labels", key);
        key_format(key, pointer, "a label", report);
        if let Some(text) = refused(value.as_str(), format::LABEL_VALUE) {
            bad_format(text, &pointer(), "the label's value", format::LABEL_VALUE, report);
        }
    }
    for (key, _) in members(metadata, "annotations") {
        key_format(key, || child_pointer("/metadata/annotations", key), "an annotation", report);
    }
    for (index, tag) in items(metadata, "tags") {
        field_format(Some(tag), || format!("/metadata/tags/{index}"), format::TAG, report);
    }
    for (index, link) in items(metadata, "links") {
        let fields = [("url", format::URL), ("title", format::NOT_BLANK), ("icon", format::NOT_BLANK)];
        for (field, format) in fields {
            field_format(link.get(field), || format!("/metadata/links/{index}/{field}"), format, report);
        }
    }
}

fn members<'v, 't>(metadata: &'v [Member<'t>], field: &str) -> &'v [Member<'t>] {
    member(metadata, field).and_then(Json::as_object).unwrap_or_default()
}

fn items<'v, 't>(
    metadata: &'v [Member<'t>],
    field: &str,
) -> impl Iterator<Item = (usize, &'v Json<'t>)> + use<'v, 't> {
    member(metadata, field).and_then(Json::as_list).unwrap_or_default().iter().enumerate()
}

/// Reports a text that a field does not accept. Where it stands is only worked out then: nearly all are good.
fn field_format(
    value: Option<&Json<'_>>,
    pointer: impl Fn() -> String,
    format: Format,
    report: &mut Report<'_>,
) {
    // An empty string is a matter of the shape; here it would be a second problem about the same thing.
    let text = value.and_then(Json::as_str).filter(|text| !text.is_empty());
    if let Some(text) = refused(text, format) {
        let pointer = pointer();
        let what = format!("`{}`", pointer[1..].replace('/', "."));
        bad_format(text, &pointer, &what, format, report);
    }
}

fn refused(text: Option<&str>, format: Format) -> Option<&str> {
    text.filter(|text| !(format.accepts)(text))
}

fn bad_format(text: &str, pointer: &str, what: &str, format: Format, report: &mut Report<'_>) {
    let problem = Diagnostic::error("bad-format", format!("{what} does not accept `{text}`"));
    report.at(STAGE, pointer, problem.help(format!("expected {}", format.expected)));
}

fn key_format(key: &str, pointer: impl Fn() -> String, what: &str, report: &mut Report<'_>) {
    if !(format::QUALIFIED_KEY.accepts)(key) {
        let problem = Diagnostic::error("bad-format", format!("`{key}` cannot be the key of {what}"));
        report.at_key(
            STAGE,
            &pointer(),
            problem.help(format!("expected {}", format::QUALIFIED_KEY.expected)),
        );
    }
}
