//! Graphs as text: for Graphviz, for Mermaid, for programs.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use idp_core::EntityRef;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::json;

use super::Graph;

impl Graph {
    /// The graph in Graphviz's DOT language. Entities that are not in the catalog are dashed.
    #[must_use]
    pub fn to_dot(&self) -> String {
        written(|out| {
            writeln!(out, "digraph catalog {{\n  rankdir=LR;\n  node [shape=box, style=rounded];")?;
            for (node, exists) in &self.nodes {
                let style = if *exists { "" } else { " [style=\"rounded,dashed\"]" };
                writeln!(out, "  {}{style};", in_dot(node.as_str()))?;
            }
            for edge in &self.edges {
                let (from, to) = (in_dot(edge.from.as_str()), in_dot(edge.to.as_str()));
                writeln!(out, "  {from} -> {to} [label={}];", in_dot(&edge.r#type))?;
            }
            writeln!(out, "}}")
        })
    }

    /// The graph as a Mermaid flow chart. Entities that are not in the catalog are dashed.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let ids: BTreeMap<&EntityRef, usize> =
            self.nodes.keys().enumerate().map(|(id, node)| (node, id)).collect();
        written(|out| {
            writeln!(out, "flowchart LR")?;
            for (id, (node, exists)) in self.nodes.iter().enumerate() {
                writeln!(out, "  n{id}[\"{}\"]", in_mermaid(node.as_str()))?;
                if !exists {
                    writeln!(out, "  style n{id} stroke-dasharray: 4")?;
                }
            }
            for edge in &self.edges {
                if let (Some(from), Some(to)) = (ids.get(&edge.from), ids.get(&edge.to)) {
                    writeln!(out, "  n{from} -->|\"{}\"| n{to}", in_mermaid(&edge.r#type))?;
                }
            }
            Ok(())
        })
    }
}

impl Serialize for Graph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes: Vec<_> =
            self.nodes.iter().map(|(node, exists)| json!({"ref": node, "exists": exists})).collect();
        let mut graph = serializer.serialize_struct("Graph", 3)?;
        graph.serialize_field("nodes", &nodes)?;
        graph.serialize_field("edges", &self.edges)?;
        graph.serialize_field("truncated", &self.truncated)?;
        graph.end()
    }
}

fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out);
    out
}

/// A name may hold any character: a reference to an entity that is not there is never validated.
fn in_dot(text: &str) -> String {
    format!("\"{}\"", without_controls(text).replace('\\', "\\\\").replace('"', "\\\""))
}

fn in_mermaid(text: &str) -> String {
    let text = without_controls(text).replace('#', "#35;");
    text.replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

fn without_controls(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(in_dot("a\"b\\\nc"), r#""a\"b\\ c""#);
        assert_eq!(in_mermaid("a\"]\n#<b>"), "a#quot;] #35;#lt;b#gt;");
    }
}
