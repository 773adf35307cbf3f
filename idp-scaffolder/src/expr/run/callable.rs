//! What can be called by its name.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::Value;

use crate::expr::settings::Function;
use crate::expr::value::Js;

/// Something that can be called.
pub(crate) enum Callable {
    /// A macro, or the body of a `call` tag.
    Macro(MacroValue),
    /// `range`.
    Range,
    /// `cycler`.
    CyclerMaker,
    /// What `cycler(…)` answers.
    Cycler { items: Vec<Value>, at: Mutex<Option<usize>> },
    /// `joiner`.
    JoinerMaker,
    /// What `joiner(…)` answers.
    Joiner { separator: Value, used: AtomicBool },
    /// `always` (true) and `failure` (whether a step failed).
    Status { answer: bool },
    /// A function that the host added.
    Host(Function),
}

/// A macro.
pub(crate) struct MacroValue {
    /// What minijinja runs.
    pub(crate) body: Value,
    pub(crate) parameters: Vec<String>,
    /// The frame that its body sees.
    pub(crate) frame: usize,
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callable")
    }
}

impl Callable {
    /// A member of a function: cyclers have some.
    pub(crate) fn member(&self, key: &str) -> Option<Value> {
        let Self::Cycler { items, at } = self else { return None };
        match key {
            "current" => {
                let at = *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                Some(at.and_then(|at| items.get(at)).cloned().unwrap_or(Value::from(())))
            }
            _ => None,
        }
    }

    /// Moves a cycler on, or back to its beginning.
    pub(crate) fn cycle(&self, next: bool) -> Value {
        let Self::Cycler { items, at } = self else { return Value::UNDEFINED };
        let mut at = at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *at = match (next, *at) {
            (true, Some(now)) => Some((now + 1) % items.len().max(1)),
            (true, None) => Some(0),
            (false, _) => None,
        };
        at.and_then(|at| items.get(at)).cloned().unwrap_or(Value::UNDEFINED)
    }

    /// A joiner's text: empty the first time.
    pub(crate) fn joined(separator: &Value, used: &AtomicBool) -> Value {
        if used.swap(true, Ordering::Relaxed) { separator.clone() } else { Value::from("") }
    }

    pub(crate) fn into_value(self) -> Value {
        Value::from_object(Js::Function(self))
    }
}
