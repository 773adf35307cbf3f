//! The one error type of every contract.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Redactor};

/// `Result` with this crate's [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, named by what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The thing asked for is not there.
    NotFound,
    /// The thing to be made is there already.
    AlreadyExists,
    /// The request itself is wrong; the diagnostics or the message say where.
    InvalidInput,
    /// The world is not as the caller assumed: a stale revision, a stale plan, a lost race.
    Conflict,
    /// The other side does not know who is asking.
    Unauthenticated,
    /// The other side knows, and refuses.
    PermissionDenied,
    /// Too many requests; [`Retry::After`] says when to come back where that is known.
    RateLimited,
    /// The other side cannot be reached or does not answer.
    Unavailable,
    /// A time limit of the host ran out.
    Timeout,
    /// The caller asked to stop.
    Cancelled,
    /// A size, count, depth or work limit was reached.
    LimitExceeded,
    /// This implementation cannot do that.
    Unsupported,
    /// A program or service that has to be installed or configured is missing.
    Missing,
    /// Stored data does not read back as what was written.
    Corrupt,
    /// A defect of the implementation.
    Internal,
}

/// Whether trying the same call again can help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// The same call fails the same way.
    #[default]
    Never,
    /// It may succeed later.
    Later,
    /// It may succeed after this long.
    After(Duration),
}

/// What became of the effect that was being applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectState {
    /// Nothing was changed.
    #[default]
    NotStarted,
    /// The change was made in full, and reporting it failed.
    Applied,
    /// It cannot be told: the host observes before it does anything else.
    Unknown,
}

/// An opaque error: a kind to match on, a retry hint, the state of the effect, context pairs and a source.
///
/// `Display` is one line and does not repeat the source; walk [`StdError::source`] for the chain.
///
/// ```
/// use idp_core::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::NotFound, "no such repository").with("host", "git.example.org");
/// assert_eq!(error.to_string(), "no such repository (host: git.example.org)");
/// assert!(!error.is_retryable());
/// ```
pub struct Error(Box<Repr>);

struct Repr {
    kind: ErrorKind,
    message: String,
    retry: Retry,
    effect: EffectState,
    context: Vec<(&'static str, String)>,
    diagnostics: Vec<Diagnostic>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind. The message is lower-case, has no full stop and does not contain the source.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::Unavailable | ErrorKind::RateLimited | ErrorKind::Timeout => Retry::Later,
            _ => Retry::Never,
        };
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            retry,
            effect: EffectState::NotStarted,
            context: Vec::new(),
            diagnostics: Vec::new(),
            source: None,
        }))
    }

    /// [`ErrorKind::InvalidInput`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// [`ErrorKind::InvalidInput`] carrying the problems found. The first one becomes the message.
    pub fn diagnosed(diagnostics: Vec<Diagnostic>) -> Self {
        let message = diagnostics.first().map_or_else(|| "invalid input".to_owned(), ToString::to_string);
        let mut error = Self::invalid(message);
        error.0.diagnostics = diagnostics;
        error
    }

    /// [`ErrorKind::Internal`].
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The same problems, told as [`ErrorKind::Conflict`] under another message.
    #[must_use]
    pub fn into_conflict(mut self, message: impl Into<String>) -> Self {
        self.0.kind = ErrorKind::Conflict;
        self.0.message = message.into();
        self
    }

    /// The same error with every secret masked: in message, context, diagnostics and causes. The causes become text.
    #[must_use]
    pub fn masked(mut self, redactor: &Redactor) -> Self {
        let mask = |text: &str| redactor.text(text).into_owned();
        let mut causes = Vec::new();
        let mut cause = StdError::source(&self);
        while let Some(error) = cause {
            causes.push(mask(&error.to_string()));
            cause = error.source();
        }
        self.0.source = (!causes.is_empty()).then(|| causes.join(": ").into());
        self.0.message = mask(&self.0.message);
        self.0.context.iter_mut().for_each(|(_, value)| *value = mask(value));
        for diagnostic in &mut self.0.diagnostics {
            diagnostic.message = mask(&diagnostic.message);
            diagnostic.help = diagnostic.help.as_deref().map(mask);
        }
        self
    }

    /// Adds a fact: `("host", "git.example.org")`. Never a secret.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Overrides the retry hint that follows from the kind.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Says what became of the effect.
    #[must_use]
    pub fn effect(mut self, effect: EffectState) -> Self {
        self.0.effect = effect;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether trying again can help.
    pub fn retry_hint(&self) -> Retry {
        self.0.retry
    }

    /// True unless the hint is [`Retry::Never`].
    pub fn is_retryable(&self) -> bool {
        self.0.retry != Retry::Never
    }

    /// What became of the effect that was being applied.
    pub fn effect_state(&self) -> EffectState {
        self.0.effect
    }

    /// The facts added by [`Error::with`], in order.
    pub fn context(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.context.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// The problems carried, if the input was at fault.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// Message and causes on one line, joined by `: `, for a log or a journal.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (index, (key, value)) in self.0.context.iter().enumerate() {
            write!(f, "{}{key}: {value}", if index == 0 { " (" } else { ", " })?;
        }
        if self.0.context.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("retry", &self.0.retry)
            .field("effect", &self.0.effect)
            .field("context", &self.0.context)
            .field("diagnostics", &self.0.diagnostics)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_error_keeps_everything_but_the_secret() {
        let cause = Error::invalid("token s3cr3t is wrong");
        let error =
            Error::new(ErrorKind::Unavailable, "cannot use s3cr3t").with("token", "s3cr3t").because(cause);
        let masked = error.masked(&Redactor::new([crate::Secret::new("s3cr3t")]));
        assert_eq!(masked.chain(), "cannot use *** (token: ***): token *** is wrong");
        assert!(masked.is_retryable() && !format!("{masked:?}").contains("s3cr3t"));
    }

    #[test]
    fn chain_names_every_cause_once() {
        let error = Error::new(ErrorKind::Unavailable, "cannot push").because("connection refused");
        assert_eq!(error.to_string(), "cannot push");
        assert_eq!(error.chain(), "cannot push: connection refused");
        assert!(error.is_retryable());
    }
}
