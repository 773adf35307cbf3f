//! Everything that was measured in a run.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::instructions;
use crate::part::{Answer, Part, Selection, Who};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Everything that was measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) parts: Vec<Part>,
    /// Instructions that a question takes.
    pub(crate) instructions: Option<Instructions>,
    #[serde(skip)]
    file: Option<PathBuf>,
}

/// Instructions by the names of questions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Instructions {
    pub(crate) size: usize,
    pub(crate) counts: BTreeMap<String, u64>,
}

impl Results {
    /// What a file holds that an earlier run left; nothing, where there is none.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self> {
        let kept = file.filter(|it| it.exists()).map(fs::read_to_string).transpose()?;
        let results: Self = kept.map(|it| serde_json::from_str(&it)).transpose()?.unwrap_or_default();
        Ok(Self { file: file.map(Path::to_owned), ..results })
    }

    /// Measures an engine in a process of its own, unless that was done.
    pub(crate) fn measure(&mut self, who: Who, size: usize, selection: Selection<'_>) -> Result<()> {
        if self.part(who, size).is_some() {
            return Ok(());
        }
        eprintln!("{size} entities: {}", who.name());
        let output = Command::new(std::env::current_exe()?)
            .args(["--alone", "--size", &size.to_string(), "--engines", &who.name()])
            .args(selection.arguments())
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{} with {size} entities: {}", who.name(), output.status).into());
        }
        self.parts.push(serde_json::from_slice(&output.stdout)?);
        self.keep()
    }

    /// Counts the instructions of questions with the largest size that a simulated processor can bear.
    pub(crate) fn count_instructions(&mut self, sizes: &[usize], selection: Selection<'_>) -> Result<()> {
        let size = sizes.iter().copied().filter(|it| *it <= instructions::LARGEST).max();
        if let (None, Some(size)) = (&self.instructions, size.filter(|_| instructions::can_count())) {
            eprintln!("{size} entities: instructions");
            self.instructions = Some(Instructions { size, counts: instructions::count(size, selection)? });
            self.keep()?;
        }
        Ok(())
    }

    fn keep(&self) -> Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        Ok(self.file.iter().try_for_each(|file| fs::write(file, &json))?)
    }

    /// What an engine did with a size.
    pub(crate) fn part(&self, who: Who, size: usize) -> Option<&Part> {
        self.parts.iter().find(|it| it.who == who && it.size == size)
    }

    /// How an engine answered a question.
    pub(crate) fn answer(&self, who: Who, size: usize, question: &str) -> Option<&Answer> {
        self.part(who, size)?.answers.get(question)
    }

    /// A figure of an engine.
    pub(crate) fn figure(&self, who: Who, size: usize, name: &str) -> Option<f64> {
        self.part(who, size)?.figures.get(name).copied()
    }

    /// The sizes that were measured, ascending.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.parts.iter().map(|it| it.size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Questions to which engines gave different answers.
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let mut first: BTreeMap<(usize, &str), (Who, &str)> = BTreeMap::new();
        let mut found = Vec::new();
        for part in &self.parts {
            for (question, answer) in &part.answers {
                let (who, digest) = first.entry((part.size, question)).or_insert((part.who, &answer.digest));
                if *digest != answer.digest {
                    let (one, other) = (who.name(), part.who.name());
                    found.push(format!("{question} of {}: {one} and {other} differ", part.size));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_answers_are_told() {
        let part = |who, digest: &str| {
            let answer = Answer { nanos: 1.0, digest: digest.to_owned() };
            Part { who, size: 1_000, answers: [("or".to_owned(), answer)].into(), figures: BTreeMap::new() }
        };
        let mut results =
            Results { parts: vec![part(Who::Idp, "a"), part(Who::Plain, "a")], ..Results::default() };
        assert!(results.disagreements().is_empty());
        results.parts.push(part(Who::Tantivy, "b"));
        assert_eq!(results.disagreements(), ["or of 1000: idp and tantivy differ"]);
    }
}
