//! The cursor over the tokens, and what both halves of the parser share.

use super::ast::Node;
use super::lexer::{LexOptions, lex};
use super::token::{Token, TokenKind};
use idp_core::Span;

use crate::expr::error::{ErrorCode, TemplateError};

/// Names that would reach into the host of a JavaScript engine; refused wherever they stand, as upstream does.
const RESERVED: [&str; 3] = ["constructor", "prototype", "__proto__"];

/// How deep expressions and tags may nest in the source: what a thread with a small stack can take, and far more than
/// people write.
const NESTING: usize = 48;

/// How long a chain of operators, filters, members or branches may be: each link is one level of the tree. Filters and
/// calls are levels of evaluation as well, of which there may be fewer.
const CHAIN: usize = 250;

/// Reads a template.
pub(crate) fn parse(source: &str, options: LexOptions, max_nodes: usize) -> Result<Vec<Node>, TemplateError> {
    let tokens = lex(source, options);
    let LexOptions { legacy, strict, .. } = options;
    let mut parser = Parser { source, tokens, legacy, strict, pos: 0, depth: 0, nodes: 0, max_nodes };
    let nodes = parser.nodes(&[])?;
    match parser.peek() {
        TokenKind::Eof => Ok(nodes),
        _ => Err(parser.unexpected()),
    }
}

/// A parse in progress.
pub(crate) struct Parser<'s> {
    pub(crate) source: &'s str,
    pub(crate) tokens: Vec<Token<'s>>,
    pub(crate) pos: usize,
    /// Accept what only nunjucks itself knew.
    pub(crate) legacy: bool,
    /// Operators bind as minijinja has them bind.
    pub(crate) strict: bool,
    depth: usize,
    nodes: usize,
    max_nodes: usize,
}

impl<'s> Parser<'s> {
    pub(crate) fn peek(&self) -> &TokenKind<'s> {
        self.tokens.get(self.pos).map_or(&TokenKind::Eof, |token| &token.kind)
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> &TokenKind<'s> {
        self.tokens.get(self.pos + ahead).map_or(&TokenKind::Eof, |token| &token.kind)
    }

    pub(crate) fn span(&self) -> Span {
        let end = Span { start: self.source.len(), end: self.source.len() };
        self.tokens.get(self.pos).map_or(end, |token| token.span)
    }

    /// The bytes from a start to the end of the token read last.
    pub(crate) fn since(&self, start: usize) -> Span {
        let end = self.pos.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(start, |t| t.span.end);
        Span { start, end: end.max(start) }
    }

    pub(crate) fn advance(&mut self) -> TokenKind<'s> {
        let kind = self.peek().clone();
        self.pos += 1;
        kind
    }

    pub(crate) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), TokenKind::Op(found) if *found == op)
    }

    pub(crate) fn skip_op(&mut self, op: &str) -> bool {
        let found = self.is_op(op);
        self.pos += usize::from(found);
        found
    }

    pub(crate) fn expect_op(&mut self, op: &str) -> Result<(), TemplateError> {
        if self.skip_op(op) { Ok(()) } else { Err(self.expected(op)) }
    }

    pub(crate) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), TokenKind::Name(found) if *found == name)
    }

    pub(crate) fn skip_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.pos += usize::from(found);
        found
    }

    /// A name that is not reserved.
    pub(crate) fn name(&mut self) -> Result<String, TemplateError> {
        let TokenKind::Name(name) = *self.peek() else { return Err(self.expected("name")) };
        self.check_name(name)?;
        self.pos += 1;
        Ok(name.to_owned())
    }

    pub(crate) fn check_name(&self, name: &str) -> Result<(), TemplateError> {
        if RESERVED.contains(&name) && !self.legacy {
            let message = format!("Template name \"{name}\" is reserved");
            return Err(TemplateError::new(ErrorCode::ReservedName, message, self.span(), self.source));
        }
        Ok(())
    }

    pub(crate) fn expected(&self, what: &str) -> TemplateError {
        match self.peek() {
            TokenKind::Bad(message) => self.error(message.clone()),
            found => self.error(format!("Expected {what}, received {}", describe(found))),
        }
    }

    pub(crate) fn unexpected(&self) -> TemplateError {
        match self.peek() {
            TokenKind::Bad(message) => self.error(message.clone()),
            found => self.error(format!("Unexpected {}", describe(found))),
        }
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> TemplateError {
        self.error_at(message, self.span())
    }

    pub(crate) fn error_at(&self, message: impl Into<String>, span: Span) -> TemplateError {
        TemplateError::new(ErrorCode::Syntax, message, span, self.source)
    }

    pub(crate) fn limit(&self, message: &str, span: Span) -> TemplateError {
        TemplateError::new(ErrorCode::Limit, message, span, self.source)
    }

    /// Counts one more link of a chain.
    pub(crate) fn link(&mut self, length: &mut usize) -> Result<(), TemplateError> {
        *length += 1;
        self.nodes += 1;
        match *length > CHAIN {
            true => Err(self.limit("a chain is too long", self.span())),
            false => Ok(()),
        }
    }

    /// Runs a part of the parser one level deeper, within the limits on depth and size.
    pub(crate) fn deeper<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        self.depth += 1;
        self.nodes += 1;
        let limit = match () {
            () if self.depth > NESTING => Some("the template is nested too deeply"),
            () if self.nodes > self.max_nodes => Some("the template has too many parts"),
            () => None,
        };
        if let Some(message) = limit {
            return Err(self.limit(message, self.span()));
        }
        let result = part(self);
        self.depth -= 1;
        result
    }
}

fn describe(kind: &TokenKind<'_>) -> String {
    match kind {
        TokenKind::Name(name) => format!("\"{name}\""),
        TokenKind::Op(op) => format!("\"{op}\""),
        TokenKind::Number(number) => format!("\"{number}\""),
        TokenKind::Str(_) => "a string".to_owned(),
        TokenKind::Regex { .. } => "a regular expression".to_owned(),
        TokenKind::OutputEnd => "\"}}\"".to_owned(),
        TokenKind::TagEnd => "\"%}\"".to_owned(),
        TokenKind::Eof => "end of template".to_owned(),
        _ => "text".to_owned(),
    }
}
