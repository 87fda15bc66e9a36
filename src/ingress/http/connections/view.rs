//! What is told of a connection, and of how watching it goes.

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::connections::{
    Connection, ConnectionAuth, ConnectionId, ConnectionKind, ConnectionManager, ConnectionTls,
};
use crate::domain::intake::mailboxes::{self, Health, HealthState, MailboxChecks, Problem};

/// A watched mailbox, without its password.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectionView {
    /// Id.
    pub id: ConnectionId,
    /// What is connected.
    pub kind: ConnectionKind,
    /// Who decides about it; the agency cannot change what is the operator's.
    pub managed_by: ConnectionManager,
    /// Server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the way to the server is kept private.
    pub tls: ConnectionTls,
    /// Login.
    pub username: String,
    /// What the secret is.
    pub auth: ConnectionAuth,
    /// Folder that is watched.
    pub folder: String,
    /// Mail that arrived on this day or later is taken; null: only what arrives from the first look on.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// It is watched.
    pub active: bool,
    /// How it goes.
    pub health: HealthView,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How watching a mailbox goes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HealthView {
    /// In a word.
    pub state: HealthState,
    /// What is wrong, for programs.
    pub problem: Option<Problem>,
    /// What is wrong, for people.
    pub reason: Option<ReasonView>,
    /// Since when it is wrong.
    pub since: Option<Timestamp>,
    /// When the last check began that went through: logged in, opened the folder, and found in a search what is there.
    pub last_ok_at: Option<Timestamp>,
    /// Seconds since then.
    pub seconds_since_ok: Option<i64>,
    /// The last check, however it went.
    pub last_checked_at: Option<Timestamp>,
    /// The last failure in technical words; null after a check that went through.
    pub detail: Option<String>,
}

/// A sentence in two languages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonView {
    /// German.
    pub de: &'static str,
    /// English.
    pub en: &'static str,
}

impl From<Problem> for ReasonView {
    fn from(problem: Problem) -> Self {
        let (de, en) = problem.words();
        Self { de, en }
    }
}

/// All of it.
pub(super) fn view(app: &App, checks: &Option<MailboxChecks>, connection: Connection) -> ConnectionView {
    let input = connection.input;
    let now = app.clock.now();
    let longest = app.settings.imap.poll_seconds.max(app.settings.imap.idle_seconds);
    let pause = SignedDuration::from_secs(i64::try_from(longest).unwrap_or(i64::MAX));
    let health = match input.active {
        true => mailboxes::judge(checks.as_ref(), connection.updated_at, now, pause),
        false => Health { state: HealthState::Paused, problem: None, since: None },
    };
    let checks = checks.as_ref();
    let last_ok_at = checks.and_then(|checks| checks.last_ok_at);
    ConnectionView {
        id: connection.id,
        kind: connection.kind,
        managed_by: connection.managed_by,
        host: input.host,
        port: input.port,
        tls: input.tls,
        username: input.username,
        auth: input.auth,
        folder: input.folder,
        since: input.since,
        active: input.active,
        health: HealthView {
            state: health.state,
            problem: health.problem,
            reason: health.problem.map(ReasonView::from),
            since: health.since,
            last_ok_at,
            seconds_since_ok: last_ok_at.map(|at| now.0.duration_since(at.0).as_secs()),
            last_checked_at: checks.and_then(|checks| checks.last_checked_at),
            detail: checks.and_then(|checks| checks.last_error.clone()),
        },
        version: connection.version,
        created_at: connection.created_at,
        updated_at: connection.updated_at,
    }
}
