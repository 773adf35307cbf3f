//! Entities of the catalog.

use idp_catalog::{FacetRequest, Query, Snapshot};
use idp_scaffolder::{EntityOptions, Form, Question};
use inquire::Text;
use serde_json::Value;

use super::list::{elements, narrowed, select};
use super::plain::{shown, validator};
use super::{Asked, Reply, help, printable, title};

/// Asks for one entity. Typing narrows what the catalog has.
pub(super) fn one(question: &Question, options: &EntityOptions, form: &Form, catalog: &Snapshot) -> Asked {
    let known = references(options, catalog);
    if !options.arbitrary && !known.is_empty() {
        let default = question.default.as_ref().map(|it| options.complete(&shown(it)));
        let default = default.and_then(|default| known.iter().position(|it| *it == default));
        let chosen = select(question, known.clone(), default)?;
        return Ok(chosen.map_or(Reply::Open, |index| Reply::Answer(known[index].clone().into())));
    }
    typed(question, options, form, known)
}

/// Asks for an entity that the catalog need not have.
fn typed(question: &Question, options: &EntityOptions, form: &Form, known: Vec<String>) -> Asked {
    let (title, help) = (title(question), format!("{} · ↑↓ and Tab to choose", help(question)));
    let default = question.default.as_ref().map(shown).filter(|it| printable(it) == *it);
    let mut prompt = Text::new(&title)
        .with_help_message(&help)
        .with_autocomplete(move |typed: &str| Ok(narrowed(&known, typed)))
        .with_validator(validator(form.clone(), &super::plain::as_text));
    if let Some(default) = &default {
        prompt = prompt.with_default(default);
    }
    let typed = prompt.prompt_skippable()?.filter(|it| !it.is_empty() && Some(it) != default.as_ref());
    Ok(typed.map_or(Reply::Open, |it| Reply::Answer(options.complete(&it).into())))
}

/// Asks for several entities.
pub(super) fn many(question: &Question, options: &EntityOptions, catalog: &Snapshot) -> Asked {
    let known = references(options, catalog);
    let any = options.arbitrary || known.is_empty();
    elements(question, &known, |typed, before| {
        let reference = Value::from(options.complete(typed));
        match reference.as_str().is_some_and(|it| any || known.iter().any(|known| known == it)) {
            false => Err(format!("the catalog has no such entity: {}", shown(&reference))),
            true if before.contains(&reference) => Err("it is there already".to_owned()),
            true => Ok(reference),
        }
    })
}

/// Asks for tags, and knows those that entities have.
pub(super) fn tags(question: &Question, options: &EntityOptions, catalog: &Snapshot) -> Asked {
    let request = FacetRequest::new("metadata.tags").by_count();
    let facets = catalog.facets(&query(options), &[request]).unwrap_or_default();
    let known: Vec<_> = facets.into_iter().flat_map(|it| it.values).map(|it| printable(&it.value)).collect();
    elements(question, &known, |typed, before| {
        let tag = Value::from(typed.trim());
        if before.contains(&tag) { Err("it is there already".to_owned()) } else { Ok(tag) }
    })
}

/// The entities that may be chosen. A filter that the catalog cannot answer lets none be chosen from.
fn references(options: &EntityOptions, catalog: &Snapshot) -> Vec<String> {
    let answer = catalog.query(&query(options));
    answer.map(|it| it.items.iter().map(|it| it.entity_ref().to_string()).collect()).unwrap_or_default()
}

fn query(options: &EntityOptions) -> Query {
    options.filter.clone().map_or_else(Query::all, Query::matching)
}
