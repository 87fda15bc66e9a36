//! `POST /public/v1/ses`: where Amazon SNS posts what Amazon SES took in.
//!
//! Nobody signs in here: each delivery is signed itself (`integrations::ses`). The answer decides whether SNS sends it
//! again: 2xx after the commit, 5xx for what may work later, 4xx for what never will.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::domain::intake;

/// Its path, for what is counted by path.
pub(super) const PATH: &str = "/public/v1/ses";

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(deliver))
}

/// Take a delivery of Amazon SNS
///
/// For the topics in `ses.topics`: confirmations of subscriptions, and notifications of Amazon SES about mail that came in,
/// with the mail inside or in a bucket of S3. A delivery that comes twice is taken once.
#[utoipa::path(post, path = "/public/v1/ses", operation_id = "takeSesDelivery", tag = "intake",
    request_body(content = String, content_type = "text/plain", description = "As SNS posts it, with raw delivery switched off"),
    responses((status = 204, description = "All that was in it is stored; it need not come again"),
        (status = 400, response = ApiProblem), (status = 403, response = ApiProblem), (status = 404, response = ApiProblem),
        (status = 413, response = ApiProblem), (status = 422, response = ApiProblem), (status = 429, response = ApiProblem),
        (status = 500, response = ApiProblem), (status = 503, response = ApiProblem)))]
async fn deliver(State(app): State<App>, body: Bytes) -> ApiResult<StatusCode> {
    intake::take_delivery(&app, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
