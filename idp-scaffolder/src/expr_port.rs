//! TEMPORARY.
use serde_json::Value;
#[derive(Clone, Debug, Default)]
pub struct Engine;
pub(crate) struct Out {
    pub value: Option<Value>,
    pub problems: Vec<idp_core::Diagnostic>,
}
impl Engine {
    pub(crate) fn render_tree(&self, v: &Value, s: &Value) -> Out {
        Out { value: go(v, s), problems: vec![] }
    }
    pub(crate) fn for_conditions(&self, _: bool) -> Engine {
        self.clone()
    }
    pub(crate) fn asks_for_failure(&self, _: Option<&Value>, _: &Value) -> bool {
        false
    }
}
fn go(v: &Value, s: &Value) -> Option<Value> {
    match v {
        Value::String(t) => {
            if let Some(p) = t.strip_prefix("${{ ").and_then(|t| t.strip_suffix(" }}")) {
                let mut at = s;
                for k in p.split('.') {
                    if idp_core::unknown_origin(at).is_some() {
                        return Some(idp_core::unknown(p));
                    }
                    at = at.get(k)?;
                }
                Some(at.clone())
            } else {
                Some(v.clone())
            }
        }
        Value::Array(a) => Some(a.iter().map(|x| go(x, s).unwrap_or(Value::Null)).collect()),
        Value::Object(m) => Some(m.iter().filter_map(|(k, x)| Some((k.clone(), go(x, s)?))).collect()),
        x => Some(x.clone()),
    }
}
