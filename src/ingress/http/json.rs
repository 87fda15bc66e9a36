//! Request bodies: JSON that says nothing it should not, with errors that name the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::error::Category;

use super::objects::Objects;
use super::problem::{ApiProblem, ApiResult, FieldError};
use crate::app::App;

/// A body read as `T`. The type says `deny_unknown_fields`.
#[derive(Debug)]
pub(super) struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for ApiJson<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        read(&body_of(request, app).await?).map(Self)
    }
}

/// The bytes of a body that says it is JSON.
pub(super) async fn body_of(request: Request, app: &App) -> ApiResult<Bytes> {
    if !is_json(&request) {
        return Err(ApiProblem::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Bytes::from_request(request, app).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiProblem::plain(StatusCode::PAYLOAD_TOO_LARGE),
        _ => ApiProblem::malformed("The body did not arrive as a whole."),
    })
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads a body, naming what is wrong with it.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if bytes.is_empty() {
        return Err(ApiProblem::malformed("The body is empty; a JSON object is expected."));
    }
    refuse_nul(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let path = error.path().to_string();
        problem(&path, error.inner())
    })?;
    json.end().map_err(|error| problem(".", &error))?;
    Ok(value)
}

fn problem(path: &str, error: &serde_json::Error) -> ApiProblem {
    match error.classify() {
        Category::Data => {
            let (field, message) = named(path, &error.to_string());
            ApiProblem::field(field, message)
        }
        // The library's words hold no values here, only what was expected and where.
        _ => ApiProblem::malformed(format!("The body is not valid JSON: {error}.")),
    }
}

/// The field an error is about, and the error without the library's position.
pub(super) fn named(path: &str, message: &str) -> (String, String) {
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    let within = |name: String| if path.is_empty() { name } else { format!("{path}.{name}") };
    if message.starts_with("missing field") {
        return (within(quoted(message)), "is missing".to_owned());
    }
    if message.starts_with("unknown field") {
        let name = quoted(message);
        let known = message.split_once(", ").map_or("no field is expected here", |(_, known)| known);
        let field = if path.rsplit('.').next() == Some(&name) { path.to_owned() } else { within(name) };
        return (field, format!("is unknown; {known}"));
    }
    if message.starts_with("duplicate field") {
        return (within(quoted(message)), "stands here twice".to_owned());
    }
    let field = if path.is_empty() { "(body)" } else { path };
    (field.to_owned(), message.to_owned())
}

/// PostgreSQL cannot keep U+0000 in a text; JSON can say it. Better a named field than an error of the database.
fn refuse_nul(bytes: &[u8]) -> ApiResult<()> {
    if !bytes.windows(6).any(|window| window == br"\u0000") {
        return Ok(());
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return Ok(()) };
    match nul_in(&value, String::new()) {
        Some(field) => Err(ApiProblem::fields(vec![FieldError::new(field, "must not contain the character U+0000")])),
        None => Ok(()),
    }
}

fn nul_in(value: &serde_json::Value, path: String) -> Option<String> {
    match value {
        serde_json::Value::String(text) => text.contains('\0').then_some(path),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_in(item, format!("{path}[{index}]")))
        }
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            if name.contains('\0') {
                return Some("(name of a field)".to_owned());
            }
            nul_in(item, if path.is_empty() { name.clone() } else { format!("{path}.{name}") })
        }),
        _ => None,
    }
}

/// For fields of a PATCH: absent is `None` (leave it), `null` is `Some(None)` (empty it).
pub(super) fn or_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(source).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "portalObjectId")]
        _id: String,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "ids", default)]
        _ids: Vec<Inner>,
        #[serde(rename = "rooms")]
        _rooms: Option<f64>,
    }

    fn error(body: &str) -> serde_json::Value {
        let response = format!("{:?}", read::<Outer>(body.as_bytes()).unwrap_err());
        serde_json::Value::String(response)
    }

    #[test]
    fn errors_name_the_field() {
        for (body, field, message) in [
            (r#"{"rooms":1,"colour":"red"}"#, "colour", "is unknown; expected"),
            (r#"{"rooms":"three"}"#, "rooms", "invalid type: string"),
            (r#"{"ids":[{"portalObjectId":"1"},{}]}"#, "ids[1].portalObjectId", "is missing"),
            (r#"{"ids":[{"portalObjectId":"1","x":1}]}"#, "ids[0].x", "is unknown"),
            (r#"{"ids":[{"portalObjectId":"a\u0000b"}]}"#, "ids[0].portalObjectId", "U+0000"),
            (r#"{"rooms":1,"rooms":2}"#, "rooms", "twice"),
            ("[]", "(body)", "expected an object"),
            (r#"[[],1]"#, "(body)", "expected an object"),
            (r#"{"ids":[{"portalObjectId":"1"},["2"]]}"#, "ids[1]", "expected an object"),
        ] {
            let shown = error(body).to_string();
            assert!(shown.contains(&format!(r#"field: \"{field}\""#)) && shown.contains(message), "{body} → {shown}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in ["", "{", "{} x", "{\"rooms\":}"] {
            assert!(error(body).to_string().contains("malformed-request"), "{body}");
        }
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_harmless() {
        assert!(read::<Outer>(br#"{"ids":[{"portalObjectId":"\\u0000"}]}"#).is_ok());
    }
}
