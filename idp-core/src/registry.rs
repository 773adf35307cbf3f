//! What plugins added to one host.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::pattern::wildcard;
use crate::{
    Action, DynProvider, Error, ErrorKind, FactSource, FetchRequest, Fetched, Fetcher, Plugin, PluginInfo,
    Provider, ProviderContext, Resource, Result, Source, erase,
};

/// What plugins added to one host. A value that the host owns: two hosts in one process never meet.
///
/// Cheap to clone once filled.
#[derive(Clone, Default)]
pub struct Registry {
    plugins: Vec<PluginInfo>,
    actions: BTreeMap<String, Arc<dyn Action>>,
    providers: BTreeMap<String, Vec<Binding>>,
    sources: BTreeMap<String, Arc<dyn Source>>,
    fact_sources: BTreeMap<String, Arc<dyn FactSource>>,
    fetchers: Vec<Arc<dyn Fetcher>>,
}

/// When a provider serves a resource: every condition matches a trait of the resource.
///
/// A condition's value is a text that may hold `*` for any characters: `*.example.org`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule(BTreeMap<String, String>);

impl Rule {
    /// The rule that matches every resource.
    pub fn always() -> Self {
        Self::default()
    }

    /// With a condition on one trait.
    #[must_use]
    pub fn when(mut self, name: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.0.insert(name.into(), pattern.into());
        self
    }

    fn matches(&self, traits: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|(name, pattern)| traits.get(name).is_some_and(|it| wildcard(pattern, it)))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("always");
        }
        let conditions: Vec<_> = self.0.iter().map(|(name, pattern)| format!("{name} = {pattern}")).collect();
        write!(f, "when {}", conditions.join(" and "))
    }
}

#[derive(Clone)]
struct Binding {
    rule: Rule,
    provider: Arc<dyn DynProvider>,
}

/// The provider chosen for a resource, and why.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The provider.
    pub provider: Arc<dyn DynProvider>,
    /// Why this one, for a person: "terraform, when environment = prod (1 of 2 providers of stack)".
    pub reason: String,
}

impl Registry {
    /// A registry without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds everything a plugin has, or nothing of it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where the plugin, or a name it brings, is here already.
    pub fn install(&mut self, plugin: &dyn Plugin) -> Result<()> {
        let info = plugin.info();
        if self.plugins.iter().any(|it| it.name == info.name) {
            return Err(taken("plugin", &info.name));
        }
        let mut grown = self.clone();
        plugin.register(&mut grown)?;
        grown.plugins.push(info);
        *self = grown;
        Ok(())
    }

    /// The plugins installed, in order.
    pub fn plugins(&self) -> &[PluginInfo] {
        &self.plugins
    }

    /// Adds an action.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its id is taken.
    pub fn action(&mut self, action: impl Action) -> Result<()> {
        insert(&mut self.actions, "action", action.info().id, Arc::new(action))
    }

    /// Adds a source of entities.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its name is taken.
    pub fn source(&mut self, source: impl Source) -> Result<()> {
        insert(&mut self.sources, "source", source.info().name, Arc::new(source))
    }

    /// Adds a source of facts.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its name is taken.
    pub fn fact_source(&mut self, source: impl FactSource) -> Result<()> {
        insert(&mut self.fact_sources, "fact source", source.name().to_owned(), Arc::new(source))
    }

    /// Adds a fetcher. Of several that answer for a URL, the one added last is asked.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its name is taken.
    pub fn fetcher(&mut self, fetcher: impl Fetcher) -> Result<()> {
        if self.fetchers.iter().any(|it| it.name() == fetcher.name()) {
            return Err(taken("fetcher", fetcher.name()));
        }
        self.fetchers.push(Arc::new(fetcher));
        Ok(())
    }

    /// Adds a provider that serves every resource of its type, unless a rule chooses another.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its name is taken for the type.
    pub fn provider<R: Resource>(&mut self, provider: impl Provider<R>) -> Result<()> {
        self.provider_when::<R>(Rule::always(), provider)
    }

    /// Adds a provider that serves the resources a rule matches. The rule with the most conditions wins.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where its name is taken for the type.
    pub fn provider_when<R: Resource>(&mut self, rule: Rule, provider: impl Provider<R>) -> Result<()> {
        let bindings = self.providers.entry(R::KIND.to_owned()).or_default();
        let name = provider.info().name;
        if bindings.iter().any(|it| it.provider.info().name == name) {
            return Err(taken("provider", &format!("{name} of {}", R::KIND)));
        }
        bindings.push(Binding { rule, provider: erase::<R, _>(provider) });
        Ok(())
    }

    /// The action of an id.
    pub fn find_action(&self, id: &str) -> Option<&Arc<dyn Action>> {
        self.actions.get(id)
    }

    /// Every action by id.
    pub fn actions(&self) -> impl Iterator<Item = &Arc<dyn Action>> {
        self.actions.values()
    }

    /// Every source by name.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<dyn Source>> {
        self.sources.values()
    }

    /// Every fact source by name.
    pub fn fact_sources(&self) -> impl Iterator<Item = &Arc<dyn FactSource>> {
        self.fact_sources.values()
    }

    /// The fetcher that answers for a URL.
    pub fn find_fetcher(&self, url: &Url) -> Option<&Arc<dyn Fetcher>> {
        self.fetchers.iter().rev().find(|it| it.handles(url))
    }

    /// Reads what a request asks for, by the fetcher that answers for its URL.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where none does; the fetcher's.
    pub async fn fetch(&self, cx: &ProviderContext, request: &FetchRequest) -> Result<Fetched> {
        let nobody =
            || Error::new(ErrorKind::Unsupported, "no plugin fetches this URL").with("url", &request.url);
        self.find_fetcher(&request.url).ok_or_else(nobody)?.fetch(cx, request).await
    }

    /// Every fetcher, in the order they were added.
    pub fn fetchers(&self) -> impl Iterator<Item = &Arc<dyn Fetcher>> {
        self.fetchers.iter()
    }

    /// The kinds of resource that something here provides.
    pub fn resource_kinds(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(String::as_str)
    }

    /// Any provider of a kind: for its schema, and to read identity and traits of a desired state.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where nothing provides the kind.
    pub fn any_provider(&self, kind: &str) -> Result<&Arc<dyn DynProvider>> {
        self.bindings(kind)?.first().map(|it| &it.provider).ok_or_else(|| self.nobody(kind))
    }

    /// The provider of a kind by name: the one that a plan or a journal recorded.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where it is not here.
    pub fn provider_named(&self, kind: &str, name: &str) -> Result<&Arc<dyn DynProvider>> {
        let found = self.bindings(kind)?.iter().map(|it| &it.provider).find(|it| it.info().name == name);
        found.ok_or_else(|| self.nobody(kind).with("provider", name))
    }

    /// Chooses the provider for a resource of a kind with these traits.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where nothing serves it, [`ErrorKind::InvalidInput`] where two serve it equally well.
    pub fn choose(&self, kind: &str, traits: &BTreeMap<String, String>) -> Result<Choice> {
        let bindings = self.bindings(kind)?;
        let matching: Vec<_> = bindings.iter().filter(|it| it.rule.matches(traits)).collect();
        let most = matching.iter().map(|it| it.rule.0.len()).max().ok_or_else(|| self.nobody(kind))?;
        let best: Vec<_> = matching.into_iter().filter(|it| it.rule.0.len() == most).collect();
        let [chosen] = best[..] else {
            let names: Vec<_> = best.iter().map(|it| it.provider.info().name).collect();
            return Err(Error::invalid(format!("several providers of `{kind}` match equally well"))
                .with("providers", names.join(", ")));
        };
        let name = chosen.provider.info().name;
        let reason = format!("{name}, {} (1 of {} providers of {kind})", chosen.rule, bindings.len());
        Ok(Choice { provider: Arc::clone(&chosen.provider), reason })
    }

    fn bindings(&self, kind: &str) -> Result<&[Binding]> {
        self.providers.get(kind).map(Vec::as_slice).ok_or_else(|| self.nobody(kind))
    }

    fn nobody(&self, kind: &str) -> Error {
        let known: Vec<_> = self.resource_kinds().collect();
        Error::new(ErrorKind::Unsupported, format!("no provider serves `{kind}`"))
            .with("kinds provided", if known.is_empty() { "none".to_owned() } else { known.join(", ") })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("plugins", &self.plugins.iter().map(|it| &it.name).collect::<Vec<_>>())
            .field("actions", &self.actions.keys().collect::<Vec<_>>())
            .field("resources", &self.providers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn insert<T: ?Sized>(
    map: &mut BTreeMap<String, Arc<T>>,
    what: &str,
    name: String,
    item: Arc<T>,
) -> Result<()> {
    if map.contains_key(&name) {
        return Err(taken(what, &name));
    }
    map.insert(name, item);
    Ok(())
}

fn taken(what: &str, name: &str) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("{what} `{name}` is registered already"))
}
