//! Servers that redirect, refuse, stall and send too much.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use idp_plugin_http::{Authorization, Credential, HttpConfig, HttpFetcher};
use idp_plugin_sdk::{
    Cancel, Error, ErrorKind, FetchRequest, Fetched, Fetcher, GivenSecrets, ProviderContext, Retry, Secret,
    Url,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn config() -> HttpConfig {
    HttpConfig::default().allow("127.0.0.1").unwrap()
}

async fn serve(server: &MockServer, at: &str, response: ResponseTemplate) {
    Mock::given(path(at)).respond_with(response).mount(server).await;
}

async fn fetch(config: HttpConfig, cx: &ProviderContext, url: &str) -> Result<Fetched, Error> {
    let fetcher = HttpFetcher::new(config).unwrap();
    fetcher.fetch(cx, &FetchRequest::new(Url::parse(url).unwrap())).await
}

async fn get(config: HttpConfig, url: &str) -> Result<Vec<u8>, Error> {
    let tree = fetch(config, &ProviderContext::default(), url).await?.into_tree()?;
    Ok(tree.iter().find_map(|(path, _)| tree.read(path)).unwrap().to_vec())
}

fn redirect(to: &str) -> ResponseTemplate {
    ResponseTemplate::new(302).insert_header("location", to)
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_they_are_allowed() {
    let (server, other) = (MockServer::start().await, MockServer::start().await);
    serve(&server, "/a", redirect("/b?x=1")).await;
    serve(&server, "/b", ResponseTemplate::new(200).set_body_string("here")).await;
    serve(&server, "/loop", redirect("/loop")).await;
    serve(&server, "/nowhere", ResponseTemplate::new(301)).await;
    serve(&server, "/out", redirect(&format!("{}/b", other.uri()))).await;
    serve(&server, "/file", redirect("file:///etc/passwd")).await;
    serve(&server, "/private", redirect("http://user:pw@127.0.0.1/b")).await;
    serve(&other, "/b", ResponseTemplate::new(200).set_body_string("elsewhere")).await;
    let at = |path: &str| format!("{}{path}", server.uri());
    let only_here = || HttpConfig::default().allow(&server.address().to_string()).unwrap();

    assert_eq!(get(only_here(), &at("/a")).await.unwrap(), b"here");
    assert_eq!(get(config(), &at("/out")).await.unwrap(), b"elsewhere");
    for (path, kind) in [
        ("/loop", ErrorKind::LimitExceeded),
        ("/nowhere", ErrorKind::Unavailable),
        ("/out", ErrorKind::PermissionDenied),
        ("/file", ErrorKind::PermissionDenied),
        ("/private", ErrorKind::PermissionDenied),
    ] {
        assert_eq!(get(only_here(), &at(path)).await.unwrap_err().kind(), kind, "{path}");
    }
}

#[tokio::test]
async fn refusals_say_whether_and_when_to_come_back() {
    let server = MockServer::start().await;
    for (status, name, value, kind, retry) in [
        (404, "x", "", ErrorKind::NotFound, Retry::Never),
        (410, "retry-after", "5", ErrorKind::NotFound, Retry::Never),
        (401, "x", "", ErrorKind::Unauthenticated, Retry::Never),
        (403, "x", "", ErrorKind::PermissionDenied, Retry::Never),
        (403, "x-ratelimit-remaining", "0", ErrorKind::RateLimited, Retry::Later),
        (429, "retry-after", "7", ErrorKind::RateLimited, Retry::After(Duration::from_secs(7))),
        (503, "retry-after", "120", ErrorKind::Unavailable, Retry::After(Duration::from_secs(120))),
        (
            503,
            "retry-after",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            ErrorKind::Unavailable,
            Retry::After(Duration::ZERO),
        ),
        (500, "retry-after", "soon", ErrorKind::Unavailable, Retry::Later),
        (304, "x", "", ErrorKind::Unavailable, Retry::Later),
        (400, "x", "", ErrorKind::InvalidInput, Retry::Never),
    ] {
        server.reset().await;
        serve(&server, "/a", ResponseTemplate::new(status).insert_header(name, value)).await;
        let error = get(config(), &format!("{}/a?token=s3cr3t", server.uri())).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_hint()), (kind, retry), "{status} {name}: {value}");
        assert!(!error.chain().contains("s3cr3t"), "{error}");
    }
}

/// Answers every connection with these bytes, and then keeps it open.
async fn stubborn(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(&answer).await;
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
        }
    });
    format!("http://{address}/a")
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up_and_can_be_cancelled() {
    let started = Instant::now();
    let silent = stubborn(Vec::new()).await;
    let half = stubborn(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec()).await;
    for url in [&silent, &half] {
        let config = HttpConfig { timeout_seconds: 1, ..config() };
        assert_eq!(get(config, url).await.unwrap_err().kind(), ErrorKind::Timeout);
    }
    let mut cx = ProviderContext::default();
    cx.cancel = Cancel::new();
    let cancel = cx.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    });
    assert_eq!(fetch(config(), &cx, &silent).await.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn an_answer_without_end_is_not_taken_in() {
    // It promises nothing about its length, and lies about it.
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 1 << 20]].concat();
    let liar = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx".to_vec();
    for answer in [endless, liar] {
        let url = stubborn(answer).await;
        let mut request = FetchRequest::new(Url::parse(&url).unwrap());
        request.limits.bytes = 1000;
        let fetcher = HttpFetcher::new(config()).unwrap();
        let error = fetcher.fetch(&ProviderContext::default(), &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }
}

#[tokio::test]
async fn a_secret_goes_to_its_own_server_only() {
    let (server, other) = (MockServer::start().await, MockServer::start().await);
    let body = || ResponseTemplate::new(200).set_body_string("x");
    Mock::given(path("/in"))
        .and(header("authorization", "Bearer s3cr3t"))
        .respond_with(body())
        .mount(&server)
        .await;
    Mock::given(path("/token"))
        .and(header("private-token", "s3cr3t"))
        .respond_with(body())
        .mount(&server)
        .await;
    serve(&server, "/away", redirect(&format!("{}/plain", other.uri()))).await;
    serve(&other, "/plain", body()).await;
    let mut cx = ProviderContext::default();
    cx.secrets = Arc::new(GivenSecrets::new([("token".to_owned(), Secret::new("s3cr3t"))]));
    let credential = |path: &str, authorization| Credential {
        url: Url::parse(&format!("{}{path}", server.uri())).unwrap(),
        secret: "token".to_owned(),
        authorization,
    };
    let credentials = vec![
        credential("/token", Authorization::Header("PRIVATE-TOKEN".to_owned())),
        credential("/", Authorization::Bearer),
    ];
    let config = HttpConfig { credentials, ..config() };
    for path in ["/in", "/token", "/away"] {
        fetch(config.clone(), &cx, &format!("{}{path}", server.uri())).await.unwrap();
    }
    let told = other.received_requests().await.unwrap();
    assert!(told.iter().all(|it| !format!("{it:?}").contains("s3cr3t")), "{told:?}");

    let missing = fetch(config, &ProviderContext::default(), &format!("{}/in", server.uri())).await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::Missing, "not a file that is gone");
}

#[test]
fn only_allowed_plain_urls_are_handled() {
    let fetcher = HttpFetcher::new(HttpConfig::default().allow("example.org").unwrap()).unwrap();
    let handles = |url: &str| fetcher.handles(&Url::parse(url).unwrap());
    assert!(handles("https://example.org/a") && handles("http://example.org:8080/a"));
    for url in
        ["https://example.com/", "https://u:p@example.org/", "ftp://example.org/", "file:///example.org"]
    {
        assert!(!handles(url), "{url}");
    }
}
