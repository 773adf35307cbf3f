//! What descriptors are read from: directories, files, patterns, lines, URLs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idp_catalog::{DirectorySource, FollowLimits, Following, LinesSource, LocationsSource, Rules};
use idp_core::{Error, Hosts, ProviderContext, Result, Source};
use idp_plugin_git::GitFetcher;
use idp_plugin_http::HttpFetcher;
use tempfile::TempDir;
use url::Url;

use crate::config::Config;
use crate::files::has_lines;
use crate::host::EnvironmentSecrets;

/// How what descriptors point at is read.
#[derive(Debug, clap::Args)]
pub(crate) struct FollowArgs {
    /// Follow Location entities to what they point at: files of the directory, and the hosts that are allowed. An input
    /// that is a URL is always followed.
    #[arg(long)]
    follow: bool,
    /// A host that may be asked, as in `git.example.org`, `*.example.org` or `localhost:8080`. May be given several
    /// times; `follow.hosts` in the configuration allows more. The host of an input that is a URL is allowed.
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// A kind that is accepted; without any, every kind is. May be given several times; `follow.rules` in the
    /// configuration says it by location.
    #[arg(long, value_name = "KIND")]
    allow_kind: Vec<String>,
    /// The configuration file: what the `git` and `http` plugins need, `follow`, the model's layers, the precedence of
    /// sources, and what becomes of orphans.
    #[arg(long, value_name = "FILE", env = "IDP_CONFIG", default_value = "idp.yaml")]
    config: PathBuf,
}

/// One input of the command line, as a source.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: Arc<str>,
    /// What its locations start from, as it was named.
    pub(crate) path: PathBuf,
    pub(crate) source: Kind,
}

/// What an input is.
#[derive(Debug)]
pub(crate) enum Kind {
    Directory(DirectorySource),
    Lines(LinesSource),
    /// Can be read once.
    StandardInput(LinesSource),
    Location(LocationsSource, Url),
}

impl Input {
    /// Reads `[NAME=]INPUT`. A path that exists is never taken apart.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (name, input) = match text.split_once('=') {
            Some((name, input)) if is_name(name) && !Path::new(text).exists() => (Some(name), input),
            _ => (None, text),
        };
        let plain = input.trim_start_matches("./").trim_end_matches('/');
        let plain = if plain.is_empty() { input } else { plain };
        let named = |prefix: &str| name.map_or_else(|| format!("{prefix}:{plain}"), str::to_owned);
        if let Some(url) = url(input) {
            let name = named("url");
            let source = LocationsSource::new(&*name, [input]);
            return Ok(Self::new(name, "", Kind::Location(source, url)));
        }
        if input == "-" {
            let name = name.unwrap_or("stdin").to_owned();
            let source = LinesSource::from_reader(&*name, "stdin", std::io::BufReader::new(std::io::stdin()));
            return Ok(Self::new(name, "", Kind::StandardInput(source)));
        }
        if has_lines(Path::new(input)) {
            let (name, folder) = (named("file"), Path::new(input).parent().unwrap_or(Path::new("")));
            let source = LinesSource::new(&*name, input)?;
            return Ok(Self::new(name, folder, Kind::Lines(source)));
        }
        let name = named("directory");
        let (folder, pattern) = folder_and_pattern(input);
        let mut source = DirectorySource::new(&*name, folder)?;
        if let Some(pattern) = pattern {
            source = source.matching(&[pattern])?;
        }
        let path = Path::new(folder);
        let path = if path.is_file() { path.parent().unwrap_or(Path::new("")) } else { path };
        Ok(Self::new(name, path, Kind::Directory(source)))
    }

    fn new(name: String, path: impl Into<PathBuf>, source: Kind) -> Self {
        Self { name: name.into(), path: path.into(), source }
    }

    pub(crate) fn source(&self) -> &dyn Source {
        match &self.source {
            Kind::Directory(source) => source,
            Kind::Lines(source) | Kind::StandardInput(source) => source,
            Kind::Location(source, _) => source,
        }
    }
}

/// What stands before `=` is a name where nothing in it speaks for a path or a URL.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '*', '?', '&', ' ']) && Url::parse(text).is_err()
}

fn url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| url.has_host() && url.scheme() != "file")
}

/// A folder, and the pattern below it that begins with the first part that has a `*`.
fn folder_and_pattern(input: &str) -> (&str, Option<&str>) {
    match input.find('*').filter(|_| !Path::new(input).exists()) {
        None => (input, None),
        Some(star) => {
            let cut = input[..star].rfind('/').map_or(0, |at| at + 1);
            (if cut == 0 { "." } else { &input[..cut] }, Some(&input[cut..]))
        }
    }
}

/// How inputs are followed, and the scratch folder that this needs.
#[derive(Debug)]
pub(crate) struct Follow {
    /// How an input is followed that is no URL.
    pub(crate) following: Arc<Following>,
    /// A URL is a location itself.
    of_urls: Arc<Following>,
    _scratch: TempDir,
}

impl Follow {
    /// How an input is followed.
    pub(crate) fn of(&self, input: &Input) -> &Arc<Following> {
        match &input.source {
            Kind::Location(..) => &self.of_urls,
            _ => &self.following,
        }
    }
}

impl FollowArgs {
    /// The configuration.
    pub(crate) fn config(&self) -> Result<Config> {
        Config::read(&self.config)
    }

    /// How these inputs are followed.
    pub(crate) fn follow(&self, config: &Config, inputs: &[Input]) -> Result<Follow> {
        let mut hosts = config.follow.hosts.clone();
        for host in &self.allow_host {
            hosts = hosts.allow(host)?;
        }
        for url in inputs
            .iter()
            .filter_map(|it| if let Kind::Location(_, url) = &it.source { Some(url) } else { None })
        {
            hosts = hosts.allow(&host_and_port(url))?;
        }
        let rules = match &self.allow_kind[..] {
            [] => config.follow.rules.clone(),
            kinds => Rules::only(kinds),
        };
        follow(config, hosts, rules, self.follow)
    }
}

/// How the descriptors of a configured catalog are followed.
pub(crate) fn of_config(config: &Config) -> Result<Follow> {
    follow(config, config.follow.hosts.clone(), config.follow.rules.clone(), config.follow.locations)
}

fn follow(config: &Config, hosts: Hosts, rules: Rules, locations: bool) -> Result<Follow> {
    let scratch = tempfile::Builder::new().prefix("idp-").tempdir();
    let scratch = scratch.map_err(|error| Error::internal("cannot make a scratch folder").because(error))?;
    let mut context = ProviderContext::default().with_scratch(scratch.path());
    context.secrets = Arc::new(EnvironmentSecrets);
    let mut http = config.http.clone();
    http.hosts = http.hosts.and(hosts.clone());
    // Of the two, Git answers for the addresses of repositories, and http for everything else.
    let fetchers = [
        Arc::new(HttpFetcher::new(http)?) as Arc<dyn idp_core::Fetcher>,
        Arc::new(GitFetcher::new(config.git.clone())),
    ];
    let following = |locations| {
        let following = Following::new(fetchers.clone())
            .hosts(hosts.clone())
            .rules(rules.clone())
            .locations(locations)
            .limits(FollowLimits::default())
            .context(context.clone());
        Arc::new(following)
    };
    Ok(Follow { following: following(locations), of_urls: following(true), _scratch: scratch })
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_name_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a.ndjson");
        std::fs::write(&inner, "").unwrap();
        let (folder, file) = (folder.path().display().to_string(), inner.display().to_string());
        for (text, name) in [
            (folder.clone(), format!("directory:{folder}")),
            (format!("{folder}/"), format!("directory:{folder}")),
            (format!("org={folder}"), "org".to_owned()),
            (format!("{folder}/**/*.yaml"), format!("directory:{folder}/**/*.yaml")),
            (file.clone(), format!("file:{file}")),
            ("https://h.org/x?a=b".to_owned(), "url:https://h.org/x?a=b".to_owned()),
            ("web=https://h.org/x?a=b".to_owned(), "web".to_owned()),
            ("-".to_owned(), "stdin".to_owned()),
            (".".to_owned(), "directory:.".to_owned()),
            ("/".to_owned(), "directory:/".to_owned()),
        ] {
            assert_eq!(&*Input::parse(&text).unwrap().name, name, "{text}");
        }
    }

    #[test]
    fn patterns_start_with_the_first_star() {
        for (input, expected) in [
            ("services", ("services", None)),
            ("services/*/a.yaml", ("services/", Some("*/a.yaml"))),
            ("*.yaml", (".", Some("*.yaml"))),
            ("a/b*/c", ("a/", Some("b*/c"))),
        ] {
            assert_eq!(folder_and_pattern(input), expected);
        }
    }
}
