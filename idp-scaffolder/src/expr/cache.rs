//! Templates that were read before, so that what has not changed is not read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

use super::template::{CompiledTemplate, TextOptions};

/// What a template costs in memory beside its parts.
const OVERHEAD: usize = 4096;

/// As what a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    /// A value.
    Value,
    /// The text of a file.
    Text(TextOptions),
}

impl Reading {
    pub(crate) fn options(self) -> TextOptions {
        match self {
            Self::Value => TextOptions::default(),
            Self::Text(options) => options,
        }
    }
}

/// Templates by what they were read from: an engine's, shared by its clones.
///
/// Two generations bound it without counting uses. What is asked for goes to the young one; where that is full it
/// becomes the old one, and what nobody has asked for since is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: Generation,
    old: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    templates: HashMap<Reading, HashMap<Arc<str>, CompiledTemplate, RandomState>>,
    bytes: usize,
}

impl Cache {
    /// The template that was read from a source before.
    pub(crate) fn get(&self, reading: Reading, source: &str, limit: usize) -> Option<CompiledTemplate> {
        let mut generations = self.generations();
        if let Some(found) = generations.young.get(reading, source) {
            return Some(found);
        }
        let found = generations.old.get(reading, source)?;
        let forgotten = generations.put(reading, found.clone(), limit);
        drop(generations);
        drop(forgotten);
        Some(found)
    }

    /// Keeps a template; `limit` is how many bytes are kept in all.
    pub(crate) fn put(&self, reading: Reading, template: CompiledTemplate, limit: usize) {
        // Forgetting thousands of templates takes a while, in which nobody should wait for the lock.
        let forgotten = self.generations().put(reading, template, limit);
        drop(forgotten);
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    /// Keeps a template; what is forgotten for it.
    fn put(&mut self, reading: Reading, template: CompiledTemplate, limit: usize) -> Option<Generation> {
        let bytes = template.memory() + OVERHEAD;
        if bytes > limit / 2 {
            return None;
        }
        let full = self.young.bytes + bytes > limit / 2;
        let forgotten = full.then(|| std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        let templates = self.young.templates.entry(reading).or_default();
        if templates.insert(template.shared_source(), template).is_none() {
            self.young.bytes += bytes;
        }
        forgotten
    }
}

impl Generation {
    fn get(&self, reading: Reading, source: &str) -> Option<CompiledTemplate> {
        self.templates.get(&reading)?.get(source).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Engine, Mode};

    /// How many of the numbered templates are kept.
    fn kept(cache: &Cache, numbers: std::ops::Range<usize>, limit: usize) -> usize {
        numbers.filter(|it| cache.get(Reading::Value, &source(*it), limit).is_some()).count()
    }

    fn source(number: usize) -> String {
        format!("${{{{ {number} }}}}")
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let (engine, cache) = (Engine::new(Mode::Backstage), Cache::default());
        let read = |number| engine.compile_value(&source(number)).unwrap();
        let limit = 64 * (read(100).memory() + OVERHEAD);
        for number in 0..1000 {
            cache.put(Reading::Value, read(number), limit);
            assert!(cache.get(Reading::Value, &source(0), limit).is_some(), "asked for at {number}");
        }
        assert!((32..=64).contains(&kept(&cache, 0..1000, limit)));
        assert!(cache.get(Reading::Text(TextOptions::default()), &source(0), limit).is_none());
    }

    #[test]
    fn a_template_weighs_what_it_was_read_to() {
        let engine = Engine::new(Mode::Backstage);
        let weight = |source: &str| engine.compile_text(source, TextOptions::default()).unwrap().memory();
        let (dense, text) = ("${{a}}".repeat(1000), format!("{}${{{{a}}}}", " ".repeat(5994)));
        assert_eq!(dense.len(), text.len());
        assert!(weight(&dense) > 20 * weight(&text), "{} and {}", weight(&dense), weight(&text));
    }

    #[test]
    fn an_engine_reads_a_template_once() {
        let engine = Engine::new(Mode::Backstage);
        let same = |one: &CompiledTemplate, other: &CompiledTemplate| {
            Arc::ptr_eq(&one.shared_source(), &other.shared_source())
        };
        let first = engine.compile_value("${{ 1 }}").unwrap();
        assert!(same(&first, &engine.clone().compile_value("${{ 1 }}").unwrap()));
        assert!(!same(&first, &engine.compile_text("${{ 1 }}", TextOptions::default()).unwrap()));
        assert!(!same(&first, &Engine::new(Mode::Backstage).compile_value("${{ 1 }}").unwrap()));
    }
}
