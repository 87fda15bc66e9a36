//! `/connections`: mailboxes of the agency that are watched, how that goes, and trying one out.

mod body;
mod view;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::json::ApiJson;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::connections::{self, Connection, ConnectionId, Replaced};
use crate::domain::intake::mailboxes::{self, Problem};
use crate::domain::secrets::{self as kept, SealedSecret};
use crate::domain::tenants;
use crate::ingress::imap::{self, CheckError, Target};
use body::{ConnectionBody, checked};
use view::{ConnectionView, ReasonView, view};

/// How a test went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestView {
    /// The mailbox can be watched.
    ok: bool,
    /// What is wrong, for programs.
    problem: Option<Problem>,
    /// What is wrong, for people.
    reason: Option<ReasonView>,
    /// What is wrong, in technical words.
    detail: Option<String>,
    /// Mails in the folder.
    mails: Option<u32>,
    /// The server tells of new mail by itself (IDLE), so it becomes a lead at once.
    tells_of_mail: Option<bool>,
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

const WHAT: &str = "see and change connections";

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, replace, remove)).routes(routes!(test))
}

/// List connections, newest first
///
/// With how watching them goes. At the end are those that whoever operates this server watches for the agency.
#[utoipa::path(get, path = "/connections", operation_id = "listConnections", tag = "connections", params(ListQuery),
    responses((status = 200, body = PageView<ConnectionView>, description = "A page of connections")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<ConnectionView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let of_operator = of_operator(&caller, &mut conn).await?;
    let found = connections::list(&mut conn, of_operator, wanted).await?;
    let names: Vec<String> = found.items.iter().map(Connection::mailbox).collect();
    let checks = mailboxes::checks(&mut conn, &names).await?;
    Ok(Json(found.map(|connection| view(&caller.app, &checks.get(&connection.mailbox()).cloned(), connection)).into()))
}

/// Make a connection
///
/// It is watched within seconds; try it with `POST /connections/{connectionId}/test`.
#[utoipa::path(post, path = "/connections", operation_id = "createConnection", tag = "connections",
    params(("Idempotency-Key" = Option<String>, Header, description = "Yours; the same request with the same key counts once")), request_body = ConnectionBody,
    responses((status = 201, body = ConnectionView, description = "Made"), (status = 409, response = ApiProblem)))]
async fn create(caller: Caller, Once { body, key }: Once<ConnectionBody>) -> ApiResult<Response> {
    caller.require_admin(WHAT)?;
    let (input, secret) = checked(body)?;
    let secret = secret.ok_or_else(|| ApiProblem::field("secret", "is needed for a new connection"))?;
    let id = ConnectionId::new();
    let sealed = seal(&caller, id, &secret).await?;
    let mut conn = caller.tenant_conn().await?;
    if let Some(answer) = key.answered(&mut conn, &caller).await? {
        return Ok(answer);
    }
    let made = connections::create(&mut conn, id, &input, &sealed, caller.user.id).await?;
    let checks = mailboxes::checks(&mut conn, &[made.mailbox()]).await?.remove(&made.mailbox());
    let location = format!("/api/v1/connections/{id}");
    let view = view(&caller.app, &checks, made);
    let answer = key.keep(&mut conn, &caller, StatusCode::CREATED, Some(location), &view).await?;
    conn.commit().await?;
    Ok(answer)
}

/// Read a connection
#[utoipa::path(get, path = "/connections/{connectionId}", operation_id = "getConnection", tag = "connections",
    params(("connectionId" = ConnectionId, Path, description = "Connection")),
    responses((status = 200, body = ConnectionView, description = "The connection")))]
async fn get(caller: Caller, ApiId(id): ApiId<ConnectionId>) -> ApiResult<Versioned<ConnectionView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let found = match connections::find(&mut conn, id).await? {
        Some(found) => found,
        None => operators(&caller, &mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("connection"))?,
    };
    let checks = mailboxes::checks(&mut conn, &[found.mailbox()]).await?.remove(&found.mailbox());
    Ok(Versioned(found.version, view(&caller.app, &checks, found)))
}

/// Replace what is decided about a connection
///
/// It counts within seconds.
#[utoipa::path(put, path = "/connections/{connectionId}", operation_id = "replaceConnection", tag = "connections",
    params(("connectionId" = ConnectionId, Path, description = "Connection"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = ConnectionBody,
    responses((status = 200, body = ConnectionView, description = "Replaced"), (status = 409, response = ApiProblem)))]
async fn replace(
    caller: Caller,
    ApiId(id): ApiId<ConnectionId>,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<ConnectionBody>,
) -> ApiResult<Versioned<ConnectionView>> {
    caller.require_admin(WHAT)?;
    // With another server but the secret that is there, that server would be told the mailbox's password.
    caller.require_themselves()?;
    not_operators(&caller, id).await?;
    let (input, secret) = checked(body)?;
    let sealed = match secret {
        Some(secret) => Some(seal(&caller, id, &secret).await?),
        None => None,
    };
    let mut conn = caller.tenant_conn().await?;
    let Replaced { before, after: changed } =
        connections::replace(&mut conn, id, &input, sealed.as_ref(), caller.user.id, version).await?;
    if !changed.input.active || changed.mailbox() != before.mailbox() {
        mailboxes::settle(&mut conn, &before.mailbox()).await?;
    }
    let checks = mailboxes::checks(&mut conn, &[changed.mailbox()]).await?.remove(&changed.mailbox());
    conn.commit().await?;
    Ok(Versioned(changed.version, view(&caller.app, &checks, changed)))
}

/// Remove a connection
///
/// It is watched no more within seconds, and its secret is forgotten. Mail that was taken stays.
#[utoipa::path(delete, path = "/connections/{connectionId}", operation_id = "removeConnection", tag = "connections",
    params(("connectionId" = ConnectionId, Path, description = "Connection"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    responses((status = 204, description = "Removed")))]
async fn remove(caller: Caller, ApiId(id): ApiId<ConnectionId>, IfMatch(version): IfMatch) -> ApiResult<StatusCode> {
    caller.require_admin(WHAT)?;
    not_operators(&caller, id).await?;
    let mut conn = caller.tenant_conn().await?;
    let gone = connections::remove(&mut conn, id, version).await?;
    mailboxes::settle(&mut conn, &gone.mailbox()).await?;
    conn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a connection out
///
/// Connects, logs in, opens the folder and searches it, now and within 15 seconds. Takes no mail.
#[utoipa::path(post, path = "/connections/{connectionId}/test", operation_id = "testConnection", tag = "connections",
    params(("connectionId" = ConnectionId, Path, description = "Connection")),
    responses((status = 200, body = TestView, description = "How it went")))]
async fn test(caller: Caller, ApiId(id): ApiId<ConnectionId>) -> ApiResult<Json<TestView>> {
    caller.require_admin(WHAT)?;
    let mut conn = caller.tenant_conn().await?;
    let found = connections::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("connection"))?;
    let time_zone = tenants::current(&mut conn).await?.time_zone;
    drop(conn);
    let target = Target::of_connection(caller.user.tenant_id, &time_zone, &found);
    let view = match imap::probe(&caller.app, &target).await {
        Ok(found) => TestView {
            ok: true,
            problem: None,
            reason: None,
            detail: None,
            mails: Some(found.mails),
            tells_of_mail: Some(found.tells_of_mail),
        },
        Err(CheckError::Database(error)) => return Err(error.into()),
        Err(error) => {
            let problem = error.problem().unwrap_or(Problem::Internal);
            let (reason, detail) = (Some(problem.into()), Some(error.to_string()));
            TestView { ok: false, problem: Some(problem), reason, detail, mails: None, tells_of_mail: None }
        }
    };
    Ok(Json(view))
}

/// The mailboxes that the operator watches for the caller's agency.
async fn of_operator(caller: &Caller, conn: &mut TenantConn) -> ApiResult<Vec<Connection>> {
    let mailboxes = &caller.app.settings.imap.mailboxes;
    if mailboxes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(connections::of_operator(mailboxes, &tenants::current(conn).await?))
}

async fn operators(caller: &Caller, conn: &mut TenantConn, id: ConnectionId) -> ApiResult<Option<Connection>> {
    Ok(of_operator(caller, conn).await?.into_iter().find(|connection| connection.id == id))
}

/// Refuses to change what is the operator's.
async fn not_operators(caller: &Caller, id: ConnectionId) -> ApiResult<()> {
    let mut conn = caller.tenant_conn().await?;
    match operators(caller, &mut conn, id).await? {
        Some(_) => {
            Err(ApiProblem::forbidden("Whoever operates this server watches this mailbox; ask them to change it."))
        }
        None => Ok(()),
    }
}

async fn seal(caller: &Caller, id: ConnectionId, secret: &SecretString) -> ApiResult<SealedSecret> {
    let name = connections::secret_name(id);
    Ok(kept::seal(&caller.app.vault, caller.user.tenant_id, name, secret).await?)
}
