//! The bullets of `observe`.

use super::world::World;
use super::{Fault, ProviderSubject};
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

/// Changes nothing outside of the scratch folder.
pub async fn observe_changes_nothing<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for there in [false, true] {
        if there {
            world.ensure(&subject.first(), "1").await?;
        }
        let before = subject.fingerprint().await;
        world.observe().await?;
        ensure(subject.fingerprint().await == before, "observing changed the world")?;
    }
    Ok(Outcome::Holds)
}

/// What is not there is `None`.
pub async fn absent_is_none<S: ProviderSubject>(subject: &S) -> Verdict {
    let state = World::new(subject).observe().await?;
    ensure(state.is_none(), format!("nothing is there, and observe says {state:?}"))?;
    Ok(Outcome::Holds)
}

/// `None` only where the system said that it is not there.
pub async fn empty_answer_is_not_gone<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    world.ensure(&subject.first(), "1").await?;
    if !subject.arrange(Fault::EmptyAnswer) {
        return Ok(Outcome::NotOffered("no fault to arrange"));
    }
    let gone = matches!(world.try_observe().await, Ok(None));
    ensure(!gone, "an empty answer was taken for `not there`")?;
    Ok(Outcome::Holds)
}

/// Calls without a change between them agree.
pub async fn observing_twice_agrees<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    world.ensure(&subject.first(), "1").await?;
    let first = world.observe().await?;
    for _ in 0..2 {
        let again = world.observe().await?;
        ensure(again == first, format!("first {first:?}, then {again:?}"))?;
    }
    Ok(Outcome::Holds)
}
