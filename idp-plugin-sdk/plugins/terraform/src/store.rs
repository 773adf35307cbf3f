//! The folder of one stack.
//!
//! ```text
//! <state folder>/<environment or _>/<name>/idp.json           what was applied, and under which keys
//!                                         /terraform.tfstate  the program's state
//!                                         /versions/<digest>/ the code of a version, and where it was applied from
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use idp_plugin_sdk::{Digest, Error, IdempotencyKey, ResourceId, Result};
use serde::{Deserialize, Serialize};

use crate::TerraformConfig;
use crate::state::{Stamp, TfState};
use crate::workdir::cannot;

const MARKER: &str = "idp.json";
const STATE: &str = "terraform.tfstate";

/// The folder of one stack.
#[derive(Debug)]
pub(crate) struct Store {
    pub environment: Option<String>,
    pub name: String,
    folder: PathBuf,
}

/// What was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Marker {
    /// The versions applied and not undone, the last one is there now.
    pub history: Vec<Applied>,
    /// The state file after the last change: another one there means that somebody else ran the program.
    pub stamp: Option<Stamp>,
    /// The change that was begun and not reported as done.
    pub underway: Option<IdempotencyKey>,
}

/// A version, and the key it was applied under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    pub key: IdempotencyKey,
    pub digest: Digest,
}

impl Store {
    pub(crate) fn new(config: &TerraformConfig, id: &ResourceId) -> Result<Self> {
        let (environment, name) = match id.name.split_once('/') {
            Some((environment, name)) => (Some(environment), name),
            None => (None, id.name.as_str()),
        };
        for part in environment.into_iter().chain([name]) {
            check(part)?;
        }
        let folder = config.state_folder.join(environment.unwrap_or("_")).join(name);
        // The program works in folders below this one, from where a relative path would lead elsewhere.
        let folder = std::path::absolute(&folder).map_err(|error| cannot(&folder, error))?;
        Ok(Self { environment: environment.map(str::to_owned), name: name.to_owned(), folder })
    }

    /// What was applied; none for an unknown stack.
    pub(crate) fn marker(&self) -> Result<Option<Marker>> {
        let Some(text) = read(&self.folder.join(MARKER))? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            Error::new(idp_plugin_sdk::ErrorKind::Corrupt, "a stack's record does not read back")
                .because(error)
        })
    }

    /// Records what was applied: all of it or nothing, and before anything else happens.
    pub(crate) fn record(&self, marker: &Marker) -> Result<()> {
        let text = serde_json::to_string(marker)
            .map_err(|error| Error::internal("a record does not serialise").because(error))?;
        let (path, beside) = (self.folder.join(MARKER), self.folder.join("idp.json.new"));
        make_private(&self.folder)
            .and_then(|()| fs::write(&beside, text))
            .and_then(|()| fs::File::open(&beside)?.sync_all())
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|error| cannot(&path, error))
    }

    pub(crate) fn state_path(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    pub(crate) fn state_text(&self) -> Result<Option<String>> {
        read(&self.state_path())
    }

    pub(crate) fn state(&self) -> Result<Option<TfState>> {
        self.state_text()?.map(|it| TfState::parse(&it)).transpose()
    }

    /// The version that is there; one of its own where a change was cut short or somebody else ran the program; none
    /// for a stack that is not there.
    pub(crate) fn digest(&self) -> Result<Option<Digest>> {
        let Some(marker) = self.marker()? else { return Ok(None) };
        if let Some(key) = &marker.underway {
            return Ok(Some(Digest::of_parts([b"underway".as_slice(), key.as_str().as_bytes()])));
        }
        let Some(last) = marker.history.last() else { return Ok(None) };
        if marker.is_untouched(self)? {
            return Ok(Some(last.digest));
        }
        let text = self.state_text()?.unwrap_or_default();
        Ok(Some(Digest::of_parts([b"changed".as_slice(), text.as_bytes()])))
    }

    /// Where a version's code is.
    pub(crate) fn version(&self, digest: &Digest) -> PathBuf {
        self.folder.join("versions").join(&digest.hex()[..32])
    }

    /// Forgets the stack.
    pub(crate) fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(&self.folder, error)),
            _ => Ok(()),
        }
    }
}

impl Marker {
    /// Whether the state file is as the last change left it.
    pub(crate) fn is_untouched(&self, store: &Store) -> Result<bool> {
        Ok(store.state()?.map(|it| it.stamp()) == self.stamp)
    }
}

fn check(part: &str) -> Result<()> {
    let usable = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !part.is_empty()
        && part != "_"
        && part.len() <= 100
        && !part.starts_with('.')
        && part.chars().all(usable)
    {
        return Ok(());
    }
    Err(Error::invalid("a stack's name and environment are letters, digits, `.`, `_` and `-`")
        .with("value", part))
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot(path, error)),
    }
}

/// State files hold secrets: the folder is for its owner only.
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
