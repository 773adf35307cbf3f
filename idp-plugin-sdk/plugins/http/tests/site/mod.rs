//! A small web site, served over real connections.

use std::sync::{Arc, Mutex};

use idp_plugin_sdk::{Digest, Node, Tree, TreePath};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// By what the server knows a state of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    ByTag,
    ByDate,
    NotAtAll,
    /// Tells tags, and does not look at conditions.
    ByTagUnconditionally,
}

/// Serves files.
pub(crate) struct Site {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: Tree,
    /// How often the files were put: what a date is made of.
    version: u32,
}

struct Pages {
    known: Known,
    state: Arc<Mutex<State>>,
}

impl Site {
    pub(crate) async fn start(known: Known) -> Self {
        let (server, state) = (MockServer::start().await, Arc::default());
        Mock::given(any()).respond_with(Pages { known, state: Arc::clone(&state) }).mount(&server).await;
        Self { server, state }
    }

    pub(crate) fn put(&self, files: &Tree) {
        let mut state = self.state.lock().unwrap();
        state.files = files.clone();
        state.version += 1;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.server.uri())
    }

    pub(crate) fn files(&self) -> String {
        self.state.lock().unwrap().files.digest().to_string()
    }
}

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let state = self.state.lock().unwrap();
        let path = percent_encoding::percent_decode_str(request.url.path()).decode_utf8().unwrap();
        let path = TreePath::new(path.trim_start_matches('/')).ok();
        let Some(Node::File { bytes, .. }) = path.and_then(|it| state.files.get(&it)) else {
            return ResponseTemplate::new(404);
        };
        let header = |name: &str| request.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
        let (name, value, condition) = match self.known {
            Known::ByTag | Known::ByTagUnconditionally => {
                ("etag", format!("\"{}\"", Digest::of_bytes(bytes).hex()), header("if-none-match"))
            }
            Known::ByDate => {
                let date = format!("Sun, 06 Nov 1994 08:49:{:02} GMT", state.version);
                ("last-modified", date, header("if-modified-since"))
            }
            Known::NotAtAll => ("x-nothing", String::new(), None),
        };
        if condition.as_ref() == Some(&value) && self.known != Known::ByTagUnconditionally {
            return ResponseTemplate::new(304);
        }
        ResponseTemplate::new(200).insert_header(name, &*value).set_body_bytes(bytes.to_vec())
    }
}
