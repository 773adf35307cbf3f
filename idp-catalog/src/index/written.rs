//! Texts on their way into pages.

/// Texts that are together: few enough to be moved when they grow, enough to find them fast.
const TEXTS: usize = 1024;

/// Many short texts, as they were written, until all are there and they can be put in order.
#[derive(Debug, Default)]
pub(super) struct Written {
    parts: Vec<Part>,
}

#[derive(Debug, Default)]
struct Part {
    text: String,
    /// Where each text begins, and behind them where the last one ends.
    starts: Vec<u32>,
}

impl Part {
    /// A part that will have as much in it as another.
    fn like(other: Option<&Self>) -> Self {
        let text = String::with_capacity(other.map_or(0, |other| other.text.len()));
        Self { text, starts: vec![0] }
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
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
            part.text.push_str(text);
            part.starts.push(part.text.len() as u32);
        }
        index
    }

    /// The text at an index, which is there.
    pub(super) fn get(&self, index: u32) -> &str {
        let (part, place) = (&self.parts[index as usize / TEXTS], index as usize % TEXTS);
        &part.text[part.starts[place] as usize..part.starts[place + 1] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
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
