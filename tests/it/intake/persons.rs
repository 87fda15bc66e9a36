//! One prospect per person, however many addresses and leads they have.

use serde_json::{Value, json};

use super::{post, second_listing};
use crate::journey::{Stage, willhaben};

/// A chat of Kleinanzeigen, through the portal's relay.
fn chat(token: char, name: &str, number: &str, text: &str) -> String {
    let relay = format!("token-{}-ek-ek@mail.kleinanzeigen.de", token.to_string().repeat(39) + "1");
    let id = immivo::ids::new_id();
    format!(
        "From: \"{name} über Kleinanzeigen\" <{relay}>\nTo: wien@intake.immivo.test\nSubject: Nutzer-Anfrage zu deiner Anzeige \"Altbau\"\n\
         Message-ID: <{id}@mail.kleinanzeigen.de>\nContent-Type: text/plain; charset=utf-8\n\n\
         Antwort von {name}\n(Anzeigennummer: {number})\n\nNachricht von {name}\n\n{text}\n\nBeantworte diese Nachricht, indem du auf diese E-Mail antwortest.\n"
    )
}

async fn detail(stage: &Stage, lead: &immivo::domain::leads::Lead) -> Value {
    stage.api(&format!("/api/v1/leads/{}", lead.id)).await
}

#[tokio::test]
async fn a_second_listing_is_a_second_lead_of_one_prospect_and_both_show_each_other() {
    let stage = Stage::new().await;
    second_listing(&stage).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.portal(&willhaben("Ida Probe", "Ida@Example.org", "Und diese?").replace("1234567890", "2222222222")).await;
    stage.enquiry("Udo Muster", "udo@example.org", "Darf ich kommen?").await;
    let leads = stage.leads().await;
    let (of_ida, of_udo): (Vec<_>, Vec<_>) =
        leads.iter().partition(|lead| lead.email.as_deref() == Some("ida@example.org"));
    assert_eq!((of_ida.len(), of_udo.len()), (2, 1));
    let shown = detail(&stage, of_ida[0]).await;
    assert_eq!(shown["prospectId"], json!(of_ida[1].prospect_id));
    assert_eq!(shown["otherLeads"][0]["id"], json!(of_ida[1].id), "{shown}");
    assert_eq!(shown["otherLeads"][0]["propertyId"], json!(of_ida[1].property_id));
    let alone = detail(&stage, of_udo[0]).await;
    assert_eq!(
        (&alone["otherLeads"], alone["prospectId"] == shown["prospectId"]),
        (&json!([]), false),
        "a shared telephone is not a person"
    );
}

#[tokio::test]
async fn an_agent_sees_no_other_lead_of_a_person_that_is_not_theirs() {
    let stage = Stage::new().await;
    let second = second_listing(&stage).await;
    let admin = stage.agency.admin.user.id;
    let mut body = stage.api(&format!("/api/v1/properties/{second}")).await;
    body["agentId"] = json!(admin);
    for field in ["id", "version", "createdAt", "updatedAt"] {
        body.as_object_mut().unwrap().remove(field);
    }
    let path = format!("/api/v1/properties/{second}");
    stage.test.send(axum::http::Method::PUT, &path, Some(&stage.agency.admin.token), Some(body)).await.json(200);
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.portal(&willhaben("Ida Probe", "ida@example.org", "Und diese?").replace("1234567890", "2222222222")).await;
    let leads = stage.leads().await;
    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    for (lead, owner) in leads.iter().zip([admin, stage.agency.agent.user.id]) {
        sqlx::query("UPDATE leads SET assignee_id = $2 WHERE id = $1")
            .bind(lead.id.0)
            .bind(owner.0)
            .execute(conn.sql())
            .await
            .unwrap();
    }
    conn.commit().await.unwrap();
    let path = format!("/api/v1/leads/{}", leads[1].id);
    let seen = stage.test.get(&path, &stage.agency.agent).await.json(200);
    assert_eq!(seen["otherLeads"], json!([]));
    assert_eq!(detail(&stage, &leads[1]).await["otherLeads"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_relay_address_is_nobodys_key_and_the_address_under_the_words_joins_both() {
    let stage = Stage::new().await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Ida", "9999999999", "Ist sie noch frei?")).await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('b', "Ida", "8888888888", "Ist sie noch frei?")).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Wie groß ist die Wohnung?").await;
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 3, "{leads:#?}");
    let persons: std::collections::BTreeSet<_> = leads.iter().map(|lead| lead.prospect_id).collect();
    assert_eq!(persons.len(), 3, "two relay addresses are two, as far as anybody knows");

    // Their own address, as a signature.
    post(
        &stage,
        "x@mail.kleinanzeigen.de",
        &chat('a', "Ida", "9999999999", "Gern direkt, dann geht es schneller.\nLG Ida Probe\nida@example.org"),
    )
    .await;
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 3, "it goes on with its lead");
    let relay = leads.iter().find(|lead| lead.email.as_deref().is_some_and(|email| email.contains("aaaa"))).unwrap();
    let direct = leads.iter().find(|lead| lead.email.as_deref() == Some("ida@example.org")).unwrap();
    assert_eq!(relay.prospect_id, direct.prospect_id);
    assert_eq!(relay.address_kind, immivo::domain::leads::AddressKind::Relay, "where mail goes no text decides");
    assert_eq!(detail(&stage, relay).await["otherLeads"][0]["id"], json!(direct.id));
}

#[tokio::test]
async fn an_address_that_only_somebody_else_wrote_takes_nobodys_conversation_over() {
    let stage = Stage::new().await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Mallory", "1234567890", "Meine Adresse: ida@example.org"))
        .await;
    stage.enquiry("Ida Probe", "ida@example.org", "Mein Einkommen schicke ich Ihnen gern.").await;
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 2, "{leads:#?}");
    let ida = leads.iter().find(|lead| lead.email.as_deref() == Some("ida@example.org")).unwrap();
    assert_eq!(ida.last_name.as_deref(), Some("Probe"));
    assert_eq!(stage.got("ida@example.org").await.len(), 1, "answered to her own address");
}

#[tokio::test]
async fn an_address_somebody_else_wrote_makes_nobody_one_with_them() {
    let stage = Stage::new().await;
    second_listing(&stage).await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Mallory", "1234567890", "Meine Adresse: ida@example.org"))
        .await;
    // About another listing, so that nothing but the address could make them one.
    stage.portal(&willhaben("Ida Probe", "ida@example.org", "Und diese?").replace("1234567890", "2222222222")).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 3, "{leads:#?}");
    let of = |email: &'static str| {
        leads.iter().filter(move |lead| lead.email.as_deref().is_some_and(|it| it.contains(email)))
    };
    let ida: std::collections::BTreeSet<_> = of("ida@example.org").map(|lead| lead.prospect_id).collect();
    assert_eq!(ida.len(), 1);
    assert!(of("aaaa").all(|mallory| !ida.contains(&mallory.prospect_id)));
    assert_eq!(stage.got("ida@example.org").await.len(), 2, "both answered to her own address");
}

#[tokio::test]
async fn an_address_set_by_hand_joins_and_the_relay_still_leads_to_its_thread() {
    let stage = Stage::new().await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Ida", "9999999999", "Ist sie noch frei?")).await;
    let lead = stage.lead().await;
    stage.enquiry("Ida Probe", "ida@example.org", "Wie groß ist die Wohnung?").await;
    let path = format!("/api/v1/leads/{}", lead.id);
    let edited = stage.test.send(
        axum::http::Method::PATCH,
        &path,
        Some(&stage.agency.admin.token),
        Some(json!({"email": "ida@example.org"})),
    );
    let edited = edited.await.json(200);
    let direct = stage.leads().await.into_iter().find(|other| other.id != lead.id).unwrap();
    assert_eq!(edited["prospectId"], json!(direct.prospect_id));
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Ida", "9999999999", "Und ein Keller?")).await;
    assert_eq!(stage.leads().await.len(), 2, "the chat goes on with its lead");
}

#[tokio::test]
async fn a_prospect_goes_with_the_last_lead_and_is_exported_with_the_first() {
    let stage = Stage::new().await;
    second_listing(&stage).await;
    stage.enquiry("Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    stage.portal(&willhaben("Ida Probe", "ida@example.org", "Und diese?").replace("1234567890", "2222222222")).await;
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Ida", "9999999999", "LG Ida Probe\nida@example.org")).await;
    stage.enquiry("Olga Andere", "olga@example.org", "Ist die Wohnung noch frei?").await;
    let leads = stage.leads().await;
    assert_eq!(leads.len(), 4);
    let ida = leads.iter().find(|lead| lead.email.as_deref() == Some("ida@example.org")).unwrap();
    let body = json!({"reason": "PERSON_ASKED", "confirmation": "ida@example.org"});
    stage.test.post(&format!("/api/v1/leads/{}/erasure", ida.id), &stage.agency.admin, body).await.json(202);
    stage.test.run_all_jobs().await;
    assert_eq!(stage.lead().await.email.as_deref(), Some("olga@example.org"), "the chat was hers, too");
    let dump = stage.test.dump().await;
    assert!(dump.find("ida@example.org").is_empty(), "{:#?}", dump.places("ida@example.org"));
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM prospects")
        .fetch_one(stage.test.tenant_conn(&stage.agency).await.sql())
        .await
        .unwrap();
    assert_eq!(count, 1);
}

/// A form of the booking page, sent by its reader.
async fn book(stage: &Stage, lead: immivo::domain::leads::LeadId, form: &str) {
    let app = &stage.test.app;
    let link =
        immivo::domain::viewings::booking_link(&app.links, &app.settings, stage.agency.tenant, lead, app.clock.now());
    let path = format!("{}/book", link.strip_prefix("http://localhost:8080").unwrap());
    let request = axum::http::Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://localhost:8080")
        .body(axum::body::Body::from(form.to_owned()))
        .unwrap();
    let reply = stage.test.call(request).await;
    assert_eq!(reply.status, 303, "{}", reply.text());
}

#[tokio::test]
async fn the_address_on_the_booking_form_joins_and_redirects_nothing() {
    let stage = Stage::new().await;
    let property: uuid::Uuid = sqlx::query_scalar("SELECT id FROM properties LIMIT 1")
        .fetch_one(stage.test.tenant_conn(&stage.agency).await.sql())
        .await
        .unwrap();
    post(&stage, "x@mail.kleinanzeigen.de", &chat('a', "Ida", "9999999999", "Ist sie noch frei?")).await;
    let chat_lead = stage.lead().await;
    let path = format!("/api/v1/leads/{}", chat_lead.id);
    let token = Some(stage.agency.admin.token.as_str());
    stage.test.send(axum::http::Method::PATCH, &path, token, Some(json!({"propertyId": property}))).await.json(200);
    stage.enquiry("Ida Probe", "ida@example.org", "Wie groß ist die Wohnung?").await;
    let of_mail = stage.leads().await.into_iter().find(|lead| lead.id != chat_lead.id).unwrap();
    assert_ne!(of_mail.prospect_id, chat_lead.prospect_id);
    book(&stage, chat_lead.id, "start=2026-11-25T09%3A30%3A00Z&email=Ida%40example.org").await;
    let booked = stage.leads().await.into_iter().find(|lead| lead.id == chat_lead.id).unwrap();
    assert_eq!((booked.status, booked.email.clone()), (immivo::domain::leads::Status::Booked, chat_lead.email.clone()));
    assert_eq!(
        booked.prospect_id,
        stage.leads().await.into_iter().find(|lead| lead.id == of_mail.id).unwrap().prospect_id
    );
}
