//! Tests of values, made ready to be asked about many.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops;

use idp_core::{Comparison, Error, Result, Test};
use regex::{Regex, RegexBuilder};

use super::scalar::Scalar;
use crate::index::Range;

/// Longest regular expression, in bytes.
const MAX_PATTERN: usize = 1000;

/// Largest compiled regular expression, in bytes. The time a match takes grows with it.
const MAX_PROGRAM: usize = 256 << 10;

/// Deepest nesting in a regular expression.
const MAX_PATTERN_DEPTH: u32 = 50;

/// Most regular expressions in one predicate: each may take [`MAX_PROGRAM`].
pub(super) const MAX_PATTERNS: usize = 100;

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Values and tests are compared in lower case.
    Ignored,
    Exact,
}

impl Case {
    fn of(self, text: &str) -> String {
        match self {
            Self::Ignored => text.to_lowercase(),
            Self::Exact => text.to_owned(),
        }
    }
}

/// A test that can be applied to values.
#[derive(Debug, Clone)]
pub(super) enum ValueTest {
    In(BTreeSet<String>),
    Prefix(String),
    Substring(String),
    Pattern(Regex),
    Compare(Bound),
    Between(Bound, Bound),
}

impl ValueTest {
    pub(super) fn new(test: &Test, case: Case) -> Result<Self> {
        Ok(match test {
            Test::In(values) => Self::In(values.iter().map(|value| case.of(value)).collect()),
            Test::Prefix(prefix) => Self::Prefix(case.of(prefix)),
            Test::Substring(text) => Self::Substring(case.of(text)),
            Test::Pattern(pattern) => Self::Pattern(compile(pattern, case)?),
            Test::Compare(comparison, bound) => Self::Compare(Bound::new(*comparison, case.of(bound))),
            Test::Between(from, to) => {
                check_bounds(from, to)?;
                let from = Bound::new(Comparison::AtLeast, case.of(from));
                Self::Between(from, Bound::new(Comparison::AtMost, case.of(to)))
            }
            _ => return Err(Error::internal("this version of the catalog does not know the test")),
        })
    }

    /// Whether a value passes; in lower case where case is ignored.
    pub(super) fn holds(&self, value: &str) -> bool {
        match self {
            Self::In(values) => values.contains(value),
            Self::Prefix(prefix) => value.starts_with(prefix),
            Self::Substring(text) => value.contains(text),
            Self::Pattern(pattern) => pattern.is_match(value),
            Self::Compare(bound) => bound.holds(value),
            Self::Between(from, to) => from.holds(value) && to.holds(value),
        }
    }

    /// What values have to lie between, where that is what is tested.
    pub(super) fn range(&self) -> Option<Range<'_>> {
        match self {
            Self::Compare(bound) => Some((bound.lower(), bound.upper())),
            Self::Between(from, to) => Some((from.lower(), to.upper())),
            _ => None,
        }
    }
}

/// Compiles a regular expression within limits.
///
/// # Errors
/// With a message of one line.
pub(super) fn compile(pattern: &str, case: Case) -> Result<Regex> {
    if pattern.len() > MAX_PATTERN {
        return Err(Error::invalid(format!("the pattern is longer than {MAX_PATTERN} bytes")));
    }
    RegexBuilder::new(pattern)
        .case_insensitive(case == Case::Ignored)
        .size_limit(MAX_PROGRAM)
        .dfa_size_limit(MAX_PROGRAM)
        .nest_limit(MAX_PATTERN_DEPTH)
        .build()
        .map_err(|error| Error::invalid(pattern_problem(&error)))
}

/// The last line of the library's message says what is wrong; those before show where.
fn pattern_problem(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            format!("the pattern needs more than {} KiB when compiled", MAX_PROGRAM >> 10)
        }
        other => {
            let message = other.to_string();
            let last = message.lines().last().unwrap_or_default();
            format!("the pattern is none: {}", last.trim_start_matches("error: "))
        }
    }
}

/// Refuses bounds that no value can lie between, because they compare with different values.
///
/// # Errors
/// With a message of one line.
pub(super) fn check_bounds(from: &str, to: &str) -> Result<()> {
    if Scalar::of(from).is_like(&Scalar::of(to)) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{from}` and `{to}` do not compare: both must be numbers, both dates, or both texts"
    )))
}

/// A side of a bound.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    comparison: Comparison,
    bound: Scalar<String>,
}

impl Bound {
    fn new(comparison: Comparison, bound: String) -> Self {
        Self { comparison, bound: Scalar::of(bound) }
    }

    fn lower(&self) -> ops::Bound<&Scalar<String>> {
        match self.comparison {
            Comparison::AtLeast => ops::Bound::Included(&self.bound),
            Comparison::Greater => ops::Bound::Excluded(&self.bound),
            Comparison::Less | Comparison::AtMost => ops::Bound::Unbounded,
        }
    }

    fn upper(&self) -> ops::Bound<&Scalar<String>> {
        match self.comparison {
            Comparison::AtMost => ops::Bound::Included(&self.bound),
            Comparison::Less => ops::Bound::Excluded(&self.bound),
            Comparison::AtLeast | Comparison::Greater => ops::Bound::Unbounded,
        }
    }

    fn holds(&self, value: &str) -> bool {
        let side = Scalar::of(value).side_of(&self.bound);
        side.is_some_and(|side| match self.comparison {
            Comparison::Less => side == Ordering::Less,
            Comparison::AtMost => side != Ordering::Greater,
            Comparison::AtLeast => side != Ordering::Less,
            Comparison::Greater => side == Ordering::Greater,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_says_how_values_compare() {
        use Comparison::{AtLeast, AtMost, Greater, Less};
        for (value, comparison, bound, want) in [
            ("10", Greater, "9", true),
            ("9", Greater, "9.0", false),
            ("9", AtLeast, "9.0", true),
            ("-0", Less, "0", false),
            ("2026-02-01", Less, "2026-10", true),
            ("2026-02-01", Less, "2026-02-01t00:00:01z", true),
            ("2026-02-01t00:00:00+01:00", Less, "2026-02-01", true),
            ("soon", Less, "2026-02-01", false),
            ("10", Less, "2026-02-01", false),
            ("b", AtMost, "b", true),
            ("b", Less, "a", false),
            ("ten", Greater, "9", false),
            ("nan", AtMost, "9", false),
        ] {
            let holds = Bound::new(comparison, bound.to_owned()).holds(value);
            assert_eq!(holds, want, "{value} {comparison:?} {bound}");
        }
    }

    #[test]
    fn patterns_have_limits() {
        for bad in ["(", r"\1", "(?=a)", &"a".repeat(1001), r"(\w{1000}){100}", &"(".repeat(400)] {
            let error = compile(bad, Case::Ignored).unwrap_err();
            assert!(!error.message().contains('\n'), "{error}");
        }
        assert!(compile("^[A-Z]+$", Case::Ignored).unwrap().is_match("abc"));
        assert!(!compile("^[A-Z]+$", Case::Exact).unwrap().is_match("abc"));
    }
}
