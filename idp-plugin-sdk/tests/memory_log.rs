//! The log in memory, held to the contract.
#![cfg(feature = "testkit")]

use std::sync::Arc;

use idp_plugin_sdk::testkit::log::LogSubject;
use idp_plugin_sdk::{Log, MemoryLog};

#[derive(Default)]
struct InMemory(Arc<MemoryLog>);

impl LogSubject for InMemory {
    fn log(&self) -> Arc<dyn Log> {
        self.0.clone()
    }

    fn reopen(&self) -> Option<Arc<dyn Log>> {
        None
    }
}

idp_plugin_sdk::log_conformance!(InMemory::default());

mod with_images {
    use super::*;

    idp_plugin_sdk::log_conformance!(InMemory(Arc::new(MemoryLog::with_images())));
}
