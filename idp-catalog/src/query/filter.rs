//! Backstage's query-string filter: `kind=component,spec.type=service`.

use idp_core::{Diagnostic, Error, Predicate, Result, SourceText, Span};

/// Reads a filter in the form of Backstage's `filter` parameter.
///
/// Statements are separated by commas and all must hold. `key=value` asks for a value, `key` alone for any. A key
/// that occurs several times with values accepts each of them. There is no escape: a value with a comma needs
/// [`parse_predicate`](super::parse_predicate).
///
/// # Errors
/// [`idp_core::ErrorKind::InvalidInput`] with a diagnostic that points into the text, for a statement without key.
pub fn parse_filter(text: &str) -> Result<Predicate> {
    let mut statements: Vec<(String, Vec<String>)> = Vec::new();
    let mut at = 0;
    for part in text.split(',') {
        let span = Span::new(at, at + part.len());
        at = span.end + 1;
        if part.trim().is_empty() {
            continue;
        }
        let (key, value) =
            part.split_once('=').map_or((part, None), |(key, value)| (key, Some(value.trim())));
        let key = key.trim();
        if key.is_empty() {
            return Err(no_key(text, span));
        }
        let known = statements.iter().position(|(known, _)| known == key);
        let index = known.unwrap_or_else(|| {
            statements.push((key.to_owned(), Vec::new()));
            statements.len() - 1
        });
        statements[index].1.extend(value.map(str::to_owned));
    }
    let parts = statements.into_iter().map(|(key, values)| {
        if values.is_empty() { Predicate::Exists(key) } else { Predicate::In(key, values) }
    });
    Ok(Predicate::All(parts.collect()))
}

fn no_key(text: &str, span: Span) -> Error {
    let source = SourceText::new("filter", text);
    let problem = Diagnostic::error("bad-filter", "a statement has no key").at(&source, span);
    Error::diagnosed(vec![problem.help("write `key=value`, `key=` or `key`")])
}

#[cfg(test)]
mod tests {
    use super::parse_filter;
    use idp_core::Predicate;

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
        ] {
            assert_eq!(parse_filter(text).unwrap(), want, "{text}");
        }
    }

    #[test]
    fn an_error_points_at_its_statement() {
        let error = parse_filter("x=1,=").unwrap_err();
        assert_eq!(error.diagnostics()[0].place.as_ref().unwrap().column(), 5);
    }
}
