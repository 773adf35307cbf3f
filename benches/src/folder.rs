//! A skeleton as a folder on disk: copied, and rendered with plain minijinja, as a short program would.

use std::fs;
use std::io;
use std::path::Path;

use minijinja::{Environment, Value};

/// Copies every file of a folder, with its mode.
///
/// # Errors
/// What the file system answers.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

/// Renders names and contents of every file of a folder, with an environment and nothing else.
///
/// # Errors
/// What the file system answers; minijinja's, where it refuses a template.
pub fn render_folder_plain(
    environment: &Environment<'_>,
    from: &Path,
    to: &Path,
    context: &Value,
) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidData)?;
        let target = to.join(environment.render_str(&name, context).map_err(io::Error::other)?);
        if entry.file_type()?.is_dir() {
            render_folder_plain(environment, &entry.path(), &target, context)?;
            continue;
        }
        let text = fs::read_to_string(entry.path())?;
        fs::write(&target, environment.render_str(&text, context).map_err(io::Error::other)?)?;
        fs::set_permissions(&target, entry.metadata()?.permissions())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use idp_core::TreeLimits;
    use idp_scaffolder::{read_folder, write_folder};

    use super::*;
    use crate::{plain_environment, plain_values, render_plain, skeleton, values};

    #[test]
    fn a_folder_becomes_what_its_tree_becomes() {
        let (from, copied, rendered) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_folder(&skeleton(), from.path()).unwrap();
        copy_folder(from.path(), copied.path()).unwrap();
        let read = |folder: &tempfile::TempDir| read_folder(folder.path(), TreeLimits::default()).unwrap();
        assert_eq!(read(&copied), skeleton());
        render_folder_plain(&plain_environment(), from.path(), rendered.path(), &plain_values()).unwrap();
        assert_eq!(read(&rendered), render_plain(&plain_environment(), &skeleton(), &values()).unwrap());
    }
}
