//! What is held of people: given out, erased, forgotten after its time.

mod audit;
mod erasure;
mod export;
mod meanwhile;
mod retention;
mod tenant;
mod tenant_export;

use immivo::domain::conversations::{self, Inbound};
use immivo::domain::leads::{self, LeadId};
use serde_json::{Value, json};

use crate::journey::{Stage, willhaben};
use crate::support::{Agency, TestApp};

/// The person who is to be forgotten, and everything that would betray it.
pub(super) const EMAIL: &str = "quitte@example.org";
pub(super) const TRACES: [&str; 8] = [
    "Quittenbaum",
    "Zacharias",
    "quitte@example.org",
    "zq@privat.example.org",
    "6645559876",
    "555 98 76",
    "Sonnenuhr",
    "quitte-selfie",
];

/// The person's enquiry, as the portal sends it.
pub(super) fn enquiry(message: &str) -> String {
    willhaben("Zacharias Quittenbaum", EMAIL, message).replace("0664 5550123", "0664 555 98 76")
}

/// A mail from anybody, at the door.
pub(super) async fn post(stage: &Stage, from: &str, raw: &str) {
    let raw = raw.replace("\r\n", "\n").replace('\n', "\r\n");
    let reply = stage.post(from, "wien@intake.immivo.test", raw.as_bytes()).await;
    assert!(reply.unwrap().starts_with("250"));
    stage.test.run_jobs().await;
}

/// The newest lead of this family name.
pub(super) async fn lead_of(stage: &Stage, name: &str) -> LeadId {
    stage.leads().await.into_iter().find(|lead| lead.last_name.as_deref() == Some(name)).unwrap().id
}

/// Mails of a lead, with their raw bytes, written as rows.
pub(super) async fn many_mails(app: &TestApp, agency: &Agency, lead: LeadId, count: usize) {
    let mut conn = app.tenant_conn(agency).await;
    let mut lead = leads::by_id(&mut conn, lead).await.unwrap();
    for number in 0..count {
        let id = immivo::ids::new_id();
        let text =
            format!("Noch eine Frage, Nummer {number}, zur Sonnenuhr. Ihr Zacharias Quittenbaum, +43 664 555 98 76");
        let raw = format!("From: {EMAIL}\r\nMessage-ID: <{id}@example.org>\r\n\r\n{text}\r\n");
        sqlx::query(
            "INSERT INTO intake_messages (id, tenant_id, received_at, door, peer, envelope_from, envelope_to, raw, raw_sha256, state, sender, subject)
             VALUES ($1, $2, $3, 'SMTP', '127.0.0.1', $4, 'wien@intake.immivo.test', $5, sha256($5), 'DONE', $4, 'Sonnenuhr')",
        )
        .bind(id)
        .bind(agency.tenant.0)
        .bind(conn.now())
        .bind(EMAIL)
        .bind(raw.as_bytes())
        .execute(conn.sql())
        .await
        .unwrap();
        let message = Inbound { subject: "Sonnenuhr".to_owned(), text, intake_message: Some(id), ..Inbound::default() };
        conversations::append_inbound(&mut conn, &mut lead, &message, false).await.unwrap();
    }
    conn.commit().await.unwrap();
}

/// Asks for the erasure of a lead's person.
pub(super) async fn erase(stage: &Stage, lead: LeadId, confirmation: &str) -> Value {
    let body = json!({"reason": "PERSON_ASKED", "confirmation": confirmation});
    stage.test.post(&format!("/api/v1/leads/{lead}/erasure"), &stage.agency.admin, body).await.json(202)
}

/// The request as the API shows it.
pub(super) async fn request(stage: &Stage, request: &Value) -> Value {
    stage.api(&format!("/api/v1/privacy/requests/{}", request["id"].as_str().unwrap())).await
}
