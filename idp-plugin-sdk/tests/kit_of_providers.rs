//! The provider kit itself: a good fake keeps every clause, and each broken one breaks its own and no other.
#![cfg(feature = "testkit")]
#![allow(clippy::unwrap_used, reason = "helpers of tests stop where a test would")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use idp_plugin_sdk::prelude::*;
use idp_plugin_sdk::testkit::provider::{Fault, ProviderSubject, clauses, judge};

/// A box with a label.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Box_ {
    name: String,
    label: String,
}

impl Resource for Box_ {
    const KIND: &'static str = "box";
    type State = State;

    fn id(&self) -> ResourceId {
        ResourceId::new(Self::KIND, &self.name)
    }

    fn schema() -> Value {
        schema_of::<Self>()
    }
}

#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
struct State {
    label: String,
    serial: u32,
}

/// What is wrong with a shelf; named after the clause it breaks.
type Bug = &'static str;

/// Boxes on a shelf.
#[derive(Debug)]
struct Shelf {
    bug: Bug,
    world: Mutex<World>,
}

#[derive(Debug, Default)]
struct World {
    boxes: BTreeMap<String, Vec<State>>,
    applied: BTreeSet<IdempotencyKey>,
    undone: BTreeSet<IdempotencyKey>,
    fault: Option<Fault>,
    /// Where the bugs leave traces.
    touched: u32,
    proposed: u32,
    observed_in_a_row: u32,
}

const SECRET: &str = "correct-horse-battery";

impl Shelf {
    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn answer(&self, state: State) -> State {
        if self.has("apply_then_observe_agrees") { State { serial: 0, ..state } } else { state }
    }

    fn stale(&self, world: &World, name: &str, before: &Option<State>) -> bool {
        world.boxes.get(name).and_then(|it| it.last()) != before.as_ref()
    }
}

#[async_trait]
impl Provider<Box_> for Shelf {
    fn info(&self) -> ProviderInfo {
        ProviderInfo::new("shelf", "Boxes on a shelf.")
    }

    async fn observe(&self, _: &ProviderContext, id: &ResourceId) -> Result<Option<State>> {
        let mut world = self.world();
        world.observed_in_a_row += 1;
        if self.has("observe_changes_nothing") {
            world.touched += 1;
        }
        if world.fault == Some(Fault::EmptyAnswer) {
            world.fault = None;
            let flaky = Err(Error::new(ErrorKind::Unavailable, "an empty answer"));
            return if self.has("empty_answer_is_not_gone") { Ok(None) } else { flaky };
        }
        let mut found = world.boxes.get(&id.name).and_then(|it| it.last()).cloned();
        if self.has("absent_is_none") {
            found = found.or_else(|| Some(State::default()));
        }
        if self.has("observing_twice_agrees") && world.observed_in_a_row == 3 {
            found = found.map(|it| State { serial: 99, ..it });
        }
        Ok(found)
    }

    async fn propose(&self, cx: &ProviderContext, want: &Box_, have: Option<&State>) -> Result<Change> {
        let secret = cx.secrets.get("key").await?;
        let mut world = self.world();
        (world.observed_in_a_row, world.proposed) = (0, world.proposed + 1);
        if self.has("propose_changes_nothing") {
            world.touched += 1;
        }
        let serial = have.map_or(1, |it| it.serial + 1);
        if have.is_some_and(|it| it.label == want.label) && !self.has("as_wanted_is_nothing") {
            return Ok(Change::nothing(json!(have)));
        }
        let operation = if have.is_some() { Operation::Update } else { Operation::Create };
        let label = if self.has("after_is_what_apply_makes") { "another" } else { &want.label };
        let after = json!(State { label: label.to_owned(), serial });
        let mut summary = "put a box on the shelf".to_owned();
        if self.has("propose_is_repeatable") {
            summary.push_str(&format!(" for the {}th time", world.proposed));
        }
        if self.has("no_secret_in_any_output") {
            summary.push_str(secret.expose());
        }
        Ok(Change::reversible(operation, summary, after, "as it was", json!(have)))
    }

    async fn apply(
        &self,
        cx: &ProviderContext,
        want: &Box_,
        change: &Change,
        key: &IdempotencyKey,
    ) -> Result<State> {
        if !self.has("cancellation_is_reported_truthfully") {
            cx.cancel.check()?;
        }
        let mut world = self.world();
        world.observed_in_a_row = 0;
        let twice = world.applied.contains(key);
        if twice && !self.has("applying_twice_makes_one_thing") {
            return Ok(self.answer(world.boxes[&want.name].last().unwrap().clone()));
        }
        let Receipt { before, .. } = receipt(want, change, key);
        if !twice && self.stale(&world, &want.name, &before_of(before)) && !self.has("stale_change_conflicts")
        {
            return Err(Error::new(ErrorKind::Conflict, "the shelf has changed"));
        }
        let fault = world.fault.take();
        if fault == Some(Fault::BeforeEffect) {
            return Err(Error::new(ErrorKind::Unavailable, "the shelf is out of reach"));
        }
        let serial = world.boxes.get(&want.name).and_then(|it| it.last()).map_or(1, |it| it.serial + 1);
        let state = State { label: want.label.clone(), serial: if twice { serial - 1 } else { serial } };
        let boxes = world.boxes.entry(want.name.clone()).or_default();
        if !twice {
            boxes.clear();
        }
        boxes.push(state.clone());
        world.applied.insert(key.clone());
        if fault == Some(Fault::AfterEffect) {
            let truth = if self.has("failure_tells_the_effect") {
                EffectState::NotStarted
            } else {
                EffectState::Applied
            };
            return Err(Error::new(ErrorKind::Unavailable, "the answer is lost").effect(truth));
        }
        Ok(self.answer(state))
    }

    async fn undo(&self, _: &ProviderContext, receipt: &Receipt) -> Result<()> {
        let mut world = self.world();
        world.observed_in_a_row = 0;
        if !world.applied.contains(&receipt.key) {
            let strict = self.has("undo_of_never_applied_is_harmless");
            return if strict { Err(Error::new(ErrorKind::NotFound, "never applied")) } else { Ok(()) };
        }
        if world.undone.contains(&receipt.key) {
            let strict = self.has("undo_twice_is_harmless");
            return if strict { Err(Error::new(ErrorKind::NotFound, "undone already")) } else { Ok(()) };
        }
        let name = &receipt.resource.name;
        let ours: State = serde_json::from_value(receipt.change.after.clone()).unwrap();
        let is_ours =
            world.boxes.get(name).and_then(|it| it.last()).is_some_and(|it| it.serial == ours.serial);
        if !is_ours && !self.has("undo_keeps_what_others_changed") {
            return Err(Error::new(ErrorKind::Conflict, "somebody else changed it"));
        }
        world.undone.insert(receipt.key.clone());
        if self.has("undo_returns_to_before") && receipt.change.operation == Operation::Update {
            return Ok(());
        }
        match before_of(receipt.undo_data().ok()) {
            Some(before) => world.boxes.insert(name.clone(), vec![before]),
            None => world.boxes.remove(name),
        };
        Ok(())
    }
}

fn receipt(want: &Box_, change: &Change, key: &IdempotencyKey) -> Receipt {
    let mut receipt = Receipt { resource: want.id(), before: None, change: change.clone(), key: key.clone() };
    receipt.before = receipt.undo_data::<Value>().ok();
    receipt
}

/// An absent box is remembered as null; the bug that sees one where none is, as a box without a label.
fn before_of(value: Option<Value>) -> Option<State> {
    let before: Option<State> = value.and_then(|it| serde_json::from_value(it).ok()).flatten();
    before.filter(|it| *it != State::default())
}

struct Subject(Shelf);

impl Subject {
    fn with(bug: Bug) -> Self {
        Self(Shelf { bug, world: Mutex::default() })
    }
}

#[async_trait]
impl ProviderSubject for Subject {
    type Resource = Box_;
    type Provider = Shelf;

    fn provider(&self) -> &Shelf {
        &self.0
    }

    fn first(&self) -> Box_ {
        Box_ { name: "one".to_owned(), label: "first".to_owned() }
    }

    fn second(&self) -> Box_ {
        Box_ { label: "second".to_owned(), ..self.first() }
    }

    async fn tamper(&self) {
        let state = State { label: "by hand".to_owned(), serial: 50 };
        self.0.world().boxes.insert("one".to_owned(), vec![state]);
    }

    async fn fingerprint(&self) -> String {
        let world = self.0.world();
        format!("{:?} {}", world.boxes, world.touched)
    }

    async fn count(&self) -> usize {
        self.0.world().boxes.get("one").map_or(0, Vec::len)
    }

    fn arrange(&self, fault: Fault) -> bool {
        self.0.world().fault = Some(fault);
        true
    }

    fn secrets(&self) -> Vec<(String, Secret)> {
        vec![("key".to_owned(), Secret::new(SECRET))]
    }
}

idp_plugin_sdk::provider_conformance!(Subject::with("nothing"));

#[test]
fn each_bug_breaks_its_own_clause() {
    for (bug, _) in clauses::<Subject>() {
        let verdicts =
            clauses::<Subject>().into_iter().map(|(name, _)| (name, judge(&Subject::with(bug), name)));
        let broken: Vec<_> = verdicts.filter_map(|(name, verdict)| Some((name, verdict.err()?))).collect();
        let names: Vec<_> = broken.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [bug], "{broken:?}");
    }
}
