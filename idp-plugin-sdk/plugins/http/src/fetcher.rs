//! Files by URL.

use std::time::Duration;

use idp_plugin_sdk::{
    Error, ErrorKind, FetchRequest, Fetched, Fetcher, Node, ProviderContext, Result, TreePath, Url,
    async_trait,
};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response};

use crate::answer::{self, Answer, shown};
use crate::client::client;
use crate::config::{Authorization, HttpConfig};
use crate::validator;

/// Reads one file by http or https URL.
#[derive(Clone, Debug)]
pub struct HttpFetcher {
    config: HttpConfig,
    client: Client,
}

impl HttpFetcher {
    /// A fetcher with a client of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`] where the system's certificates cannot be read.
    pub fn new(config: HttpConfig) -> Result<Self> {
        Ok(Self { config, client: client()? })
    }

    /// A fetcher with a client that the host brings: with its proxy, its certificates, its resolver.
    ///
    /// Its redirect policy should be [`reqwest::redirect::Policy::none`]: of redirects that the client follows by itself
    /// only the last URL is checked.
    pub fn with_client(config: HttpConfig, client: Client) -> Self {
        Self { config, client }
    }

    async fn read(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        let mut url = self.config.raw_url(&request.url).unwrap_or_else(|| request.url.clone());
        for _ in 0..=self.config.redirects {
            match self.ask(cx, request, &url).await? {
                Answer::Unchanged if request.known.is_some() => return Ok(Fetched::Unchanged),
                Answer::Unchanged => return Err(unavailable("the server says `unchanged`, unasked", &url)),
                Answer::Content(response) => return content(response, request).await,
                Answer::Elsewhere(target) => url = self.redirect(&url, target)?,
            }
        }
        Err(Error::new(ErrorKind::LimitExceeded, "too many redirects").with("url", shown(&request.url)))
    }

    async fn ask(&self, cx: &ProviderContext, request: &FetchRequest, url: &Url) -> Result<Answer> {
        let mut call = self.client.get(url.clone()).timeout(Duration::from_secs(self.config.timeout_seconds));
        if let Some((name, value)) = request.known.as_ref().and_then(validator::condition) {
            call = call.header(name, value);
        }
        let response = self.authorize(cx, call, url).await?.send().await.map_err(|it| failed(it, url))?;
        if response.url().host() != url.host() && !self.config.hosts.permit(response.url()) {
            return Err(not_allowed(response.url()));
        }
        let now = Timestamp::from_millisecond(cx.clock.now().as_millis()).unwrap_or_default();
        answer::read(response, url, now)
    }

    /// Adds the secret that is for a URL, asked for again for every redirect: no server is told another's.
    async fn authorize(
        &self,
        cx: &ProviderContext,
        call: RequestBuilder,
        url: &Url,
    ) -> Result<RequestBuilder> {
        let Some(credential) = self.config.credentials.iter().find(|it| it.is_for(url)) else {
            return Ok(call);
        };
        // A secret that is missing is not a file that is gone.
        let secret = cx.secrets.get(&credential.secret).await.map_err(|error| {
            Error::new(ErrorKind::Missing, "the server's secret is not to be had").because(error)
        })?;
        let header = match &credential.authorization {
            Authorization::Bearer => return Ok(call.bearer_auth(secret.expose())),
            Authorization::Basic(user) => return Ok(call.basic_auth(user, Some(secret.expose()))),
            Authorization::Header(name) => name,
        };
        let unusable = || Error::invalid("a secret cannot be sent in this header").with("header", header);
        let name = HeaderName::from_bytes(header.as_bytes()).map_err(|_| unusable())?;
        let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| unusable())?;
        value.set_sensitive(true);
        Ok(call.header(name, value))
    }

    fn redirect(&self, from: &Url, to: Url) -> Result<Url> {
        let downgraded = from.scheme() == "https" && to.scheme() != "https";
        let allowed = from.origin() == to.origin() || self.config.hosts.permit(&to);
        if downgraded || !is_plain(&to) || !allowed {
            let message = "the server redirects to a place that is not allowed";
            return Err(Error::new(ErrorKind::PermissionDenied, message)
                .with("from", shown(from))
                .with("to", shown(&to)));
        }
        Ok(to)
    }
}

#[async_trait]
impl Fetcher for HttpFetcher {
    fn name(&self) -> &str {
        "http"
    }

    fn handles(&self, url: &Url) -> bool {
        is_plain(url) && (self.config.hosts.permit(url) || self.config.raw_url(url).is_some())
    }

    async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        cx.cancel.check()?;
        if !self.handles(&request.url) {
            return Err(not_allowed(&request.url));
        }
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => Err(Error::new(ErrorKind::Cancelled, "cancelled")),
            fetched = self.read(cx, request) => fetched,
        }
    }
}

/// http or https, and no credentials in it.
fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}

/// The bytes of an answer, as far as the limits allow: more is never taken in.
async fn content(mut response: Response, request: &FetchRequest) -> Result<Fetched> {
    let (url, limit) = (request.url.clone(), request.limits.bytes);
    let validator = validator::of(response.headers());
    // A server that does not know of conditions sends everything again.
    if validator.is_some() && validator == request.known {
        return Ok(Fetched::Unchanged);
    }
    let too_large = || {
        Error::new(ErrorKind::LimitExceeded, "the answer is too large")
            .with("url", shown(&url))
            .with("limit", limit)
    };
    if response.content_length().is_some_and(|it| it > limit) || request.limits.nodes == 0 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(error, &url))? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched::File { name: name(&url)?, node: Node::file(bytes), validator })
}

/// The last part of the path.
fn name(url: &Url) -> Result<TreePath> {
    let last = url.path().rsplit('/').find(|it| !it.is_empty()).unwrap_or("index");
    let decoded = percent_decode_str(last).decode_utf8_lossy().replace(['/', '\\', '\0'], "_");
    let named = if matches!(&*decoded, "." | "..") { "index" } else { &*decoded };
    Ok(TreePath::new(named)?)
}

fn not_allowed(url: &Url) -> Error {
    Error::new(ErrorKind::Unsupported, "this host is not allowed").with("url", shown(url))
}

fn unavailable(message: &str, url: &Url) -> Error {
    Error::new(ErrorKind::Unavailable, message).with("url", shown(url))
}

fn failed(error: reqwest::Error, url: &Url) -> Error {
    let (kind, message) = match () {
        () if error.is_timeout() => (ErrorKind::Timeout, "the server takes too long"),
        () if error.is_builder() => (ErrorKind::InvalidInput, "the request cannot be made"),
        () => (ErrorKind::Unavailable, "the server cannot be reached"),
    };
    Error::new(kind, message).with("url", shown(url)).because(error.without_url())
}
