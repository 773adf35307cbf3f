//! Values on one side of a bound.

use std::cmp::Ordering;

use idp_core::Comparison;

use super::order::SortKey;

/// A side of a bound, ready to be asked about many values.
pub(super) struct Bound {
    comparison: Comparison,
    bound: SortKey,
}

impl Bound {
    pub(super) fn new(comparison: Comparison, bound: &str) -> Self {
        Self { comparison, bound: SortKey::of(&bound.to_lowercase()) }
    }

    /// Whether a value, in lower case, lies on this side. A number and a text do not compare.
    pub(super) fn holds(&self, value: &str) -> bool {
        let ordering = match (SortKey::of(value), &self.bound) {
            (SortKey::Number(value), SortKey::Number(bound)) => value.partial_cmp(bound),
            (SortKey::Text(value), SortKey::Text(bound)) => Some(value.cmp(bound)),
            _ => None,
        };
        ordering.is_some_and(|ordering| match self.comparison {
            Comparison::Less => ordering == Ordering::Less,
            Comparison::AtMost => ordering != Ordering::Greater,
            Comparison::AtLeast => ordering != Ordering::Less,
            Comparison::Greater => ordering == Ordering::Greater,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_neither() {
        use Comparison::{AtLeast, AtMost, Greater, Less};
        for (value, comparison, bound, want) in [
            ("10", Greater, "9", true),
            ("9", Greater, "9.0", false),
            ("9", AtLeast, "9.0", true),
            ("-0", Less, "0", false),
            ("2026-02-01", Less, "2026-10", true),
            ("b", AtMost, "B", true),
            ("b", Less, "a", false),
            ("ten", Greater, "9", false),
            ("ten", AtMost, "9", false),
            ("nan", AtMost, "9", false),
        ] {
            assert_eq!(Bound::new(comparison, bound).holds(value), want, "{value} {comparison:?} {bound}");
        }
    }
}
