//! `/intake/test-address`: trying out whether mail arrives, and how.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::ApiId;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::intake::trial::{Arrival, MOST_HOURS, Route, TestAddress, TestAddressId, TestState};
use crate::domain::intake::{self, IntakeId, trial};

/// What is needed to make one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TestAddressInput {
    /// For how long it is good; 24 if left out.
    #[schema(minimum = 1, maximum = 72)]
    hours: Option<u8>,
}

/// An address for one test mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestAddressView {
    /// Id.
    pub id: TestAddressId,
    /// Where to send the test mail, or to have it forwarded to.
    pub address: String,
    /// Where the test mail has to take the usual way (a forward that is set up already, a watched mailbox): write this into
    /// its subject.
    pub subject_mark: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// What came of it.
    pub state: TestState,
    /// The test mail.
    pub arrival: Option<ArrivalView>,
}

/// A test mail that arrived.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArrivalView {
    /// When we took it.
    pub at: Timestamp,
    /// The mail, `IGNORED` as a test; null once it was forgotten.
    pub intake_message_id: Option<IntakeId>,
    /// How it came.
    #[serde(flatten)]
    pub route: Route,
}

impl From<Arrival> for ArrivalView {
    fn from(arrival: Arrival) -> Self {
        Self { at: arrival.at, intake_message_id: arrival.intake_message_id, route: arrival.route }
    }
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get))
}

const WHAT: &str = "test how mail arrives";

async fn view(conn: &mut TenantConn, app: &App, test: TestAddress) -> ApiResult<TestAddressView> {
    let own = intake::address(conn, app).await?;
    let (prefix, domain) = own.split_once('@').unwrap_or((&own, ""));
    let state = test.state(conn.now());
    Ok(TestAddressView {
        id: test.id,
        address: format!("{prefix}+{}@{domain}", test.mark),
        subject_mark: test.mark,
        created_at: test.created_at,
        expires_at: test.expires_at,
        state,
        arrival: test.arrival.map(ArrivalView::from),
    })
}

/// Make a test address
///
/// It is good for one mail. Send one to it, or have one sent or forwarded the way portal mail will come, with `subjectMark`
/// in its subject; then read what arrived. The stream of events says when (`TEST_ADDRESS`). A test mail becomes no lead.
#[utoipa::path(post, path = "/intake/test-address", operation_id = "createTestAddress", tag = "intake",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = TestAddressInput,
    responses((status = 201, body = TestAddressView, description = "Made"), (status = 403, response = ApiProblem), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<TestAddressInput>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let hours = body.hours.unwrap_or(24);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(ApiProblem::field("hours", format!("must be between 1 and {MOST_HOURS}")));
    }
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let made = trial::create(&mut conn, caller.user.id, hours).await?;
    let location = format!("/api/v1/intake/test-address/{}", made.id);
    let view = view(&mut conn, &caller.app, made).await?;
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read what came to a test address
#[utoipa::path(get, path = "/intake/test-address/{testAddressId}", operation_id = "getTestAddress", tag = "intake",
    params(("testAddressId" = TestAddressId, Path, description = "Test address")),
    responses((status = 200, body = TestAddressView, description = "The address, and its mail"), (status = 403, response = ApiProblem)))]
async fn get(caller: Caller, ApiId(id): ApiId<TestAddressId>) -> ApiResult<Json<TestAddressView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let test = trial::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("test address"))?;
    Ok(Json(view(&mut conn, &caller.app, test).await?))
}
