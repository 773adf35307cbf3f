//! Texts on their way into pages.

/// Texts that are together: few enough to be moved when they grow, enough to find them fast.
const TEXTS: usize = 1024;

/// Many short texts, as they were written, until all are there and they can be put in order.
#[derive(Debug, Default)]
pub(super) struct Written {
    parts: Vec<Part>,
}

/// A few texts, one behind the other.
#[derive(Debug)]
pub(super) struct Part {
    text: String,
    /// Where each text begins, and behind them where the last one ends.
    starts: Vec<u32>,
}

impl Default for Part {
    fn default() -> Self {
        Self { text: String::new(), starts: vec![0] }
    }
}

impl Part {
    /// A part that will have as much in it as another.
    fn like(other: Option<&Self>) -> Self {
        let text = String::with_capacity(other.map_or(0, |other| other.text.len()));
        Self { text, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.starts.push(self.text.len() as u32);
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.starts.truncate(1);
    }

    /// The text at a place, which is there.
    pub(super) fn get(&self, place: usize) -> &str {
        &self.text[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.get(place))
    }
}

impl Written {
    /// All indexes are below it.
    pub(super) fn end(&self) -> u32 {
        let before = self.parts.len().saturating_sub(1) * TEXTS;
        (before + self.parts.last().map_or(0, Part::len)) as u32
    }

    /// Adds a text; its index.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let index = self.end();
        if index as usize == self.parts.len() * TEXTS {
            self.parts.push(Part::like(self.parts.last()));
        }
        if let Some(part) = self.parts.last_mut() {
            part.push(text);
        }
        index
    }

    /// How many bytes there are in all.
    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.text.len()).sum()
    }

    /// Adds others behind these; what is added to their indexes. There may be none between them.
    pub(super) fn append(&mut self, others: Self) -> u32 {
        let base = (self.parts.len() * TEXTS) as u32;
        self.parts.extend(others.parts);
        base
    }

    /// The text at an index, which is there.
    pub(super) fn get(&self, index: u32) -> &str {
        self.parts[index as usize / TEXTS].get(index as usize % TEXTS)
    }

    /// The texts with their indexes, which ascend.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        let parts = (0..).step_by(TEXTS).zip(&self.parts);
        parts.flat_map(|(start, part)| (start..).zip(part.iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_list() {
        let mut written = Written::default();
        for count in 0..2 * TEXTS + 2 {
            assert_eq!(written.end() as usize, count);
            assert_eq!(written.push(&"é".repeat(count % 5)) as usize, count);
        }
        assert!(written.iter().zip(0..).all(|((index, _), want)| index == want));
        assert!(written.iter().all(|(index, text)| text == "é".repeat(index as usize % 5)));
        assert_eq!(written.iter().count(), 2 * TEXTS + 2);
    }

    #[test]
    fn what_is_added_has_other_indexes() {
        let (mut written, mut others) = (Written::default(), Written::default());
        assert_eq!([written.push("a"), others.push("b")], [0, 0]);
        let base = written.append(others);
        assert_eq!([written.get(0), written.get(base)], ["a", "b"]);
        let last = written.push("c");
        assert_eq!(Vec::from_iter(written.iter()), [(0, "a"), (base, "b"), (last, "c")]);
        assert_eq!(written.end(), last + 1);
    }
}
