//! Files named on the command line, read a few at a time.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use idp_core::{Result, SourceText};

use crate::host::io_error;

/// Bytes of text that are handed out at once.
const BATCH_BYTES: usize = 16 << 20;

/// Threads that read, and files that each reads before it ends.
const READERS: usize = 8;
const AT_ONCE: usize = 32;

/// The texts of files in a stable order. The next ones are read while the last ones are worked on.
#[derive(Debug)]
pub(crate) struct Batches {
    ready: Receiver<Result<Vec<SourceText>>>,
}

impl Batches {
    /// These files, and those with a YAML name in these folders.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self> {
        let files = files(paths)?;
        let (sender, ready) = sync_channel(1);
        // It ends with the last file, or when nobody takes what it has read.
        std::thread::spawn(move || {
            let mut files = files.iter().peekable();
            while files.peek().is_some() {
                if sender.send(batch(&mut files)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { ready })
    }
}

impl Iterator for Batches {
    type Item = Result<Vec<SourceText>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.ready.recv().ok()
    }
}

fn batch<'f>(files: &mut impl Iterator<Item = &'f PathBuf>) -> Result<Vec<SourceText>> {
    let (mut texts, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES {
        let some: Vec<&PathBuf> = files.take(AT_ONCE * READERS).collect();
        if some.is_empty() {
            break;
        }
        for (file, text) in some.iter().zip(read_all(&some)) {
            let text = text?;
            bytes += text.len();
            let name = file.display().to_string();
            if has_lines(file) {
                texts.extend(lines(&name, &text));
            } else {
                texts.push(SourceText::new(name, text));
            }
        }
    }
    Ok(texts)
}

/// Reads files on several threads: a disk that has many requests at once answers them sooner.
fn read_all(files: &[&PathBuf]) -> Vec<Result<String>> {
    std::thread::scope(|scope| {
        let readers: Vec<_> = files
            .chunks(AT_ONCE)
            .map(|some| scope.spawn(move || some.iter().map(|file| read(file)).collect::<Vec<_>>()))
            .collect();
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Whether a file holds one JSON entity a line.
pub(crate) fn has_lines(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "ndjson" || it == "jsonl")
}

/// The lines of a file, each as a text that knows its number.
fn lines<'t>(name: &'t str, text: &'t str) -> impl Iterator<Item = SourceText> + 't {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(move |(index, line)| SourceText::part(name, line, index + 1))
}

/// Reads a file as text. Bytes that are not UTF-8 become replacement characters, which the checks then meet.
pub(crate) fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| io_error("cannot read", path, error))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// These files, and those with a YAML name in these folders, in a stable order.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|error| io_error("cannot read", path, error))?;
        if kind.is_dir() { walk(path, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let fail = |error| io_error("cannot read", folder, error);
    let entries = std::fs::read_dir(folder).map_err(fail)?;
    let mut entries: Vec<_> = entries.collect::<std::io::Result<_>>().map_err(fail)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().map_err(fail)?);
        if kind.is_dir() {
            walk(&path, found)?;
        } else if kind.is_file() && path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            found.push(path);
        }
    }
    Ok(())
}
