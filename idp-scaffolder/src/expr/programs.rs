//! Programs that minijinja has read. Templates whose tags are alike have the same one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use super::limits::Limits;

/// The name of the one template of an environment.
pub(super) const NAME: &str = "template";

/// How many programs are kept: each template has tags of its own where this is not enough.
const MOST: usize = 256;

/// How long a program may be that is kept.
const LENGTH: usize = 4096;

/// The programs of an engine, read and ready to run: `MOST` of `LENGTH` bytes each at most, beside what
/// [`Limits::kept`] is about; none where that is 0.
#[derive(Debug, Default)]
pub(crate) struct Programs(Mutex<HashMap<String, Arc<Environment<'static>>, RandomState>>);

impl Programs {
    /// What runs a program, within the limits.
    ///
    /// # Errors
    /// minijinja cannot read it: it nests too deeply.
    pub(super) fn read(&self, program: String, limits: Limits) -> Result<Arc<Environment<'static>>, Error> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&program) {
            return Ok(Arc::clone(found));
        }
        let environment = Arc::new(environment(program.clone(), limits.work)?);
        if program.len() <= LENGTH && limits.kept > 0 {
            let mut known = known();
            let forgotten =
                if known.len() == MOST { std::mem::take(&mut *known) } else { HashMap::default() };
            known.insert(program, Arc::clone(&environment));
            // Nobody should wait for the lock while they are dropped.
            drop(known);
            drop(forgotten);
        }
        Ok(environment)
    }
}

fn environment(program: String, work: u64) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(work));
    environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build()?);
    environment.add_template_owned(NAME, program)?;
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_read_once_and_few_are_kept() {
        let programs = Programs::default();
        let read = |program: &str| programs.read(program.to_owned(), Limits::default()).unwrap();
        let same = |program: &str| Arc::ptr_eq(&read(program), &read(program));
        assert!(same("{{op(0)}}") && !Arc::ptr_eq(&read("{{op(0)}}"), &read("{{op(1)}}")));
        assert!(!same(&"{{op(0)}}".repeat(LENGTH)));
        (0..2 * MOST).for_each(|number| drop(read(&format!("{{{{op({number})}}}}"))));
        assert!(programs.0.lock().unwrap().len() <= MOST);
        assert!(programs.read("{% if %}".to_owned(), Limits::default()).is_err());
    }

    #[test]
    fn no_program_is_kept_where_nothing_is_to_be_kept() {
        let (programs, limits) = (Programs::default(), Limits { kept: 0, ..Limits::default() });
        programs.read("{{op(0)}}".to_owned(), limits).unwrap();
        assert!(programs.0.lock().unwrap().is_empty());
    }
}
