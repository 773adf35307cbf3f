//! Tables in Markdown, and how numbers look in them.

use std::fmt::Display;

/// A table in Markdown.
#[derive(Debug)]
pub(crate) struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// A table with these heads, and no rows yet.
    pub(crate) fn new<T: Display>(heads: impl IntoIterator<Item = T>) -> Self {
        let heads: Vec<String> = heads.into_iter().map(|it| it.to_string()).collect();
        let lines = vec!["---:"; heads.len() - 1].join("|");
        Self { text: format!("| {} |\n|---|{lines}|\n", heads.join(" | ")), columns: heads.len() - 1 }
    }

    /// Adds a row, unless all of its cells are empty.
    pub(crate) fn row(&mut self, title: &str, cells: impl IntoIterator<Item = Option<String>>) {
        let cells: Vec<Option<String>> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns);
        if cells.iter().any(Option::is_some) {
            let cells: Vec<&str> = cells.iter().map(|it| it.as_deref().unwrap_or("–")).collect();
            self.text.push_str(&format!("| {title} | {} |\n", cells.join(" | ")));
        }
    }

    /// The table as text.
    pub(crate) fn print(self) -> String {
        self.text
    }
}

/// `1.50 µs`: three digits.
pub(crate) fn duration(seconds: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
    let (unit, name) = units.into_iter().find(|(unit, _)| seconds >= *unit).unwrap_or(units[3]);
    format!("{} {name}", digits(seconds / unit))
}

/// `200×`: two digits below ten.
pub(crate) fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}×") } else { format!("{}×", count(ratio.round() as usize)) }
}

/// `1,234 B`.
pub(crate) fn bytes(bytes: f64) -> String {
    format!("{} B", count(bytes.round() as usize))
}

/// `1,234,567`.
pub(crate) fn count(number: usize) -> String {
    let text = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && (text.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn digits(number: f64) -> String {
    match number {
        ..10.0 => format!("{number:.2}"),
        ..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (seconds, want) in
            [(2.5e-9, "2.50 ns"), (1.5e-6, "1.50 µs"), (0.0123, "12.3 ms"), (75.0, "75.0 s")]
        {
            assert_eq!(duration(seconds), want);
        }
        for (number, want) in [(7, "7"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), want);
        }
        assert_eq!((times(0.52), times(1234.4)), ("0.5×".to_owned(), "1,234×".to_owned()));
    }

    #[test]
    fn a_row_without_cells_is_left_out() {
        let mut table = Table::new(["a", "b"]);
        table.row("x", [None]);
        table.row("y", [Some("1".to_owned())]);
        assert_eq!(table.print(), "| a | b |\n|---|---:|\n| y | 1 |\n");
    }
}
