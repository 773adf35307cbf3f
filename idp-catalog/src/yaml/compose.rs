//! Parser events → one JSON value with the position of every node.

use std::borrow::Cow;
use std::collections::HashMap;

use idp_core::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Map, Value};

use super::anchors::{AliasError, Anchors, Node};
use super::key::{Key, flow_text};
use super::marks::Marks;
use super::offsets::Offsets;
use super::problem::{Problem, explain};
use super::repair;
use super::scalar::{self, Schema};
use super::{YamlLimits, split::Chunk};

/// What became of one document.
pub(super) struct Composed {
    /// `None` where it could not be read to its end.
    pub(super) node: Option<Node>,
    pub(super) problems: Vec<Problem>,
}

/// Composes the document in `chunk` of `text`.
pub(super) fn compose(text: &str, chunk: &Chunk, limits: &YamlLimits) -> Composed {
    let mut body = Cow::Borrowed(&text[chunk.range.clone()]);
    let mut repairs = repair::budget(body.len());
    loop {
        let mut composer = Composer::new(text, &body, chunk, limits);
        let Err(stop) = composer.run(&body) else {
            return Composed { node: composer.root, problems: composer.problems };
        };
        if let Stop::Syntax(error) = &stop
            && repairs > 0
            && let Some(repaired) = repair::closing_bracket(&body, error)
        {
            repairs -= 1;
            body = Cow::Owned(repaired);
            continue;
        }
        let problem = composer.explain(stop);
        composer.problems.push(problem);
        return Composed { node: None, problems: composer.problems };
    }
}

/// Why a document cannot be read to its end.
enum Stop {
    Syntax(ScanError),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// A collection that is still open.
enum Frame {
    Sequence { items: Vec<Value>, marks: Marks, anchor: usize },
    Mapping(Mapping),
}

struct Mapping {
    map: Map<String, Value>,
    /// The type of each key of `map`: `1` and `"1"` are two keys to YAML, and one to JSON.
    keys: Vec<Key>,
    /// Where the first of `keys` stand among them: as many as were there when a text last came twice.
    places: HashMap<String, usize>,
    marks: Marks,
    anchor: usize,
    /// The key whose value is awaited, and where it stands.
    pending: Option<(Key, Span)>,
    /// Values of `<<`, applied when the mapping ends. YAML 1.1 only.
    merges: Vec<Node>,
}

struct Composer<'a> {
    text: &'a str,
    offsets: Offsets,
    schema: Schema,
    limits: &'a YamlLimits,
    anchors: Anchors,
    stack: Vec<Frame>,
    root: Option<Node>,
    problems: Vec<Problem>,
    /// How many of the problems are errors.
    errors: usize,
}

type Step = Result<(), Problem>;

impl<'a> Composer<'a> {
    fn new(text: &'a str, body: &str, chunk: &Chunk, limits: &'a YamlLimits) -> Self {
        Self {
            text,
            offsets: Offsets::new(body, chunk.range.start),
            schema: if chunk.yaml_1_1 { Schema::Yaml11 } else { Schema::Core },
            limits,
            anchors: Anchors::new(limits.alias_nodes, limits.alias_bytes),
            stack: Vec::new(),
            root: None,
            problems: Vec::new(),
            errors: 0,
        }
    }

    /// Keeps a problem; of too many warnings the first ones.
    fn report(&mut self, problem: Problem) {
        self.errors += usize::from(problem.is_error());
        if problem.is_error() || self.problems.len() < self.limits.problems {
            self.problems.push(problem);
        }
    }

    fn run(&mut self, body: &str) -> Result<(), Stop> {
        let mut parser = Parser::new_from_str(body);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(Stop::Syntax)?;
            let span = self.offsets.span(span);
            self.event(event, span)?;
            if self.errors > self.limits.problems {
                return Err(Problem::too_many_problems(self.limits.problems, span).into());
            }
        }
        Ok(())
    }

    fn explain(&self, stop: Stop) -> Problem {
        let error = match stop {
            Stop::Problem(problem) => return problem,
            Stop::Syntax(error) => error,
        };
        let at = Span::at(self.offsets.byte(error.marker().index()));
        match error.info() {
            // The parser has a limit of its own, for brackets.
            "recursion limit exceeded" => Problem::too_deep(self.limits.depth, at),
            info => explain(self.text, info, at),
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), span);
                self.put(Node { value, marks: Marks::leaf(span) }, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.open(Frame::Sequence { items: Vec::new(), marks: Marks::leaf(span), anchor }, span)
            }
            Event::MappingStart(anchor, _) => self.open(Frame::Mapping(Mapping::new(span, anchor)), span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => {
                let mut node = self.anchors.expand(id).map_err(|error| alias_problem(error, span))?;
                node.marks.span = span;
                self.put(node, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        match tag {
            None if style == ScalarStyle::Plain => scalar::plain(text, self.schema),
            None => Value::from(text),
            Some(tag) if tag.is_yaml_core_schema() => self.typed(text, tag, span),
            // `!` alone only says: not what it looks like.
            Some(tag)
                if tag.handle.trim_start_matches('!').is_empty() && matches!(&*tag.suffix, "" | "!") =>
            {
                Value::from(text)
            }
            Some(tag) => {
                self.report(Problem::unknown_tag(tag, span));
                Value::from(text)
            }
        }
    }

    fn typed(&mut self, text: &str, tag: &Tag, span: Span) -> Value {
        scalar::tagged(text, &tag.suffix, self.schema).unwrap_or_else(|| {
            self.report(Problem::wrong_tag(text, &tag.suffix, span));
            Value::from(text)
        })
    }

    fn open(&mut self, frame: Frame, span: Span) -> Step {
        if self.stack.len() >= self.limits.depth {
            return Err(Problem::too_deep(self.limits.depth, span));
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, span: Span) -> Step {
        match self.stack.pop() {
            None => Ok(()),
            Some(Frame::Sequence { items, mut marks, anchor }) => {
                marks.span.end = end_of(&marks, span);
                self.put(Node { value: Value::Array(items), marks }, anchor)
            }
            Some(Frame::Mapping(mut mapping)) => {
                mapping.marks.span.end = end_of(&mapping.marks, span);
                mapping.merge();
                let node = Node { value: Value::Object(mapping.map), marks: mapping.marks };
                self.put(node, mapping.anchor)
            }
        }
    }

    /// Hands a finished node to the collection around it.
    fn put(&mut self, node: Node, anchor: usize) -> Step {
        if anchor != 0 {
            let span = node.marks.span;
            self.anchors.define(anchor, &node).map_err(|error| alias_problem(error, span))?;
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::Sequence { items, marks, .. }) => {
                items.push(node.value);
                marks.children.push(node.marks);
            }
            Some(Frame::Mapping(mapping)) => match mapping.pending.take() {
                None => self.key(node),
                Some((key, at)) => mapping.insert(key, at, node, self.schema),
            },
        }
        Ok(())
    }

    /// Takes `node` as the next key of the innermost mapping.
    fn key(&mut self, node: Node) {
        let span = node.marks.span;
        let key = Key::of(&node.value);
        if key.is_collection() {
            let shown = flow_text(&node.value);
            self.report(Problem::collection_key(&shown, span));
        }
        let Some(Frame::Mapping(mapping)) = self.stack.last_mut() else { return };
        let problem = mapping.duplicate(&key).map(|first| Problem::duplicate_key(&key.text, span, first));
        mapping.pending = Some((key, span));
        if let Some(problem) = problem {
            self.report(problem);
        }
    }
}

impl Mapping {
    fn new(span: Span, anchor: usize) -> Self {
        Self {
            map: Map::new(),
            keys: Vec::new(),
            places: HashMap::new(),
            marks: Marks::leaf(span),
            anchor,
            pending: None,
            merges: Vec::new(),
        }
    }

    /// Where the same key stands already.
    fn duplicate(&mut self, key: &Key) -> Option<Span> {
        if key.is_collection() || !self.map.contains_key(&key.text) {
            return None;
        }
        let index = self.place(&key.text)?;
        self.keys.get(index).filter(|known| *known == key)?;
        self.marks.children.get(index)?.key
    }

    /// Where a key with this text stands. Most mappings are never asked.
    fn place(&mut self, text: &str) -> Option<usize> {
        for (index, key) in self.keys.iter().enumerate().skip(self.places.len()) {
            self.places.insert(key.text.clone(), index);
        }
        self.places.get(text).copied()
    }

    fn insert(&mut self, key: Key, at: Span, mut node: Node, schema: Schema) {
        if schema == Schema::Yaml11 && key.text == "<<" {
            self.merges.push(node);
            return;
        }
        node.marks.key = Some(at);
        if self.map.insert(key.text.clone(), node.value).is_none() {
            self.marks.children.push(node.marks);
            self.keys.push(key);
        } else if let Some(index) = self.place(&key.text) {
            // The last of several wins and keeps the place of the first, as in JavaScript.
            self.marks.children[index] = node.marks;
        }
    }

    /// Adds what `<<` names and the mapping itself does not.
    fn merge(&mut self) {
        for node in std::mem::take(&mut self.merges) {
            match node.value {
                Value::Array(items) => {
                    for (value, marks) in items.into_iter().zip(node.marks.children) {
                        self.merge_map(value, marks);
                    }
                }
                value => self.merge_map(value, node.marks),
            }
        }
    }

    fn merge_map(&mut self, value: Value, marks: Marks) {
        let Value::Object(map) = value else { return };
        for ((key, value), marks) in map.into_iter().zip(marks.children) {
            if !self.map.contains_key(&key) {
                self.map.insert(key, value);
                self.marks.children.push(marks);
            }
        }
    }
}

/// A block collection's end event stands where the next thing begins; its last child's end is what a reader sees.
fn end_of(marks: &Marks, event: Span) -> usize {
    if event.end > event.start {
        return event.end;
    }
    marks.children.last().map_or(event.end, |last| last.span.end).max(marks.span.start)
}

fn alias_problem(error: AliasError, span: Span) -> Problem {
    match error {
        AliasError::Recursive => Problem::recursive_alias(span),
        AliasError::Budget => Problem::alias_budget(span),
    }
}
