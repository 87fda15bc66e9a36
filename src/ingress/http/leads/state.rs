//! What a human may do to a lead's state. What is allowed when is decided by `domain/leads/state.rs`.

use serde::Deserialize;
use utoipa::ToSchema;

use super::view::LeadView;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::leads::{self, Lead, LeadError, LeadId};
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::json::ApiJson;
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::ApiId;
use crate::ingress::http::version::Versioned;

/// Why a lead is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CloseLead {
    /// In one line: `let to somebody else`, `no answer on the phone` …
    reason: String,
}

async fn locked(caller: &Caller, id: LeadId) -> ApiResult<(TenantConn, Lead)> {
    let mut conn = caller.tenant_conn().await?;
    let lead = leads::lock(&mut conn, id, caller.viewer()).await?.ok_or(LeadError::NotFound)?;
    Ok((conn, lead))
}

async fn kept(conn: TenantConn, lead: Lead) -> ApiResult<Versioned<LeadView>> {
    conn.commit().await?;
    Ok(Versioned(lead.version, lead.into()))
}

/// Close a lead
///
/// A viewing that is still to come is cancelled, with a mail to the prospect; open tasks are no longer needed.
#[utoipa::path(post, path = "/leads/{leadId}/close", operation_id = "closeLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")), request_body = CloseLead,
    responses((status = 200, body = LeadView, description = "LOST now"), (status = 409, response = ApiProblem)))]
pub(super) async fn close(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    ApiJson(body): ApiJson<CloseLead>,
) -> ApiResult<Versioned<LeadView>> {
    let mut check = Check::new();
    let reason = check.line("reason", Some(body.reason));
    if reason.is_none() {
        check.wrong("reason", "must not be empty");
    }
    check.done()?;
    let (mut conn, mut lead) = locked(&caller, id).await?;
    assistant::close(&mut conn, &caller.app, &caller.user, &mut lead, &reason.unwrap_or_default()).await?;
    kept(conn, lead).await
}

/// Open a lost lead again
#[utoipa::path(post, path = "/leads/{leadId}/reopen", operation_id = "reopenLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")),
    responses((status = 200, body = LeadView, description = "In CONVERSATION again"), (status = 409, response = ApiProblem)))]
pub(super) async fn reopen(caller: Caller, ApiId(id): ApiId<LeadId>) -> ApiResult<Versioned<LeadView>> {
    let (mut conn, mut lead) = locked(&caller, id).await?;
    assistant::reopen(&mut conn, &caller.user, &mut lead).await?;
    kept(conn, lead).await
}

/// Stop automation for a lead
#[utoipa::path(post, path = "/leads/{leadId}/pause", operation_id = "pauseLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")),
    responses((status = 200, body = LeadView, description = "PAUSED now"), (status = 409, response = ApiProblem)))]
pub(super) async fn pause(caller: Caller, ApiId(id): ApiId<LeadId>) -> ApiResult<Versioned<LeadView>> {
    let (mut conn, mut lead) = locked(&caller, id).await?;
    leads::pause(&mut conn, &mut lead, caller.user.id).await?;
    kept(conn, lead).await
}

/// Give a lead back to the system
#[utoipa::path(post, path = "/leads/{leadId}/resume", operation_id = "resumeLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead")),
    responses((status = 200, body = LeadView, description = "ACTIVE now"), (status = 409, response = ApiProblem)))]
pub(super) async fn resume(caller: Caller, ApiId(id): ApiId<LeadId>) -> ApiResult<Versioned<LeadView>> {
    let (mut conn, mut lead) = locked(&caller, id).await?;
    assistant::resume(&mut conn, &caller.user, &mut lead).await?;
    kept(conn, lead).await
}
