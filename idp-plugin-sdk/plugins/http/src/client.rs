//! The HTTP client.

use std::time::Duration;

use idp_plugin_sdk::{Error, ErrorKind, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// How long a connection may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// A client that follows no redirect by itself.
pub(crate) fn client() -> Result<Client> {
    let builder = Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .user_agent(concat!("idp-plugin-http/", env!("CARGO_PKG_VERSION")));
    with_tls(builder)?.build().map_err(|error| unusable("cannot make an HTTP client").because(error))
}

/// Certificates as the system trusts them, on a crypto provider of our own: none is installed for the process.
#[cfg(feature = "tls")]
fn with_tls(builder: ClientBuilder) -> Result<ClientBuilder> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::crypto::ring::default_provider;
    use rustls_platform_verifier::BuilderVerifierExt;

    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| unusable("cannot set up TLS").because(error))?;
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

#[cfg(not(feature = "tls"))]
#[allow(clippy::unnecessary_wraps, reason = "with TLS it can fail")]
fn with_tls(builder: ClientBuilder) -> Result<ClientBuilder> {
    Ok(builder)
}

fn unusable(message: &str) -> Error {
    Error::new(ErrorKind::Missing, message)
}
