//! The bullets of `propose`, and what holds for every answer.

use idp_core::{Cancel, Provider as _, Redactor};

use super::ProviderSubject;
use super::world::World;
use crate::testkit::run::ensure;
use crate::testkit::{Outcome, Verdict};

/// Changes nothing outside of the scratch folder.
pub async fn propose_changes_nothing<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let have = world.try_observe().await.map_err(|it| it.chain())?;
        let before = subject.fingerprint().await;
        let change = subject.provider().propose(&world.cx, &want, have.as_ref()).await;
        change.map_err(|it| it.chain())?;
        ensure(subject.fingerprint().await == before, "proposing changed the world")?;
        world.ensure(&want, key).await?;
    }
    Ok(Outcome::Holds)
}

/// Where the thing is as wanted, there is nothing to do: the second plan is empty.
pub async fn as_wanted_is_nothing<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let first = world.ensure(&want, key).await?.change;
        ensure(!first.is_nothing(), "what is not as wanted needs no change")?;
        let second = world.propose(&want).await?;
        ensure(second.is_nothing(), format!("what was just applied is to change again: {}", second.summary))?;
    }
    Ok(Outcome::Holds)
}

/// The same arguments give the same change.
pub async fn propose_is_repeatable<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let (one, two) = (world.propose(&want).await?, world.propose(&want).await?);
        ensure(one == two, format!("first {one:?}, then {two:?}"))?;
        world.ensure(&want, key).await?;
    }
    Ok(Outcome::Holds)
}

/// No secret is in any state, change or error.
pub async fn no_secret_in_any_output<S: ProviderSubject>(subject: &S) -> Verdict {
    let world = World::new(subject);
    let redactor = Redactor::new(subject.secrets().into_iter().map(|(_, secret)| secret));
    for (want, key) in [(subject.first(), "1"), (subject.second(), "2")] {
        let receipt = world.ensure(&want, key).await?;
        let stopped = Cancel::new();
        stopped.cancel();
        let cx = world.with_cancel(&stopped);
        let failure = subject.provider().apply(&cx, &want, &receipt.change, &receipt.key).await;
        let said = format!("{receipt:?} {:?} {failure:?} {:?}", world.observe().await?, subject.provider());
        ensure(!redactor.finds(&said), "a secret is in an output")?;
    }
    Ok(if subject.secrets().is_empty() { Outcome::NotOffered("no secrets") } else { Outcome::Holds })
}
