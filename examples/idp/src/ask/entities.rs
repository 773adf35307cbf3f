//! Entities of the catalog.

use std::sync::Arc;

use idp_catalog::{FacetRequest, Query, Snapshot};
use idp_core::{EntityRef, Principal};
use idp_scaffolder::{Belonging, EntityOptions, Form, Question};
use inquire::Text;
use serde_json::Value;

use super::list::{elements, line, narrowed, select};
use super::plain::{shown, validator};
use super::{Asked, Reply, help, printable, title};

/// The entities that there are, for somebody.
#[derive(Debug)]
pub(crate) struct Entities {
    catalog: Arc<Snapshot>,
    /// Who asks, where that is known.
    principal: Option<Principal>,
}

impl Entities {
    pub(crate) fn new(catalog: Arc<Snapshot>, principal: Option<Principal>) -> Self {
        Self { catalog, principal }
    }

    /// The references of those that may be chosen. A filter that the catalog cannot answer lets none be chosen from.
    fn references(&self, options: &EntityOptions) -> Vec<String> {
        self.found(&self.query(options)).iter().map(ToString::to_string).collect()
    }

    /// The tags that they have, the most frequent first.
    fn tags(&self, options: &EntityOptions) -> Vec<String> {
        let request = FacetRequest::new("metadata.tags").by_count();
        let facets = self.catalog.facets(&self.query(options), &[request]).unwrap_or_default();
        facets.into_iter().flat_map(|it| it.values).map(|it| printable(&it.value)).collect()
    }

    fn query(&self, options: &EntityOptions) -> Query {
        let query = options.filter.clone().map_or_else(Query::all, Query::matching);
        match (options.belonging, &self.principal) {
            (Some(belonging), Some(principal)) => {
                let owner = &principal.entity_ref;
                let member = Belonging::MemberOf.predicate(owner, &[]);
                query.restrict(belonging.predicate(owner, &self.found(&Query::matching(member))))
            }
            _ => query,
        }
    }

    fn found(&self, query: &Query) -> Vec<EntityRef> {
        let answer = self.catalog.query(query);
        answer.map(|it| it.items.iter().map(|it| it.entity_ref().clone()).collect()).unwrap_or_default()
    }
}

/// Asks for one entity. Typing narrows what the catalog has.
pub(super) fn one(question: &Question, options: &EntityOptions, form: &Form, entities: &Entities) -> Asked {
    let known = entities.references(options);
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
pub(super) fn many(question: &Question, options: &EntityOptions, entities: &Entities) -> Asked {
    let known = entities.references(options);
    let any = options.arbitrary || known.is_empty();
    elements(question, line(&known), |typed, before| {
        let reference = Value::from(options.complete(typed));
        match reference.as_str().is_some_and(|it| any || known.iter().any(|known| known == it)) {
            false => Err(format!("the catalog has no such entity: {}", shown(&reference))),
            true if before.contains(&reference) => Err("it is there already".to_owned()),
            true => Ok(reference),
        }
    })
}

/// Asks for tags, and knows those that entities have.
pub(super) fn tags(question: &Question, options: &EntityOptions, entities: &Entities) -> Asked {
    elements(question, line(&entities.tags(options)), |typed, before| {
        let tag = Value::from(typed.trim());
        if before.contains(&tag) { Err("it is there already".to_owned()) } else { Ok(tag) }
    })
}
