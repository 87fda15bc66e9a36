//! What becomes of a mail: one lead per enquiry, one prospect per person, and the tray with all that can be done there.

mod blocks;
mod copies;
mod layouts;
mod persons;
mod radar;
mod reprocess;

use serde_json::Value;

use crate::journey::Stage;

/// A mail at the door, worked off.
async fn post(stage: &Stage, from: &str, raw: &str) {
    let raw = raw.replace("\r\n", "\n").replace('\n', "\r\n");
    let reply = stage.post(from, "wien@intake.immivo.test", raw.as_bytes()).await;
    assert!(reply.unwrap().starts_with("250"));
    stage.test.run_jobs().await;
}

/// The mails in one state, newest first.
async fn mails(stage: &Stage, state: &str) -> Vec<Value> {
    stage.api(&format!("/api/v1/intake/messages?state={state}")).await["items"].as_array().unwrap().clone()
}

/// A second listing of the agency, by its number at willhaben.
async fn second_listing(stage: &Stage) -> String {
    let body = serde_json::json!({
        "title": "Neubau am See", "type": "APARTMENT", "marketing": "RENT", "country": "AT", "status": "ACTIVE",
        "externalNumber": "S-2", "zip": "1010", "city": "Wien", "street": "Seegasse", "houseNumber": "3",
        "agentId": stage.agency.agent.user.id, "portalIds": [{"portal": "willhaben", "portalObjectId": "2222222222"}],
    });
    let made = stage.test.post("/api/v1/properties", &stage.agency.admin, body).await.json(201);
    made["id"].as_str().unwrap().to_owned()
}
