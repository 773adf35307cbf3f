//! Evaluates the operations of an expression, innermost first.

use std::sync::atomic::Ordering;

use minijinja::{Error, ErrorKind, State, Value};

use super::Run;
use crate::expr::fail::Fail;
use crate::expr::lower::{Op, Operand, Site};
use crate::expr::value::{View, items, truthy, view};

/// How deep evaluation goes, macros that call each other included: what a thread with a small stack can take.
const DEPTH: usize = 400;

/// How many bytes an output prints in most cases.
const PRINTED: usize = 24;

impl Run {
    /// What the operation of a site gives; `given` is what the program passed along.
    pub(super) fn evaluate(
        &self,
        state: &mut State<'_, '_>,
        number: usize,
        given: &[Value],
    ) -> Result<Value, Error> {
        let Some(site) = self.program.sites.get(number) else {
            return Err(Error::new(ErrorKind::InvalidOperation, "no such operation"));
        };
        let is_line = matches!(site.op, Op::Join);
        if !is_line {
            self.last.store(number, Ordering::Relaxed);
        }
        state.consume_fuel(1 + site.operands.len() as u64)?;
        // Nobody else counts: a rendering stays on its thread.
        let depth = self.nesting.load(Ordering::Relaxed);
        if depth == DEPTH {
            return Err(self.stop(Fail::limit("the template is nested too deeply"), site.span));
        }
        // A line of outputs is none inside of another, and has no place of its own.
        self.nesting.store(depth + usize::from(!is_line), Ordering::Relaxed);
        let value = self.outcome(state, site, given);
        self.nesting.store(depth, Ordering::Relaxed);
        value
    }

    fn outcome(&self, state: &mut State<'_, '_>, site: &Site, given: &[Value]) -> Result<Value, Error> {
        match (&site.op, &site.operands[..]) {
            (Op::And, operands) => self.first_where(false, state, operands, given),
            (Op::Or, operands) => self.first_where(true, state, operands, given),
            (Op::Inline, [condition, then, otherwise]) => {
                let (_, holds) = self.tested(state, condition, given)?;
                self.operand(state, if holds { then } else { otherwise }, given)
            }
            (Op::Join, [only]) => self.operand(state, only, given),
            (Op::Join, operands) => self.joined(state, operands, given),
            // Most operations have few operands, which then need no list on the heap.
            (_, []) => self.charged(state, site, &[]),
            (_, [only]) => {
                let values = [self.operand(state, only, given)?];
                self.charged(state, site, &values)
            }
            (_, [first, second]) => {
                let values = [self.operand(state, first, given)?, self.operand(state, second, given)?];
                self.charged(state, site, &values)
            }
            (_, operands) => {
                let values = operands.iter().map(|it| self.operand(state, it, given));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                self.charged(state, site, &values)
            }
        }
    }

    /// The texts of operands, one after the other. Each has been charged; together they are part of the output.
    fn joined(
        &self,
        state: &mut State<'_, '_>,
        operands: &[Operand],
        given: &[Value],
    ) -> Result<Value, Error> {
        let (mut joined, mut printed) = (String::with_capacity(room(operands)), 0);
        for operand in operands {
            let text = self.operand(state, operand, given)?;
            let text = text.as_str().unwrap_or_default();
            joined.push_str(text);
            // The template's own texts are charged where the line is answered and where it is written.
            printed += if matches!(operand, Operand::Literal(_)) { 0 } else { text.len() };
            if joined.len() > self.settings.limits.output {
                return Err(self.stop(Fail::limit("the output is too long"), self.place()));
            }
        }
        state.consume_fuel(moved(printed))?;
        Ok(Value::from(joined))
    }

    /// Runs an operation, and charges what it goes through and what it builds.
    fn charged(&self, state: &mut State<'_, '_>, site: &Site, operands: &[Value]) -> Result<Value, Error> {
        state.consume_fuel(moved(operands.iter().map(size).sum()))?;
        let value = self.operate(state, site, operands).map_err(|fail| self.stop(fail, site.span))?;
        // What has a name, or is a part of something, is not built but shared.
        if !matches!(site.op, Op::Name(_) | Op::Path(_)) {
            let size = size(&value);
            self.charge(size).map_err(|fail| self.stop(fail, site.span))?;
            state.consume_fuel(moved(size))?;
        }
        Ok(value)
    }

    fn operand(&self, state: &mut State<'_, '_>, operand: &Operand, given: &[Value]) -> Result<Value, Error> {
        match operand {
            Operand::Site(number) => self.evaluate(state, *number, given),
            Operand::Literal(value) => Ok(value.clone()),
            Operand::Given(at) => Ok(given.get(*at).cloned().unwrap_or(Value::UNDEFINED)),
        }
    }

    /// The first operand of this truth, or the last one, whose truth nobody asks.
    fn first_where(
        &self,
        truth: bool,
        state: &mut State<'_, '_>,
        operands: &[Operand],
        given: &[Value],
    ) -> Result<Value, Error> {
        let Some((last, others)) = operands.split_last() else { return Ok(Value::UNDEFINED) };
        for operand in others {
            let (value, found) = self.tested(state, operand, given)?;
            if found == truth {
                return Ok(value);
            }
        }
        self.operand(state, last, given)
    }

    /// A value and its truth, which must be known.
    fn tested(
        &self,
        state: &mut State<'_, '_>,
        operand: &Operand,
        given: &[Value],
    ) -> Result<(Value, bool), Error> {
        let value = self.operand(state, operand, given)?;
        let span = match operand {
            Operand::Site(number) => self.program.sites.get(*number).map(|site| site.span),
            _ => None,
        };
        let truth = truthy(&value).map_err(|fail| self.stop(fail, span.unwrap_or_default()))?;
        Ok((value, truth))
    }
}

/// How many bytes an operation goes through, or builds: those of a text, or of a list's places and a record's keys.
fn size(value: &Value) -> usize {
    match view(value) {
        View::Str(text) => text.len(),
        View::Safe(text) => text.len(),
        View::Array(list) => items(list).len() * 16,
        View::Record(entries) => entries.len() * 4,
        _ => 0,
    }
}

/// How many bytes operands come to in most cases: the texts among them, and some for each output.
fn room(operands: &[Operand]) -> usize {
    let of = |operand: &Operand| match operand {
        Operand::Literal(text) => size(text),
        _ => PRINTED,
    };
    operands.iter().map(of).sum()
}

/// The work of moving so many bytes.
fn moved(bytes: usize) -> u64 {
    bytes as u64 / 64
}
