//! `POST /intake/raw`: a mail from whatever forwards mail by HTTP instead of SMTP.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt as _;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::address;
use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::domain::intake::{self, Door, IntakeId, Received};

const FROM: &str = "x-envelope-from";
const TO: &str = "x-envelope-to";

/// What a mail that was handed in became.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HandedInView {
    /// The incoming mail; see `GET /api/v1/intake/messages/{intakeMessageId}`.
    pub id: IntakeId,
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(hand_in))
}

/// Hand in a mail
///
/// As it came, with its header: up to `smtp.max_message_bytes` bytes. It is stored when this answers, and read soon after.
/// The same bytes once more are the mail that is there already, so a request may be repeated.
#[utoipa::path(post, path = "/intake/raw", operation_id = "handInMail", tag = "intake",
    params(("X-Envelope-From" = Option<String>, Header, description = "Who sent it, as SMTP's MAIL FROM says; empty for bounces"),
        ("X-Envelope-To" = Option<String>, Header, description = "To which address it came; left out: the agency's intake address")),
    request_body(content = Vec<u8>, content_type = "message/rfc822", description = "The mail"),
    responses((status = 202, body = HandedInView, description = "Stored"), (status = 403, response = ApiProblem)))]
async fn hand_in(caller: Caller, request: Request) -> ApiResult<(StatusCode, Json<HandedInView>)> {
    // Before the body, which may be large.
    caller.require_admin("hand in mail")?;
    let mail = RawMail::read(request, &caller.app).await?;
    if !intake::is_mail(&mail.raw) {
        return Err(ApiProblem::field("(body)", "is no mail: it has no header with a From"));
    }
    let mut conn = caller.tenant_conn().await?;
    let to = match mail.to {
        Some(to) => to,
        None => intake::address(&mut conn, &caller.app).await?,
    };
    let received = Received {
        door: Door::Api,
        peer: &mail.peer,
        envelope_from: &mail.from.unwrap_or_default(),
        envelope_to: &to,
        authentication: None,
        raw: &mail.raw,
    };
    let id = intake::receive(&mut conn, received).await?;
    conn.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(HandedInView { id })))
}

/// A mail in a request.
#[derive(Debug)]
struct RawMail {
    raw: Vec<u8>,
    from: Option<String>,
    to: Option<String>,
    /// Whose request it was: an IP address.
    peer: String,
}

impl RawMail {
    async fn read(request: Request, app: &App) -> ApiResult<Self> {
        let headers = request.headers();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("message/rfc822") {
            return Err(ApiProblem::wrong_type("message/rfc822"));
        }
        let from = envelope_address(headers, FROM)?;
        let to = envelope_address(headers, TO)?;
        let peer = address::client(request.extensions(), headers, &app.settings.http.trusted_proxies).to_string();
        let raw = body(request.into_body(), app.settings.smtp.max_message_bytes).await?;
        Ok(Self { raw, from, to, peer })
    }
}

/// The address in a header; `None` when it is not there or empty.
fn envelope_address(headers: &HeaderMap, name: &str) -> ApiResult<Option<String>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let wrong = || ApiProblem::malformed(format!("The header {name} must be an e-mail address without a name."));
    let text = value.to_str().map_err(|_| wrong())?.trim();
    let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<lettre::Address>().map(|address| Some(address.to_string())).map_err(|_| wrong())
}

/// The body of a request, up to the size of a mail.
async fn body(body: Body, most: usize) -> ApiResult<Vec<u8>> {
    let mut stream = body.into_data_stream();
    let mut raw = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| ApiProblem::malformed("The body did not arrive as a whole."))?;
        if raw.len() + piece.len() > most {
            return Err(ApiProblem::larger_than("smtp.max_message_bytes"));
        }
        raw.extend_from_slice(&piece);
    }
    Ok(raw)
}
