//! Where names live while a template runs.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use minijinja::Value;

/// Nested frames. The first one is the template's own.
#[derive(Debug)]
pub(crate) struct Frames {
    all: Vec<Frame>,
    current: usize,
}

#[derive(Debug, Default)]
struct Frame {
    /// Where a name is looked for next.
    parent: Option<usize>,
    names: HashMap<String, Value, RandomState>,
    /// Writes do not reach beyond this frame: a macro's.
    isolated: bool,
    progress: Option<Progress>,
}

/// How far a loop is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) index: usize,
    pub(crate) length: usize,
}

/// What to go back to after a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    current: usize,
    count: usize,
}

impl Default for Frames {
    fn default() -> Self {
        Self { all: vec![Frame::default()], current: 0 }
    }
}

impl Frames {
    pub(crate) fn current(&self) -> usize {
        self.current
    }

    /// Opens a frame; a loop's knows how many rounds it has.
    pub(crate) fn enter(&mut self, rounds: Option<usize>) {
        let progress = rounds.map(|length| Progress { index: 0, length });
        self.push(Frame { parent: Some(self.current), progress, ..Frame::default() });
    }

    /// Opens the frame of a macro, which sees a given frame and writes to none.
    pub(crate) fn call(&mut self, parent: usize) -> Mark {
        let mark = Mark { current: self.current, count: self.all.len() };
        self.push(Frame { parent: Some(parent), isolated: true, ..Frame::default() });
        mark
    }

    fn push(&mut self, frame: Frame) {
        self.current = self.all.len();
        self.all.push(frame);
    }

    /// Closes the innermost frame.
    pub(crate) fn leave(&mut self) {
        if self.all.len() > 1 {
            self.current = self.all.pop().and_then(|frame| frame.parent).unwrap_or(0);
        }
    }

    /// Closes a macro's frame and all within.
    pub(crate) fn back(&mut self, mark: Mark) {
        self.all.truncate(mark.count);
        self.current = mark.current;
    }

    /// The next round of the innermost loop.
    pub(crate) fn next_round(&mut self) -> Option<Progress> {
        let progress = self.all[self.current].progress.as_mut()?;
        progress.index += 1;
        Some(Progress { index: progress.index - 1, length: progress.length })
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let mut at = Some(self.current);
        while let Some(frame) = at.and_then(|at| self.all.get(at)) {
            if let Some(value) = frame.names.get(name) {
                return Some(value.clone());
            }
            at = frame.parent;
        }
        None
    }

    /// Whether the innermost frame itself has a name.
    pub(crate) fn has_own(&self, name: &str) -> bool {
        self.all[self.current].names.contains_key(name)
    }

    /// Gives the innermost frame a name.
    pub(crate) fn declare(&mut self, name: &str, value: Value) {
        let names = &mut self.all[self.current].names;
        match names.get_mut(name) {
            Some(slot) => *slot = value,
            None => drop(names.insert(name.to_owned(), value)),
        }
    }

    /// Changes a name where it is already, within the macro; else the innermost frame gets it.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let mut at = Some(self.current);
        while let Some(frame) = at.and_then(|at| self.all.get_mut(at)) {
            if let Some(slot) = frame.names.get_mut(name) {
                *slot = value;
                return;
            }
            at = if frame.isolated { None } else { frame.parent };
        }
        self.declare(name, value);
    }
}
