//! Findings as SARIF 2.1.0, the form that code scanning tools read.

use std::collections::BTreeSet;
use std::io::{self, Write};

use idp_core::{Diagnostic, Severity};
use serde_json::{Map, Value, json};
use url::Url;

use crate::commands::template_check::Checked;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes one log with one run.
pub(crate) fn write(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    let results: Vec<Value> = checked.iter().flat_map(results).collect();
    let codes: BTreeSet<&str> = results.iter().filter_map(|it| it["ruleId"].as_str()).collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    let driver = json!({"name": "idp", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn results(checked: &Checked) -> Vec<Value> {
    match &checked.report {
        Ok(report) => report
            .findings
            .iter()
            .map(|finding| result(&checked.file, &finding.diagnostic, finding.witness.as_ref()))
            .collect(),
        Err(problems) => problems.iter().map(|problem| result(&checked.file, problem, None)).collect(),
    }
}

fn result(file: &str, diagnostic: &Diagnostic, witness: Option<&Map<String, Value>>) -> Value {
    let text = match &diagnostic.help {
        Some(help) => format!("{}. {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": location(file, diagnostic)}],
    });
    if let Some(witness) = witness {
        result["properties"] = json!({"witness": witness});
    }
    result
}

fn location(file: &str, diagnostic: &Diagnostic) -> Value {
    let Some(place) = &diagnostic.place else { return json!({"artifactLocation": {"uri": uri(file)}}) };
    let source = &place.source;
    // What is wrong with a file's name, whose text it is, stands nowhere in the file.
    if source.text() == source.name() {
        return json!({"artifactLocation": {"uri": uri(source.name())}});
    }
    let (line, column) = source.position(place.span.end);
    json!({
        "artifactLocation": {"uri": uri(source.name())},
        "region": {
            "startLine": place.line(), "startColumn": place.column(), "endLine": line, "endColumn": column,
        },
    })
}

/// A path as a URI: characters that mean something there are escaped.
fn uri(path: &str) -> String {
    if let (true, Ok(url)) = (path.contains("://"), Url::parse(path)) {
        return url.into();
    }
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "note",
    }
}
