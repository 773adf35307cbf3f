//! Where the desired state of a cluster is kept.

use std::collections::BTreeMap;

use idp_core::{Error, ErrorKind, ResourceId, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{main_branch, url_traits};

/// A folder in a repository that Argo CD or Flux deploys from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitOpsPlace {
    /// The repository's URL or absolute path.
    pub url: String,
    /// The branch that is deployed.
    #[serde(default = "main_branch")]
    pub branch: String,
    /// The folder below which environments lie; the top where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

impl GitOpsPlace {
    /// The top of branch `main` of a repository.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), branch: main_branch(), path: String::new() }
    }
}

/// What identifies a thing in a cluster: environment, cluster, names, and where its desired state is kept.
///
/// Written `dev/eu-1/orders@https://git.example.org/gitops.git#main:clusters`, without cluster and place where none
/// is given. It is the name in a [`ResourceId`], so that a provider finds the thing from the identity alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// `dev`, `prod`.
    pub environment: String,
    /// One of several clusters of the environment.
    pub cluster: Option<String>,
    /// The namespace, and for what lies in it its name.
    pub names: Vec<String>,
    /// Where its desired state is kept; none where the provider's configuration says so.
    pub gitops: Option<GitOpsPlace>,
}

impl Location {
    /// The identity as a resource of a kind.
    pub fn id(&self, kind: &str) -> ResourceId {
        let mut name = self.environment.clone();
        for part in self.cluster.iter().chain(&self.names) {
            name.push('/');
            name.push_str(part);
        }
        if let Some(GitOpsPlace { url, branch, path }) = &self.gitops {
            name.push_str(&format!("@{url}#{branch}:{path}"));
        }
        ResourceId::new(kind, name)
    }

    /// Reads an identity back. `names` is how many names the kind has: 1 for a namespace, 2 for what lies in one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it is none of that form.
    pub fn parse(id: &ResourceId, names: usize) -> Result<Self> {
        let bad =
            || Error::new(ErrorKind::InvalidInput, "not the identity of a thing in a cluster").with("id", id);
        let (path, place) = match id.name.split_once('@') {
            Some((path, place)) => (path, Some(place)),
            None => (id.name.as_str(), None),
        };
        let mut parts = path.split('/').map(str::to_owned);
        let environment = parts.next().ok_or_else(bad)?;
        let mut rest: Vec<_> = parts.collect();
        let cluster = (rest.len() == names + 1).then(|| rest.remove(0));
        if rest.len() != names {
            return Err(bad());
        }
        let gitops = place.map(|it| parse_place(it).ok_or_else(bad)).transpose()?;
        Ok(Self { environment, cluster, names: rest, gitops })
    }

    pub(super) fn traits(&self) -> BTreeMap<String, String> {
        let mut traits = self.gitops.as_ref().map(|it| url_traits(&it.url)).unwrap_or_default();
        traits.insert("environment".to_owned(), self.environment.clone());
        if let Some(cluster) = &self.cluster {
            traits.insert("cluster".to_owned(), cluster.clone());
        }
        traits
    }
}

/// A branch holds no `:`, so the last `#` before one ends the URL.
fn parse_place(text: &str) -> Option<GitOpsPlace> {
    let (url, rest) = text.rsplit_once('#')?;
    let (branch, path) = rest.split_once(':')?;
    Some(GitOpsPlace { url: url.to_owned(), branch: branch.to_owned(), path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_read_back() {
        for (cluster, gitops) in [
            (None, None),
            (Some("eu-1"), None),
            (None, Some(GitOpsPlace::new("ssh://git@h/x.git"))),
            (
                Some("eu-1"),
                Some(GitOpsPlace { url: "/srv/x.git".into(), branch: "a/b".into(), path: "c/d".into() }),
            ),
        ] {
            let location = Location {
                environment: "dev".to_owned(),
                cluster: cluster.map(str::to_owned),
                names: vec!["orders".to_owned()],
                gitops,
            };
            assert_eq!(Location::parse(&location.id("namespace"), 1).unwrap(), location);
        }
        assert!(Location::parse(&ResourceId::new("namespace", "dev"), 1).is_err());
    }
}
