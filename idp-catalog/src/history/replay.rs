//! The log, read again from its beginning or its checkpoint.

use std::collections::VecDeque;

use idp_core::{Error, ErrorKind, Event, Result};

use super::moment::Moment;
use crate::Catalog;
use crate::catalog::{PAGE, State, Touched, checkpoint, take};

/// A state that follows the log, one event at a time.
pub(super) struct Replay<'c> {
    catalog: &'c Catalog,
    pub(super) state: State,
    ahead: VecDeque<Event>,
}

impl<'c> Replay<'c> {
    /// The earliest state that the log still knows.
    pub(super) async fn earliest(catalog: &'c Catalog) -> Result<Self> {
        let stored = catalog.log.checkpoint(&catalog.stream).await?;
        let packer = catalog.packer();
        let state = match &stored {
            Some(stored) => checkpoint::read(stored, packer)?,
            None => State::with(packer.clone()),
        };
        Ok(Self { catalog, state, ahead: VecDeque::new() })
    }

    /// The state at a moment.
    pub(super) async fn at(catalog: &'c Catalog, moment: Moment) -> Result<Self> {
        let mut replay = Self::earliest(catalog).await?;
        if moment.is_before(replay.state.revision, replay.state.latest) {
            // A log may keep events that its checkpoint stands for.
            replay.state = State::with(catalog.packer().clone());
        }
        replay.advance(moment).await?;
        Ok(replay)
    }

    /// Goes on to a moment, and says what is touched on the way.
    pub(super) async fn advance(&mut self, moment: Moment) -> Result<Touched> {
        let touched = self.advance_while(|it| !moment.is_before(it.revision, it.time)).await?;
        match moment {
            Moment::Revision(revision) if revision > self.state.revision => {
                let error = Error::new(ErrorKind::InvalidInput, "the catalog has no such revision yet");
                Err(error.with("revision", revision).with("head", self.state.revision))
            }
            _ => Ok(touched),
        }
    }

    /// Goes on as long as the next event is wanted, and says what is touched on the way.
    pub(super) async fn advance_while(&mut self, wanted: impl Fn(&Event) -> bool) -> Result<Touched> {
        let mut touched = Touched::default();
        while self.peek().await?.is_some_and(&wanted) {
            touched.add(self.step()?);
        }
        Ok(touched)
    }

    /// The next event, which is not taken in yet.
    pub(super) async fn peek(&mut self) -> Result<Option<&Event>> {
        if self.ahead.is_empty() {
            self.ahead = self.catalog.log.read(&self.catalog.stream, self.state.revision, PAGE).await?.into();
        }
        Ok(self.ahead.front())
    }

    /// Takes the next event in.
    pub(super) fn step(&mut self) -> Result<Touched> {
        let Some(event) = self.ahead.pop_front() else { return Ok(Touched::default()) };
        take(&mut self.state, std::slice::from_ref(&event))
    }
}
