//! Whoever is erased is gone from chats, too.

use llm::Cue;
use serde_json::json;

use super::text;
use crate::support::TestApp;

#[tokio::test]
async fn an_erased_person_is_gone_from_every_chat_and_others_are_not() {
    let (app, script) = TestApp::talking(Vec::new(), &[]).await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Zacharias", None, None).await;
    app.lead(&agency, "Ida", None, None).await;
    let chat = app.chat(&agency.admin).await;
    script.push(vec![Cue::Call("read_lead", json!({"leadId": lead.id}))]);
    script.push(vec![text("Zacharias Probe fragt nach der Wohnung.")]);
    app.ask(&chat, &agency.admin, "Wer hat zuletzt geschrieben?").await;
    script.push(vec![text("Gern.")]);
    app.ask(&chat, &agency.admin, "Der Zacharias ist nett").await;
    // Typed, without any tool.
    let typed = app.chat(&agency.agent).await;
    script.push(vec![text("Verstanden.")]);
    app.ask(&typed, &agency.agent, "zacharias@example.org ruft an").await;
    let unrelated = app.chat(&agency.agent).await;
    script.push(vec![text("Ida Probe ist neu.")]);
    app.ask(&unrelated, &agency.agent, "Wer ist Ida?").await;
    // Waiting cards and memories name people as well.
    script.push(vec![Cue::Call("remember", json!({"text": "Zacharias Probe nie anrufen"}))]);
    let other = app.chat(&agency.agent).await;
    let shown = super::card(&app.ask(&other, &agency.agent, "Merk dir das").await);
    app.confirm(&other, &agency.agent, &shown).await.json(200);

    let body = json!({"reason": "PERSON_ASKED", "confirmation": "zacharias@example.org"});
    app.post(&format!("/api/v1/leads/{}/erasure", lead.id), &agency.admin, body).await.json(202);
    app.run_jobs().await;
    let dump = app.dump().await;
    for trace in ["Zacharias", "zacharias@example.org", &lead.id.to_string()] {
        let found: Vec<_> = dump.places(trace).into_iter().filter(|place| place.contains(".chat")).collect();
        assert!(found.is_empty(), "{trace} in {found:?}");
    }
    let kept = app.get(&format!("/api/v1/assistant/chats/{unrelated}/messages"), &agency.agent).await.text();
    assert!(kept.contains("Ida Probe ist neu."), "{kept}");
    let gone = app.get(&format!("/api/v1/assistant/chats/{chat}/messages"), &agency.admin).await.text();
    assert!(gone.contains("gelöscht"), "{gone}");
}
