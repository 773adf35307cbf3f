//! Descriptors that a template generates: would a catalog take them?

use idp_core::{Diagnostic, Severity, SourceText, Span};

use super::files::Descriptor;
use super::report::Finding;
use super::witness::{Prover, Setting};

/// Renders each descriptor with parameters that the form accepts and has it judged. One that something is wrong with
/// already, or with the values that it gets, is not judged: the rest follows from that.
pub(crate) fn judge(
    judge: &dyn Fn(&SourceText) -> Vec<Diagnostic>,
    descriptors: &[Descriptor],
    prover: &mut Prover<'_>,
    known: &[Finding],
) -> Vec<Finding> {
    let sound = descriptors.iter().filter(|descriptor| !known.iter().any(|it| concerns(it, descriptor)));
    sound.flat_map(|descriptor| one(judge, descriptor, prover)).collect()
}

fn concerns(finding: &Finding, descriptor: &Descriptor) -> bool {
    let input = format!("/spec/steps/{}/input/", descriptor.step);
    let place = finding.diagnostic.place.as_ref();
    match &finding.pointer {
        Some(pointer) => finding.diagnostic.is_error() && pointer.starts_with(&input),
        None => place.is_some_and(|place| place.source == descriptor.source),
    }
}

fn one(
    judge: &dyn Fn(&SourceText) -> Vec<Diagnostic>,
    descriptor: &Descriptor,
    prover: &mut Prover<'_>,
) -> Vec<Finding> {
    let Some(setting) = prover.running_setting(descriptor.step, &descriptor.needs) else { return Vec::new() };
    let Some((rendered, problems)) = refused(judge, descriptor, prover, &setting) else { return Vec::new() };
    // What an answer to an optional question repairs is not wrong for everybody.
    let full = prover.full_setting(&descriptor.needs);
    let full = full
        .filter(|full| prover.runs(descriptor.step, full))
        .and_then(|setting| refused(judge, descriptor, prover, &setting));
    let always = |problem: &Diagnostic| {
        descriptor.last
            && full.as_ref().is_some_and(|(_, full)| full.iter().any(|it| it.message == problem.message))
    };
    let source = &descriptor.source;
    problems
        .iter()
        .map(|problem| {
            let severity = if always(problem) { Severity::Error } else { Severity::Warning };
            let message = format!("what is generated here is refused: {}", problem.message);
            let mut diagnostic = Diagnostic::new(severity, "descriptor-invalid", message);
            diagnostic.help = problem.help.clone();
            let diagnostic = diagnostic.at(source, origin(source, &rendered, problem));
            Finding { diagnostic, pointer: None, witness: Some(setting.given.clone()) }
        })
        .collect()
}

/// What stands for a value that only a run can answer: a problem counts where every one of them has it.
const EXAMPLES: [&str; 2] = ["example", "https://example.com/example"];

/// The descriptor as it would be written, and the errors in it.
fn refused(
    judge: &dyn Fn(&SourceText) -> Vec<Diagnostic>,
    descriptor: &Descriptor,
    prover: &Prover<'_>,
    setting: &Setting,
) -> Option<(SourceText, Vec<Diagnostic>)> {
    let attempt = |example| {
        let source = &descriptor.source;
        let rendered =
            prover.render_file(descriptor.step, descriptor.options, source.text(), setting, example)?;
        let rendered = SourceText::new(source.name(), rendered);
        let problems: Vec<_> = judge(&rendered).into_iter().filter(Diagnostic::is_error).collect();
        Some((rendered, problems))
    };
    let line = |it: &Diagnostic| it.place.as_ref().map(|place| place.line());
    let (rendered, mut problems) = attempt(EXAMPLES[0])?;
    for example in &EXAMPLES[1..] {
        let (_, others) = attempt(example)?;
        problems.retain(|it| others.iter().any(|other| other.code == it.code && line(other) == line(it)));
    }
    Some((rendered, problems))
}

/// The line that a line of the outcome was made from; the first one where tags have added or removed lines.
fn origin(source: &SourceText, rendered: &SourceText, problem: &Diagnostic) -> Span {
    let (text, same) = (source.text(), source.text().lines().count() == rendered.text().lines().count());
    let line = problem.place.as_ref().map(|place| place.line()).filter(|_| same).unwrap_or(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let line = source.line_at(start);
    let indent = line.len() - line.trim_start().len();
    Span::new(start + indent, start + line.len())
}
