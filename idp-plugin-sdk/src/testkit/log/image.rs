//! The bullets of `keep_image` and `image`.

use idp_core::{ErrorKind, Image, Log, Revision, StreamName};

use super::LogSubject;
use super::subject::{all, revisions, stream, write};
use crate::testkit::run::{ensure, unexpected};
use crate::testkit::{Outcome, Verdict};

/// Larger than a page of any store, and other bytes in each part.
const PART: usize = 100_000;

const NOT_OFFERED: Verdict = Ok(Outcome::NotOffered("the log keeps no images"));

fn at(revision: u64, parts: usize) -> Image {
    let part = |number: usize| (0..PART).map(|at| (at * (number + 3)) as u8).collect();
    Image { revision: Revision(revision), parts: (0..parts).map(part).collect() }
}

async fn kept(log: &dyn Log, name: &StreamName) -> Result<Option<Image>, String> {
    log.image(name).await.map_err(unexpected("image"))
}

/// An image comes back as it was, the last one in place of others; all events stay.
pub async fn images_come_back_as_kept<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name, other) = (subject.log(), stream("one")?, stream("other")?);
    if !log.keeps_images() {
        return NOT_OFFERED;
    }
    write(&*log, &name, 1..=5).await?;
    write(&*log, &other, 1..=1).await?;
    ensure(kept(&*log, &name).await?.is_none(), "there is an image before one was kept")?;
    for image in [at(2, 3), at(4, 2), at(4, 1), at(5, 0), at(5, 4)] {
        log.keep_image(&name, image.clone()).await.map_err(unexpected("keep_image"))?;
        let found = kept(&*log, &name).await?;
        ensure(
            found.as_ref() == Some(&image),
            "the image that comes back is not the one that was kept last",
        )?;
    }
    ensure(kept(&*log, &other).await?.is_none(), "another stream has the image")?;
    let found = revisions(&all(&*log, &name, 0).await?);
    ensure(found == [1, 2, 3, 4, 5], format!("of the events are left: {found:?}"))?;
    if let Some(again) = subject.reopen() {
        let found = kept(&*again, &name).await?;
        ensure(found.is_none_or(|it| it == at(5, 4)), "opened again, the image is another one")?;
    }
    Ok(Outcome::Holds)
}

/// An image behind the head is invalid input.
pub async fn image_ahead_of_head_is_invalid<S: LogSubject>(subject: &S) -> Verdict {
    let (log, name) = (subject.log(), stream("one")?);
    if !log.keeps_images() {
        return NOT_OFFERED;
    }
    write(&*log, &name, 1..=2).await?;
    for (name, revision) in [(&name, 3), (&stream("unknown")?, 1)] {
        let kind = log.keep_image(name, at(revision, 1)).await.err().map(|it| it.kind());
        ensure(kind == Some(ErrorKind::InvalidInput), format!("an image at {revision} of {name}: {kind:?}"))?;
        ensure(kept(&*log, name).await?.is_none(), "an invalid image was kept")?;
    }
    Ok(Outcome::Holds)
}
