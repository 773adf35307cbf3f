//! Judging many files at once.

use idp_core::SourceText;

use crate::yaml::{Part, parts};
use crate::{Model, Verdict, YamlDocument, YamlLimits, parallel};

impl Model {
    /// Judges every document of many files, on every core. `take` gets the file's number, the file, the document and
    /// the verdict, and keeps of them what is of use: what it answers comes back in the order of files and documents.
    ///
    /// Of the time that a document costs, two thirds are the YAML scanner's and the allocation of its nodes, and less
    /// than a tenth is the model's: it pays to read on every core, and hardly to judge faster.
    ///
    /// ```
    /// use idp_catalog::{Model, YamlLimits};
    /// use idp_core::SourceText;
    /// let files = [SourceText::new("a.yaml", "kind: X\n"), SourceText::new("b.yaml", "---\n---\nkind: Y\n")];
    /// let valid = Model::backstage().judge_all(&files, &YamlLimits::default(), |file, _, document, verdict| {
    ///     (file, document.index(), verdict.is_valid())
    /// });
    /// assert_eq!(valid, [(0, 0, false), (1, 0, true), (1, 1, false)]);
    /// ```
    pub fn judge_all<R: Send>(
        &self,
        files: &[SourceText],
        limits: &YamlLimits,
        take: impl Fn(usize, &SourceText, &YamlDocument, Verdict) -> R + Sync,
    ) -> Vec<R> {
        let indices = (0..files.len()).collect();
        let documents: Vec<Vec<Part>> = parallel::map(indices, |file: usize| parts(&files[file], limits));
        let documents = documents.into_iter().enumerate();
        let units = documents.flat_map(|(file, parts)| parts.into_iter().map(move |part| (file, part)));
        parallel::map(units.collect(), |(file, part): (usize, Part)| {
            let source = &files[file];
            let document = part.read(source, limits);
            let verdict = self.judge(source, &document);
            take(file, source, &document, verdict)
        })
    }
}
