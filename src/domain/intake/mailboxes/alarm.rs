//! The alarm of a mailbox that needs somebody.
//!
//! Always true: one outage is told once, however often it is looked at and whoever settled its task meanwhile; the task is
//! closed by the first check that goes through, and when nobody wants the mailbox watched any more.

use serde_json::json;

use super::Problem;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::connections::{self, ConnectionId};
use crate::domain::tasks::{self, NewAlarm, TaskKind};

/// Raises it. `connection` is whose mailbox it is; `None`: the operator's, by the settings.
pub(super) async fn raise(
    conn: &mut TenantConn,
    mailbox: &str,
    connection: Option<ConnectionId>,
    problem: Problem,
    since: Timestamp,
) -> Result<(), sqlx::Error> {
    if let Some(id) = connection
        && !connections::hold_watched(conn, id, mailbox).await?
    {
        return Ok(()); // removed or paused while its last check was under way
    }
    let since = json!(since);
    let told = tasks::last_about(conn, TaskKind::MailboxTrouble, mailbox).await?;
    if told.is_some_and(|task| task.details["since"] == since) {
        return Ok(());
    }
    let (german, english) = problem.words();
    let alarm = NewAlarm {
        kind: TaskKind::MailboxTrouble,
        subject: mailbox.to_owned(),
        title: format!("Postfach {mailbox} wird nicht abgerufen"),
        details: json!({
            "mailbox": mailbox,
            "connectionId": connection,
            "problem": problem,
            "since": since,
            "de": german,
            "en": english,
        }),
    };
    tasks::alarm(conn, &alarm).await
}

/// Closes it: a check went through, or nobody wants the mailbox watched any more.
///
/// # Errors
/// When the database cannot do it.
pub async fn settle(conn: &mut TenantConn, mailbox: &str) -> Result<(), sqlx::Error> {
    tasks::settle_about(conn, TaskKind::MailboxTrouble, mailbox).await
}
