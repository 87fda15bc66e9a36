//! Every `tests/mails/*.eml` against the `.json` beside it.
//!
//! The JSON holds the context and what is expected. Every key given must be equal; keys left out
//! are not compared, except that the number of leads always is.

use std::path::{Path, PathBuf};

use portal_mail::{Context, understand};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails")
}

/// The context all fixtures share unless their JSON says otherwise.
pub(crate) fn context(spec: &Value) -> Context {
    let country = spec.get("country").cloned().unwrap_or_else(|| Value::from("AT"));
    let team = spec
        .get("team")
        .cloned()
        .unwrap_or_else(|| serde_json::json!(["makler@agentur.example.com", "muster@in.example.com"]));
    Context {
        country: serde_json::from_value(country).expect("country"),
        team: serde_json::from_value(team).expect("team"),
    }
}

/// Where `actual` differs from what `expected` asks for.
fn differences(path: &str, expected: &Value, actual: &Value, out: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                let found = actual.get(key).unwrap_or(&Value::Null);
                differences(&format!("{path}.{key}"), value, found, out);
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                differences(&format!("{path}[{index}]"), expected, actual, out);
            }
        }
        _ if expected == actual => {}
        _ => out.push(format!("{path}: expected {expected}, got {actual}")),
    }
}

#[test]
fn every_fixture() {
    let mut seen = 0;
    let mut failures = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("folder of fixtures")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "eml"))
        .collect();
    files.sort();
    for path in files {
        let raw = std::fs::read(&path).expect("mail");
        let spec =
            std::fs::read(path.with_extension("json")).unwrap_or_else(|_| panic!("no JSON beside {}", path.display()));
        let spec: Value = serde_json::from_slice(&spec).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(
            spec.get("class").is_some() && spec.get("leads").is_some(),
            "{}: class and leads must be given",
            path.display()
        );
        let understood = understand(&raw, &context(&spec));
        let mut actual = serde_json::to_value(&understood).expect("json");
        actual["mail"] = serde_json::json!({
            "text": understood.mail.text,
            "newText": understood.mail.new_text,
            "bounce": understood.mail.bounce.as_ref().map(|bounce| serde_json::json!({
                "originalMessageId": bounce.original_message_id,
                "recipient": bounce.recipient,
                "status": bounce.status,
            })),
        });
        let mut expected = spec.clone();
        for key in ["country", "team", "about"] {
            expected.as_object_mut().expect("object").remove(key);
        }
        let mut found = Vec::new();
        differences("", &expected, &actual, &mut found);
        if !found.is_empty() {
            let reasons = understood.reasons.join(" | ");
            failures.push(format!("{}\n    {}\n    reasons: {reasons}", path.display(), found.join("\n    ")));
        }
        seen += 1;
    }
    assert!(seen >= 30, "only {seen} fixtures found");
    assert!(failures.is_empty(), "{} of {seen} fixtures differ:\n{}", failures.len(), failures.join("\n"));
}
