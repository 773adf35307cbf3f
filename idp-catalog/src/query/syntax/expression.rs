//! Predicates as people write them: `kind=component and not metadata.tags contains legacy`.

use idp_core::{Comparison, Error, Predicate, Result, Span, Test, similar};

use super::problem::{check_length, problem};
use super::token::{Token, tokens};
use crate::query::test::{Case, MAX_PATTERNS, check_bounds, compile};

/// Deepest nesting of parentheses and `not`.
const MAX_DEPTH: usize = 64;

/// Words with a meaning of their own.
pub(super) const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "in", "contains", "exists", "starts", "between", "matches", "has", "exactly"];

/// What can follow a field.
const OPERATOR: &str = "an operator, such as `=`, `in` or `exists`";

/// Reads a predicate.
///
/// ```text
/// kind=component and spec.type in (service, website)
/// not metadata.tags contains legacy
/// metadata.annotations.backstage.io/techdocs-ref exists or (spec.owner=team-a and spec.lifecycle != experimental)
/// spec.replicas >= 3 and spec.port in 8000..8999 and metadata.name starts with pay
/// spec.reviewed between 2026-01-01 and 2026-03-31 and metadata.description ~ "card payments"
/// metadata.name matches /^pay-[a-z]+$/ and metadata.title == "Payments"
/// spec.ports has (name=http and number < 1024)
/// ```
///
/// | form | asks for |
/// |---|---|
/// | `f`, `f exists` | any value |
/// | `f = v`, `f contains v`, `f != v`, `f in (v, w)` | one of these values |
/// | `f < v`, `<=`, `>`, `>=`, `f between v and w`, `f in v..w` | a value on a side of a bound, or between two that count in |
/// | `f starts with v`, `f ~ v`, `f !~ v` | a value that begins with a text, or contains it |
/// | `f matches /re/` | a value with a match of a regular expression |
/// | `f has (…)` | one element of a list whose own fields satisfy the condition |
/// | `f == v`, `f exactly in (…)`, `f exactly matches /re/`… | the same, where case counts |
/// | `f not in (…)`, `f not exists`… | the opposite |
/// | `a and b`, `a or b`, `not a`, `(a)`, `all(a, b)`, `any(a, b)` | conditions together |
///
/// `and` binds tighter than `or`; `all()` is true, `any()` is false, and so is no text at all true. A value or field with
/// spaces, commas, parentheses or the like, or that is a keyword, goes in single or double quotes, in which `\"`, `\\`,
/// `\n`, `\r`, `\t` and `\u{2026}` stand for characters. [`Test`] says how values compare; [`print_predicate`] is the way
/// back.
///
/// [`print_predicate`]: super::print_predicate
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic that points into the text.
pub fn parse_predicate(text: &str) -> Result<Predicate> {
    check_length(text)?;
    let tokens = tokens(text).map_err(|bad| problem(text, bad.message, bad.span, bad.help))?;
    if tokens.is_empty() {
        return Ok(Predicate::All(Vec::new()));
    }
    let mut parser = Parser { text, tokens, next: 0, depth: 0, patterns: 0 };
    let predicate = parser.any()?;
    match parser.peek() {
        None => Ok(predicate),
        Some(_) => Err(parser.unquoted("`and`, `or` or the end")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth: usize,
    patterns: usize,
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
            let help = "say it with fewer parentheses";
            return Err(problem(self.text, "the condition is nested too deeply", self.span(), help));
        }
        let predicate = if self.take_keyword("not") {
            self.one()?.negate()
        } else if self.take(&Token::Open) {
            let inside = self.any()?;
            self.expect(&Token::Close, "`)`")?;
            inside
        } else if self.take_group("all") {
            Predicate::All(self.listed("a condition", Self::any)?)
        } else if self.take_group("any") {
            Predicate::Any(self.listed("a condition", Self::any)?)
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(predicate)
    }

    fn condition(&mut self) -> Result<Predicate> {
        let field = self.field()?;
        if self.take(&Token::NotEquals) {
            return Ok(Predicate::equals(field, self.value()?).negate());
        }
        if self.take(&Token::NotIncludes) {
            return Ok(Predicate::substring(field, self.value()?).negate());
        }
        let negated = self.take_keyword("not");
        let predicate = self.operator(field, negated)?;
        Ok(if negated { predicate.negate() } else { predicate })
    }

    fn operator(&mut self, field: String, negated: bool) -> Result<Predicate> {
        if self.take(&Token::Exactly) {
            return Ok(Predicate::equals(field, self.value()?).exactly());
        }
        if self.take_keyword("exactly") {
            let test = self.test(Case::Exact)?.ok_or_else(|| self.unexpected(OPERATOR))?;
            return Ok(Predicate::Exactly(field, test));
        }
        if let Some(test) = self.test(Case::Ignored)? {
            return Ok(Predicate::Value(field, test));
        }
        if self.take_keyword("has") {
            self.expect(&Token::Open, "`(`")?;
            let element = self.any()?;
            self.expect(&Token::Close, "`)`")?;
            return Ok(Predicate::has(field, element));
        }
        if self.take_keyword("exists") || !negated {
            return Ok(Predicate::Exists(field));
        }
        Err(self.unexpected(OPERATOR))
    }

    /// What is asked of a value; none where no operator of that sort follows.
    fn test(&mut self, case: Case) -> Result<Option<Test>> {
        let test = if self.take(&Token::Equals) || self.take_keyword("contains") {
            Test::In(vec![self.value()?])
        } else if let Some(comparison) = self.comparison() {
            Test::Compare(comparison, self.value()?)
        } else if self.take(&Token::Includes) {
            Test::Substring(self.value()?)
        } else if self.take_keyword("starts") {
            self.expect_keyword("with")?;
            Test::Prefix(self.value()?)
        } else if self.take_keyword("in") {
            self.list_or_range()?
        } else if self.take_keyword("between") {
            let (start, from) = (self.span(), self.value()?);
            self.expect_keyword("and")?;
            self.range(start, from)?
        } else if self.take_keyword("matches") {
            self.pattern(case)?
        } else {
            return Ok(None);
        };
        Ok(Some(test))
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

    /// `(a, b)`, `1..9`, `1..` or `..9`.
    fn list_or_range(&mut self) -> Result<Test> {
        const WHAT: &str = "`(`, or a range such as `1..9`";
        let span = self.span();
        if self.take(&Token::Open) {
            return Ok(Test::In(self.listed("a value", Self::value)?));
        }
        let Some(Token::Word(word)) = self.peek() else { return Err(self.unexpected(WHAT)) };
        let Some((from, to)) = word.split_once("..") else { return Err(self.unexpected(WHAT)) };
        let test = match (from, to) {
            ("", "") => return Err(self.unexpected(WHAT)),
            (from, "") => Test::Compare(Comparison::AtLeast, from.to_owned()),
            ("", to) => Test::Compare(Comparison::AtMost, to.to_owned()),
            (from, to) => between(from, to).map_err(|error| self.refused(&error, span))?,
        };
        self.next += 1;
        Ok(test)
    }

    /// The rest of a range that begins at `start` with `from`.
    fn range(&mut self, start: Span, from: String) -> Result<Test> {
        let end = self.span();
        let to = self.value()?;
        between(&from, &to).map_err(|error| self.refused(&error, Span::new(start.start, end.end)))
    }

    fn pattern(&mut self, case: Case) -> Result<Test> {
        let span = self.span();
        let pattern = match self.peek() {
            Some(Token::Pattern(text) | Token::Quoted(text)) => text.clone(),
            _ => return Err(self.unexpected("a pattern, such as `/^pay-/`")),
        };
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            return Err(problem(
                self.text,
                "there are too many patterns",
                span,
                "join some of them with `|`",
            ));
        }
        compile(&pattern, case).map_err(|error| self.refused(&error, span))?;
        self.next += 1;
        Ok(Test::Pattern(pattern))
    }

    /// A field. One that is called like a keyword must be in quotes.
    fn field(&mut self) -> Result<String> {
        const WHAT: &str = "a field, such as `spec.type`";
        match self.peek() {
            Some(Token::Word(word)) if is_keyword(word) => Err(self.unquoted(WHAT)),
            _ => self.word(WHAT),
        }
    }

    fn value(&mut self) -> Result<String> {
        self.word("a value")
    }

    fn word(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Some(Token::Word(text) | Token::Quoted(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.unquoted(what)),
        }
    }

    /// What stands between the parenthesis that was just opened and its end, separated by commas.
    fn listed<T>(&mut self, what: &str, read: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        if self.take(&Token::Close) {
            return Ok(items);
        }
        if self.peek().is_none() {
            return Err(self.unexpected(what));
        }
        items.push(read(self)?);
        while self.take(&Token::Comma) {
            items.push(read(self)?);
        }
        self.expect(&Token::Close, "`,` or `)`")?;
        Ok(items)
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
        let found = is_word(self.peek(), keyword);
        self.next += usize::from(found);
        found
    }

    /// Takes `name(`: without the parenthesis it is a field.
    fn take_group(&mut self, name: &str) -> bool {
        let open = self.tokens.get(self.next + 1).is_some_and(|(token, _)| *token == Token::Open);
        let found = open && is_word(self.peek(), name);
        self.next += if found { 2 } else { 0 };
        found
    }

    fn expect(&mut self, token: &Token, name: &str) -> Result<()> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected(name)) }
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<()> {
        if self.take_keyword(keyword) { Ok(()) } else { Err(self.unexpected(&format!("`{keyword}`"))) }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let (found, span) = self.found();
        let help = suggestion(found).map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default();
        self.departure(expected, found, span, &help)
    }

    /// Where what was found may be part of a value, or a value that means something else without quotes.
    fn unquoted(&self, expected: &str) -> Error {
        let (found, span) = self.found();
        if found.is_empty() || suggestion(found).is_some() {
            return self.unexpected(expected);
        }
        let help = "put a value with spaces or signs, or one that is a keyword, in quotes";
        self.departure(expected, found, span, help)
    }

    /// What stands where something else was expected; empty at the end.
    fn found(&self) -> (&str, Span) {
        let span = self.span();
        (self.text.get(span.start..span.end).unwrap_or_default(), span)
    }

    fn departure(&self, expected: &str, found: &str, span: Span, help: &str) -> Error {
        let found = if found.is_empty() { "the end".to_owned() } else { format!("`{found}`") };
        problem(self.text, &format!("expected {expected}, found {found}"), span, help)
    }

    /// A part that was understood and cannot be.
    fn refused(&self, error: &Error, span: Span) -> Error {
        problem(self.text, error.message(), span, "")
    }
}

/// What the author of an unexpected word may have meant.
fn suggestion(text: &str) -> Option<&'static str> {
    match &*text.to_lowercase() {
        "&&" | "&" | "," => Some("and"),
        "||" | "|" => Some("or"),
        "!" => Some("not"),
        "like" | "includes" => Some("~"),
        "<>" => Some("!="),
        "=~" => Some("matches /…/"),
        word if is_keyword(word) => None,
        word => similar(word, KEYWORDS),
    }
}

fn is_word(token: Option<&Token>, word: &str) -> bool {
    matches!(token, Some(Token::Word(it)) if it.eq_ignore_ascii_case(word))
}

/// Whether a word has a meaning of its own.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|it| word.eq_ignore_ascii_case(it))
}

fn between(from: &str, to: &str) -> Result<Test> {
    check_bounds(from, to)?;
    Ok(Test::Between(from.to_owned(), to.to_owned()))
}

fn single(mut parts: Vec<Predicate>, many: impl Fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
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
            ("a in ()", Predicate::one_of("a", [""; 0])),
            ("a not in (1, 2)", Predicate::one_of("a", ["1", "2"]).negate()),
            ("a not contains 1", is("a", "1").negate()),
            ("a not exists", Predicate::exists("a").negate()),
            ("a in 1..9", Predicate::between("a", 1, 9)),
            ("a in 1.5..", Predicate::at_least("a", 1.5)),
            ("a in ..9", Predicate::at_most("a", 9)),
            ("a between x and y and b", Predicate::between("a", "x", "y").and(Predicate::exists("b"))),
            ("a ~ b", Predicate::substring("a", "b")),
            ("a !~b", Predicate::substring("a", "b").negate()),
            ("a=x~y", is("a", "x~y")),
            ("a == B", is("a", "B").exactly()),
            ("a exactly starts with B", Predicate::prefix("a", "B").exactly()),
            ("a not exactly in (B)", is("a", "B").exactly().negate()),
            (r"a matches /^x\/y\d$/", Predicate::matches("a", r"^x/y\d$")),
            (r"a matches 'x'", Predicate::matches("a", "x")),
            ("a has (b=1 and c)", Predicate::has("a", is("b", "1").and(Predicate::exists("c")))),
            ("all() or any(a)", Predicate::All(vec![]).or(Predicate::Any(vec![Predicate::exists("a")]))),
            ("all = any", is("all", "any")),
            (r#"a = "\"\\\n\u{2026}'""#, is("a", "\"\\\n…'")),
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
            ("a not", 6),
            ("a exactly exists", 11),
            ("a in ..", 6),
            ("a in 1..x", 6),
            ("a between 1 and x", 11),
            ("a between 1", 12),
            ("a matches x", 11),
            ("a matches /(/", 11),
            ("a matches /x", 11),
            (r"a = 'x\y'", 7),
            ("a has b", 7),
            ("all(a", 6),
        ] {
            let error = parse_predicate(text).unwrap_err();
            assert_eq!(error.diagnostics()[0].place.as_ref().unwrap().column(), column, "{text}: {error}");
        }
    }

    #[test]
    fn errors_suggest() {
        for (text, help) in [
            ("a=1 annd b=2", "did you mean `and`?"),
            ("a=1 && b=2", "did you mean `and`?"),
            ("a like b", "did you mean `~`?"),
            ("a = b c", "put a value"),
            ("in = b", "put a value"),
        ] {
            let error = parse_predicate(text).unwrap_err();
            let found = error.diagnostics()[0].help.clone().unwrap_or_default();
            assert!(found.starts_with(help), "{text}: {found}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse_predicate(&"(".repeat(100_000)).is_err());
        assert!(parse_predicate(&"not ".repeat(100_000)).is_err());
    }
}
