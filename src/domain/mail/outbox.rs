//! The outbox: mails that are on their way, were accepted, or could not be sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::ids::{TenantId, new_id};
use crate::jobs::{self, Placement};

code! {
    /// Where a mail stands.
    OutboxState { /// Waiting or being tried.
        Queued = "QUEUED", /// A provider accepted it.
        Sent = "SENT", /// Given up.
        Failed = "FAILED", /// Withdrawn before it went out.
        Cancelled = "CANCELLED" }
}

/// A mail to be sent.
#[derive(Debug, Clone, Default)]
pub struct NewMail {
    /// The lead it is about.
    pub lead_id: Option<Uuid>,
    /// The message it delivers; one mail per message.
    pub message_id: Option<Uuid>,
    /// `Message-ID` without brackets; `None` makes one.
    pub rfc_message_id: Option<String>,
    /// Sender.
    pub from: (String, String),
    /// Recipient: name and address.
    pub to: (Option<String>, String),
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML; `None` sends plain text only.
    pub html: Option<String>,
    /// An iCalendar object and its method.
    pub calendar: Option<(String, &'static str)>,
    /// `Message-ID` it answers, without brackets.
    pub in_reply_to: Option<String>,
    /// The thread, oldest first, without brackets.
    pub references: Vec<String>,
    /// Made by a machine without a human's approval (RFC 3834).
    pub auto_submitted: bool,
    /// Where whoever gets it can end such mails; for mails nobody asked for.
    pub unsubscribe_url: Option<String>,
    /// Jobs of the same serial name run one after another.
    pub serial: Option<String>,
    /// Not before this much time has passed.
    pub delay: std::time::Duration,
}

/// A mail in the outbox.
#[derive(Debug, Clone)]
pub struct OutboxMail {
    /// Id.
    pub id: Uuid,
    /// The lead it is about.
    pub lead_id: Option<Uuid>,
    /// The message it delivers.
    pub message_id: Option<Uuid>,
    /// `Message-ID` without brackets.
    pub rfc_message_id: String,
    /// Sender's name.
    pub from_name: String,
    /// Sender's address.
    pub from_address: String,
    /// Recipient's name.
    pub to_name: Option<String>,
    /// Recipient's address.
    pub to_address: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: Option<String>,
    /// iCalendar object.
    pub calendar: Option<String>,
    /// Its method.
    pub calendar_method: Option<String>,
    /// `Message-ID` it answers.
    pub in_reply_to: Option<String>,
    /// The thread.
    pub reference_ids: Vec<String>,
    /// Made by a machine.
    pub auto_submitted: bool,
    /// Where whoever gets it can end such mails.
    pub unsubscribe_url: Option<String>,
    /// Where it stands.
    pub state: OutboxState,
    /// When it was written; its `Date`.
    pub created_at: Timestamp,
}

/// Job `mail.deliver`: hands one mail to the provider. Implemented in `conversations/deliver.rs`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deliver {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Mail.
    pub mail_id: Uuid,
}

/// Puts a mail into the outbox and its delivery into the queue, both as part of this transaction.
///
/// # Errors
/// When the database cannot do it.
pub async fn queue(conn: &mut TenantConn, mail: &NewMail) -> Result<Uuid, sqlx::Error> {
    let id = new_id();
    let domain = mail.from.1.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let rfc_message_id = mail.rfc_message_id.clone().unwrap_or_else(|| format!("{id}@{domain}"));
    sqlx::query!(
        "/* mail.queue */
         INSERT INTO outbox (id, tenant_id, lead_id, message_id, rfc_message_id, from_name, from_address, to_name, to_address,
                             reply_to, subject, text, html, calendar, calendar_method, in_reply_to, reference_ids,
                             auto_submitted, created_at, unsubscribe_url)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        id,
        conn.tenant().0,
        mail.lead_id,
        mail.message_id,
        rfc_message_id,
        mail.from.0,
        mail.from.1,
        mail.to.0,
        mail.to.1,
        mail.reply_to,
        mail.subject,
        mail.text,
        mail.html,
        mail.calendar.as_ref().map(|(text, _)| text.as_str()),
        mail.calendar.as_ref().map(|(_, method)| *method),
        mail.in_reply_to,
        &mail.references,
        mail.auto_submitted,
        conn.now() as _,
        mail.unsubscribe_url,
    )
    .execute(conn.sql())
    .await?;
    let placement = Placement { serial: mail.serial.clone(), ..Placement::default() }.after(mail.delay);
    let job = Deliver { tenant_id: conn.tenant(), mail_id: id };
    jobs::enqueue(conn, &job, placement.keyed(format!("mail.deliver:{id}"))).await?;
    Ok(id)
}

macro_rules! outbox_where {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            OutboxMail,
            r#"SELECT id, lead_id, message_id, rfc_message_id, from_name, from_address, to_name, to_address, reply_to, subject,
                      text, html, calendar, calendar_method, in_reply_to, reference_ids, auto_submitted, unsubscribe_url,
                      state AS "state: OutboxState", created_at
               FROM outbox WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One mail.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read(conn: &mut TenantConn, id: Uuid) -> Result<Option<OutboxMail>, sqlx::Error> {
    let tenant = conn.tenant();
    outbox_where!("tenant_id = $1 AND id = $2", tenant.0, id).fetch_optional(conn.sql()).await
}

/// One mail, and nobody else works on it until this transaction ends.
///
/// # Errors
/// When the database cannot be asked.
pub async fn lock(conn: &mut TenantConn, id: Uuid) -> Result<Option<OutboxMail>, sqlx::Error> {
    let tenant = conn.tenant();
    outbox_where!("tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id).fetch_optional(conn.sql()).await
}

/// Writes how a mail ended, or (still `QUEUED`) that an attempt failed.
///
/// # Errors
/// When the database cannot do it.
pub async fn finish(
    conn: &mut TenantConn,
    id: Uuid,
    state: OutboxState,
    provider_id: Option<&str>,
    error: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* mail.finish */
         UPDATE outbox SET state = $3, provider_id = $4, last_error = $5,
                           attempts = attempts + CASE WHEN $3 = 'CANCELLED' THEN 0 ELSE 1 END,
                           finished_at = CASE WHEN $3 = 'QUEUED' THEN NULL ELSE $6::timestamptz END
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id,
        state as _,
        provider_id,
        error,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Gives a failed mail another round of attempts, with the same Message-ID.
///
/// # Errors
/// When the database cannot do it.
pub async fn requeue(conn: &mut TenantConn, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* mail.requeue */ UPDATE outbox SET state = 'QUEUED', finished_at = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'FAILED'",
        conn.tenant().0,
        id,
    )
    .execute(conn.sql())
    .await?;
    let job = Deliver { tenant_id: conn.tenant(), mail_id: id };
    jobs::enqueue(conn, &job, Placement::default().keyed(format!("mail.deliver:{id}"))).await
}

/// Sends a failed mail to another address when it is tried again.
///
/// # Errors
/// When the database cannot do it.
pub async fn redirect(conn: &mut TenantConn, id: Uuid, address: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* mail.redirect */ UPDATE outbox SET to_address = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'FAILED'",
        conn.tenant().0,
        id,
        address,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Name and address of the sender of notifications, from `Name <address>`.
#[must_use]
pub fn system_sender(setting: &str) -> (String, String) {
    match setting.split_once('<') {
        Some((name, address)) => (name.trim().to_owned(), address.trim_end_matches('>').trim().to_owned()),
        None => ("Immivo".to_owned(), setting.trim().to_owned()),
    }
}
