//! Expressions, by precedence climbing.
//!
//! From loose to tight: inline `if` · `or` · `and` · `not` · `in` · `is` · comparisons · `+ - ~` · `* / %` · `//` ·
//! `**` · unary `-`/`+` · filters, members, calls. All operators associate to the left.
//!
//! nunjucks writes JavaScript without parentheses, and two of its results follow from that: `not a == b` is
//! `(not a) == b`, and a `%` beside `*`, `/` or `//` joins their chain from the left.
//!
//! In strict templates operators bind as in minijinja: `~` tighter than `+`, `is` tighter than any of them, and `not`
//! takes a whole comparison.

use super::ast::{Arg, Expr, ExprKind};
use super::parser::Parser;
use super::token::TokenKind;
use crate::expr::error::TemplateError;

/// How deep a tree may be: chains in parentheses, each of which becomes as deep as it is long.
const HEIGHT: u32 = 300;

type Parsed = Result<Expr, TemplateError>;

const COMPARISONS: [&str; 8] = ["==", "===", "!=", "!==", "<", "<=", ">", ">="];
const SUMS: [&str; 3] = ["+", "-", "~"];
const PRODUCTS: [&str; 2] = ["*", "/"];
const STRICT_SUMS: [&str; 2] = ["+", "-"];
const STRICT_PRODUCTS: [&str; 4] = ["*", "/", "//", "%"];

impl Parser<'_> {
    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Parsed {
        let whole = self.deeper(Self::inline_if)?;
        match whole.height() > HEIGHT {
            true => Err(self.limit("the template is nested too deeply", whole.span)),
            false => Ok(whole),
        }
    }

    fn node(&self, kind: ExprKind, start: usize) -> Expr {
        Expr::new(kind, self.since(start))
    }

    fn inline_if(&mut self) -> Parsed {
        let start = self.span().start;
        let then = self.or()?;
        if !self.skip_name("if") {
            return Ok(then);
        }
        let condition = Box::new(self.or()?);
        let otherwise = if self.skip_name("else") { Some(Box::new(self.or()?)) } else { None };
        Ok(self.node(ExprKind::Inline { then: Box::new(then), condition, otherwise }, start))
    }

    fn or(&mut self) -> Parsed {
        let start = self.span().start;
        let (mut left, mut length) = (self.and()?, 0);
        while self.skip_name("or") {
            self.link(&mut length)?;
            let right = self.and()?;
            left = self.node(ExprKind::Or(Box::new(left), Box::new(right)), start);
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let start = self.span().start;
        let (mut left, mut length) = (self.not()?, 0);
        while self.skip_name("and") {
            self.link(&mut length)?;
            let right = self.not()?;
            left = self.node(ExprKind::And(Box::new(left), Box::new(right)), start);
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let start = self.span().start;
        if !self.skip_name("not") {
            return self.membership();
        }
        let operand = self.deeper(Self::not)?;
        Ok(self.negate(operand, start))
    }

    /// `!` before what nunjucks writes for an operand: it takes the first part of a chain of operators. Calls, which
    /// `//` and `**` become, are taken whole.
    fn negate(&self, operand: Expr, start: usize) -> Expr {
        match operand.kind {
            ExprKind::Binary { op, left, right } if !self.strict && !matches!(op, "//" | "**") => {
                let left = Box::new(self.negate(*left, start));
                Expr::new(ExprKind::Binary { op, left, right }, operand.span)
            }
            kind => self.node(ExprKind::Not(Box::new(Expr::new(kind, operand.span))), start),
        }
    }

    fn membership(&mut self) -> Parsed {
        let start = self.span().start;
        let (mut left, mut length) = (self.test()?, 0);
        loop {
            self.link(&mut length)?;
            let negated = self.is_name("not") && matches!(self.peek_at(1), TokenKind::Name("in"));
            if !negated && !self.is_name("in") {
                return Ok(left);
            }
            self.pos += 1 + usize::from(negated);
            let container = Box::new(self.test()?);
            left = self.node(ExprKind::In { item: Box::new(left), container, negated }, start);
        }
    }

    fn test(&mut self) -> Parsed {
        let start = self.span().start;
        let input = self.comparison()?;
        match !self.strict && self.skip_name("is") {
            true => self.tested(input, start),
            false => Ok(input),
        }
    }

    /// A value and its test, the `is` between them read.
    fn tested(&mut self, input: Expr, start: usize) -> Parsed {
        let negated = self.skip_name("not");
        let name = self.name()?;
        let args = if self.skip_op("(") { self.arguments()? } else { Vec::new() };
        Ok(self.node(ExprKind::Test { name, input: Box::new(input), args, negated }, start))
    }

    fn comparison(&mut self) -> Parsed {
        self.chain(&COMPARISONS, Self::sum)
    }

    fn sum(&mut self) -> Parsed {
        match self.strict {
            true => self.chain(&STRICT_SUMS, Self::concatenation),
            false => self.chain(&SUMS, Self::product),
        }
    }

    fn concatenation(&mut self) -> Parsed {
        self.chain(&["~"], Self::product)
    }

    fn power(&mut self) -> Parsed {
        self.chain(&["**"], Self::unary)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        match *self.peek() {
            TokenKind::Op(op) if operators.contains(&op) => {
                self.pos += 1;
                Some(op)
            }
            _ => None,
        }
    }

    fn join(&self, op: &'static str, left: Expr, right: Expr, start: usize) -> Expr {
        self.node(ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, start)
    }

    fn chain(&mut self, operators: &[&'static str], operand: fn(&mut Self) -> Parsed) -> Parsed {
        let start = self.span().start;
        let (mut left, mut length) = (operand(self)?, 0);
        while let Some(op) = self.operator(operators) {
            self.link(&mut length)?;
            let right = operand(self)?;
            left = self.join(op, left, right, start);
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        if self.strict {
            return self.chain(&STRICT_PRODUCTS, Self::power);
        }
        let start = self.span().start;
        let first = self.floored()?;
        let (mut left, mut length) = (self.remainders(first, start), 0);
        while let Some(op) = self.operator(&PRODUCTS) {
            self.link(&mut length)?;
            let right = self.floored()?;
            left = self.append(op, left, right, start);
        }
        Ok(left)
    }

    /// The operands of a chain of `%`, or one value where a `//` follows it.
    fn floored(&mut self) -> Result<Vec<Expr>, TemplateError> {
        let start = self.span().start;
        let (mut operands, mut length) = (self.modulo()?, 0);
        while self.operator(&["//"]).is_some() {
            self.link(&mut length)?;
            let right = self.modulo()?;
            let left = self.remainders(operands, start);
            operands = vec![self.floor(left, right, start)];
        }
        Ok(operands)
    }

    fn modulo(&mut self) -> Result<Vec<Expr>, TemplateError> {
        let (mut operands, mut length) = (vec![self.power()?], 0);
        while self.operator(&["%"]).is_some() {
            self.link(&mut length)?;
            operands.push(self.power()?);
        }
        Ok(operands)
    }

    fn remainders(&self, operands: Vec<Expr>, start: usize) -> Expr {
        let mut operands = operands.into_iter();
        let first = operands.next().unwrap_or_else(|| Expr::new(ExprKind::Null, self.span()));
        operands.fold(first, |left, right| self.join("%", left, right, start))
    }

    fn append(&self, op: &'static str, left: Expr, right: Vec<Expr>, start: usize) -> Expr {
        let operators = std::iter::once(op).chain(std::iter::repeat("%"));
        right.into_iter().zip(operators).fold(left, |left, (right, op)| self.join(op, left, right, start))
    }

    /// `a // b % c` is the floor of `a / b % c`.
    fn floor(&self, left: Expr, mut right: Vec<Expr>, start: usize) -> Expr {
        if right.len() == 1
            && let Some(right) = right.pop()
        {
            return self.join("//", left, right, start);
        }
        let quotient = self.append("/", left, right, start);
        let one = Expr::new(ExprKind::Number(1.0), quotient.span);
        self.join("//", quotient, one, start)
    }

    /// A sign binds tighter than a filter: `-5 | abs` is 5.
    fn unary(&mut self) -> Parsed {
        let start = self.span().start;
        let signed = match *self.peek() {
            TokenKind::Op(op @ ("-" | "+")) => Some(op),
            _ => None,
        };
        let Some(op) = signed else {
            let operand = self.postfix()?;
            return self.filters(operand, start);
        };
        self.pos += 1;
        if self.is_op(op) {
            return Err(self.error(format!("Repeated unparenthesized unary {op} is not supported")));
        }
        let operand = Box::new(self.postfix()?);
        let signed = self.node(ExprKind::Unary { op, operand }, start);
        self.filters(signed, start)
    }

    fn filters(&mut self, mut input: Expr, start: usize) -> Parsed {
        let mut length = 0;
        loop {
            let is_filter = self.skip_op("|");
            let is_test = !is_filter && self.strict && self.skip_name("is");
            if !is_filter && !is_test {
                return Ok(input);
            }
            self.link(&mut length)?;
            input = if is_filter { self.filtered(input, start)? } else { self.tested(input, start)? };
        }
    }

    /// A value and its filter, the `|` between them read.
    fn filtered(&mut self, input: Expr, start: usize) -> Parsed {
        let name = self.filter_name()?;
        let args = if self.skip_op("(") { self.arguments()? } else { Vec::new() };
        Ok(self.node(ExprKind::Filter { name, input: Box::new(input), args }, start))
    }

    /// A filter's name, which may have dots.
    pub(crate) fn filter_name(&mut self) -> Result<String, TemplateError> {
        let mut name = self.name()?;
        while self.skip_op(".") {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Ok(name)
    }

    fn postfix(&mut self) -> Parsed {
        let start = self.span().start;
        let (mut value, mut length) = (self.primary()?, 0);
        loop {
            self.link(&mut length)?;
            if self.skip_op(".") {
                value = self.member(value, start)?;
            } else if self.skip_op("[") {
                value = self.deeper(|parser| parser.subscript(value, start))?;
            } else if self.skip_op("(") {
                let args = self.arguments()?;
                value = self.node(ExprKind::Call { callee: Box::new(value), args }, start);
            } else {
                return Ok(value);
            }
        }
    }

    fn member(&mut self, object: Expr, start: usize) -> Parsed {
        let span = self.span();
        let key = Box::new(Expr::new(ExprKind::Str(self.name()?), span));
        Ok(self.node(ExprKind::Member { object: Box::new(object), key, dotted: true }, start))
    }

    /// `[key]` or `[start:stop:step]`, the opening bracket read.
    fn subscript(&mut self, object: Expr, start: usize) -> Parsed {
        let mut bounds: [Option<Box<Expr>>; 3] = [None, None, None];
        let (mut part, mut colons) = (0, 0);
        while !self.is_op("]") {
            if !self.legacy && self.skip_op(":") {
                colons += 1;
                part += 1;
                if part > 2 {
                    return Err(self.unexpected());
                }
            } else if bounds[part].is_none() {
                bounds[part] = Some(Box::new(self.expression()?));
            } else {
                return Err(self.unexpected());
            }
        }
        self.pos += 1;
        let object = Box::new(object);
        if colons > 0 {
            return Ok(self.node(ExprKind::Slice { object, bounds }, start));
        }
        let [Some(key), ..] = bounds else { return Err(self.unexpected()) };
        if let ExprKind::Str(name) = &key.kind {
            self.check_name(name)?;
        }
        Ok(self.node(ExprKind::Member { object, key, dotted: false }, start))
    }

    /// Arguments up to and with the closing parenthesis, the opening one read.
    pub(crate) fn arguments(&mut self) -> Result<Vec<Arg>, TemplateError> {
        let mut args = Vec::new();
        if self.skip_op(")") {
            return Ok(args);
        }
        loop {
            let named = matches!((self.peek(), self.peek_at(1)), (TokenKind::Name(_), TokenKind::Op("=")));
            let name = if named { Some(self.name()?) } else { None };
            self.pos += usize::from(named);
            args.push(Arg { name, value: self.expression()? });
            if self.skip_op(")") {
                return Ok(args);
            }
            self.expect_op(",")?;
        }
    }

    fn primary(&mut self) -> Parsed {
        let start = self.span().start;
        let kind = match self.peek().clone() {
            TokenKind::Number(value) => ExprKind::Number(value),
            TokenKind::Str(text) => ExprKind::Str(text.into_owned()),
            TokenKind::Regex { pattern, flags } => {
                ExprKind::Regex { pattern: pattern.to_owned(), flags: flags.to_owned() }
            }
            TokenKind::Name(name) => self.keyword(name)?,
            TokenKind::Op(open @ ("(" | "[" | "{")) => {
                self.pos += 1;
                let kind = self.deeper(|parser| parser.bracketed(open))?;
                return Ok(self.node(kind, start));
            }
            TokenKind::Bad(message) => return Err(self.error(message)),
            _ => return Err(self.unexpected()),
        };
        self.pos += 1;
        Ok(self.node(kind, start))
    }

    fn keyword(&self, name: &str) -> Result<ExprKind, TemplateError> {
        Ok(match name {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" | "null" => ExprKind::Null,
            "if" | "else" | "and" | "or" | "in" | "is" | "not" => return Err(self.unexpected()),
            _ => {
                self.check_name(name)?;
                ExprKind::Name(name.to_owned())
            }
        })
    }

    fn bracketed(&mut self, open: &str) -> Result<ExprKind, TemplateError> {
        match open {
            "(" => {
                let items = self.items(")")?;
                match items.is_empty() {
                    true => Err(self.error("Parenthesized expression cannot be empty")),
                    false => Ok(ExprKind::Group(items)),
                }
            }
            "[" => Ok(ExprKind::Array(self.items("]")?)),
            _ => Ok(ExprKind::Dict(self.entries()?)),
        }
    }

    fn items(&mut self, close: &str) -> Result<Vec<Expr>, TemplateError> {
        let mut items = Vec::new();
        if self.skip_op(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.skip_op(close) {
                return Ok(items);
            }
            self.expect_op(",")?;
        }
    }

    fn entries(&mut self) -> Result<Vec<(String, Expr)>, TemplateError> {
        let mut entries = Vec::new();
        if self.skip_op("}") {
            return Ok(entries);
        }
        loop {
            let key = match self.peek() {
                TokenKind::Name(key) => (*key).to_owned(),
                TokenKind::Str(key) => key.to_string(),
                _ => return Err(self.expected("a string or name as dictionary key")),
            };
            self.check_name(&key)?;
            self.pos += 1;
            self.expect_op(":")?;
            entries.push((key, self.expression()?));
            if self.skip_op("}") {
                return Ok(entries);
            }
            self.expect_op(",")?;
        }
    }
}
