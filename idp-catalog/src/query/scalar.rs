//! Values that are more than letters: numbers and instants.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// A text and what it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalar<T> {
    pub(crate) text: T,
    sort: Sort,
}

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sort {
    Number(f64),
    Instant(Timestamp),
    Letters,
}

impl<T: AsRef<str>> Scalar<T> {
    pub(crate) fn of(text: T) -> Self {
        let sort = Sort::of(text.as_ref());
        Self { text, sort }
    }

    /// A text that is to be compared by its letters, whatever it says.
    pub(super) fn letters(text: T) -> Self {
        Self { text, sort: Sort::Letters }
    }

    /// The order of values: numbers by size, then instants by time, then texts by their code points.
    pub(crate) fn order<U: AsRef<str>>(&self, other: &Scalar<U>) -> Ordering {
        match (self.sort, other.sort) {
            (Sort::Number(a), Sort::Number(b)) => a.total_cmp(&b),
            (Sort::Instant(a), Sort::Instant(b)) => a.cmp(&b),
            (Sort::Letters, Sort::Letters) => self.text.as_ref().cmp(other.text.as_ref()),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    /// On which side of a bound this lies. The bound's sort decides how, and where it does not apply, there is none.
    pub(super) fn side_of<U: AsRef<str>>(&self, bound: &Scalar<U>) -> Option<Ordering> {
        match (self.sort, bound.sort) {
            (Sort::Number(_), Sort::Number(_)) | (Sort::Instant(_), Sort::Instant(_)) => {
                Some(self.order(bound))
            }
            (Sort::Instant(_) | Sort::Letters, Sort::Letters) => {
                Some(self.text.as_ref().cmp(bound.text.as_ref()))
            }
            _ => None,
        }
    }

    /// Whether it is neither a number nor an instant.
    pub(crate) fn is_letters(&self) -> bool {
        self.sort == Sort::Letters
    }

    /// Whether both compare in the same way.
    pub(crate) fn is_like<U>(&self, other: &Scalar<U>) -> bool {
        self.sort.rank() == other.sort.rank()
    }
}

impl Sort {
    fn of(text: &str) -> Self {
        if !may_be_scalar(text.bytes()) {
            return Self::Letters;
        }
        if let Some(instant) = instant(text) {
            return Self::Instant(instant);
        }
        match text.parse::<f64>() {
            // Adding zero makes one zero of two.
            Ok(number) if number.is_finite() => Self::Number(number + 0.0),
            _ => Self::Letters,
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Instant(_) => 1,
            Self::Letters => 2,
        }
    }
}

/// Whether a text may be a number or an instant. Most values begin with a letter, and there are many: look before parsing.
pub(crate) fn may_be_scalar(mut text: impl Iterator<Item = u8>) -> bool {
    text.next().is_some_and(|first| first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.'))
}

/// A date, which is its first instant in UTC, or a date and time with an offset, both in the form of RFC 3339.
fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let is_date = |date: &[u8]| {
        date.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    };
    if !is_date(bytes.get(..10)?) {
        return None;
    }
    match bytes.get(10) {
        None => Offset::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok(),
        Some(b't' | b'T' | b' ') => text.parse().ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts() {
        let sort = |text| Scalar::of(text).sort.rank();
        for number in ["0", "-1.5", "1e21", "007"] {
            assert_eq!(sort(number), 0, "{number}");
        }
        for instant in ["2026-03-01", "2026-03-01t12:00:00z", "2026-03-01T12:00:00.5+02:00", "2024-02-29"] {
            assert_eq!(sort(instant), 1, "{instant}");
        }
        for letters in ["", "nan", "inf", "1.2.3", "2026-13-01", "2026-02-30", "2026-03-01t12:00", "2026-3-1"]
        {
            assert_eq!(sort(letters), 2, "{letters}");
        }
    }

    #[test]
    fn instants_compare_across_offsets() {
        let order = |a, b| Scalar::of(a).order(&Scalar::of(b));
        assert_eq!(order("2026-03-01t01:00:00+02:00", "2026-03-01"), Ordering::Less);
        assert_eq!(order("2026-03-01t02:00:00+02:00", "2026-03-01"), Ordering::Equal);
        assert_eq!(order("-0", "0"), Ordering::Equal);
        assert_eq!(order("9", "10"), Ordering::Less);
    }
}
