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
    pub(super) fn len(&self) -> u32 {
        let before = self.parts.len().saturating_sub(1) * TEXTS;
        (before + self.parts.last().map_or(0, Part::len)) as u32
    }

    /// Adds a text; its index.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let index = self.len();
        if index as usize == self.parts.len() * TEXTS {
            self.parts.push(Part::like(self.parts.last()));
        }
        if let Some(part) = self.parts.last_mut() {
            part.push(text);
        }
        index
    }

    /// The text at an index, which is there.
    pub(super) fn get(&self, index: u32) -> &str {
        self.parts[index as usize / TEXTS].get(index as usize % TEXTS)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(Part::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_list() {
        let mut written = Written::default();
        for count in 0..2 * TEXTS + 2 {
            assert_eq!(written.len() as usize, count);
            assert_eq!(written.push(&"é".repeat(count % 5)) as usize, count);
        }
        assert!(written.iter().enumerate().all(|(index, text)| text == "é".repeat(index % 5)));
        assert_eq!(written.iter().count(), 2 * TEXTS + 2);
    }
}
