//! Predicates as people write them: `kind=component and not metadata.tags contains legacy`.

use idp_core::{Comparison, Diagnostic, Error, Predicate, Result, SourceText, Span};

use super::token::{Token, tokens};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;

/// Words with a meaning of their own.
pub(super) const KEYWORDS: [&str; 7] = ["and", "or", "not", "in", "contains", "exists", "starts"];

/// Reads a predicate.
///
/// ```text
/// kind=component and spec.type in (service, website)
/// not metadata.tags contains legacy
/// metadata.annotations.backstage.io/techdocs-ref exists or (spec.owner=team-a and spec.lifecycle != experimental)
/// spec.replicas >= 3 and metadata.name starts with pay
/// ```
///
/// `and` binds tighter than `or`. `contains` is `=` for lists. A field alone, or with `exists`, asks for any value.
/// `<`, `<=`, `>` and `>=` compare numbers by size and other texts by their letters, so that `2026-03-01` comes before
/// `2026-10-01`; a number and a text do not compare.
/// Values with spaces, commas or parentheses go in quotes. An empty text holds for everything.
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic that points into the text.
pub fn parse_predicate(text: &str) -> Result<Predicate> {
    let tokens = tokens(text).map_err(|bad| problem(text, bad.message, bad.span))?;
    if tokens.is_empty() {
        return Ok(Predicate::All(Vec::new()));
    }
    let mut parser = Parser { text, tokens, next: 0, depth: 0 };
    let predicate = parser.any()?;
    match parser.peek() {
        None => Ok(predicate),
        Some(_) => Err(parser.unexpected("`and`, `or` or the end")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Predicate> {
        let mut parts = vec![self.all()?];
        while self.take_keyword("or") {
            parts.push(self.all()?);
        }
        Ok(single(parts, Predicate::Any))
    }

    fn all(&mut self) -> Result<Predicate> {
        let mut parts = vec![self.one()?];
        while self.take_keyword("and") {
            parts.push(self.one()?);
        }
        Ok(single(parts, Predicate::All))
    }

    fn one(&mut self) -> Result<Predicate> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(problem(self.text, "the condition is nested too deeply", self.span()));
        }
        let predicate = if self.take_keyword("not") {
            self.one()?.negate()
        } else if self.take(&Token::Open) {
            let inside = self.any()?;
            self.expect(&Token::Close, "`)`")?;
            inside
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(predicate)
    }

    fn condition(&mut self) -> Result<Predicate> {
        let field = self.field()?;
        if self.take(&Token::Equals) || self.take_keyword("contains") {
            return Ok(Predicate::equals(field, self.text("a value")?));
        }
        if self.take(&Token::NotEquals) {
            return Ok(Predicate::equals(field, self.text("a value")?).negate());
        }
        if let Some(comparison) = self.comparison() {
            return Ok(Predicate::compare(field, comparison, self.text("a value")?));
        }
        if self.take_keyword("starts") {
            if !self.take_keyword("with") {
                return Err(self.unexpected("`with`"));
            }
            return Ok(Predicate::prefix(field, self.text("a value")?));
        }
        if self.take_keyword("in") {
            return Ok(Predicate::In(field, self.list()?));
        }
        self.take_keyword("exists");
        Ok(Predicate::Exists(field))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let comparison = match self.peek()? {
            Token::Less => Comparison::Less,
            Token::AtMost => Comparison::AtMost,
            Token::AtLeast => Comparison::AtLeast,
            Token::Greater => Comparison::Greater,
            _ => return None,
        };
        self.next += 1;
        Some(comparison)
    }

    /// A field. One that is called like a keyword must be in quotes.
    fn field(&mut self) -> Result<String> {
        const WHAT: &str = "a field, such as `spec.type`";
        match self.peek() {
            Some(Token::Word(word)) if KEYWORDS.iter().any(|it| word.eq_ignore_ascii_case(it)) => {
                Err(self.unexpected(WHAT))
            }
            _ => self.text(WHAT),
        }
    }

    fn list(&mut self) -> Result<Vec<String>> {
        self.expect(&Token::Open, "`(`")?;
        let mut values = vec![self.text("a value")?];
        while self.take(&Token::Comma) {
            values.push(self.text("a value")?);
        }
        self.expect(&Token::Close, "`,` or `)`")?;
        Ok(values)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.next).map_or(Span::at(self.text.len()), |(_, span)| *span)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, name: &str) -> Result<()> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected(name)) }
    }

    fn text(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Some(Token::Word(text) | Token::Quoted(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.unexpected(what)),
        }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let span = self.span();
        let found = match self.text.get(span.start..span.end) {
            Some(text) if !text.is_empty() => format!("`{text}`"),
            _ => "the end".to_owned(),
        };
        problem(self.text, &format!("expected {expected}, found {found}"), span)
    }
}

fn single(mut parts: Vec<Predicate>, many: impl Fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

fn problem(text: &str, message: &str, span: Span) -> Error {
    let source = SourceText::new("filter", text);
    Error::diagnosed(vec![Diagnostic::error("bad-filter", message).at(&source, span)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(field: &str, value: &str) -> Predicate {
        Predicate::equals(field, value)
    }

    #[test]
    fn precedence_and_forms() {
        for (text, want) in [
            ("", Predicate::All(vec![])),
            ("a=1", is("a", "1")),
            ("a", Predicate::exists("a")),
            ("a exists", Predicate::exists("a")),
            ("a != 1", is("a", "1").negate()),
            ("a!=1", is("a", "1").negate()),
            ("a contains \"x, y\"", is("a", "x, y")),
            ("a>=1", Predicate::compare("a", Comparison::AtLeast, "1")),
            ("a <= 1", Predicate::compare("a", Comparison::AtMost, "1")),
            ("a<b", Predicate::compare("a", Comparison::Less, "b")),
            ("a > '>'", Predicate::compare("a", Comparison::Greater, ">")),
            ("a starts with b", Predicate::prefix("a", "b")),
            ("a in (1, '2')", Predicate::one_of("a", ["1", "2"])),
            (
                "a=1 or b=2 and not c=3",
                Predicate::Any(vec![is("a", "1"), Predicate::All(vec![is("b", "2"), is("c", "3").negate()])]),
            ),
            (
                "(a=1 OR b=2) AND c",
                Predicate::All(vec![
                    Predicate::Any(vec![is("a", "1"), is("b", "2")]),
                    Predicate::exists("c"),
                ]),
            ),
        ] {
            assert_eq!(parse_predicate(text).unwrap(), want, "{text}");
        }
    }

    #[test]
    fn errors_point_into_the_text() {
        for (text, column) in [
            ("a=", 3),
            ("a=1 b=2", 5),
            ("(a=1", 5),
            ("a in 1", 6),
            ("a='x", 3),
            ("and and", 1),
            (")", 1),
            ("a >", 4),
            ("a >> 1", 4),
            ("a starts b", 10),
            ("a starts with", 14),
        ] {
            let error = parse_predicate(text).unwrap_err();
            assert_eq!(error.diagnostics()[0].place.as_ref().unwrap().column(), column, "{text}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse_predicate(&"(".repeat(100_000)).is_err());
        assert!(parse_predicate(&"not ".repeat(100_000)).is_err());
    }
}
