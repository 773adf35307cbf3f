//! What a host configures of Git, the same in every plugin that uses it.

use std::path::PathBuf;
use std::time::Duration;

use idp_core::{ProviderContext, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Git, GitUrl};
use crate::resources::Author;

/// How Git is run, and on whose behalf. Every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GitSettings {
    /// The `git` program; looked up in `PATH` where it is not named.
    pub program: Option<PathBuf>,
    /// How long one call of it may take.
    pub timeout_seconds: u64,
    /// Who writes commits that name no author.
    pub author: Author,
    /// What to tell servers that ask who is there. The first whose `url` matches is used.
    pub credentials: Vec<Credential>,
}

/// A user name and the secret that goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// For every repository whose URL starts so: `https://git.example.org/`.
    pub url: String,
    /// The user name; many servers take any with a token.
    #[serde(default = "any_user")]
    pub user: String,
    /// The name of the secret in the host's store.
    pub secret: String,
}

fn any_user() -> String {
    "x-access-token".to_owned()
}

impl Default for GitSettings {
    fn default() -> Self {
        Self {
            program: None,
            timeout_seconds: 300,
            author: Author::new("Scaffolder", "scaffolder@backstage.io"),
            credentials: Vec::new(),
        }
    }
}

impl GitSettings {
    /// The program, with the credentials that a repository needs.
    ///
    /// # Errors
    /// Those of the host's secret store.
    pub async fn git(&self, cx: &ProviderContext, url: &GitUrl) -> Result<Git> {
        let mut git = Git::new().with_timeout(Duration::from_secs(self.timeout_seconds));
        if let Some(program) = &self.program {
            git = git.with_program(program);
        }
        match self.credentials.iter().find(|it| url.as_str().starts_with(&it.url)) {
            Some(Credential { url, user, secret }) => {
                Ok(git.with_token(url, user, &cx.secrets.get(secret).await?))
            }
            None => Ok(git),
        }
    }
}
