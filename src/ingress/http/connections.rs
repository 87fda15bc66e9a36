//! `/connections`: mailboxes of the agency that are watched, how that goes, and trying one out.

mod view;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::ApiJson;
use super::once::Once;
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::secrets::{MOST_BYTES, secret};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::domain::connections::{self, Connection, ConnectionAuth, ConnectionId, ConnectionInput, ConnectionTls};
use crate::domain::intake::mailboxes::{self, Problem};
use crate::domain::secrets::{self as kept, SealedSecret};
use crate::domain::tenants;
use crate::ingress::imap::{self, CheckError, Target};
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

/// What is decided about a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectionBody {
    /// Server, as `imap.example.org`.
    host: String,
    /// Port; if left out 993, or 143 for `STARTTLS` and `NONE`.
    #[schema(minimum = 1)]
    port: Option<u16>,
    /// How the way to the server is kept private; `TLS` if left out.
    #[serde(default = "tls")]
    tls: ConnectionTls,
    /// Login, often the mail address.
    username: String,
    /// What the secret is; `PASSWORD` if left out.
    #[serde(default = "password")]
    auth: ConnectionAuth,
    /// The password or access token, 1 to 8000 bytes, kept exactly as it is. Needed for a new connection; if left out of a
    /// change, the one there is stays.
    #[serde(default, deserialize_with = "some_secret")]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretString>,
    /// Folder to watch; `INBOX` if left out.
    #[serde(default = "inbox")]
    folder: String,
    /// Take mail that arrived on this day or later, in the agency's time zone; if left out, only what arrives from the
    /// first look on. Moved back, older mail is taken as well; moved forward, nothing is taken back.
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Date>,
    /// Watch it; true if left out.
    #[serde(default = "yes")]
    active: bool,
}

fn tls() -> ConnectionTls {
    ConnectionTls::Tls
}

fn password() -> ConnectionAuth {
    ConnectionAuth::Password
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn yes() -> bool {
    true
}

fn some_secret<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<SecretString>, D::Error> {
    secret(source).map(Some)
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
/// With how watching them goes. Whoever operates this server may watch further mailboxes, which are not listed.
#[utoipa::path(get, path = "/connections", operation_id = "listConnections", tag = "connections", params(ListQuery),
    responses((status = 200, body = PageView<ConnectionView>, description = "A page of connections")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<ConnectionView>>> {
    caller.require_admin(WHAT)?;
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let found = connections::list(&mut conn, wanted).await?;
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
    let found = connections::find(&mut conn, id).await?.ok_or_else(|| ApiProblem::not_found("connection"))?;
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
    let (input, secret) = checked(body)?;
    let sealed = match secret {
        Some(secret) => Some(seal(&caller, id, &secret).await?),
        None => None,
    };
    let mut conn = caller.tenant_conn().await?;
    let changed = connections::replace(&mut conn, id, &input, sealed.as_ref(), caller.user.id, version).await?;
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
    let mut conn = caller.tenant_conn().await?;
    connections::remove(&mut conn, id, version).await?;
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

async fn seal(caller: &Caller, id: ConnectionId, secret: &SecretString) -> ApiResult<SealedSecret> {
    let name = connections::secret_name(id);
    Ok(kept::seal(&caller.app.vault, caller.user.tenant_id, name, secret).await?)
}

fn checked(body: ConnectionBody) -> ApiResult<(ConnectionInput, Option<SecretString>)> {
    let mut check = Check::new();
    let mut line = |field: &str, value: String| {
        check.line(field, Some(value)).unwrap_or_else(|| {
            check.wrong(field, "must not be empty");
            String::new()
        })
    };
    let host = line("host", body.host).to_ascii_lowercase();
    let username = line("username", body.username);
    let folder = line("folder", body.folder);
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte)) {
        check.wrong("host", "must be the name of a server, such as imap.example.org");
    }
    let port = body.port.unwrap_or(if body.tls == ConnectionTls::Tls { 993 } else { 143 });
    if port == 0 {
        check.wrong("port", "must be 1 to 65535");
    }
    if let Some(secret) = &body.secret
        && !(1..=MOST_BYTES).contains(&secret.expose_secret().len())
    {
        check.wrong("secret", format!("must have 1 to {MOST_BYTES} bytes"));
    }
    check.done()?;
    let ConnectionBody { tls, auth, secret, since, active, .. } = body;
    Ok((ConnectionInput { host, port, tls, username, auth, folder, since, active }, secret))
}
