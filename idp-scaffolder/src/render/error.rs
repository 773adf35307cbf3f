//! What can go wrong when files are rendered.

use idp_core::{Error, ErrorKind, TreeError, TreePath};

use crate::expr::{ErrorCode, TemplateError};

/// Why files could not be rendered: which file, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The name of a file or folder could not be rendered.
    #[error("name of {path}: {error}")]
    Name {
        /// The path in the skeleton.
        path: TreePath,
        /// What went wrong.
        error: TemplateError,
    },
    /// The content of a file could not be rendered.
    #[error("{path}:{}:{}: {}", .error.line(), .error.column(), .error.message())]
    Content {
        /// The path in the skeleton.
        path: TreePath,
        /// What went wrong.
        error: TemplateError,
    },
    /// A path cannot be written.
    #[error("{path}: {error}")]
    Path {
        /// The path as it is in the skeleton or the options.
        path: String,
        /// What is wrong with it.
        error: TreeError,
    },
    /// The skeleton as a whole takes too much work.
    #[error("{path}: the skeleton takes too much work up to here")]
    Work {
        /// The path in the skeleton at which it was too much.
        path: TreePath,
    },
    /// The options contradict each other, or one is not usable.
    #[error("{message}")]
    Options {
        /// What is wrong.
        message: String,
    },
}

impl RenderError {
    pub(super) fn name(path: &TreePath, error: TemplateError) -> Self {
        Self::Name { path: path.clone(), error }
    }

    pub(super) fn content(path: &TreePath, error: TemplateError) -> Self {
        Self::Content { path: path.clone(), error }
    }

    pub(super) fn path(path: &str, error: TreeError) -> Self {
        Self::Path { path: path.to_owned(), error }
    }

    pub(super) fn work(path: &TreePath) -> Self {
        Self::Work { path: path.clone() }
    }

    pub(super) fn options(message: impl Into<String>) -> Self {
        Self::Options { message: message.into() }
    }

    /// What went wrong in a template, where it is that.
    pub fn template_error(&self) -> Option<&TemplateError> {
        match self {
            Self::Name { error, .. } | Self::Content { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<RenderError> for Error {
    fn from(error: RenderError) -> Self {
        let limit = |error: &TemplateError| error.code() == ErrorCode::Limit;
        let kind = match &error {
            RenderError::Path { error, .. } => return Self::from(error.clone()).with("path", error),
            RenderError::Work { .. } => ErrorKind::LimitExceeded,
            error if error.template_error().is_some_and(limit) => ErrorKind::LimitExceeded,
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}
