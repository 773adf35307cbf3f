//! The bullets of `apply`.

use std::time::Duration;

use idp_core::{
    Cancel, EffectState, Error, ErrorKind, IdempotencyKey, Provider as _, Receipt, unknown_origin,
};
use serde_json::Value;

use super::world::World;
use super::{Fault, ProviderSubject};
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

/// `after` is what apply makes, but for what only applying can tell.
pub async fn after_is_what_apply_makes<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let promised = world.ensure(&want, key).await?.change.after;
        let made = world.observe().await?.unwrap_or_default();
        ensure(agrees(&promised, &made), format!("promised {promised}, made {made}"))?;
    }
    Ok(Outcome::Holds)
}

fn agrees(promised: &Value, made: &Value) -> bool {
    if unknown_origin(promised).is_some() {
        return true;
    }
    match (promised, made) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, it)| b.get(key).is_some_and(|made| agrees(it, made)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agrees(a, b))
        }
        (a, b) => a == b,
    }
}

/// The answer equals what `observe` says next.
pub async fn apply_then_observe_agrees<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let change = world.propose(&want).await?;
        let answer = world.apply(&want, &change, &IdempotencyKey::new(&[key])).await?;
        let seen = world.observe().await?;
        ensure(seen.as_ref() == Some(&answer), format!("apply says {answer}, observe {seen:?}"))?;
    }
    Ok(Outcome::Holds)
}

/// Applying twice with one key makes one thing, and answers the same.
pub async fn applying_twice_makes_one_thing<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let (change, key) = (world.propose(&want).await?, IdempotencyKey::new(&[key]));
        let one = world.apply(&want, &change, &key).await?;
        let two = world.apply(&want, &change, &key).await?;
        ensure(one == two, format!("first {one}, then {two}"))?;
        let count = subject.count().await;
        ensure(count == 1, format!("there are {count} things"))?;
    }
    Ok(Outcome::Holds)
}

/// On failure, the effect state tells the truth.
pub async fn failure_tells_the_effect<S: ProviderSubject>(subject: &S) -> Verdict {
    let mut offered = false;
    for (fault, key) in [(Fault::BeforeEffect, "1"), (Fault::AfterEffect, "2")] {
        let world = World::new(subject);
        let receipt = world.receipt(&subject.first(), key).await?;
        if !subject.arrange(fault) {
            continue;
        }
        offered = true;
        let failed = world.provider().apply(&world.cx, &subject.first(), &receipt.change, &receipt.key).await;
        let error = failed.err().ok_or("a change that failed is reported as made")?;
        check_truth(&world, &receipt, &error).await?;
        if error.effect_state() != EffectState::NotStarted {
            world.undo(&receipt).await?;
        }
    }
    Ok(if offered { Outcome::Holds } else { Outcome::NotOffered("no fault to arrange") })
}

async fn check_truth<S: ProviderSubject>(
    world: &World<'_, S>,
    receipt: &Receipt,
    error: &Error,
) -> Result<(), String> {
    let seen = world.observe().await?;
    match error.effect_state() {
        EffectState::NotStarted => {
            ensure(seen == receipt.before, format!("said to have changed nothing, and {seen:?} is there"))
        }
        EffectState::Applied => {
            ensure(seen != receipt.before, "said to have made the change, and all is as before")
        }
        _ => Ok(()),
    }
}

/// Where the world is not as the change assumes: conflict, and nothing is changed.
pub async fn stale_change_conflicts<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let stale_create = world.propose(&subject.first()).await?;
    world.ensure(&subject.first(), "1").await?;
    let stale_update = world.propose(&subject.second()).await?;
    subject.tamper().await;
    let before = (world.observe().await?, subject.count().await);
    for (want, change) in [(subject.first(), stale_create), (subject.second(), stale_update)] {
        let key = IdempotencyKey::new(&["another run"]);
        let answer = world.provider().apply(&world.cx, &want, &change, &key).await;
        let kind = answer.err().map(|it| it.kind());
        ensure(
            kind == Some(ErrorKind::Conflict),
            format!("{} of a moved world: {kind:?}", change.operation),
        )?;
        let after = (world.observe().await?, subject.count().await);
        ensure(after == before, format!("{} of a moved world changed it", change.operation))?;
    }
    Ok(Outcome::Holds)
}

/// A raised flag ends it with the true effect state.
pub async fn cancellation_is_reported_truthfully<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let receipt = world.receipt(&subject.first(), "1").await?;
    let cancel = Cancel::new();
    cancel.cancel();
    let cx = world.with_cancel(&cancel);
    let answer = world.provider().apply(&cx, &subject.first(), &receipt.change, &receipt.key).await;
    let error = answer.err().ok_or("a flag raised before the start is not heeded")?;
    ensure(error.kind() == ErrorKind::Cancelled, format!("a cancelled call fails with {error}"))?;
    check_truth(&world, &receipt, &error).await?;
    for (index, millis) in [1, 3, 10, 30].into_iter().enumerate() {
        cancel_midway(&world, &format!("midway {index}"), Duration::from_millis(millis)).await?;
    }
    Ok(Outcome::Holds)
}

async fn cancel_midway<S: ProviderSubject>(
    world: &World<'_, S>,
    key: &str,
    after: Duration,
) -> Result<(), String> {
    let want = world.subject.first();
    let receipt = world.receipt(&want, key).await?;
    let cancel = Cancel::new();
    let cx = world.with_cancel(&cancel);
    let raiser = std::thread::spawn(move || {
        std::thread::sleep(after);
        cancel.cancel();
    });
    let answer = world.provider().apply(&cx, &want, &receipt.change, &receipt.key).await;
    let _ = raiser.join();
    match answer {
        Ok(_) => {
            ensure(world.observe().await? != receipt.before, "a call that was made in full is not seen")?
        }
        Err(error) => check_truth(world, &receipt, &error).await?,
    }
    world.undo(&receipt).await?;
    ensure(world.observe().await? == receipt.before, "undoing a cancelled call leaves something behind")
}
