//! What a template answers at its end.

use idp_core::Result;
use serde_json::Value;

use super::inputs::render;
use crate::{Diagnostics, Engine, Scope};

/// Renders `spec.output`. Entries of `links` and `text` whose `if` is false are left out.
///
/// # Errors
/// In strict mode, the texts that fail.
pub(crate) fn render_output(
    engine: &Engine,
    output: &Value,
    scope: &Scope,
    problems: &mut Diagnostics,
) -> Result<Value> {
    let mut output = render(engine, output, scope, problems)?.unwrap_or(Value::Null);
    for list in ["links", "text"] {
        if let Some(Value::Array(items)) = output.get_mut(list) {
            items.retain_mut(|it| keep(engine, it));
        }
    }
    Ok(output)
}

fn keep(engine: &Engine, item: &mut Value) -> bool {
    let Some(map) = item.as_object_mut() else { return true };
    map.remove("if").is_none_or(|condition| engine.truthy(&condition))
}
