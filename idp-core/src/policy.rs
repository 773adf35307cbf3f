//! Who is asking, and what they may do.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{EntityRef, Predicate, Result, Secret};

/// Somebody or something that acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Principal {
    /// The entity that stands for it: `user:default/ada`.
    pub entity_ref: EntityRef,
    /// The groups it belongs to, directly or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<EntityRef>,
    /// An address for authorship of commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Principal {
    /// A principal that belongs to no group.
    pub fn new(entity_ref: EntityRef) -> Self {
        Self { entity_ref, groups: Vec::new(), email: None }
    }

    /// With the groups it belongs to.
    #[must_use]
    pub fn in_groups(mut self, groups: impl IntoIterator<Item = EntityRef>) -> Self {
        self.groups.extend(groups);
        self
    }

    /// With an address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }
}

/// Tells who holds a token.
#[async_trait]
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// The principal behind a token.
    ///
    /// - A token it does not accept is [`crate::ErrorKind::Unauthenticated`].
    /// - The token appears in no error and no log.
    async fn authenticate(&self, token: &Secret) -> Result<Principal>;
}

/// What is asked of a [`Policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyRequest<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// What for: `catalog.entity.read`, `run.apply`.
    pub permission: &'a str,
    /// The one thing it is about; `None` asks for all things of a kind at once.
    pub subject: Option<&'a EntityRef>,
}

impl<'a> PolicyRequest<'a> {
    /// A question about all things the permission applies to.
    pub fn new(principal: &'a Principal, permission: &'a str) -> Self {
        Self { principal, permission, subject: None }
    }

    /// The question about one thing.
    #[must_use]
    pub fn about(mut self, subject: &'a EntityRef) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// A [`Policy`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Yes.
    Allow,
    /// No, and why.
    Deny(String),
    /// Yes for the entities that satisfy this: the host adds it to the query.
    AllowIf(Predicate),
}

/// Decides what a principal may do.
#[async_trait]
pub trait Policy: fmt::Debug + Send + Sync + 'static {
    /// The decision.
    ///
    /// - The same request gets the same answer while nothing it depends on changes.
    /// - A policy that cannot decide returns an error, which the host treats as [`Decision::Deny`].
    async fn decide(&self, request: &PolicyRequest<'_>) -> Result<Decision>;
}
