//! Templates and a checker that knows what the sample programs know.

use std::path::{Path, PathBuf};

use idp_catalog::{Model, YamlDocument, YamlLimits, parse_yaml};
use idp_core::{Diagnostic, Entity, Registry, SourceText, Span};
use idp_plugin_git::{GitConfig, GitPlugin};
use idp_scaffolder::{Builtins, Checker, Places, Template};
use serde_json::Value;
use url::Url;

/// A template, the folder it may read, and its document.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) file: PathBuf,
    pub(crate) root: PathBuf,
    /// Which document of the file it is.
    pub(crate) index: usize,
    pub(crate) document: Document,
}

/// A document in its file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    source: SourceText,
    yaml: YamlDocument,
}

impl Places for Document {
    fn source(&self) -> &SourceText {
        &self.source
    }

    fn value(&self, pointer: &str) -> Span {
        self.yaml.locate(pointer)
    }

    fn key(&self, pointer: &str) -> Span {
        self.yaml.locate_key(pointer)
    }
}

#[allow(dead_code, reason = "not every test needs all of it")]
impl Sample {
    /// The templates of a file, by the name that findings call it.
    pub(crate) fn read(file: &Path, root: &Path, name: &str) -> Vec<Self> {
        let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
        let source = SourceText::new(name, text);
        let documents = parse_yaml(&source, &YamlLimits::default()).into_iter();
        documents
            .enumerate()
            .filter(|(_, yaml)| !yaml.is_broken() && yaml.value().is_some_and(|it| it["kind"] == "Template"))
            .map(|(index, yaml)| Self {
                file: file.to_owned(),
                root: root.to_owned(),
                index,
                document: Document { source: source.clone(), yaml },
            })
            .collect()
    }

    pub(crate) fn value(&self) -> &Value {
        self.document.yaml.value().unwrap()
    }

    /// The file, and which document of it.
    pub(crate) fn name(&self) -> String {
        format!("{}#{}", self.document.source.name(), self.index)
    }

    /// What it is known by where things about it were recorded: its file below the folder of real templates.
    pub(crate) fn key(&self) -> (String, usize) {
        (self.document.source.name().to_owned(), self.index)
    }

    /// The template with this document in the place of its own; `None` where that is no template.
    pub(crate) fn with(&self, value: Value) -> Option<Template> {
        let base = Url::from_directory_path(self.file.parent()?.canonicalize().ok()?).ok()?;
        let root = Url::from_directory_path(self.root.canonicalize().ok()?).ok()?;
        Template::from_entity(Entity::from_value(value).ok()?, Some(base)).ok()?.within(root).ok()
    }
}

/// The folder of real templates: `IDP_CORPUS` names it, or it is beside the checkout.
#[allow(dead_code, reason = "not every test needs all of it")]
pub(crate) fn corpus() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    std::env::var_os("IDP_CORPUS").map_or(beside, PathBuf::from)
}

/// A checker that knows the built-in actions, those of the Git plugin, and Backstage's model.
#[allow(dead_code, reason = "not every test needs all of it")]
pub(crate) fn checker() -> Checker {
    let mut registry = Registry::new();
    registry.install(&Builtins::default()).unwrap();
    registry.install(&GitPlugin::new(GitConfig::default())).unwrap();
    let model = Model::backstage();
    Checker::new().actions(&registry).descriptors(move |source| judge(&model, source))
}

#[allow(dead_code, reason = "not every test needs all of it")]
fn judge(model: &Model, source: &SourceText) -> Vec<Diagnostic> {
    let verdicts = model.judge_all(std::slice::from_ref(source), &YamlLimits::default(), |_, _, _, it| it);
    verdicts.into_iter().flat_map(|it| it.diagnostics).collect()
}

/// Real templates, where they are at hand.
#[allow(dead_code, reason = "not every test needs all of it")]
pub(crate) fn real_templates() -> Vec<Sample> {
    let folder = corpus().join("templates");
    let mut found = Vec::new();
    for repository in folders(&folder) {
        for file in files(&repository) {
            let name = file.strip_prefix(&folder).unwrap_or(&file).display().to_string();
            found.extend(Sample::read(&file, &repository, &name));
        }
    }
    found
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let mut folders: Vec<_> = entries.filter(|it| it.is_dir()).collect();
    folders.sort();
    folders
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml")
            && std::fs::read_to_string(&path).is_ok_and(|it| it.contains("scaffolder.backstage.io/"))
        {
            found.push(path);
        }
    }
    found
}
