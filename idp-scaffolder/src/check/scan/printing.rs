//! What a text becomes.

use serde_json::Value;

use super::Scan;
use crate::check::draft::{Draft, Need, Sign, Want};
use crate::check::facts::path;
use crate::check::presence::lone_output;
use crate::check::types::{Kinds, Type};
use crate::expr::inspect::{Expr, Node, Reading};

/// How many texts are told apart.
const MOST: usize = 32;

impl Scan<'_> {
    /// Says that an object is printed into a text, which shows nothing of it. A strict text shows what is in it.
    pub(super) fn print(&mut self, expr: &Expr, it: &Type) {
        let object = Kinds::OBJECT.or(Kinds::NULLISH);
        let is_object = |it: &Type| it.kinds.meets(Kinds::OBJECT) && it.kinds.within(object);
        let is_list = it.kinds.meets(Kinds::ARRAY) && it.kinds.within(Kinds::ARRAY.or(Kinds::NULLISH));
        let of_objects = is_list && it.items.as_ref().is_some_and(|items| is_object(items));
        if self.is_strict() || !is_object(it) && !of_objects {
            return;
        }
        let name = self.slice(expr.span).to_owned();
        let what = if of_objects { "a list of objects" } else { "an object" };
        let message = format!("`{name}` is {what}, and prints as `[object Object]`");
        let draft = Draft::error("object-printed", message, self.spot(expr.span))
            .help(format!("`{name} | dump` prints it as JSON; or name the member that is meant"));
        let mut draft = self.rendered(draft, Sign::PrintsObject, expr.span);
        if let Some(origin) = it.origin.clone().filter(|_| path(expr).is_some()) {
            draft.needs.push(Need { path: origin, want: Want::True });
        }
        self.push(draft);
    }

    /// The type of the text at a place where a value is made: that of its only expression, or a text. Where a text is
    /// wanted there, it may be made of anything.
    pub(crate) fn whole(&mut self, text_wanted: bool) -> Type {
        let nodes = match self.parse() {
            Reading::Tree(nodes) => nodes,
            Reading::Literal => return Type::literal(&Value::from(self.passage.text.as_str())),
            Reading::Foreign => return Type::any(),
        };
        if let Some(expr) = lone_output(&nodes) {
            let it = self.value(expr);
            // A comment beside it makes it a text there.
            return if self.is_strict() && nodes.len() > 1 { Type::string() } else { it };
        }
        let parts: Vec<_> = nodes.iter().filter(|node| **node != Node::Comment).collect();
        self.assignments(&nodes);
        if let Some(expr) = lone(&parts) {
            return self.lone(expr, &parts, text_wanted);
        }
        let text = self.nodes(&nodes);
        Type { kinds: Kinds::STRING, ..text }
    }

    /// An expression with nothing but white space around it, as a block scalar leaves it: a text comes of it.
    fn lone(&mut self, expr: &Expr, parts: &[&Node], text_wanted: bool) -> Type {
        let it = self.value(expr);
        let text = printed(&it).map(|texts| surround(texts, parts));
        let definite = it.kinds.without(Kinds::NULLISH);
        let typed = Kinds::BOOL.or(Kinds::NUMBER).or(Kinds::CONTAINERS);
        let loses = if text_wanted { Kinds::OBJECT } else { typed };
        if definite.within(loses) {
            let name = self.slice(expr.span).to_owned();
            let message = format!("`{name}` is {definite}, and the white space beside it makes it a text");
            let draft = Draft::warning("becomes-text", message, self.spot(expr.span))
                .help("leave nothing around the expression: no line break of `|` or `>` (write `|-` or `>-`), no space");
            let draft = self.rendered(draft, Sign::BecomesText, expr.span);
            self.push(draft);
        }
        Type { values: text, origin: it.origin, ..Type::string() }
    }
}

/// The expression of a text that is nothing but it and white space.
fn lone<'n>(parts: &[&'n Node]) -> Option<&'n Expr> {
    let mut found = None;
    for part in parts {
        match part {
            Node::Output(expr) if found.is_none() => found = Some(expr),
            Node::Text(text) if text.trim().is_empty() => {}
            _ => return None,
        }
    }
    found
}

/// Every text that printing a value can give, where they are few.
pub(super) fn printed(it: &Type) -> Option<Vec<String>> {
    let values = it.values.as_ref()?;
    let mut texts = values.iter().map(print_scalar).collect::<Option<Vec<_>>>()?;
    if it.kinds.meets(Kinds::UNDEFINED) && !texts.iter().any(String::is_empty) {
        texts.push(String::new());
    }
    Some(texts)
}

fn print_scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn surround(texts: Vec<String>, parts: &[&Node]) -> Vec<Value> {
    let place = parts.iter().position(|part| matches!(part, Node::Output(_))).unwrap_or_default();
    let space = |parts: &[&Node]| -> String {
        parts
            .iter()
            .filter_map(|part| if let Node::Text(text) = part { Some(text.as_str()) } else { None })
            .collect()
    };
    let (before, after) = (space(&parts[..place]), space(&parts[place..]));
    texts.into_iter().map(|text| Value::from(format!("{before}{text}{after}"))).collect()
}

/// The texts of one part after the texts of what stands before it.
pub(super) fn append(before: Option<Vec<String>>, after: Option<Vec<String>>) -> Option<Vec<String>> {
    let (before, after) = (before?, after?);
    if before.len() * after.len() > MOST {
        return None;
    }
    Some(before.iter().flat_map(|left| after.iter().map(move |right| format!("{left}{right}"))).collect())
}
