//! The processes that one command started.

/// Ends a process group, at the latest when dropped.
#[derive(Debug)]
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    /// The group that a child leads.
    pub(super) fn of(child: &tokio::process::Child) -> Self {
        let id = child.id().and_then(|it| i32::try_from(it).ok());
        Self { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    /// Asks the group to end.
    pub(super) fn ask(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// The child has ended, and whatever it left behind is none of our business.
    pub(super) fn release(&mut self) {
        self.leader = None;
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // It may have ended already; there is nothing to do then.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        self.signal(rustix::process::Signal::KILL);
    }
}

/// Without process groups, dropping the child kills it and it alone.
#[cfg(not(unix))]
impl Group {
    pub(super) fn of(_: &tokio::process::Child) -> Self {
        Self {}
    }

    pub(super) fn ask(&self) {}

    pub(super) fn release(&mut self) {}
}
