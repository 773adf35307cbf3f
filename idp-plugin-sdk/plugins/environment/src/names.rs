//! Names that become parts of a path, and names in a cluster.

use idp_plugin_sdk::resources::{GitOpsPlace, Location};
use idp_plugin_sdk::{Error, Result, TreePath};

/// The folder of a namespace in a GitOps repository.
pub(crate) fn folder(place: &GitOpsPlace, location: &Location) -> Result<String> {
    check("environment", &location.environment, 63)?;
    location.cluster.iter().try_for_each(|it| check("cluster", it, 63))?;
    location.names.first().map_or(Ok(()), |it| check("namespace", it, 63))?;
    location.names.get(1).map_or(Ok(()), |it| check("name", it, 200))?;
    let base = TreePath::new_or_root(&place.path)?.map(|it| it.as_str().to_owned());
    let cluster = location.cluster.iter().chain(location.names.first());
    let parts: Vec<_> =
        base.iter().chain([&location.environment]).chain(cluster).map(String::as_str).collect();
    Ok(parts.join("/"))
}

/// What Kubernetes calls a DNS label, and for manifests, which may be longer and hold dots, a DNS subdomain.
fn check(what: &str, name: &str, longest: usize) -> Result<()> {
    let inner =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (longest > 63 && c == '.');
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = name.len() <= longest
        && name.starts_with(edge)
        && name.ends_with(edge)
        && name.chars().all(inner)
        && !name.contains("..");
    if good {
        return Ok(());
    }
    Err(Error::invalid(format!("`{what}` is not lower-case letters, digits and `-`, {longest} at most"))
        .with("value", name))
}
