//! URLs as a source.

use async_trait::async_trait;
use idp_core::{Cursor, Digest, Document, Error, Page, Result, Source, SourceContext, SourceInfo};
use serde_json::json;

/// Locations that are named by configuration: each becomes a Location entity, to be followed.
///
/// The entities are called `generated-` and 40 digits that stand for the target.
///
/// ```
/// use std::sync::Arc;
/// use idp_catalog::{Catalog, Following, IngestOptions, LocationsSource};
/// use idp_core::{Hosts, Registry};
///
/// # async fn example(catalog: &Catalog, registry: &Registry) -> idp_core::Result<()> {
/// let source = LocationsSource::new("locations", ["https://git.example.org/acme/x.git/blob/main/all.yaml"]);
/// let following = Following::new(registry.fetchers().cloned()).hosts(Hosts::none().allow("git.example.org")?);
/// let report = catalog.ingest_with(&source, &IngestOptions::default().following(Arc::new(following))).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct LocationsSource {
    name: String,
    targets: Vec<String>,
}

impl LocationsSource {
    /// These targets: URLs.
    pub fn new(name: impl Into<String>, targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { name: name.into(), targets: targets.into_iter().map(Into::into).collect() }
    }
}

#[async_trait]
impl Source for LocationsSource {
    fn info(&self) -> SourceInfo {
        SourceInfo::new(&*self.name, format!("{} configured locations", self.targets.len()))
    }

    async fn page(&self, cx: &SourceContext, cursor: Option<&Cursor>) -> Result<Page> {
        cx.cancel.check()?;
        if cursor.is_some() {
            return Err(Error::invalid("configured locations have one page"));
        }
        Ok(Page::complete(self.targets.iter().map(|target| location(target)).collect()))
    }
}

fn location(target: &str) -> Document {
    let digest = Digest::of_bytes(format!("url:{target}").as_bytes()).hex();
    let name = format!("generated-{}", &digest[..40]);
    let entity = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Location",
        "metadata": {"name": name}, "spec": {"type": "url", "target": target},
    });
    Document::entity(format!("location:{target}"), entity)
}
