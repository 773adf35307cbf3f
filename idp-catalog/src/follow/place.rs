//! Where a document stands, and what the references in it mean there.

use std::sync::Arc;

use idp_core::{Diagnostic, TreePath};
use url::Url;

/// Where a document stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its name within its source.
    pub(super) location: Arc<str>,
    /// Its URL; `None` for a document that was handed in without one.
    url: Option<Url>,
    /// The URL of the source's folder, where it is one on this machine.
    root: Option<Arc<Url>>,
}

/// How a location is typed, in the words of `spec.type`.
pub(super) const FILE: &str = "file";
/// A location that is a URL.
pub(super) const URL: &str = "url";

/// What cannot be resolved, and why.
type Refused = Diagnostic;

impl Place {
    /// The place of a document of a source whose relative locations start from `base`.
    pub(super) fn of_document(location: &str, base: Option<&Arc<Url>>) -> Self {
        let url = match base {
            Some(base) => below(base, location),
            None => Url::parse(location).ok().filter(|url| url.has_host() && url.scheme() != "file"),
        };
        Self { location: location.into(), url, root: base.filter(|it| it.scheme() == "file").cloned() }
    }

    /// The place of a file that was fetched. Of a file of the source itself, the location is its path there.
    pub(super) fn of_url(url: &Url, root: Option<&Arc<Url>>) -> Self {
        let own = root.and_then(|root| path_below(root, url));
        let location = own.unwrap_or_else(|| url.to_string()).into();
        Self { location, url: Some(url.clone()), root: root.cloned() }
    }

    pub(super) fn url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// `file` for what is in a folder of this machine, else `url`.
    pub(super) fn kind(&self) -> &'static str {
        if self.url.as_ref().is_some_and(|url| url.scheme() == "file") { FILE } else { URL }
    }

    /// What a reference in the document means: an absolute URL, or a path relative to the document.
    ///
    /// Files of this machine are found below the source's own folder only.
    pub(super) fn resolve(&self, text: &str) -> Result<Url, Refused> {
        let text = text.trim();
        let absolute = Url::parse(text).ok().filter(|it| it.scheme().len() > 1);
        let url = match (absolute, &self.url) {
            (Some(url), _) => url,
            (None, Some(base)) if base.scheme() == "file" => self.own_file(base, text)?,
            (None, Some(base)) => base.join(text).map_err(|error| not_a_url(text, &error.to_string()))?,
            (None, None) => {
                let message = format!("`{text}` is relative, and the document has no place of its own");
                return Err(Diagnostic::error("no-base", message)
                    .help("write an absolute URL, or ingest from a directory or a URL"));
            }
        };
        self.confine(url, text)
    }

    /// A path in the source's folder, which a leading `/` may name whole.
    fn own_file(&self, base: &Url, text: &str) -> Result<Url, Refused> {
        let Some(root) = &self.root else { return Err(outside(text)) };
        let folder = path_below(root, base).unwrap_or_default();
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let absolute = text.starts_with('/').then(|| root.to_file_path().ok()).flatten();
        let (start, rest) = match &absolute {
            None => (folder, text),
            Some(root) => {
                let inner = std::path::Path::new(text).strip_prefix(root).ok().and_then(|it| it.to_str());
                ("", inner.ok_or_else(|| outside(text))?)
            }
        };
        let mut parts: Vec<&str> = start.split('/').filter(|it| !it.is_empty()).collect();
        for part in rest.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or_else(|| outside(text))?),
                part => parts.push(part),
            }
        }
        below(root, &parts.join("/")).ok_or_else(|| outside(text))
    }

    fn confine(&self, mut url: Url, text: &str) -> Result<Url, Refused> {
        url.set_fragment(None);
        if url.scheme() == "file" {
            let own = self.url.as_ref().is_some_and(|it| it.scheme() == "file");
            let inside = self.root.as_ref().is_some_and(|root| path_below(root, &url).is_some());
            return if own && inside { Ok(url) } else { Err(outside(text)) };
        }
        if url.has_host() { Ok(url) } else { Err(not_a_url(text, "it names no host")) }
    }
}

/// A repository of a Git host, as far as it can be told from a URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repository {
    host: String,
    /// In lower case.
    path: String,
}

impl Repository {
    /// By what stands before `/blob/…` and the like.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let markers = ["/-/blob/", "/-/tree/", "/-/raw/", "/blob/", "/tree/", "/raw/"];
        let (path, _) = markers.iter().find_map(|marker| url.path().split_once(marker))?;
        Some(Self { host: url.host_str()?.to_owned(), path: path.to_lowercase() })
    }

    /// Whether a URL is of another repository of the same host.
    pub(super) fn is_left_by(&self, url: &Url) -> bool {
        Self::of(url).is_some_and(|it| it.host == self.host && it.path != self.path)
    }

    /// Lets pass what an entity of a repository may name.
    pub(super) fn confine(home: Option<&Self>, url: Url) -> Result<Url, Refused> {
        if home.is_some_and(|it| it.is_left_by(&url)) {
            let message = "a substitution may only name files of the same repository as the entity";
            return Err(Diagnostic::error("other-repository", message));
        }
        Ok(url)
    }
}

/// The URL of a path below a folder.
fn below(folder: &Url, path: &str) -> Option<Url> {
    let path = TreePath::new(path).ok()?;
    let mut url = folder.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path.as_str().split('/'));
    Some(url)
}

/// The path of a URL below a folder, decoded.
fn path_below(folder: &Url, url: &Url) -> Option<String> {
    let (folder, path) = (folder.to_file_path().ok()?, url.to_file_path().ok()?);
    let inner = path.strip_prefix(folder).ok()?.to_str()?;
    TreePath::new(inner).ok().map(String::from)
}

fn outside(text: &str) -> Refused {
    let message = format!("`{text}` leads out of the source's folder");
    Diagnostic::error("target-outside", message)
        .help("files are read below the folder that is ingested, and nowhere else")
}

fn not_a_url(text: &str, why: &str) -> Refused {
    Diagnostic::error("not-a-url", format!("`{text}` is not a URL that can be read: {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_folder(location: &str) -> Place {
        Place::of_document(location, Some(&Arc::new(Url::parse("file:///srv/a%20b/").unwrap())))
    }

    fn resolved(place: &Place, text: &str) -> Result<String, String> {
        place.resolve(text).map(String::from).map_err(|it| it.code.into_owned())
    }

    #[test]
    fn paths_stay_in_the_folder() {
        let place = in_folder("x/all.yaml");
        let ok = |text: &str| Ok(text.to_owned());
        for (text, expected) in [
            ("./b.yaml", ok("file:///srv/a%20b/x/b.yaml")),
            ("b#1 ä.yaml", ok("file:///srv/a%20b/x/b%231%20%C3%A4.yaml")),
            ("../c/../d.yaml", ok("file:///srv/a%20b/d.yaml")),
            ("/srv/a b/e.yaml", ok("file:///srv/a%20b/e.yaml")),
            ("https://h/x#f", ok("https://h/x")),
            ("../../e", Err("target-outside".to_owned())),
            ("/etc/passwd", Err("target-outside".to_owned())),
            ("file:///etc/passwd", Err("target-outside".to_owned())),
            ("file:///srv/a%20b/../c", Err("target-outside".to_owned())),
            ("mailto:a@b", Err("not-a-url".to_owned())),
        ] {
            assert_eq!(resolved(&place, text), expected, "{text}");
        }
    }

    #[test]
    fn urls_never_lead_to_files() {
        let place = Place::of_url(&Url::parse("https://h/o/r/blob/main/a/all.yaml").unwrap(), None);
        assert_eq!(resolved(&place, "./b.yaml").unwrap(), "https://h/o/r/blob/main/a/b.yaml");
        assert_eq!(resolved(&place, "//other/b").unwrap(), "https://other/b");
        assert_eq!(resolved(&place, "file:///etc/passwd").unwrap_err(), "target-outside");
        let nowhere = Place::of_document("memory", None);
        assert_eq!(resolved(&nowhere, "./b.yaml").unwrap_err(), "no-base");
        assert_eq!(resolved(&nowhere, "https://h/b").unwrap(), "https://h/b");
    }

    #[test]
    fn repositories_are_told_apart_on_one_host() {
        let url = |text: &str| Url::parse(text).unwrap();
        let other = |a: &str, b: &str| Repository::of(&url(a)).unwrap().is_left_by(&url(b));
        assert!(other("https://h/o/r/blob/main/x", "https://h/o/s/blob/main/x"));
        assert!(!other("https://h/o/r/blob/main/x", "https://h/O/R/raw/v2/y"));
        assert!(!other("https://h/o/r/blob/main/x", "https://g/o/s/blob/main/x"));
        assert!(!other("https://h/o/r/blob/main/x", "https://h/x"));
    }

    proptest! {
        #[test]
        fn nothing_resolves_out_of_the_folder(text in "[./a~%2eA:\\\\]{0,24}|file://[./a%2e]{0,20}|.*") {
            if let Ok(url) = in_folder("x/all.yaml").resolve(&text) {
                prop_assert!(url.scheme() != "file" || url.path().starts_with("/srv/a%20b/"), "{text} became {url}");
            }
        }
    }
}
