//! The rules that hold for entities of every kind: which fields there are, and what they may contain.

use idp_core::Diagnostic;

use super::format::{self, Format};
use super::pointer::child_pointer;
use super::report::{Report, Stage};
use super::shape::{Field, Shape};
use super::verdict;
use crate::json::{Json, Member, member};

const STAGE: Stage = Stage::Policy;
const LABELS: &str = "/metadata/labels";
const LINK_FORMATS: [(&str, Format); 3] =
    [("url", format::URL), ("title", format::NOT_BLANK), ("icon", format::NOT_BLANK)];

/// Checks `root`, the document's root object, whose metadata has the shape of [`metadata_shape`].
pub(super) fn check(root: &[Member<'_>], metadata_shape: &Shape, report: &mut Report<'_>) {
    root_fields(root, report);
    if let Some(metadata) = member(root, "metadata").filter(|it| it.as_object().is_some()) {
        verdict::check(STAGE, metadata_shape, metadata, "/metadata", report);
    }
    each_format(root, |text, format, pointer| {
        if !format.allows(text) {
            bad_format(text, &pointer(), format, report);
        }
    });
    for (field, what) in [("labels", "a label"), ("annotations", "an annotation")] {
        for (key, _) in members(member(root, "metadata"), field) {
            key_format(key, || child_pointer(&format!("/metadata/{field}"), key), what, report);
        }
    }
}

/// Shows every text of a document that has to have a format, and how to work out where it stands: nearly all are good.
pub(super) fn each_format<'v>(
    root: &'v [Member<'_>],
    mut each: impl FnMut(&'v str, Format, &dyn Fn() -> String),
) {
    let mut show = |value: Option<&'v Json<'_>>, format: Format, pointer: &dyn Fn() -> String| {
        if let Some(text) = value.and_then(Json::as_str) {
            each(text, format, pointer);
        }
    };
    show(member(root, "apiVersion"), format::API_VERSION, &|| "/apiVersion".to_owned());
    show(member(root, "kind"), format::KIND, &|| "/kind".to_owned());
    let metadata = member(root, "metadata");
    for (field, format) in [("name", format::NAME), ("namespace", format::NAMESPACE)] {
        show(metadata.and_then(|it| it.get(field)), format, &|| format!("/metadata/{field}"));
    }
    for (key, value) in members(metadata, "labels") {
        show(Some(value), format::LABEL_VALUE, &|| child_pointer(LABELS, key));
    }
    for (index, tag) in items(metadata, "tags") {
        show(Some(tag), format::TAG, &|| format!("/metadata/tags/{index}"));
    }
    for (index, link) in items(metadata, "links") {
        for (field, format) in LINK_FORMATS {
            show(link.get(field), format, &|| format!("/metadata/links/{index}/{field}"));
        }
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

fn members<'v, 't>(metadata: Option<&'v Json<'t>>, field: &str) -> &'v [Member<'t>] {
    metadata.and_then(|it| it.get(field)).and_then(Json::as_object).unwrap_or_default()
}

fn items<'v, 't>(
    metadata: Option<&'v Json<'t>>,
    field: &str,
) -> impl Iterator<Item = (usize, &'v Json<'t>)> + use<'v, 't> {
    let list = metadata.and_then(|it| it.get(field)).and_then(Json::as_list);
    list.unwrap_or_default().iter().enumerate()
}

fn bad_format(text: &str, pointer: &str, format: Format, report: &mut Report<'_>) {
    let what = if pointer.starts_with(LABELS) {
        "the label's value".to_owned()
    } else {
        format!("`{}`", pointer[1..].replace('/', "."))
    };
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
