//! The filters that Backstage adds.

use std::sync::Arc;

use minijinja::Value;
use url::Url;

use crate::expr::arguments::Arguments;
use crate::expr::fail::{Fail, Outcome};
use crate::expr::ops;
use crate::expr::settings::Settings;
use crate::expr::value::{View, record, text, view};

/// What a repository's URL says.
struct Repository {
    host: String,
    parts: Vec<(&'static str, String)>,
}

impl Repository {
    fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(part, _)| *part == name).map(|(_, value)| value.as_str())
    }

    fn require(&self, names: &[&str], input: &str) -> Outcome<()> {
        match names.iter().find(|name| self.part(name).is_none_or(str::is_empty)) {
            Some(name) => Err(Fail::input(format!("Invalid repo URL passed to publisher: {input}, missing {name}"))),
            None => Ok(()),
        }
    }
}

/// Reads `github.com?owner=o&repo=r`.
fn repository(input: &Value, settings: &Settings) -> Outcome<Repository> {
    let source = text(input)?;
    let url = Url::parse(&format!("https://{source}"))
        .map_err(|_| Fail::input(format!("Invalid repo URL passed to publisher, got {source} but expected a URL")))?;
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let Some(integration) = settings.integrations.iter().find(|known| known.host == host) else {
        let message = format!("No matching integration configuration found for host {host}, please check your integrations config");
        return Err(Fail::input(message));
    };
    let value = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim_matches('/').to_owned())
    };
    let parts = ["owner", "repo", "organization", "workspace", "project"];
    let parts = parts.into_iter().filter_map(|name| value(name).map(|value| (name, value))).collect();
    let repository = Repository { host, parts };
    let required: &[&str] = match integration.kind.as_str() {
        "bitbucketCloud" => &["workspace", "project", "repo"],
        "bitbucketServer" | "azure" => &["project", "repo"],
        "gitlab" if repository.part("project").is_some() => &[],
        "gitea" | "gerrit" => &["repo"],
        _ => &["repo", "owner"],
    };
    repository.require(required, &source)?;
    Ok(repository)
}

pub(super) fn parse_repo_url(input: &Value, _: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    let repository = repository(input, settings)?;
    let host = ("host", repository.host);
    let parts = std::iter::once(host).chain(repository.parts);
    Ok(record(parts.map(|(name, value)| (Arc::from(name), Value::from(value)))))
}

pub(super) fn project_slug(input: &Value, _: &Arguments<'_>, settings: &Settings) -> Outcome<Value> {
    let repository = repository(input, settings)?;
    let part = |name: &str| repository.part(name).unwrap_or("undefined").to_owned();
    Ok(format!("{}/{}", part("owner"), part("repo")).into())
}

/// Takes `kind:namespace/name` apart; kind and namespace may come from the options.
pub(super) fn parse_entity_ref(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let source = text(input)?;
    let options = args.get(0);
    let option = |name: &str| match view(&options) {
        View::Record(_) => Ok(view(&ops::named(&options, name)?).as_str().map(str::to_owned)),
        _ => Ok(None),
    };
    let (kind, rest) = match source.split_once(':') {
        Some((kind, rest)) => (Some(kind.to_owned()), rest),
        None => (None, source.as_str()),
    };
    let (namespace, name) = match rest.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, rest),
    };
    let invalid = |what: &str| Fail::input(format!("Entity reference \"{source}\" {what}"));
    let kind = kind.or(option("defaultKind")?).ok_or_else(|| invalid("had missing or empty kind (e.g. did not start with \"component:\" or similar)"))?;
    let namespace = namespace.or(option("defaultNamespace")?).unwrap_or_else(|| "default".to_owned());
    if [kind.as_str(), &namespace, name].iter().any(|part| part.is_empty()) || name.contains([':', '/']) {
        return Err(invalid("was not on the form [<kind>:][<namespace>/]<name>"));
    }
    let parts = [("kind", kind), ("namespace", namespace), ("name", name.to_owned())];
    Ok(record(parts.map(|(key, value)| (Arc::from(key), Value::from(value)))))
}

/// The member at a path such as `a.b[0].c`.
pub(super) fn pick(input: &Value, args: &Arguments<'_>, _: &Settings) -> Outcome<Value> {
    let path = text(&args.get(0))?;
    let whole = ops::named_or_undefined(input, &path)?;
    if !whole.is_undefined() {
        return Ok(whole);
    }
    let mut value = input.clone();
    for key in path.split(['.', '[']).map(|key| key.trim_end_matches(']').trim_matches(['"', '\''])) {
        value = ops::named_or_undefined(&value, key)?;
    }
    Ok(value)
}
