//! Plans and runs over a small real system.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use idp_core::{
    Cancel, Checkpoint, Error, ErrorKind, Event, Expected, Log, MemoryLog, NewEvent, Result, Revision,
    Secret, StreamName,
};
use idp_scaffolder::{
    Engine, Mode, Plan, PlanRequest, PlannedStatus, RunEvent, RunOptions, RunStatus, Scaffolder, Template,
};
use serde_json::{Value, json};
use support::{note, notes, registry, template};

fn request(parameters: Value) -> PlanRequest {
    PlanRequest::new(parameters.as_object().cloned().unwrap_or_default())
}

/// As a form submits it.
fn submitted(template: &Template, parameters: Value) -> PlanRequest {
    PlanRequest::with_defaults(template, parameters.as_object().unwrap())
}

fn two_notes() -> Value {
    json!({
        "parameters": {"required": ["who"], "properties": {"who": {"type": "string"}, "greeting": {"default": "hello"}}},
        "steps": [note("first", "a", "${{ parameters.greeting }}"), note("second", "b", "${{ steps.first.output.text }}")],
        "output": {"text": "${{ steps.second.output.text }}", "where": "${{ steps.second.output.path }}"},
    })
}

#[tokio::test]
async fn a_plan_lists_effects_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let template = template(two_notes(), None);
    let plan = scaffolder.plan(&template, &submitted(&template, json!({"who": "x"}))).await.unwrap();
    assert_eq!(plan.effects.len(), 2);
    assert_eq!(plan.output, json!({"text": "hello", "where": {"$unknown": "steps.second.output.path"}}));
    assert_eq!(notes(folder.path()), []);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(Plan::from_json(&text).unwrap(), plan);
    let forged = text.replace("hello", "bye");
    assert_eq!(Plan::from_json(&forged).unwrap_err().kind(), ErrorKind::Corrupt);
}

#[tokio::test]
async fn missing_parameters_are_diagnosed() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let error = scaffolder.plan(&template(two_notes(), None), &request(json!({}))).await.unwrap_err();
    assert_eq!(error.diagnostics()[0].code, "parameter-invalid");
}

#[tokio::test]
async fn the_engine_fills_defaults_in_where_it_is_strict() {
    let spec = json!({
        "parameters": {"properties": {"greeting": {"default": "hello"}}},
        "steps": [note("first", "a", "${{ parameters.greeting or 'nothing' }}")],
    });
    for (mode, text) in [
        (Mode::Strict, "hello"),
        // Backstage's server takes what its form has sent.
        (Mode::Backstage, "nothing"),
        (Mode::BackstageLegacy, "nothing"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let scaffolder =
            Scaffolder::builder(registry(folder.path()).0).expressions(Engine::new(mode)).build();
        let plan = scaffolder.plan(&template(spec.clone(), None), &request(json!({}))).await.unwrap();
        assert_eq!(plan.effects[0].change.after["text"], text, "{mode:?}");
    }
}

#[tokio::test]
async fn a_text_that_fails_stands_as_it_is_except_where_the_engine_is_strict() {
    let wrong = "${{ 'x' | nothere }}";
    for (spec, wanted) in [
        (json!({"steps": [note("first", "a", wrong)]}), "`/spec/text` is not rendered"),
        (
            json!({"steps": [note("first", "a", "x")], "output": {"text": [{"title": wrong}]}}),
            "`/text/0/title`",
        ),
    ] {
        let plan = async |mode| {
            let folder = tempfile::tempdir().unwrap();
            let engine = Engine::new(mode);
            let scaffolder = Scaffolder::builder(registry(folder.path()).0).expressions(engine).build();
            scaffolder.plan(&template(spec.clone(), None), &request(json!({}))).await
        };
        for mode in [Mode::Backstage, Mode::BackstageLegacy] {
            let plan = plan(mode).await.unwrap();
            assert!(plan.warnings.iter().any(|it| it.message.starts_with(wanted)), "{:?}", plan.warnings);
        }
        let error = plan(Mode::Strict).await.unwrap_err();
        let problem = &error.diagnostics()[0];
        assert!(problem.is_error() && problem.message.starts_with(wanted), "{problem:?}");
    }
}

#[tokio::test]
async fn apply_then_plan_again_then_undo() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let template = template(two_notes(), None);
    let plan = scaffolder.plan(&template, &submitted(&template, json!({"who": "x"}))).await.unwrap();
    let run = scaffolder.apply(&plan, &RunOptions::default().id("r1")).await.unwrap();
    assert_eq!((run.status, run.applied), (RunStatus::Completed, 2));
    assert_eq!(notes(folder.path()), [("a".into(), "hello".into()), ("b".into(), "hello".into())]);
    assert!(run.output["where"].as_str().unwrap().ends_with("/b"));

    let again = scaffolder.plan(&template, &submitted(&template, json!({"who": "x"}))).await.unwrap();
    assert!(again.is_empty(), "{again:#?}");

    let undone = scaffolder.undo("r1", &RunOptions::default()).await.unwrap();
    assert_eq!((undone.status, undone.applied), (RunStatus::Undone, 0));
    assert_eq!(notes(folder.path()), []);
    let twice = scaffolder.undo("r1", &RunOptions::default()).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_stale_plan_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let template = template(two_notes(), None);
    let plan = scaffolder.plan(&template, &submitted(&template, json!({"who": "x"}))).await.unwrap();
    std::fs::write(folder.path().join("b"), "somebody else's").unwrap();
    let error = scaffolder.apply(&plan, &RunOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.diagnostics().iter().any(|it| it.code == "world-moved"), "{error:?}");
    assert_eq!(notes(folder.path()), [("b".into(), "somebody else's".into())]);
    assert!(scaffolder.runs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_step_that_needs_a_value_known_after_apply_is_deferred() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let spec =
        json!({"steps": [note("first", "a", "x"), note("second", "b", "${{ steps.first.output.path }}")]});
    let plan = scaffolder.plan(&template(spec, None), &request(json!({}))).await.unwrap();
    let needs = vec!["steps.first.output.path".to_owned()];
    assert_eq!(plan.steps[1].status, PlannedStatus::Deferred { needs });
    let run = scaffolder.apply(&plan, &RunOptions::default()).await.unwrap();
    assert_eq!(run.status, RunStatus::Completed, "{:?}", run.error);
    assert!(notes(folder.path())[1].1.ends_with("/a"));
}

#[tokio::test]
async fn a_failed_run_says_why_and_can_be_undone() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let spec =
        json!({"steps": [note("first", "a", "x"), note("second", "b", "fail"), note("third", "c", "x")]});
    let plan = scaffolder.plan(&template(spec, None), &request(json!({}))).await.unwrap();
    let run = scaffolder.apply(&plan, &RunOptions::default().id("r")).await.unwrap();
    assert_eq!((run.status, run.applied), (RunStatus::Failed, 1));
    assert_eq!(run.error.unwrap().message, "this note is refused (step: second)");
    let undone = scaffolder.undo("r", &RunOptions::default()).await.unwrap();
    assert_eq!(undone.status, RunStatus::Undone);
    assert_eq!(notes(folder.path()), []);
}

#[tokio::test]
async fn a_cancelled_run_stops_before_the_next_effect_and_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let spec = json!({"steps": [
        note("first", "a", "x"),
        {"id": "wait", "action": "debug:wait", "input": {"minutes": 9}},
        note("second", "b", "x"),
    ]});
    let plan = scaffolder.plan(&template(spec, None), &request(json!({}))).await.unwrap();
    let cancel = Cancel::new();
    let options = RunOptions::default().id("r").cancel(cancel.clone());
    let mut events = scaffolder.watch("r", Revision::START).unwrap();
    let stop = async {
        loop {
            if matches!(events.next().await.unwrap().event, RunEvent::StepStarted { step, .. } if step == "wait")
            {
                cancel.cancel();
                return;
            }
        }
    };
    let (run, ()) = tokio::join!(scaffolder.apply(&plan, &options), stop);
    assert_eq!(run.unwrap().status, RunStatus::Cancelled);
    assert_eq!(notes(folder.path()), [("a".into(), "x".into())]);
}

#[tokio::test]
async fn no_secret_reaches_a_plan_or_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(MemoryLog::new());
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).log(Arc::clone(&log) as _).build();
    let spec = json!({"steps": [
        note("first", "a", "${{ secrets.TOKEN }}"),
        {"action": "debug:log", "input": {"message": "${{ secrets.TOKEN }}"}},
        note("second", "b", "fail"),
    ]});
    let wanted = request(json!({})).secret("TOKEN", Secret::new("s3cr3t-t0ken"));
    let plan = scaffolder.plan(&template(spec, None), &wanted).await.unwrap();
    let options = RunOptions::default().id("r").secret("TOKEN", Secret::new("s3cr3t-t0ken"));
    scaffolder.apply(&plan, &options).await.unwrap();
    assert_eq!(notes(folder.path())[0].1, "s3cr3t-t0ken", "it reaches what asked for it");
    let journal = serde_json::to_string(&scaffolder.records("r").await.unwrap()).unwrap();
    for text in [serde_json::to_string(&plan).unwrap(), journal] {
        assert!(text.contains("***") && !text.contains("s3cr3t"), "{text}");
    }
    let missing = scaffolder.apply(&plan, &RunOptions::default()).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Missing);
}

#[tokio::test]
async fn a_secret_that_is_also_a_word_of_the_template_does_not_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let spec = json!({"steps": [note("first", "a", "${{ secrets.TOKEN }}"), note("second", "b", "fail")]});
    let wanted = request(json!({})).secret("TOKEN", Secret::new("second"));
    let plan = scaffolder.plan(&template(spec, None), &wanted).await.unwrap();
    let options = RunOptions::default().id("r").secret("TOKEN", Secret::new("second"));
    let run = scaffolder.apply(&plan, &options).await.unwrap();
    assert_eq!(run.plan.template, plan.template, "the journal gives the template back as it was");
}

#[tokio::test]
async fn no_secret_reaches_the_error_of_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    for input in [
        json!({"files": [{"from": "${{ secrets.TOKEN }}", "to": "x"}]}),
        json!({"files": "${{ secrets.TOKEN }}"}),
    ] {
        let spec = json!({"steps": [{"action": "fs:rename", "input": input}]});
        let wanted = request(json!({})).secret("TOKEN", Secret::new("s3cr3t-t0ken"));
        let error = scaffolder.plan(&template(spec, None), &wanted).await.unwrap_err();
        let text = format!("{error:?} {} {:?}", error.chain(), error.diagnostics());
        assert!(text.contains("***") && !text.contains("s3cr3t"), "{text}");
    }
}

#[tokio::test]
async fn a_secret_in_an_identity_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scaffolder = Scaffolder::builder(registry(folder.path()).0).build();
    let spec = json!({"steps": [note("first", "${{ secrets.TOKEN }}", "x")]});
    let wanted = request(json!({})).secret("TOKEN", Secret::new("s3cr3t"));
    let error = scaffolder.plan(&template(spec, None), &wanted).await.unwrap_err();
    assert!(error.message().contains("identity"), "{error}");
    assert!(!format!("{error:?}").contains("s3cr3t"));
}

/// A log whose process dies after a number of appends: nothing later is written, and the writer hears an error.
#[derive(Debug)]
struct Dying {
    log: Arc<MemoryLog>,
    left: AtomicUsize,
}

#[async_trait]
impl Log for Dying {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Revision> {
        let spend = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        spend.map_err(|_| Error::new(ErrorKind::Unavailable, "the process is dead"))?;
        self.log.append(stream, expected, events).await
    }
    async fn read(&self, stream: &StreamName, after: Revision, limit: usize) -> Result<Vec<Event>> {
        self.log.read(stream, after, limit).await
    }
    async fn head(&self, stream: &StreamName) -> Result<Revision> {
        self.log.head(stream).await
    }
    async fn streams(&self, prefix: &str) -> Result<Vec<StreamName>> {
        self.log.streams(prefix).await
    }
    async fn changed(&self, stream: &StreamName, after: Revision) -> Result<Revision> {
        self.log.changed(stream, after).await
    }
    async fn compact(&self, stream: &StreamName, checkpoint: Checkpoint) -> Result<()> {
        self.log.compact(stream, checkpoint).await
    }
    async fn checkpoint(&self, stream: &StreamName) -> Result<Option<Checkpoint>> {
        self.log.checkpoint(stream).await
    }
}

#[tokio::test]
async fn a_run_that_dies_at_any_journal_write_resumes_to_the_same_world() {
    let spec = json!({"steps": [
        note("first", "a", "x"),
        note("again", "a", "y"),
        {"action": "debug:log", "input": {"message": "m"}},
        note("second", "b", "${{ steps.first.output.path }}"),
    ]});
    for left in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let (registry, writes) = registry(folder.path());
        let memory = Arc::new(MemoryLog::new());
        let dying = Arc::new(Dying { log: Arc::clone(&memory), left: AtomicUsize::new(left) });
        let scaffolder = Scaffolder::builder(registry.clone()).log(dying).build();
        let plan = scaffolder.plan(&template(spec.clone(), None), &request(json!({}))).await.unwrap();
        let survived = scaffolder.apply(&plan, &RunOptions::default().id("r")).await.is_ok();
        if !survived {
            let next = Scaffolder::builder(registry).log(memory).build();
            let run = next.resume("r", &RunOptions::default()).await.unwrap();
            assert_eq!(run.status, RunStatus::Completed, "killed after {left} writes: {:?}", run.error);
        }
        let path = folder.path().join("a").display().to_string();
        assert_eq!(
            notes(folder.path()),
            [("a".into(), "y".into()), ("b".into(), path)],
            "killed after {left}"
        );
        assert_eq!(writes.load(Ordering::SeqCst), 3, "killed after {left} writes: nothing twice");
        if survived {
            assert!(left > 10, "the run has more writes than {left}");
            return;
        }
    }
}
