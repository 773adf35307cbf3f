//! `debug:wait`: time passes.

use std::time::Duration;

use async_trait::async_trait;
use idp_core::{Action, ActionContext, ActionInfo, Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{input, object};

/// The longest wait.
const MAX: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct DebugWait;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    minutes: f64,
    seconds: f64,
    milliseconds: f64,
}

#[async_trait]
impl Action for DebugWait {
    fn info(&self) -> ActionInfo {
        let number = json!({"type": "number", "minimum": 0});
        ActionInfo::new(
            "debug:wait",
            "Waits for the sum of its inputs, ten minutes at the most. Not while planning.",
        )
        .input(object(&[], json!({"minutes": number, "seconds": number, "milliseconds": number})))
        .keeps_files()
    }

    async fn run(&self, cx: &ActionContext<'_>, value: Value) -> Result<Value> {
        let Input { minutes, seconds, milliseconds } = input(value)?;
        let time = Duration::try_from_secs_f64(minutes * 60.0 + seconds + milliseconds / 1000.0)
            .map_err(|error| Error::invalid("not a time to wait").because(error))?;
        if time > MAX {
            return Err(
                Error::invalid("waiting time is longer than 10 minutes").with("seconds", time.as_secs())
            );
        }
        cx.sleep(time).await?;
        Ok(json!({}))
    }
}
