//! A bound on walks through a value: lists can be nested deeply, and shared so often that they unfold without end.

use crate::expr::fail::{Fail, Outcome};

/// How deep a walk goes.
const DEPTH: usize = 400;

/// How many values it visits.
const VALUES: usize = 500_000;

/// A walk through a value.
#[derive(Debug)]
pub(crate) struct Walk {
    depth: usize,
    left: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self { depth: 0, left: VALUES }
    }
}

impl Walk {
    /// Visits one value.
    pub(crate) fn visit(&mut self) -> Outcome<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| Fail::limit("a value has too many parts"))?;
        Ok(())
    }

    /// Goes into a value.
    pub(crate) fn inside<T>(&mut self, part: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= DEPTH {
            return Err(Fail::limit("a value is nested too deeply"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }
}
