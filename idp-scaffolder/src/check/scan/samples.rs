//! Values that stand for every value of a type.

use serde_json::{Value, json};

use crate::check::types::{Kinds, Type};

/// Values of a kind that stand for all of it; `None` is undefined.
pub(super) fn samples(kind: Kinds, it: &Type) -> Vec<Option<Value>> {
    if let Some(values) = &it.values {
        let own: Vec<_> = values.iter().filter(|value| Kinds::of(value) == kind).cloned().map(Some).collect();
        if !own.is_empty() {
            return own;
        }
    }
    let of = |values: &[Value]| values.iter().cloned().map(Some).collect();
    match kind {
        Kinds::NULL => of(&[Value::Null]),
        Kinds::BOOL => of(&[json!(true), json!(false)]),
        Kinds::NUMBER => of(&[json!(0), json!(2)]),
        Kinds::STRING => of(&[json!(""), json!("a")]),
        Kinds::ARRAY => of(&[json!([]), json!(["a", "b"]), json!([{"a": "b"}]), json!([1])]),
        Kinds::OBJECT => of(&[json!({}), json!({"a": "b"})]),
        _ => vec![None],
    }
}
