//! A portal's chat: what is sent there is shown as it is.

use immivo::domain::leads::AddressKind;

use super::Stage;

const RELAY: &str = "token-0123456789abcdef0123456789abcdef01234567-ek-ek@mail.kleinanzeigen.de";

fn chat(message: &str) -> String {
    let id = immivo::ids::new_id();
    format!(
        "From: Ida über Kleinanzeigen <{RELAY}>\nTo: wien@intake.immivo.test\n\
         Subject: Nutzer-Anfrage zu deiner Anzeige \"Altbau\"\nMessage-ID: <{id}@mail.kleinanzeigen.de>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\nAltbau (Anzeigennummer: 3456283104)\n\nNachricht von Ida\n{message}\n\n\
         Beantworte diese Nachricht einfach, indem du auf diese E-Mail antwortest.\n"
    )
}

#[tokio::test]
async fn an_answer_into_a_chat_is_bare_and_asks_for_an_address_once() {
    let stage = Stage::new().await;
    stage.portal(&chat("Hallo, ist die Wohnung noch frei?")).await;
    let lead = stage.lead().await;
    assert_eq!((lead.address_kind, lead.email.as_deref()), (AddressKind::Relay, Some(RELAY)));
    let property = stage.api("/api/v1/properties").await["items"][0]["id"].clone();
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "ASSIGN_PROPERTY").unwrap();
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, serde_json::json!({"propertyId": property})).await.json(200);
    stage.test.run_jobs().await;
    stage.portal(&chat("Und sind Haustiere erlaubt?")).await;
    let mails = stage.got(RELAY).await;
    assert_eq!(mails.len(), 3, "{mails:?}");
    for mail in &mails {
        assert!(!mail.raw.contains("text/html") && !mail.text.contains("\n-- "), "{}", mail.raw);
        assert!(!mail.text.contains("Mit freundlichen Grüßen") && !mail.text.contains("Agentur"), "{}", mail.text);
        assert!(mail.text.contains("künstlicher Intelligenz"), "the law wants it said there, too: {}", mail.text);
    }
    let asks = |text: &str| text.contains("direkte E-Mail-Adresse");
    assert_eq!(mails.iter().map(|mail| asks(&mail.text)).collect::<Vec<_>>(), [true, false, false]);

    // The address is a human's to confirm; then mail goes there.
    stage.portal(&chat("Gern: ida.probe@example.org. Wie groß ist die Wohnung?")).await;
    assert!(stage.got("ida.probe@example.org").await.is_empty());
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "INCOMPLETE_LEAD").unwrap();
    assert_eq!(task["details"]["email"], "ida.probe@example.org");
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let confirmed = serde_json::json!({"email": "ida.probe@example.org"});
    stage.test.post(&path, &stage.agency.admin, confirmed).await.json(200);
    assert_eq!(stage.lead().await.email.as_deref(), Some("ida.probe@example.org"));
}
