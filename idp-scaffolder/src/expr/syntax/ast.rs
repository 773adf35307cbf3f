//! The tree of a template. Every expression knows the bytes it was read from.

use idp_core::Span;

/// One piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Comment,
    Output(Expr),
    If { arms: Vec<(Expr, Vec<Node>)>, otherwise: Vec<Node> },
    For { names: Vec<String>, items: Expr, body: Vec<Node>, otherwise: Vec<Node>, span: Span },
    Set { names: Vec<String>, value: Expr },
    SetBlock { names: Vec<String>, body: Vec<Node>, span: Span },
    Macro(Macro),
    Call { call: Expr, caller: Macro },
    Filter { name: String, args: Vec<Arg>, body: Vec<Node>, span: Span },
    Switch { subject: Expr, cases: Vec<(Expr, Vec<Node>)>, default: Vec<Node> },
    Block { name: String, body: Vec<Node>, span: Span },
}

/// A macro's definition, or the body that a `call` tag passes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Macro {
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, Option<Expr>)>,
    pub(crate) body: Vec<Node>,
    pub(crate) span: Span,
}

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
    /// How many expressions are inside one another, this one included.
    height: u32,
}

impl Expr {
    pub(crate) fn new(kind: ExprKind, span: Span) -> Self {
        let mut below = 0;
        kind.each_child(&mut |child| below = below.max(child.height));
        Self { kind, span, height: below + 1 }
    }

    /// How many expressions are inside one another, this one included: what a walk through it takes of a stack.
    pub(crate) fn height(&self) -> u32 {
        self.height
    }
}

/// Places do not count: two readings of the same text are equal.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    Str(String),
    Regex {
        pattern: String,
        flags: String,
    },
    Name(String),
    Array(Vec<Expr>),
    Dict(Vec<(String, Expr)>),
    /// Parentheses: the last one is the value.
    Group(Vec<Expr>),
    Member {
        object: Box<Expr>,
        key: Box<Expr>,
        dotted: bool,
    },
    Slice {
        object: Box<Expr>,
        bounds: [Option<Box<Expr>>; 3],
    },
    Call {
        callee: Box<Expr>,
        args: Vec<Arg>,
    },
    Filter {
        name: String,
        input: Box<Expr>,
        args: Vec<Arg>,
    },
    Test {
        name: String,
        input: Box<Expr>,
        args: Vec<Arg>,
        negated: bool,
    },
    Unary {
        op: &'static str,
        operand: Box<Expr>,
    },
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    In {
        item: Box<Expr>,
        container: Box<Expr>,
        negated: bool,
    },
    Binary {
        op: &'static str,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Inline {
        then: Box<Expr>,
        condition: Box<Expr>,
        otherwise: Option<Box<Expr>>,
    },
}

impl ExprKind {
    /// The expressions directly inside.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        let mut children = Vec::new();
        self.each_child(&mut |child| children.push(child));
        children
    }

    fn each_child<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        match self {
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Str(_)
            | Self::Regex { .. }
            | Self::Name(_) => (),
            Self::Array(items) | Self::Group(items) => items.iter().for_each(visit),
            Self::Dict(entries) => entries.iter().for_each(|(_, value)| visit(value)),
            Self::Slice { object, bounds } => {
                visit(object);
                bounds.iter().flatten().for_each(|bound| visit(bound));
            }
            Self::Call { callee: first, args }
            | Self::Filter { input: first, args, .. }
            | Self::Test { input: first, args, .. } => {
                visit(first);
                args.iter().for_each(|arg| visit(&arg.value));
            }
            Self::Unary { operand: one, .. } | Self::Not(one) => visit(one),
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Member { object: left, key: right, .. }
            | Self::In { item: left, container: right, .. }
            | Self::Binary { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::Inline { then, condition, otherwise } => {
                visit(then);
                visit(condition);
                otherwise.iter().for_each(|value| visit(value));
            }
        }
    }
}

/// An argument, named or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arg {
    pub(crate) name: Option<String>,
    pub(crate) value: Expr,
}
