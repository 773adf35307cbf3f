//! Where a repository goes.

use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::entities::values;
use crate::expr::Integration;

/// What a field that asks for a repository lets choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepoUrlOptions {
    /// The hosts; any where there are none.
    pub hosts: Vec<String>,
    owners: Vec<String>,
    repos: Vec<String>,
    organizations: Vec<String>,
    projects: Vec<String>,
    owner_label: Option<String>,
    repo_label: Option<String>,
}

/// A part of a repository's address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepoUrlPart {
    /// Its name in the address: `owner`, `repo`, `organization`, `workspace` or `project`.
    pub name: &'static str,
    /// What a person calls it.
    pub label: String,
    /// The values to choose from; any where there are none.
    pub allowed: Vec<String>,
}

/// The order in which Backstage writes the parts.
const ORDER: [&str; 5] = ["owner", "repo", "organization", "workspace", "project"];

impl RepoUrlOptions {
    pub(super) fn of(options: Option<&Value>) -> Self {
        let option = |key: &str| options.and_then(|it| it.get(key));
        let list = |key: &str| option(key).and_then(values).unwrap_or_default();
        let text = |key: &str| option(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            hosts: list("allowedHosts"),
            owners: list("allowedOwners"),
            repos: list("allowedRepos"),
            organizations: list("allowedOrganizations"),
            projects: list("allowedProjects"),
            owner_label: text("ownerLabel"),
            repo_label: text("repoLabel"),
        }
    }

    /// The parts of an address on a host, in the order in which a person is asked.
    pub fn parts(&self, host: &str) -> Vec<RepoUrlPart> {
        let public = Integration::public();
        let kind = public.iter().find(|it| it.host == host).map_or("", |it| it.kind.as_str());
        let names: &[&'static str] = match kind {
            "azure" => &["organization", "project", "repo"],
            "bitbucketCloud" => &["workspace", "project", "repo"],
            _ => &["owner", "repo"],
        };
        names.iter().map(|name| self.part(name)).collect()
    }

    fn part(&self, name: &'static str) -> RepoUrlPart {
        let (label, allowed) = match name {
            "owner" => (self.owner_label.as_deref().unwrap_or("Owner"), &self.owners),
            "organization" => ("Organization", &self.organizations),
            "workspace" => ("Workspace", &self.owners),
            "project" => ("Project", &self.projects),
            _ => (self.repo_label.as_deref().unwrap_or("Repository"), &self.repos),
        };
        RepoUrlPart { name, label: label.to_owned(), allowed: allowed.clone() }
    }

    /// The address that parts make: `github.com?owner=example&repo=payments`. Empty parts are left out.
    pub fn url<'p>(&self, host: &str, parts: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
        let mut parts: Vec<_> = parts.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        parts.sort_by_key(|(name, _)| ORDER.iter().position(|it| it == name));
        let query = Serializer::new(String::new()).extend_pairs(parts).finish();
        format!("{host}?{query}")
    }

    /// What is wrong with an address.
    pub(super) fn problem(&self, address: &str) -> Option<String> {
        let Some((host, query)) = address.split_once('?') else {
            return Some("not of the form host?owner=…&repo=…".to_owned());
        };
        if !self.hosts.is_empty() && !self.hosts.iter().any(|it| it == host) {
            return Some(format!("the host is one of {}", self.hosts.join(", ")));
        }
        let given: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        // Bitbucket Server has projects where others have owners.
        let project = given.iter().any(|(name, _)| name == "project");
        let needs = |part: &RepoUrlPart| {
            !part.allowed.is_empty() || part.name == "repo" || (part.name == "owner" && !project)
        };
        self.parts(host).into_iter().find_map(|part| {
            match given.iter().find(|(name, _)| name == part.name).map(|(_, value)| value) {
                None => needs(&part).then(|| format!("`{}` is missing", part.name)),
                Some(value) if value.is_empty() => Some(format!("`{}` is empty", part.name)),
                Some(value) if part.allowed.is_empty() || part.allowed.iter().any(|it| it == value) => None,
                Some(_) => Some(format!("`{}` is one of {}", part.name, part.allowed.join(", "))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_written_as_backstage_writes_it() {
        let options = RepoUrlOptions::default();
        for (host, parts, address) in [
            (
                "github.com",
                vec![("repo", "payments"), ("owner", "example")],
                "github.com?owner=example&repo=payments",
            ),
            ("gitlab.com", vec![("owner", "a/b"), ("repo", "c d")], "gitlab.com?owner=a%2Fb&repo=c+d"),
            ("x", vec![("project", "p"), ("workspace", ""), ("repo", "r")], "x?repo=r&project=p"),
        ] {
            assert_eq!(options.url(host, parts), address);
            assert_eq!(options.problem(address), None);
        }
    }

    #[test]
    fn hosts_have_parts_of_their_own() {
        let names = |host| RepoUrlOptions::default().parts(host).iter().map(|it| it.name).collect::<Vec<_>>();
        assert_eq!(names("github.com"), ["owner", "repo"]);
        assert_eq!(names("git.example.org"), ["owner", "repo"]);
        assert_eq!(names("dev.azure.com"), ["organization", "project", "repo"]);
        assert_eq!(names("bitbucket.org"), ["workspace", "project", "repo"]);
    }

    #[test]
    fn what_is_not_allowed_is_a_problem() {
        let options = json!({"allowedHosts": ["github.com"], "allowedOwners": ["a", "b"]});
        let options = RepoUrlOptions::of(Some(&options));
        for (address, problem) in [
            ("github.com?owner=a&repo=r", None),
            ("github.com?owner=c&repo=r", Some("`owner` is one of a, b")),
            ("gitlab.com?owner=a&repo=r", Some("the host is one of github.com")),
            ("github.com?owner=a&repo=", Some("`repo` is empty")),
            ("github.com?owner=a", Some("`repo` is missing")),
            ("github.com?repo=r", Some("`owner` is missing")),
            ("github.com?project=a&repo=r", Some("`owner` is missing")),
            ("github.com/a/r", Some("not of the form host?owner=…&repo=…")),
        ] {
            assert_eq!(options.problem(address).as_deref(), problem, "{address}");
        }
    }
}
