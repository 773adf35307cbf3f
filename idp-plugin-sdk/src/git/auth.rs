//! How a program proves to a server who it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp_core::Secret;

/// A token for every address that starts with a prefix.
#[derive(Clone, Debug)]
pub(super) struct Token {
    prefix: String,
    header: Secret,
    token: Secret,
}

impl Token {
    pub(super) fn new(prefix: String, user: &str, token: &Secret) -> Self {
        let basic = STANDARD.encode(format!("{user}:{}", token.expose()));
        Self { prefix, header: Secret::new(format!("Authorization: Basic {basic}")), token: token.clone() }
    }

    /// The configuration entry that sends it, and to its own server only.
    pub(super) fn entry(&self) -> (String, &Secret) {
        (format!("http.{}.extraHeader", self.prefix), &self.header)
    }

    pub(super) fn secrets(&self) -> [&Secret; 2] {
        [&self.header, &self.token]
    }
}
