//! `idp.yaml`: how a company's catalog is set up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use idp_catalog::{CatalogOptions, Model, OrphanPolicy, Precedence, Profile, Rules};
use idp_core::{Error, Hosts, Result, Severity, SourceText};
use idp_plugin_environment::EnvironmentConfig;
use idp_plugin_git::GitConfig;
use idp_plugin_http::HttpConfig;
use idp_plugin_terraform::TerraformConfig;
use serde::Deserialize;

use crate::host::io_error;

/// `idp.yaml`. Relative paths start from the folder it stands in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The folder of descriptors.
    pub(crate) catalog: Option<PathBuf>,
    /// Which of its files are descriptors.
    pub(crate) descriptors: Vec<String>,
    /// The file for catalog and journals.
    pub(crate) state: Option<PathBuf>,
    /// Sources whose word counts, the weightiest first.
    precedence: Option<Precedence>,
    /// What becomes of entities that nobody describes any more: `delete` or `keep`.
    orphans: OrphanPolicy,
    /// How much is asked of descriptors: `backstage` or `strict`.
    profile: Option<String>,
    /// The severity of single problems: `error`, `warning`, `info`, or `off`.
    severities: BTreeMap<String, Level>,
    /// Layers of the model: files, or the name of one that comes with the program, as in `ai`.
    models: Vec<String>,
    /// What of it leads elsewhere, and how far.
    pub(crate) follow: FollowConfig,
    pub(crate) git: GitConfig,
    pub(crate) http: HttpConfig,
    pub(crate) terraform: TerraformConfig,
    pub(crate) environment: EnvironmentConfig,
    #[serde(skip)]
    folder: PathBuf,
}

/// How Location entities are followed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct FollowConfig {
    /// Whether those of the catalog's own folder are.
    pub(crate) locations: bool,
    /// The hosts that may be asked.
    pub(crate) hosts: Hosts,
    /// Which kinds may come from where.
    pub(crate) rules: Rules,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Info,
    Off,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Off => None,
        }
    }
}

impl Config {
    /// Reads the configuration. No file is an empty one.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::path::absolute(folder).map_err(|error| io_error("cannot find", folder, error))?;
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text.replace("{folder}", &folder.display().to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io_error("cannot read", path, error)),
        };
        let config: Option<Self> = serde_yaml::from_str(&text).map_err(|error| {
            Error::invalid("the configuration is not usable").with("file", path.display()).because(error)
        })?;
        Ok(Self { folder, ..config.unwrap_or_default() })
    }

    /// A path of the configuration.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.join(path)
    }

    /// The model: its layers and `more` of them, and its profile, or another one.
    pub(crate) fn model(&self, more: &[String], profile: Option<&str>) -> Result<Model> {
        let own = self.models.iter().map(|name| layer(name, &self.path(name)));
        let layers = own.chain(more.iter().map(|name| layer(name, Path::new(name))));
        let layers: Vec<SourceText> = layers.collect::<Result<_>>()?;
        let model =
            if layers.is_empty() { Model::backstage() } else { Model::backstage().with_layers(layers)? };
        Ok(model.with_profile(self.profile(profile)?))
    }

    fn profile(&self, name: Option<&str>) -> Result<Profile> {
        let name = name.or(self.profile.as_deref()).unwrap_or("backstage");
        let profile = Profile::named(name).ok_or_else(|| {
            Error::invalid("there is no such profile; there are `backstage` and `strict`")
                .with("profile", name)
        })?;
        Ok(self.severities.iter().fold(profile, |it, (code, level)| it.with(code, level.severity())))
    }

    /// How the catalog is opened.
    pub(crate) fn catalog_options(&self) -> Result<CatalogOptions> {
        let mut options = CatalogOptions::default();
        options.model = self.model(&[], None)?;
        options.orphans = self.orphans;
        options.precedence.clone_from(&self.precedence);
        Ok(options)
    }
}

fn layer(name: &str, path: &Path) -> Result<SourceText> {
    match Model::optional_layer(name) {
        Some(layer) => Ok(layer),
        None => {
            let text = std::fs::read_to_string(path).map_err(|error| io_error("cannot read", path, error))?;
            Ok(SourceText::new(path.display().to_string(), text))
        }
    }
}
