//! The filters.

mod backstage;
mod dump;
mod html;
mod list;
mod numeric;
mod order;
mod string;
mod urlize;

use minijinja::Value;

use super::arguments::Arguments;
use super::fail::{Fail, Outcome};
use super::settings::Settings;
use super::value::view;

/// A filter: its input, its arguments, the engine's settings.
pub(crate) type Filter = fn(&Value, &Arguments<'_>, &Settings) -> Outcome<Value>;

/// The names of the filters that every template has.
pub(crate) const NAMES: [&str; 47] = [
    "abs",
    "batch",
    "capitalize",
    "center",
    "d",
    "default",
    "dictsort",
    "dump",
    "e",
    "escape",
    "first",
    "float",
    "forceescape",
    "groupby",
    "indent",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "nl2br",
    "parseEntityRef",
    "parseRepoUrl",
    "pick",
    "projectSlug",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "trim",
    "truncate",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
];

/// Finds a filter by name.
pub(crate) fn find(name: &str, settings: &Settings) -> Option<Filter> {
    Some(match name {
        "abs" => numeric::abs,
        "batch" => list::batch,
        "capitalize" => string::capitalize,
        "center" => string::center,
        "d" | "default" => list::default,
        "dictsort" => order::dictsort,
        "dump" => dump::dump,
        "e" | "escape" => html::escape,
        "first" => list::first,
        "float" => numeric::float,
        "forceescape" => html::force_escape,
        "groupby" => list::groupby,
        "indent" => string::indent,
        "int" => numeric::int,
        "join" => list::join,
        "jsonify" if settings.cookiecutter => dump::jsonify,
        "last" => list::last,
        "length" => list::length,
        "list" => list::list,
        "lower" => string::lower,
        "nl2br" => html::nl2br,
        "parseEntityRef" => backstage::parse_entity_ref,
        "parseRepoUrl" => backstage::parse_repo_url,
        "pick" => backstage::pick,
        "projectSlug" => backstage::project_slug,
        "random" => list::random,
        "reject" => list::reject,
        "rejectattr" => list::rejectattr,
        "replace" => string::replace,
        "reverse" => order::reverse,
        "round" => numeric::round,
        "safe" => html::safe_filter,
        "select" => list::select,
        "selectattr" => list::selectattr,
        "slice" => list::slice,
        "sort" => order::sort,
        "string" => string::string,
        "striptags" => html::striptags,
        "sum" => numeric::sum,
        "title" => string::title,
        "trim" => string::trim,
        "truncate" => string::truncate,
        "upper" => string::upper,
        "urlencode" => html::urlencode,
        "urlize" => urlize::urlize,
        "wordcount" => string::wordcount,
        _ => return None,
    })
}

/// The text of an input that must be one.
fn required_text(input: &Value) -> Outcome<String> {
    view(input).as_str().map(str::to_owned).ok_or_else(|| Fail::input("Filter input must be a string"))
}

/// The text of an input; undefined, null and false count as empty.
fn lenient_text(input: &Value) -> Outcome<String> {
    match view(input) {
        super::value::View::Bool(false) => Ok(String::new()),
        seen if seen.is_nullish() => Ok(String::new()),
        _ => required_text(input),
    }
}

/// A text, safe where the one it was made from is.
fn like(input: &Value, text: String) -> Value {
    match view(input) {
        super::value::View::Safe(_) => super::value::safe(text),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::Engine;

    #[test]
    fn every_name_is_that_of_a_filter() {
        let engine = Engine::default();
        assert!(super::NAMES.iter().all(|name| super::find(name, engine.settings()).is_some()));
    }
}
