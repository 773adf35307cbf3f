//! A text that tells whether a folder has changed.

use std::fs;
use std::io;
use std::path::Path;

use idp_core::Digest;

/// Every file below a folder with the digest of its content, a line each: two folders with the same files have the same
/// text. Top-level folders called `except` are left out. Links are named and not followed.
///
/// # Errors
/// Whatever the file system answers.
pub fn fingerprint(folder: &Path, except: &str) -> io::Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != except {
            add(folder, &entry.path(), &mut lines)?;
        }
    }
    lines.sort();
    Ok(lines.join("\n"))
}

fn add(root: &Path, path: &Path, lines: &mut Vec<String>) -> io::Result<()> {
    let kind = fs::symlink_metadata(path)?;
    let name = path.strip_prefix(root).unwrap_or(path).display();
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            add(root, &entry?.path(), lines)?;
        }
    } else if kind.is_symlink() {
        lines.push(format!("{name} -> {}", fs::read_link(path)?.display()));
    } else {
        lines.push(format!("{name} {}", Digest::of_bytes(&fs::read(path)?)));
    }
    Ok(())
}
