//! The OpenAPI document: what clients are generated from, so a change of it is a change somebody decided on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestApp;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots/openapi.json");

#[test]
#[allow(clippy::disallowed_methods, reason = "no settings are there")]
fn the_document_is_the_committed_one() {
    let now = format!("{}\n", immivo::ingress::http::openapi().to_pretty_json().unwrap());
    if std::env::var("UPDATE_SNAPSHOTS").is_ok() {
        std::fs::write(SNAPSHOT, &now).unwrap();
    }
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    let difference = now.lines().zip(committed.lines()).find(|(now, committed)| now != committed);
    assert!(
        now == committed,
        "the API changed (first difference: {difference:?}). If that is meant, run with UPDATE_SNAPSHOTS=1 and commit the file"
    );
}

#[test]
fn every_operation_is_described_as_a_whole() {
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "two operations are called {name}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            if path.starts_with("/api/v1") {
                assert_eq!(operation["security"][0]["bearer"], Value::Array(vec![]), "{method} {path}");
                assert_eq!(responses["401"]["$ref"], "#/components/responses/Problem", "{method} {path}");
            }
        }
    }
    assert_references(&document, &document);
}

#[test]
fn words_are_described_as_they_are_sent() {
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let words: Vec<(&str, &str)> = schemas
        .iter()
        .flat_map(|(name, schema)| schema["enum"].as_array().into_iter().flatten().map(move |word| (name, word)))
        .map(|(name, word)| (name.as_str(), word.as_str().unwrap()))
        .collect();
    assert!(words.contains(&("Status", "NEW")) && words.contains(&("AddressKind", "direct")), "{words:?}");
    for (name, word) in words {
        let same_case = word == word.to_uppercase() || word == word.to_lowercase();
        assert!(same_case, "{name}: {word} is a name in our code, nobody sends it");
    }
}

#[test]
fn no_answer_is_described_by_what_admits_no_other_field_and_other_fields() {
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    let mut seen = 0;
    assert_open_parts(&document, &document["components"]["schemas"], &mut seen);
    assert!(seen > 0, "no schema is made of others any more");
}

/// Wherever it stands: a page holds the schema of its items as a whole.
fn assert_open_parts(document: &Value, value: &Value, seen: &mut u32) {
    for part in value["allOf"].as_array().into_iter().flatten() {
        assert_ne!(part["additionalProperties"], Value::Bool(false), "{value}: nothing can be both");
        let Some(reference) = part["$ref"].as_str() else { continue };
        let closed = &document.pointer(&reference[1..]).unwrap()["additionalProperties"];
        assert_ne!(*closed, Value::Bool(false), "{value} holds {reference}: nothing can be both");
        *seen += 1;
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|field| assert_open_parts(document, field, seen)),
        Value::Array(items) => items.iter().for_each(|item| assert_open_parts(document, item, seen)),
        _ => {}
    }
}

/// Every `$ref` leads somewhere.
fn assert_references(document: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|field| assert_references(document, field));
        }
        Value::Array(items) => items.iter().for_each(|item| assert_references(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_public_and_load_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let served = app.send(axum::http::Method::GET, "/api/openapi.json", None, None).await.json(200);
    assert_eq!(served, serde_json::to_value(immivo::ingress::http::openapi()).unwrap());
    let page = app.send(axum::http::Method::GET, "/api/docs/", None, None).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(!page.text().contains("https://"), "{}", page.text());
    let script = app.send(axum::http::Method::GET, "/api/docs/swagger-initializer.js", None, None).await;
    assert!(script.text().contains("/api/openapi.json"));
}
