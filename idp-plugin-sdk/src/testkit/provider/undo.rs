//! The bullets of `undo`.

use idp_core::{ErrorKind, Provider as _, Receipt};

use super::ProviderSubject;
use super::world::World;
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

/// `observe` says afterwards what it said before the change.
pub async fn undo_returns_to_before<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let created = world.ensure(&subject.first(), "1").await?;
    let updated = world.ensure(&subject.second(), "2").await?;
    for (receipt, what) in [(updated, "update"), (created, "creation")] {
        world.undo(&receipt).await?;
        let seen = world.observe().await?;
        let text = format!("after undoing the {what}: {seen:?}, before it was {:?}", receipt.before);
        ensure(seen == receipt.before, text)?;
    }
    Ok(Outcome::Holds)
}

/// Undoing twice changes nothing the second time, and is no error.
pub async fn undo_twice_is_harmless<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let created = world.ensure(&subject.first(), "1").await?;
    undo_twice(&world, &created).await?;
    world.ensure(&subject.first(), "2").await?;
    let updated = world.ensure(&subject.second(), "3").await?;
    undo_twice(&world, &updated).await?;
    Ok(Outcome::Holds)
}

async fn undo_twice<S: ProviderSubject>(world: &World<'_, S>, receipt: &Receipt) -> Result<(), String> {
    world.undo(receipt).await?;
    let once = world.observe().await?;
    world.undo(receipt).await?;
    ensure(world.observe().await? == once, "undoing again changed something")
}

/// Undoing what was never applied changes nothing, and is no error.
pub async fn undo_of_never_applied_is_harmless<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let never_created = world.receipt(&subject.first(), "never 1").await?;
    world.undo(&never_created).await?;
    ensure(world.observe().await? == never_created.before, "undoing nothing changed something")?;
    world.ensure(&subject.first(), "1").await?;
    let never_updated = world.receipt(&subject.second(), "never 2").await?;
    for receipt in [&never_updated, &never_created] {
        world.undo(receipt).await?;
        ensure(world.observe().await? == never_updated.before, "undoing nothing took away what others made")?;
    }
    Ok(Outcome::Holds)
}

/// What somebody else changed since is not destroyed: conflict.
pub async fn undo_keeps_what_others_changed<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let created = world.ensure(&subject.first(), "1").await?;
    subject.tamper().await;
    let before = world.observe().await?;
    let answer = world.provider().undo(&world.cx, &created).await;
    ensure(world.observe().await? == before, "what somebody else changed is gone")?;
    let kind = answer.err().map(|it| it.kind());
    ensure(kind == Some(ErrorKind::Conflict), format!("expected a conflict, got {kind:?}"))?;
    Ok(Outcome::Holds)
}
