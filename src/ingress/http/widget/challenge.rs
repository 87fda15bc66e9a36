//! The work a browser does before its enquiry is taken.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::page::Page;
use crate::app::App;
use crate::domain::widget_keys::{challenge, work};
use crate::ingress::http::problem::{ApiProblem, ApiResult};

/// What is to be done before an enquiry is sent. For each part, counted from 0, find a number such that the SHA-256 of the
/// bytes of `id`, the part and the number (both 32 bits, big-endian) begins with `bits` zero bits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChallengeView {
    /// To be sent back with the enquiry; good for one.
    pub challenge: String,
    /// What the work is done on.
    pub id: Uuid,
    /// Zero bits in front of each hash.
    pub bits: u8,
    /// Numbers to be found.
    pub parts: usize,
    /// An enquiry sent sooner after this is taken for a program's, seconds.
    pub wait_seconds: i64,
    /// How long the challenge is good, seconds.
    pub good_for_seconds: i64,
}

/// Get a challenge
///
/// For a page whose origin the key allows. An enquiry is sent with a challenge and the numbers found for it.
#[utoipa::path(get, path = "/public/v1/widget/{widgetKey}/challenge", operation_id = "getWidgetChallenge", tag = "widget",
    params(("widgetKey" = String, Path, description = "Public id of a widget key"),
        ("Origin" = Option<String>, Header, description = "Set by browsers: the page that asks")),
    responses((status = 200, body = ChallengeView, description = "A new challenge"),
        (status = 403, response = ApiProblem), (status = 404, response = ApiProblem),
        (status = 429, response = ApiProblem), (status = 500, response = ApiProblem), (status = 503, response = ApiProblem)))]
pub(super) async fn challenge(
    State(app): State<App>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let page = Page::find(&app, key, &headers).await?;
    let bits = app.settings.widget.work_bits;
    let given = challenge::give(&app.links, &page.key, bits, app.clock.now());
    let view = ChallengeView {
        challenge: given.token,
        id: given.id,
        bits,
        parts: work::PARTS,
        wait_seconds: challenge::LEAST_AGE.as_secs(),
        good_for_seconds: challenge::GOOD_FOR.as_secs(),
    };
    Ok(page.answer(Ok(Json(view).into_response())))
}
