//! Lowers a template to a minijinja program.
//!
//! minijinja runs the program: control flow, captures, macros, output, fuel. What JavaScript does differently goes
//! through one function, `op(site, operands…)`: the number names a [`Site`], which says which operation it is and
//! where in the source it stands, so every error has the place of the operation that failed. Literals and literal text
//! are numbered too (`k[n]`), so nothing of a template is ever quoted into the program.
//!
//! `{% if a == 'x' %}hi ${{ b | upper }}{% endif %}` becomes
//! `{% if op(2,op(1,op(0),k[0])) %}{{k[1]}}{{op(5,op(4,op(3)))}}{% endif %}`.
//!
//! Variables do not map to minijinja's: nunjucks lets a `set` in a loop change an outer variable, so names live in the
//! frames of [`super::run`].

mod expression;
mod statement;

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::Value;

use idp_core::Span;
use super::syntax::ast::{Expr, ExprKind, Node};

/// An operation of a program.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) op: Op,
    pub(crate) span: Span,
}

/// One step of a member path.
#[derive(Debug)]
pub(crate) enum Key {
    /// Known from the source.
    Name(Arc<str>),
    /// The next operand.
    Operand,
}

/// What an operation does. Its operands are evaluated before it, from left to right.
#[derive(Debug)]
pub(crate) enum Op {
    /// The value of a variable.
    Name(String),
    /// Members, one after the other.
    Path(Vec<Key>),
    /// `object[start:stop:step]`; which bounds are there.
    Slice([bool; 3]),
    /// Calls the first operand; `path` is how messages name it.
    Call { path: Option<String>, keywords: Vec<String> },
    /// Calls a method of the first operand; without a name the second operand is the key.
    Method { path: Option<String>, name: Option<String>, keywords: Vec<String> },
    Filter { name: String, keywords: Vec<String> },
    Test { name: String, keywords: Vec<String>, negated: bool },
    /// Operators of one level, from left to right.
    Chain(Vec<&'static str>),
    Sign(&'static str),
    Not,
    In { negated: bool },
    Array,
    Dict(Vec<Arc<str>>),
    Regex { pattern: String, flags: String },
    /// The last operand.
    Last,
    /// The left side of `and` and `or`: the operand, whose truth must be known.
    Operand,
    /// JavaScript truth.
    Truth,
    /// The text of an output.
    Print,
    /// Keeps the operand as the template's value.
    Result,
    /// Opens a loop's frame and answers the items.
    Iterate { width: usize },
    /// Sets the loop's names to the item.
    Bind(Vec<String>),
    /// Opens a frame.
    Enter,
    /// Closes the innermost frame.
    Leave,
    /// Sets names to the operand.
    Set(Vec<String>),
    /// Whether a `case` applies.
    Matches,
    /// Defines a macro; the operand is its compiled body.
    Macro { name: String, parameters: Vec<String>, caller: bool },
    /// Whether a parameter was not given.
    Missing(String),
}

/// A lowered template.
#[derive(Debug)]
pub(crate) struct Program {
    /// What minijinja runs.
    pub(crate) source: String,
    /// The operations, by number.
    pub(crate) sites: Vec<Site>,
    /// Literals and texts, by number.
    pub(crate) constants: Value,
    /// The template is one output and nothing else, and the program keeps its value.
    pub(crate) whole_value: bool,
    /// `loop` occurs somewhere.
    pub(crate) uses_loop: bool,
}

/// How to lower a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// A step's value: one output keeps its type.
    Value,
    /// A file's text.
    Text,
    /// An older engine's value: each output is its JSON, to be read back.
    Json,
}

/// Lowers a template.
pub(crate) fn lower(nodes: &[Node], form: Form) -> Program {
    let mut lowering = Lowering { form, ..Lowering::default() };
    let parts: Vec<&Node> = nodes.iter().filter(|node| **node != Node::Comment).collect();
    let whole = match parts[..] {
        [Node::Output(value)] if form == Form::Value => Some(value),
        _ => None,
    };
    match whole {
        Some(value) => lowering.statement(Op::Result, value.span, |l| l.operand(value)),
        None => lowering.nodes(nodes),
    }
    Program {
        source: lowering.out,
        sites: lowering.sites,
        constants: Value::from(lowering.constants),
        whole_value: whole.is_some(),
        uses_loop: lowering.uses_loop,
    }
}

impl Default for Lowering {
    fn default() -> Self {
        Self {
            out: String::new(),
            sites: Vec::new(),
            constants: Vec::new(),
            names: 0,
            form: Form::Text,
            uses_loop: false,
        }
    }
}

struct Lowering {
    out: String,
    sites: Vec<Site>,
    constants: Vec<Value>,
    /// How many names of its own the program uses.
    names: usize,
    form: Form,
    uses_loop: bool,
}

impl Lowering {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn constant(&mut self, value: Value) {
        let _ = write!(self.out, "k[{}]", self.constants.len());
        self.constants.push(value);
    }

    /// `op(site` with room for the operands.
    fn open(&mut self, op: Op, span: Span) {
        let _ = write!(self.out, "op({}", self.sites.len());
        self.sites.push(Site { op, span });
    }

    fn op(&mut self, op: Op, span: Span, operands: impl FnOnce(&mut Self)) {
        self.open(op, span);
        operands(self);
        self.push(")");
    }

    /// A comma and an operand.
    fn operand(&mut self, value: &Expr) {
        self.push(",");
        self.expression(value);
    }

    /// An operation run for what it does.
    fn statement(&mut self, op: Op, span: Span, operands: impl FnOnce(&mut Self)) {
        self.push("{%do ");
        self.op(op, span, operands);
        self.push("%}");
    }

    /// A new name of the program.
    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }
}

/// How messages name a value: `values.items.join`, where it is a plain path.
fn path_of(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Member { object, key, .. } => match &key.kind {
            ExprKind::Str(name) => Some(format!("{}.{name}", path_of(object)?)),
            _ => None,
        },
        _ => None,
    }
}
