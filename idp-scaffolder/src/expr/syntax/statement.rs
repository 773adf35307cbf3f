//! Text, outputs and tags.

use super::ast::{Macro, Node};
use super::parser::Parser;
use super::token::TokenKind;
use idp_core::Span;

use crate::expr::error::TemplateError;

type Parsed<T> = Result<T, TemplateError>;

impl Parser<'_> {
    /// Nodes up to a tag of one of these names (its `{%` and name are not read), or to the end of the template.
    pub(crate) fn nodes(&mut self, ends: &[&str]) -> Parsed<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                TokenKind::Eof => return Ok(nodes),
                TokenKind::TagStart if self.at_tag(ends) => return Ok(nodes),
                _ => nodes.push(self.deeper(Self::template_node)?),
            }
        }
    }

    fn at_tag(&self, names: &[&str]) -> bool {
        matches!(self.peek_at(1), TokenKind::Name(name) if names.contains(name))
    }

    fn template_node(&mut self) -> Parsed<Node> {
        let span = self.span();
        match self.advance() {
            TokenKind::Text(text) => Ok(Node::Text(text.to_owned())),
            TokenKind::Comment => Ok(Node::Comment),
            TokenKind::OutputStart => {
                let value = self.expression()?;
                match self.peek() {
                    TokenKind::OutputEnd => self.pos += 1,
                    _ => return Err(self.expected("\"}}\"")),
                }
                Ok(Node::Output(value))
            }
            TokenKind::TagStart => self.tag(span),
            _ => {
                self.pos -= 1;
                Err(self.unexpected())
            }
        }
    }

    fn tag(&mut self, span: Span) -> Parsed<Node> {
        let TokenKind::Name(name) = self.advance() else {
            self.pos -= 1;
            return Err(self.expected("a tag name"));
        };
        match name {
            "if" => self.if_tag(span),
            "for" => self.for_tag(name, span),
            "ifAsync" if self.legacy => self.if_tag(span),
            "asyncEach" | "asyncAll" if self.legacy => self.for_tag(name, span),
            "set" => self.set_tag(span),
            "macro" => Ok(Node::Macro(self.macro_tag(span)?)),
            "call" => self.call_tag(span),
            "filter" => self.filter_tag(span),
            "switch" => self.switch_tag(span),
            "block" => self.block_tag(span),
            "include" | "import" | "from" | "extends" => {
                Err(self.error_at(format!("Unsupported template-loading tag \"{name}\""), span))
            }
            _ => Err(self.error_at(format!("Unknown or unexpected tag \"{name}\""), span)),
        }
    }

    pub(crate) fn tag_end(&mut self) -> Parsed<()> {
        match self.peek() {
            TokenKind::TagEnd => {
                self.pos += 1;
                Ok(())
            }
            _ => Err(self.expected("\"%}\"")),
        }
    }

    /// Nodes up to a closing tag, which is read.
    fn body(&mut self, end: &str, open: Span) -> Parsed<Vec<Node>> {
        let nodes = self.nodes(&[end])?;
        self.closing(end, open)?;
        Ok(nodes)
    }

    fn closing(&mut self, end: &str, open: Span) -> Parsed<()> {
        if *self.peek() == TokenKind::Eof {
            return Err(self.error_at(format!("Missing \"{end}\" tag"), open));
        }
        self.pos += 2;
        self.tag_end()
    }

    fn if_tag(&mut self, span: Span) -> Parsed<Node> {
        let (mut arms, mut otherwise, mut length) = (Vec::new(), Vec::new(), 0);
        loop {
            self.link(&mut length)?;
            let condition = self.expression()?;
            self.tag_end()?;
            arms.push((condition, self.nodes(&["elif", "elseif", "else", "endif"])?));
            if !self.at_tag(&["elif", "elseif"]) {
                break;
            }
            self.pos += 2;
        }
        if self.at_tag(&["else"]) {
            self.closing("else", span)?;
            otherwise = self.nodes(&["endif"])?;
        }
        self.closing("endif", span)?;
        Ok(Node::If { arms, otherwise })
    }

    fn for_tag(&mut self, tag: &str, span: Span) -> Parsed<Node> {
        let end = match tag {
            "asyncEach" => "endeach",
            "asyncAll" => "endall",
            _ => "endfor",
        };
        let names = self.names()?;
        if !self.skip_name("in") {
            return Err(self.error_at("For tag requires an in expression", span));
        }
        let items = self.expression()?;
        self.tag_end()?;
        let body = self.nodes(&[end, "else"])?;
        let mut otherwise = Vec::new();
        if self.at_tag(&["else"]) {
            self.closing("else", span)?;
            otherwise = self.nodes(&[end])?;
        }
        self.closing(end, span)?;
        Ok(Node::For { names, items, body, otherwise, span })
    }

    fn names(&mut self) -> Parsed<Vec<String>> {
        let mut names = vec![self.name()?];
        while self.skip_op(",") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn set_tag(&mut self, span: Span) -> Parsed<Node> {
        let names = self.names()?;
        if self.skip_op("=") {
            let value = self.expression()?;
            self.tag_end()?;
            return Ok(Node::Set { names, value });
        }
        self.tag_end()?;
        Ok(Node::SetBlock { names, body: self.body("endset", span)?, span })
    }

    fn macro_tag(&mut self, span: Span) -> Parsed<Macro> {
        let name = self.name()?;
        self.expect_op("(")?;
        let parameters = self.parameters()?;
        self.tag_end()?;
        Ok(Macro { name, parameters, body: self.body("endmacro", span)?, span })
    }

    /// Parameters up to and with the closing parenthesis, the opening one read.
    fn parameters(&mut self) -> Parsed<Vec<(String, Option<super::ast::Expr>)>> {
        let mut parameters = Vec::new();
        if self.skip_op(")") {
            return Ok(parameters);
        }
        loop {
            let name = self.name()?;
            let default = if self.skip_op("=") { Some(self.expression()?) } else { None };
            parameters.push((name, default));
            if self.skip_op(")") {
                return Ok(parameters);
            }
            self.expect_op(",")?;
        }
    }

    fn call_tag(&mut self, span: Span) -> Parsed<Node> {
        let parameters = if self.skip_op("(") { self.parameters()? } else { Vec::new() };
        let call = self.expression()?;
        if !matches!(call.kind, super::ast::ExprKind::Call { .. }) {
            return Err(self.error_at("Call tag requires a call", call.span));
        }
        self.tag_end()?;
        let body = self.body("endcall", span)?;
        Ok(Node::Call { call, caller: Macro { name: "caller".to_owned(), parameters, body, span } })
    }

    fn filter_tag(&mut self, span: Span) -> Parsed<Node> {
        let name = self.filter_name()?;
        let args = if self.skip_op("(") { self.arguments()? } else { Vec::new() };
        self.tag_end()?;
        Ok(Node::Filter { name, args, body: self.body("endfilter", span)?, span })
    }

    fn switch_tag(&mut self, span: Span) -> Parsed<Node> {
        let subject = self.expression()?;
        self.tag_end()?;
        let lead = self.nodes(&["case", "default", "endswitch"])?;
        let blank = |node: &Node| match node {
            Node::Text(text) => text.trim().is_empty(),
            node => *node == Node::Comment,
        };
        if !lead.iter().all(blank) {
            return Err(self.error_at("Switch content must begin with case or default", span));
        }
        let (mut cases, mut default) = (Vec::new(), Vec::new());
        let mut length = 0;
        while self.at_tag(&["case"]) {
            self.link(&mut length)?;
            self.pos += 2;
            let value = self.expression()?;
            self.tag_end()?;
            cases.push((value, self.nodes(&["case", "default", "endswitch"])?));
        }
        if self.at_tag(&["default"]) {
            self.closing("default", span)?;
            default = self.nodes(&["endswitch"])?;
        }
        self.closing("endswitch", span)?;
        Ok(Node::Switch { subject, cases, default })
    }

    fn block_tag(&mut self, span: Span) -> Parsed<Node> {
        let name = self.name()?;
        self.tag_end()?;
        let body = self.nodes(&["endblock"])?;
        if *self.peek() == TokenKind::Eof {
            return Err(self.error_at("Missing \"endblock\" tag", span));
        }
        self.pos += 2;
        if matches!(self.peek(), TokenKind::Name(_)) {
            self.pos += 1;
        }
        self.tag_end()?;
        Ok(Node::Block { name, body, span })
    }
}
