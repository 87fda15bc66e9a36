//! What agents answer becomes facts if somebody says so, and what they rewrite shapes later letters.

use axum::http::Method;
use serde_json::{Value, json};

use crate::engine::{Fake, Mood, QUESTION, WORDED, says};
use crate::journey::Stage;

/// A question that an agent answered, and the proposal it became.
async fn taught() -> (Stage, Value) {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Gibt es einen Parkplatz?").await;
    let task = stage.tasks().await.into_iter().find(|task| task["kind"] == "ANSWER_QUESTION").unwrap();
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    let answer = json!({"answer": "In der Tiefgarage ist ein Stellplatz frei."});
    stage.test.post(&path, &stage.agency.agent, answer).await.json(200);
    stage.test.run_jobs().await;
    let proposal = stage.api("/api/v1/fact-proposals?state=PROPOSED").await["items"][0].clone();
    (stage, proposal)
}

#[tokio::test]
async fn an_answer_becomes_a_fact_with_approval_and_is_cited_for_the_next_prospect() {
    for (scope, source) in [("PROPERTY", "property.fact."), ("TENANT", "tenant.fact.")] {
        let (stage, proposal) = taught().await;
        assert_eq!(
            (&proposal["topic"], &proposal["text"]),
            (&json!("parking"), &json!("In der Tiefgarage ist ein Stellplatz frei."))
        );
        // Nobody approved it yet.
        stage.enquiry("Frau Eva Probe", "eva@example.org", "Gibt es einen Parkplatz?").await;
        assert!(!stage.got("eva@example.org").await[0].text.contains("Tiefgarage"));

        let path = format!("/api/v1/fact-proposals/{}", proposal["id"].as_str().unwrap());
        let words = json!({"text": "In der Tiefgarage des Hauses ist ein Stellplatz frei."});
        stage.test.send(Method::PATCH, &path, Some(&stage.agency.agent.token), Some(words.clone())).await.problem(403);
        stage.test.send(Method::PATCH, &path, Some(&stage.agency.admin.token), Some(words)).await.json(200);
        let accept = format!("{path}/accept");
        let accepted = stage.test.post(&accept, &stage.agency.admin, json!({"scope": scope})).await.json(200);
        assert_eq!(accepted["state"], format!("{scope}_FACT"));
        stage.test.post(&accept, &stage.agency.admin, json!({"scope": scope})).await.problem(409);

        stage.enquiry("Herr Udo Muster", "udo@example.org", "Gibt es einen Parkplatz?").await;
        let mail = stage.got("udo@example.org").await.remove(0);
        assert!(mail.text.contains("In der Tiefgarage des Hauses ist ein Stellplatz frei."), "{}", mail.text);
        let lead = stage.leads().await.remove(0);
        let messages = stage.api(&format!("/api/v1/leads/{}/messages", lead.id)).await;
        let expected = format!("{source}{}", accepted["factId"].as_str().unwrap());
        assert!(messages.to_string().contains(&expected), "cited as {expected}: {messages}");
    }
}

#[tokio::test]
async fn a_rejected_proposal_is_no_fact() {
    let (stage, proposal) = taught().await;
    let path = format!("/api/v1/fact-proposals/{}/reject", proposal["id"].as_str().unwrap());
    assert_eq!(stage.test.post(&path, &stage.agency.admin, json!({})).await.json(200)["state"], "REJECTED");
    assert_eq!(stage.api("/api/v1/facts").await["items"], json!([]));
    let property = stage.api("/api/v1/properties").await["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.api(&format!("/api/v1/properties/{property}/facts")).await["items"], json!([]));
}

#[tokio::test]
async fn a_rewritten_draft_is_an_example_without_names_and_only_for_its_agency() {
    let fake = Fake::start(Mood::Says(says(json!([{"text": WORDED, "sources": ["property.petsAllowed"]}])))).await;
    let stage = crate::engine::stage(&fake.url).await;
    let auto_send = async |on: bool| {
        stage
            .test
            .change_settings(&stage.agency, |settings| {
                settings["automation"]["mode"] = json!(if on { "FULL" } else { "DRAFTS" })
            })
            .await
            .json(200)
    };
    auto_send(false).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", QUESTION).await;
    assert_eq!(example(&fake), json!([]));
    let draft = stage.api("/api/v1/drafts?state=OPEN").await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/drafts/{draft}");
    let words = json!({"text": "Liebe Frau Probe, klar, Ihr Hund darf mit!"});
    stage.test.send(Method::PATCH, &path, Some(&stage.agency.admin.token), Some(words)).await.json(200);
    assert!(stage.test.post(&format!("{path}/approve"), &stage.agency.admin, json!({})).await.status.is_success());
    stage.test.run_jobs().await;
    auto_send(true).await;
    stage.enquiry("Herr Max Muster", "max@example.org", QUESTION).await;
    let examples = example(&fake);
    assert_eq!(examples[0]["sent"], "Liebe Frau …, klar, Ihr Hund darf mit!", "{examples}");
    assert!(
        examples[0]["written"].as_str().unwrap().contains(WORDED) && !examples.to_string().contains("Probe"),
        "{examples}"
    );

    let mut conn = stage.test.tenant_conn(&stage.agency).await;
    let held: i64 = sqlx::query_scalar("SELECT count(*) FROM draft_edits").fetch_one(conn.sql()).await.unwrap();
    let other = stage.test.agency("linz").await;
    let mut conn = stage.test.tenant_conn(&other).await;
    let theirs: i64 = sqlx::query_scalar("SELECT count(*) FROM draft_edits").fetch_one(conn.sql()).await.unwrap();
    assert_eq!((held, theirs), (1, 0));
}

/// The examples in the newest request.
fn example(fake: &Fake) -> Value {
    let request = fake.newest();
    let text = request["messages"][1]["content"].as_str().unwrap();
    let context: Value = serde_json::from_str(text.split("\n<mail>").next().unwrap()).unwrap();
    context["examples"].clone()
}
