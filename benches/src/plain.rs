//! The floor: a list of entities that is looked through, and a map of them by reference.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use idp_core::{Entity, EntityRef, Predicate, Test};
use serde_json::Value;

use crate::engine::{Engine, Found, Page, Prepared};
use crate::question::{Ask, PAGE, PageOf, Place, ReachOf};
use crate::relations::{Link, links};
use crate::synthetic::Synthetic;

/// What a host without a catalog would hold: a list of entities in the order of their references, and a map.
#[derive(Clone, Debug)]
pub struct Plain {
    list: Vec<Arc<Entity>>,
    by_ref: HashMap<EntityRef, Arc<Entity>>,
}

/// Whether something holds for an entity.
type Holds = Box<dyn Fn(&Entity) -> bool>;

/// Whether a value passes.
type Passes = Box<dyn Fn(&str) -> bool>;

/// Where an entity stands in the order of a field.
type Key<'e> = (Option<&'e str>, &'e EntityRef);

impl Plain {
    /// The entities of a company.
    ///
    /// # Panics
    /// Never: what [`Synthetic`] makes has an envelope.
    #[must_use]
    pub fn new(company: Synthetic) -> Self {
        let entities = company.entities().map(|it| Entity::from_value(it).expect("it has an envelope"));
        let mut list: Vec<Arc<Entity>> = entities.map(Arc::new).collect();
        list.sort_unstable_by(|a, b| a.entity_ref().cmp(b.entity_ref()));
        let by_ref = list.iter().map(|it| (it.entity_ref().clone(), Arc::clone(it))).collect();
        Self { list, by_ref }
    }

    /// The entities.
    #[must_use]
    pub fn list(&self) -> &[Arc<Entity>] {
        &self.list
    }

    fn batch(&self, refs: &[EntityRef]) -> Found {
        let items = refs.iter().filter_map(|it| self.by_ref.get(it).cloned());
        Found::Entities(Page { items: items.collect(), total: None })
    }

    fn count(&self, holds: &Holds) -> usize {
        self.list.iter().filter(|it| holds(it)).count()
    }

    fn page<'e>(&'e self, of: &'e PageOf) -> Option<Prepared<'e>> {
        let holds = holds(&of.when)?;
        Some(match (of.order, of.place) {
            (None, Place::First) => Prepared::new(move || self.first(&holds)),
            (None, Place::Middle) => return None,
            (Some(field), place) => {
                let before = (place == Place::Middle).then(|| self.half_way(field, &holds));
                Prepared::new(move || {
                    let page = self.ordered(field, &holds, before);
                    Found::Entities(Page { total: page.total.filter(|_| of.total), ..page })
                })
            }
        })
    }

    fn first(&self, holds: &Holds) -> Found {
        let (mut items, mut total) = (Vec::new(), 0);
        for entity in self.list.iter().filter(|it| holds(it)) {
            total += 1;
            if items.len() < PAGE {
                items.push(Arc::clone(entity));
            }
        }
        Found::Entities(Page { items, total: Some(total) })
    }

    fn ordered(&self, field: &str, holds: &Holds, after: Option<Key<'_>>) -> Page<Arc<Entity>> {
        let (mut found, mut total) = (Vec::new(), 0);
        for entity in self.list.iter().filter(|it| holds(it)) {
            total += 1;
            let key = (text(entity, field), entity.entity_ref());
            if after.is_none_or(|after| key > after) {
                found.push((key, entity));
            }
        }
        if found.len() > PAGE {
            found.select_nth_unstable_by_key(PAGE, |it| it.0);
            found.truncate(PAGE);
        }
        found.sort_unstable_by_key(|it| it.0);
        let items = found.into_iter().map(|it| Arc::clone(it.1)).collect();
        Page { items, total: Some(total) }
    }

    /// The last one before the page half way.
    fn half_way(&self, field: &str, holds: &Holds) -> Key<'_> {
        let found = self.list.iter().filter(|it| holds(it));
        let mut keys: Vec<Key<'_>> = found.map(|it| (text(it, field), it.entity_ref())).collect();
        keys.sort_unstable();
        keys[keys.len() / 2 - 1]
    }

    fn facet(&self, field: &str, holds: &Holds) -> Found {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for entity in self.list.iter().filter(|it| holds(it)) {
            each(entity, field, |value| *counts.entry(value).or_default() += 1);
        }
        Found::Counts(counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect())
    }

    fn text(&self, words: &str) -> usize {
        let words: Vec<&str> = words.split(' ').collect();
        let fields = ["metadata.name", "metadata.title", "metadata.tags", "metadata.description"];
        let found = self.list.iter().filter(|it| words.iter().all(|word| occurs(it, &fields, word)));
        found.count()
    }

    fn neighbours(&self, of: &EntityRef) -> Found {
        let mut around = HashSet::from([of.clone()]);
        for entity in &self.list {
            if entity.entity_ref() == of {
                around.extend(links(entity).map(|it| it.target));
            } else if links(entity).any(|it| it.target == *of) {
                around.insert(entity.entity_ref().clone());
            }
        }
        Found::References(around.into_iter().collect())
    }

    /// One look through the list for each step away from the start.
    fn reach(&self, of: &ReachOf) -> HashSet<EntityRef> {
        let mut seen = HashSet::from([of.start.clone()]);
        let mut last = seen.clone();
        for _ in 0..of.depth {
            last = self.step(&last, of.types).filter(|it| seen.insert(it.clone())).collect();
            if last.is_empty() {
                break;
            }
        }
        seen.remove(&of.start);
        seen
    }

    /// Where relations of these types lead from these entities.
    fn step<'e>(
        &'e self,
        from: &'e HashSet<EntityRef>,
        types: &'e [&str],
    ) -> impl Iterator<Item = EntityRef> {
        self.list.iter().flat_map(move |entity| {
            let own = entity.entity_ref();
            links(entity).flat_map(move |Link { forward, back, target }| {
                let backward = types.contains(&back) && from.contains(&target);
                let ahead = (types.contains(&forward) && from.contains(own)).then_some(target);
                [ahead, backward.then(|| own.clone())].into_iter().flatten()
            })
        })
    }

    fn owned_by(&self, group: &EntityRef) -> Found {
        let below = ReachOf { start: group.clone(), types: &["parentOf"], depth: usize::MAX };
        let mut groups = self.reach(&below);
        groups.insert(group.clone());
        let owned: HashSet<EntityRef> = self.step(&groups, &["ownerOf"]).collect();
        Found::References(owned.into_iter().collect())
    }
}

impl Engine for Plain {
    fn prepare<'e>(&'e self, ask: &'e Ask) -> Option<Prepared<'e>> {
        Some(match ask {
            Ask::Entity(it) => Prepared::new(|| Found::Entity(self.by_ref.get(it).cloned())),
            Ask::Entities(refs) => Prepared::new(|| self.batch(refs)),
            Ask::Page(of) => return self.page(of),
            Ask::Count(when) => {
                let holds = holds(when)?;
                Prepared::new(move || Found::Count(self.count(&holds)))
            }
            Ask::Facet(field, when) => {
                let holds = holds(when)?;
                Prepared::new(move || self.facet(field, &holds))
            }
            Ask::Text(words) => Prepared::new(|| Found::Count(self.text(words))),
            Ask::Neighbours(of) => Prepared::new(|| self.neighbours(of)),
            Ask::Reach(of) => Prepared::new(|| Found::References(self.reach(of).into_iter().collect())),
            Ask::OwnedBy(group) => Prepared::new(|| self.owned_by(group)),
        })
    }
}

/// A predicate as code; `None` for one of a form that no question has.
fn holds(predicate: &Predicate) -> Option<Holds> {
    Some(match predicate {
        Predicate::All(parts) => {
            let parts = parts.iter().map(holds).collect::<Option<Vec<Holds>>>()?;
            Box::new(move |entity| parts.iter().all(|it| it(entity)))
        }
        Predicate::Any(parts) => {
            let parts = parts.iter().map(holds).collect::<Option<Vec<Holds>>>()?;
            Box::new(move |entity| parts.iter().any(|it| it(entity)))
        }
        Predicate::Not(part) => {
            let part = holds(part)?;
            Box::new(move |entity| !part(entity))
        }
        Predicate::Value(field, test) => {
            let (field, passes) = (field.clone(), passes(test)?);
            Box::new(move |entity| any(entity, &field, &passes))
        }
        _ => return None,
    })
}

/// Whether a value passes; the case of what the questions ask for is that of the data, but for kinds.
fn passes(test: &Test) -> Option<Passes> {
    Some(match test.clone() {
        Test::In(values) => Box::new(move |value| values.iter().any(|it| it == value)),
        Test::Prefix(prefix) => Box::new(move |value| value.starts_with(&prefix)),
        Test::Substring(part) => Box::new(move |value| value.contains(&part)),
        Test::Between(from, to) => Box::new(move |value| *from <= *value && *value <= *to),
        _ => return None,
    })
}

fn any(entity: &Entity, field: &str, passes: impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    each(entity, field, |value| found |= passes(value));
    found
}

fn occurs(entity: &Entity, fields: &[&str], word: &str) -> bool {
    fields.iter().any(|field| any(entity, field, |value| value.to_lowercase().contains(word)))
}

/// The text of a field that has one at most.
fn text<'e>(entity: &'e Entity, field: &str) -> Option<&'e str> {
    match field {
        "kind" => Some(entity.entity_ref().kind()),
        "metadata.name" => Some(entity.entity_ref().name()),
        _ => at(entity, field)?.as_str(),
    }
}

/// Each text of a field.
fn each<'e>(entity: &'e Entity, field: &str, mut look: impl FnMut(&'e str)) {
    if field != "metadata.tags" {
        return text(entity, field).into_iter().for_each(look);
    }
    let tags = at(entity, field).and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(Value::as_str).for_each(&mut look);
}

/// What stands below two or three keys. The last may contain dots.
fn at<'e>(entity: &'e Entity, field: &str) -> Option<&'e Value> {
    let (first, rest) = field.split_once('.')?;
    let inner = entity.as_value().get(first)?;
    match rest.split_once('.').filter(|(key, _)| ["labels", "annotations"].contains(key)) {
        Some((key, last)) => inner.get(key)?.get(last),
        None => inner.get(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{full_catalog, questions};

    #[test]
    fn engine_and_floor_agree() {
        let company = Synthetic::new(1_000);
        let (snapshot, plain) = (full_catalog(company).snapshot(), Plain::new(company));
        for question in questions(company) {
            let found = |engine: &dyn Engine| {
                let prepared = engine.prepare(&question.ask).expect("both answer everything");
                prepared.ask().lines()
            };
            let lines = found(&*snapshot);
            assert!(!lines.is_empty() && lines != ["of 0"], "{} finds something", question.name);
            assert_eq!(lines, found(&plain), "{}", question.name);
        }
    }
}
