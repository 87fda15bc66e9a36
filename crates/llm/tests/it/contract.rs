//! OpenAI's published schema, read far enough to check our requests and the replies the fake plays.

use std::{path::Path, sync::OnceLock};

use serde_json::Value;

/// The component schemas; `None`, said loudly, where the contract is not at hand.
pub(crate) fn schemas() -> Option<&'static Value> {
    static SCHEMAS: OnceLock<Option<Value>> = OnceLock::new();
    SCHEMAS.get_or_init(load).as_ref()
}

fn load() -> Option<Value> {
    let name = "shared/contracts/openai-openapi.2026-08-21.yaml";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(path) = root.ancestors().skip(1).map(|folder| folder.join(name)).find(|path| path.exists()) else {
        eprintln!(
            "SKIPPED: no {name} in any folder above {}; requests are not checked against the contract",
            root.display()
        );
        return None;
    };
    // Only the schemas: the paths hold thousands of lines of examples.
    let text = std::fs::read_to_string(path).unwrap();
    let start = text.find("\n  schemas:\n").unwrap() + 1;
    let block = &text[start..];
    let end = block
        .match_indices("\n  ")
        .find(|(at, _)| *at > 0 && block[at + 3..].chars().next().is_some_and(|c| c != ' ' && c != '#' && c != '\n'));
    let block = end.map_or(block, |(at, _)| &block[..at]);
    // Some limits are beyond every integer type; we check shapes, not ranges.
    let block: String = block
        .lines()
        .filter(|line| !line.trim_start().starts_with("minimum:") && !line.trim_start().starts_with("maximum:"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let parsed: Value = serde_yaml_ng::from_str(&block).unwrap();
    Some(parsed["schemas"].clone())
}

/// What is wrong with a value by a named schema.
pub(crate) fn faults(name: &str, value: &Value) -> Vec<String> {
    let Some(schemas) = schemas() else {
        return Vec::new();
    };
    assert!(schemas[name].is_object(), "the contract has no {name}");
    let mut faults = Vec::new();
    check(schemas, &schemas[name], value, name, &mut faults);
    faults
}

fn check(all: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(all, &all[name], value, at, faults);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(all, part, value, at, faults);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[key].as_array() {
            let tried: Vec<Vec<String>> = choices
                .iter()
                .map(|choice| {
                    let mut faults = Vec::new();
                    check(all, choice, value, at, &mut faults);
                    faults
                })
                .collect();
            if tried.iter().all(|faults| !faults.is_empty()) {
                faults.push(format!("{at}: fits none of {key}: {tried:?}"));
            }
        }
    }
    let null = schema["nullable"] == true && value.is_null();
    if let Some(allowed) = schema["enum"].as_array()
        && !(null || allowed.contains(value))
    {
        faults.push(format!("{at}: {value} is not allowed"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let fits = types.iter().any(|kind| is(kind, value));
    if !(types.is_empty() || fits || null) {
        faults.push(format!("{at}: not of type {types:?}"));
        return;
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                faults.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in object {
            match schema["properties"].get(name) {
                Some(property) => check(all, property, value, &format!("{at}.{name}"), faults),
                None if schema["additionalProperties"] == false => faults.push(format!("{at}: {name} is unknown")),
                None => {}
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(all, &schema["items"], item, &format!("{at}[{index}]"), faults);
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// Names a schema does not define anywhere at its top level: a misspelt field would be accepted by an open schema.
pub(crate) fn unknown_fields(name: &str, value: &Value) -> Vec<String> {
    let Some(all) = schemas() else {
        return Vec::new();
    };
    let mut known = Vec::new();
    collect(all, &all[name], &mut known);
    value.as_object().unwrap().keys().filter(|key| !known.contains(*key)).cloned().collect()
}

fn collect(all: &Value, schema: &Value, known: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        collect(all, &all[name.rsplit('/').next().unwrap()], known);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(all, part, known);
    }
    known.extend(schema["properties"].as_object().into_iter().flat_map(|properties| properties.keys().cloned()));
}

#[test]
fn the_checker_finds_what_is_wrong() {
    if schemas().is_none() {
        return;
    }
    let wrong = serde_json::json!({ "model": "gpt-5-mini", "messages": "none" });
    assert!(!faults("CreateChatCompletionRequest", &wrong).is_empty());
    assert_eq!(
        unknown_fields("CreateChatCompletionRequest", &serde_json::json!({ "modell": 1, "model": "x" })),
        ["modell"]
    );
    assert!(!faults("CreateChatCompletionResponse", &serde_json::json!({ "id": "x" })).is_empty());
}
