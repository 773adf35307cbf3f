//! Entities as JSON, one a line.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use idp_core::{
    Completeness, Content, Cursor, Diagnostic, Document, Error, ErrorKind, Page, Result, Source,
    SourceContext, SourceInfo, SourceText, Span,
};
use url::Url;

use super::folder::unreadable;

/// Bounds on lines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinesLimits {
    /// Bytes of one line.
    pub line_bytes: usize,
    /// Bytes of one page: no more is in memory at once, a line aside.
    pub page_bytes: usize,
}

impl Default for LinesLimits {
    fn default() -> Self {
        Self { line_bytes: 1 << 20, page_bytes: 4 << 20 }
    }
}

/// Bytes of a page that are reserved at most.
const MOST_RESERVED: usize = 16 << 20;
/// Bytes that are reserved for the line that makes it full.
const LAST_LINE: usize = 64 << 10;
/// Lines of one page that are told one by one because they cannot be read.
const MAX_PROBLEMS: usize = 100;

/// Reads JSON entities, one a line: an export of an inventory. A file, or whatever else can be read.
///
/// All of them stand in one location, the file's name; a problem is told at its line. A line that is no JSON may be any
/// of the entities that seem to be missing, so none of them is removed then; a line that is too long or not UTF-8 makes the
/// answer partial.
///
/// ```
/// use idp_catalog::LinesSource;
/// # let folder = std::env::temp_dir().join("lines-source-example");
/// # std::fs::create_dir_all(&folder)?;
/// let file = folder.join("inventory.ndjson");
/// std::fs::write(&file, r#"{"apiVersion":"backstage.io/v1alpha1","kind":"Group","metadata":{"name":"shop"},
/// "spec":{"type":"team","children":[]}}"#.replace('\n', ""))?;
/// let source = LinesSource::new("inventory", &file)?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LinesSource {
    name: String,
    location: String,
    input: Input,
    limits: LinesLimits,
}

type Reader = Box<dyn BufRead + Send>;

enum Input {
    File(PathBuf),
    /// Read once, from one page to the next.
    Reader(Mutex<Option<(Reader, Position)>>),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// Where a page starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Position {
    offset: u64,
    /// Lines before it.
    line: usize,
    /// What the file was like when the first page was read: its length, and when it was changed.
    state: (u64, u64),
}

impl LinesSource {
    /// The lines of a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such file.
    pub fn new(name: impl Into<String>, path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let path = path.canonicalize().map_err(|error| unreadable(path, error))?;
        let location = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { name: name.into(), location, input: Input::File(path), limits: LinesLimits::default() })
    }

    /// The lines of something that can be read once, like standard input. `location` is what problems are told at.
    pub fn from_reader(
        name: impl Into<String>,
        location: impl Into<String>,
        reader: impl BufRead + Send + 'static,
    ) -> Self {
        let reader: Reader = Box::new(reader);
        let input = Input::Reader(Mutex::new(Some((reader, Position::default()))));
        Self { name: name.into(), location: location.into(), input, limits: LinesLimits::default() }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: LinesLimits) -> Self {
        self.limits = limits;
        self
    }

    fn open(&self, path: &Path, cursor: Option<&Cursor>) -> Result<(Reader, Position)> {
        let failed = |error| unreadable(path, error);
        let mut file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        let changed = meta.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        let changed = changed.map_or(0, |it| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX));
        let state = (meta.len(), changed);
        let position = match cursor {
            None => Position { state, ..Position::default() },
            Some(cursor) => position_of(cursor)?,
        };
        if position.state != state {
            let message = "the file was changed while it was read";
            return Err(Error::new(ErrorKind::Unavailable, message).with("path", path.display()));
        }
        file.seek(SeekFrom::Start(position.offset)).map_err(failed)?;
        Ok((Box::new(BufReader::with_capacity(64 << 10, file)), position))
    }

    /// The page that starts at a position, and the position behind it.
    fn read(
        &self,
        reader: &mut dyn BufRead,
        mut at: Position,
        cx: &SourceContext,
    ) -> Result<(Page, Position)> {
        let first = at.line + 1;
        let (mut problems, mut is_end) = (Vec::new(), false);
        // Memory is taken as it is written to: to reserve it costs nothing, and to move it as it grows does.
        let mut text = Vec::with_capacity(self.limits.page_bytes.min(MOST_RESERVED) + LAST_LINE);
        let mut bad = 0;
        while text.len() < self.limits.page_bytes && !is_end {
            if at.line.is_multiple_of(1024) {
                cx.cancel.check()?;
            }
            let room = self.limits.line_bytes;
            let start = text.len();
            let line = read_line(reader, room, &mut text).map_err(|error| self.failed(error))?;
            (at.offset, at.line, is_end) = (at.offset + line.bytes, at.line + 1, line.is_end);
            if let Some((code, message)) = self.refuse(&line, &text[start..]) {
                // Blank, so that the lines behind it keep their numbers.
                text.truncate(start);
                text.push(b'\n');
                bad += 1;
                if bad <= MAX_PROBLEMS {
                    problems.push(self.problem(code, message, at.line));
                }
            }
        }
        if bad > MAX_PROBLEMS {
            let message = format!("and {} more lines before this one cannot be read", bad - MAX_PROBLEMS);
            problems.push(self.problem("more-bad-lines", message, at.line));
        }
        // Each line was looked at.
        let text = String::from_utf8(text).map_err(|error| self.failed(io::Error::other(error)))?;
        let content = Content::Lines { text, first };
        let documents = vec![Document { location: self.location.clone(), content }];
        let completeness = if problems.is_empty() { Completeness::Complete } else { Completeness::Partial };
        let next = (!is_end).then(|| cursor_of(&at));
        Ok((Page { documents, problems, completeness, next }, at))
    }

    /// Why a line cannot be read.
    fn refuse(&self, line: &Line, text: &[u8]) -> Option<(&'static str, String)> {
        if line.is_too_long {
            return Some((
                "line-too-long",
                format!("the line is longer than {} bytes", self.limits.line_bytes),
            ));
        }
        let is_text = std::str::from_utf8(text).is_ok();
        (!is_text).then(|| ("not-utf8", "the line is not UTF-8".to_owned()))
    }

    fn problem(&self, code: &'static str, message: String, line: usize) -> Diagnostic {
        Diagnostic::error(code, message).at(&SourceText::part(&*self.location, "", line), Span::at(0))
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::new(ErrorKind::Unavailable, "cannot read the lines")
            .with("location", &self.location)
            .because(error)
    }
}

#[async_trait]
impl Source for LinesSource {
    fn info(&self) -> SourceInfo {
        let info = SourceInfo::new(&*self.name, format!("entities in {}", self.location));
        match &self.input {
            Input::File(path) => {
                info.based_at(path.parent().and_then(|it| Url::from_directory_path(it).ok()))
            }
            Input::Reader(_) => info,
        }
    }

    async fn page(&self, cx: &SourceContext, cursor: Option<&Cursor>) -> Result<Page> {
        cx.cancel.check()?;
        match &self.input {
            Input::File(path) => {
                let (mut reader, position) = self.open(path, cursor)?;
                self.read(&mut *reader, position, cx).map(|(page, _)| page)
            }
            Input::Reader(reader) => {
                let wanted = cursor.map(position_of).transpose()?.unwrap_or_default();
                let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                let (mut rest, position) = reader
                    .take()
                    .filter(|(_, position)| *position == wanted)
                    .ok_or_else(|| Error::invalid("these lines can be read once, and from their start"))?;
                let (page, position) = self.read(&mut *rest, position, cx)?;
                *reader = Some((rest, position));
                Ok(page)
            }
        }
    }
}

struct Line {
    /// How many bytes were read, the line break included.
    bytes: u64,
    is_too_long: bool,
    is_end: bool,
}

/// Adds a line and its break to `text`; one that is too long is passed over.
fn read_line(reader: &mut dyn BufRead, limit: usize, text: &mut Vec<u8>) -> io::Result<Line> {
    let (start, mut line) = (text.len(), Line { bytes: 0, is_too_long: false, is_end: false });
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        let end = memchr::memchr(b'\n', buffer);
        let taken = end.map_or(buffer.len(), |end| end + 1);
        line.is_end = buffer.is_empty();
        if !line.is_too_long {
            text.extend_from_slice(&buffer[..taken]);
        }
        reader.consume(taken);
        line.bytes += taken as u64;
        if text.len() - start > limit.saturating_add(1) {
            line.is_too_long = true;
            text.truncate(start);
        }
        if line.is_end || end.is_some() {
            return Ok(line);
        }
    }
}

/// What every cursor starts with.
const AT: &str = "at:";

fn cursor_of(at: &Position) -> Cursor {
    Cursor(format!("{AT}{}:{}:{}:{}", at.offset, at.line, at.state.0, at.state.1))
}

fn position_of(cursor: &Cursor) -> Result<Position> {
    let foreign = || Error::invalid("this is not a cursor of lines");
    let text = cursor.0.strip_prefix(AT).ok_or_else(foreign)?;
    let numbers: Vec<u64> = text.split(':').map_while(|it| it.parse().ok()).collect();
    let [offset, line, length, changed] = numbers[..] else { return Err(foreign()) };
    let line = usize::try_from(line).map_err(|_| foreign())?;
    Ok(Position { offset, line, state: (length, changed) })
}
