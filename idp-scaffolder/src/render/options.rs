//! The options of `fetch:template`.

use serde::{Deserialize, Deserializer};

use super::RenderError;
use crate::expr::TextOptions;

/// The options of `fetch:template`, named as in a step's input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RenderOptions {
    /// The folder of the destination that everything goes into; its root by default.
    pub target_path: String,
    /// Files whose name is rendered and whose content is copied: patterns over the skeleton's paths. A folder covers
    /// what is in it, `!` takes paths out again.
    pub copy_without_templating: Vec<String>,
    /// Files whose name and content are copied. Backstage's current rules ignore it.
    pub copy_without_render: Vec<String>,
    /// Render the content of files with this extension only, and take the extension off. `true` is `.njk`.
    #[serde(deserialize_with = "extension")]
    pub template_file_extension: Option<String>,
    /// Write over files that are there.
    pub replace: bool,
    /// Remove the line break after a tag.
    pub trim_blocks: bool,
    /// Remove the white space before a tag that begins its line.
    pub lstrip_blocks: bool,
    /// Outputs are `{{ cookiecutter.x }}`.
    pub cookiecutter_compat: bool,
}

impl RenderOptions {
    pub(super) fn check(&self) -> Result<(), RenderError> {
        let others = !self.copy_without_templating.is_empty() || self.cookiecutter_compat;
        if self.template_file_extension.is_some() && others {
            return Err(RenderError::options(
                "Fetch action input extension incompatible with copyWithoutTemplating and cookiecutterCompat",
            ));
        }
        Ok(())
    }

    pub(crate) fn text(&self) -> TextOptions {
        TextOptions {
            trim_blocks: self.trim_blocks,
            lstrip_blocks: self.lstrip_blocks,
            cookiecutter: self.cookiecutter_compat,
        }
    }

    /// The extension with its dot.
    pub(crate) fn extension(&self) -> Option<String> {
        let extension = self.template_file_extension.as_deref()?;
        Some(if extension.starts_with('.') { extension.to_owned() } else { format!(".{extension}") })
    }
}

fn extension<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Extension {
        Flag(bool),
        Name(String),
    }
    Ok(match Option::<Extension>::deserialize(deserializer)? {
        Some(Extension::Flag(true)) => Some(".njk".to_owned()),
        Some(Extension::Name(name)) if !name.is_empty() => Some(name),
        _ => None,
    })
}
