//! `/audit`: who changed what. For administrators; nobody changes it.

use axum::Json;
use axum::body::Body;
use axum::response::Response;
use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::caller::Caller;
use super::download::download_stream;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiQuery, PageView, page};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Error;
use crate::domain::audit::{self, AuditEvent, AuditFilter, AuditId};
use crate::domain::page::{Cursor, PageRequest};
use crate::domain::users::UserId;
use crate::ids::TenantId;

/// One change somebody made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEventView {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// `USER` (one of the agency's people), `KEY` (a key for programs) or `STAFF` (the platform's people).
    pub actor: String,
    /// Which key, or which of the platform's people.
    pub actor_id: Option<String>,
    /// Which of the agency's people, or in whose name.
    pub user_id: Option<UserId>,
    /// `insert`, `update`, `delete`, or the verb of what no row shows.
    pub action: String,
    /// What was changed: the name of a table.
    pub entity: String,
    /// Its id.
    pub entity_id: Uuid,
    /// Request it happened in.
    pub request_id: Option<String>,
    /// Changed columns as they were. `***` stands for a secret, `(erased)` for data of an erased person.
    #[schema(value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// The same columns afterwards.
    #[schema(value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
    /// What else is to be said of it.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            actor: event.actor,
            actor_id: event.actor_id,
            user_id: event.user_id,
            action: event.action,
            entity: event.entity,
            entity_id: event.entity_id,
            request_id: event.request_id,
            before: event.before,
            after: event.after,
            details: event.details,
        }
    }
}

/// Which changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Name of a table: `leads`, `users` …
    entity: Option<String>,
    /// Id of what was changed.
    entity_id: Option<Uuid>,
    /// Who changed it.
    user_id: Option<UserId>,
    /// `insert`, `update`, `delete` …
    action: Option<String>,
    /// At this time or later.
    from: Option<Timestamp>,
    /// Before this time.
    to: Option<Timestamp>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Which changes, all of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// Name of a table: `leads`, `users` …
    entity: Option<String>,
    /// Id of what was changed.
    entity_id: Option<Uuid>,
    /// Who changed it.
    user_id: Option<UserId>,
    /// `insert`, `update`, `delete` …
    action: Option<String>,
    /// At this time or later.
    from: Option<Timestamp>,
    /// Before this time.
    to: Option<Timestamp>,
}

/// Its routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

const MAY: &str = "read the audit log";

/// List changes, newest first
#[utoipa::path(get, path = "/audit", operation_id = "listAuditEvents", tag = "audit", params(ListQuery),
    responses((status = 200, body = PageView<AuditEventView>, description = "A page of changes"), (status = 403, response = ApiProblem)))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<AuditEventView>>> {
    caller.require_admin(MAY)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let filter = AuditFilter {
        entity: query.entity,
        entity_id: query.entity_id,
        user_id: query.user_id,
        action: query.action,
        from: query.from,
        to: query.to,
    };
    let mut conn = caller.tenant_conn().await?;
    Ok(Json(audit::list(&mut conn, &filter, wanted).await?.map(AuditEventView::from).into()))
}

/// Download changes, newest first
///
/// One JSON object per line, as in the list. What is changed while the download runs is not in it.
#[utoipa::path(get, path = "/audit/export", operation_id = "exportAuditEvents", tag = "audit", params(ExportQuery),
    responses((status = 200, content_type = "application/x-ndjson", body = String, description = "All of them"), (status = 403, response = ApiProblem)))]
async fn export(caller: Caller, ApiQuery(query): ApiQuery<ExportQuery>) -> ApiResult<Response> {
    caller.require_admin(MAY)?;
    let filter = AuditFilter {
        entity: query.entity,
        entity_id: query.entity_id,
        user_id: query.user_id,
        action: query.action,
        from: query.from,
        to: query.to,
    };
    let today = caller.app.clock.now();
    let lines = Lines { app: caller.app, tenant: caller.user.tenant_id, filter, after: None };
    let pages = futures::stream::try_unfold(Some(lines), |rest| async move {
        match rest {
            Some(lines) => lines.next().await.map(Some),
            None => Ok(None),
        }
    });
    let pages = pages.inspect_err(|error: &Error| tracing::error!(%error, "a download of the audit log ended early"));
    let name = format!("audit-{}.ndjson", today.strftime("%Y-%m-%d"));
    Ok(download_stream(&name, "application/x-ndjson", Body::from_stream(pages)))
}

/// Changes fetched at once: the download holds no more of them in memory.
const AT_ONCE: u16 = 500;

/// The rest of a download.
struct Lines {
    app: App,
    tenant: TenantId,
    filter: AuditFilter,
    after: Option<Cursor>,
}

impl Lines {
    /// The next piece and what comes after it. Each piece is a transaction of its own: a client that reads slowly holds
    /// no connection.
    async fn next(mut self) -> Result<(String, Option<Self>), Error> {
        let mut conn = self.app.db.tenant(self.tenant).await?;
        let page = audit::list(&mut conn, &self.filter, PageRequest { after: self.after, limit: AT_ONCE }).await?;
        drop(conn);
        let mut text = String::new();
        for event in page.items {
            text.push_str(
                &serde_json::to_string(&AuditEventView::from(event)).map_err(|error| Error::Encode(error.into()))?,
            );
            text.push('\n');
        }
        self.after = page.next;
        Ok((text, self.after.is_some().then_some(self)))
    }
}
