//! What the kit has to know of a provider's system.

use std::path::PathBuf;

use async_trait::async_trait;
use idp_core::{Provider, Resource, Secret, Tree};

use crate::testkit::{BoxFuture, block_on};

/// Something that goes wrong in the system, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next change fails before it is made.
    BeforeEffect,
    /// The next change is made, and its answer is lost.
    AfterEffect,
    /// The next question is answered with nothing, though the thing is there: a flaky server.
    EmptyAnswer,
}

/// A provider in a world of its own, and the means to look at that world from outside.
#[async_trait]
pub trait ProviderSubject: Send + Sync {
    /// What is provided.
    type Resource: Resource;
    /// The provider.
    type Provider: Provider<Self::Resource>;

    /// The provider under test.
    fn provider(&self) -> &Self::Provider;

    /// A thing that is not there at first.
    fn first(&self) -> Self::Resource;

    /// The same thing, with other settings.
    fn second(&self) -> Self::Resource;

    /// Changes the thing, which is there as [`ProviderSubject::first`] wants it, behind the provider's back.
    async fn tamper(&self);

    /// A text that is another one whenever anything outside of the scratch folder has changed.
    async fn fingerprint(&self) -> String;

    /// How many things there are that the resource could mean.
    async fn count(&self) -> usize;

    /// Makes something go wrong once. False where this system cannot be made to.
    fn arrange(&self, _: Fault) -> bool {
        false
    }

    /// The files that the resources refer to.
    fn trees(&self) -> Vec<Tree> {
        Vec::new()
    }

    /// The secrets that the provider asks for, by name.
    fn secrets(&self) -> Vec<(String, Secret)> {
        Vec::new()
    }

    /// A folder for temporary files.
    fn scratch(&self) -> Option<PathBuf> {
        None
    }

    /// Runs a clause. For a provider that needs a runtime, in that runtime.
    fn run(&self, clause: BoxFuture<'_, ()>) {
        block_on(clause);
    }
}
