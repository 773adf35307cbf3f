//! Backstage's query-string filter: `kind=component,spec.type=service`.

use std::collections::HashMap;

use idp_core::{Error, Predicate, Result, Span};

use super::Dialect;
use super::problem::{check_length, problem};
use super::token::quoted;

/// Reads one filter in the form of Backstage's `filter` parameter.
///
/// Statements are separated by commas and all must hold. `key=value` asks for a value, `key` alone for any. A key
/// that occurs several times with values accepts each of them. There is no escape: a value with a comma needs
/// [`Dialect::Extended`] or [`parse_predicate`](super::parse_predicate).
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic that points into the text, for a statement without key.
pub fn parse_filter(text: &str) -> Result<Predicate> {
    filter(text, Dialect::Backstage)
}

/// Reads several filters, as a query string may have: one of them must hold. Empty ones do not count, and without
/// any everything holds.
///
/// ```
/// use idp_catalog::{Dialect, parse_filters, print_predicate};
/// let either = parse_filters(["kind=api,spec.type=grpc", "kind=system"], Dialect::Backstage)?;
/// assert_eq!(print_predicate(&either), "(kind = api and spec.type = grpc) or all(kind = system)");
/// let comma = parse_filters([r#"metadata.title="Shop, front",kind=component"#], Dialect::Extended)?;
/// assert_eq!(print_predicate(&comma), r#"metadata.title = "Shop, front" and kind = component"#);
/// # Ok::<(), idp_core::Error>(())
/// ```
///
/// # Errors
/// As [`parse_filter`].
pub fn parse_filters<'t>(texts: impl IntoIterator<Item = &'t str>, dialect: Dialect) -> Result<Predicate> {
    let mut filters = Vec::new();
    for text in texts {
        match filter(text, dialect)? {
            Predicate::All(parts) if parts.is_empty() => {}
            predicate => filters.push(predicate),
        }
    }
    Ok(match filters.len() {
        0 => Predicate::All(Vec::new()),
        1 => filters.remove(0),
        _ => Predicate::Any(filters),
    })
}

fn filter(text: &str, dialect: Dialect) -> Result<Predicate> {
    check_length(text)?;
    let mut statements: Vec<(&str, Vec<String>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut at = 0;
    while at <= text.len() {
        let statement = statement(text, at, dialect)?;
        at = statement.span.end + 1;
        if text[statement.span.start..statement.span.end].trim().is_empty() {
            continue;
        }
        if statement.key.is_empty() {
            let help = "write `key=value`, `key=` or `key`";
            return Err(problem(text, "a statement has no key", statement.span, help));
        }
        let index = *known.entry(statement.key).or_insert_with(|| {
            statements.push((statement.key, Vec::new()));
            statements.len() - 1
        });
        statements[index].1.extend(statement.value);
    }
    let parts = statements.into_iter().map(|(key, values)| match values.is_empty() {
        true => Predicate::exists(key),
        false => Predicate::one_of(key, values),
    });
    Ok(Predicate::All(parts.collect()))
}

struct Statement<'t> {
    key: &'t str,
    value: Option<String>,
    /// Up to the comma or the end.
    span: Span,
}

/// Reads the statement that starts at `at`.
fn statement(text: &str, at: usize, dialect: Dialect) -> Result<Statement<'_>> {
    let rest = &text[at..];
    let comma = rest.find(',').unwrap_or(rest.len());
    let Some(equals) = rest.find('=').filter(|equals| *equals < comma) else {
        let span = Span::new(at, at + comma);
        return Ok(Statement { key: rest[..comma].trim(), value: None, span });
    };
    let key = rest[..equals].trim();
    let after = &rest[equals + 1..];
    let start = equals + 1 + after.len() - after.trim_start().len();
    if dialect == Dialect::Extended && rest[start..].starts_with('"') {
        let (value, length) = quoted(&rest[start..], at + start)
            .map_err(|bad| problem(text, bad.message, bad.span, bad.help))?;
        let end = end_of_quoted(text, at + start + length)?;
        return Ok(Statement { key, value: Some(value), span: Span::new(at, end) });
    }
    let value = Some(rest[equals + 1..comma].trim().to_owned());
    Ok(Statement { key, value, span: Span::new(at, at + comma) })
}

/// Where the comma or the end is that must follow a value in quotes.
fn end_of_quoted(text: &str, at: usize) -> Result<usize> {
    let rest = &text[at..];
    let end = at + rest.find(',').unwrap_or(rest.len());
    if text[at..end].trim().is_empty() { Ok(end) } else { Err(behind_quote(text, Span::new(at, end))) }
}

fn behind_quote(text: &str, span: Span) -> Error {
    problem(text, "a comma must follow the quote", span, "write `\\\"` for a quote inside the value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements() {
        let all = |parts: Vec<Predicate>| Predicate::All(parts);
        for (text, want) in [
            ("", all(vec![])),
            ("a", all(vec![Predicate::exists("a")])),
            ("a=", all(vec![Predicate::equals("a", "")])),
            ("a=b=c", all(vec![Predicate::equals("a", "b=c")])),
            (" a = 1 ,, b = 2 ", all(vec![Predicate::equals("a", "1"), Predicate::equals("b", "2")])),
            ("a=1,a=2", all(vec![Predicate::one_of("a", ["1", "2"])])),
            ("a,a=1", all(vec![Predicate::equals("a", "1")])),
            ("a=\"x, y\"", all(vec![Predicate::equals("a", "\"x"), Predicate::exists("y\"")])),
        ] {
            assert_eq!(parse_filter(text).unwrap(), want, "{text}");
        }
    }

    #[test]
    fn an_extended_value_may_stand_in_quotes() {
        let read = |text| parse_filters([text], Dialect::Extended);
        let want = Predicate::All(vec![Predicate::equals("a", "x, \"y\""), Predicate::equals("b", "it's")]);
        assert_eq!(read(r#"a= "x, \"y\"" , b=it's"#).unwrap(), want);
        for (text, column) in [(r#"b,a="x" y"#, 8), (r#"a="x"#, 3), (r#"a="\x""#, 4)] {
            let error = read(text).unwrap_err();
            assert_eq!(error.diagnostics()[0].place.as_ref().unwrap().column(), column, "{text}");
        }
    }

    #[test]
    fn an_error_points_at_its_statement() {
        let error = parse_filter("x=1,=").unwrap_err();
        assert_eq!(error.diagnostics()[0].place.as_ref().unwrap().column(), 5);
    }
}
