//! Letting go of deep values without deep recursion: a template can nest lists further than the stack reaches.

use std::sync::{Arc, PoisonError};

use minijinja::Value;

use super::Js;

impl Drop for Js {
    fn drop(&mut self) {
        let mut pending = take_children(self);
        while let Some(value) = pending.pop() {
            let Some(inner) = value.downcast_object::<Js>() else { continue };
            drop(value);
            if let Some(mut last) = Arc::into_inner(inner) {
                pending.append(&mut take_children(&mut last));
            }
        }
    }
}

fn take_children(value: &mut Js) -> Vec<Value> {
    match value {
        Js::Array(items) => std::mem::take(items.get_mut().unwrap_or_else(PoisonError::into_inner)),
        Js::Record(entries) => std::mem::take(entries).into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}
