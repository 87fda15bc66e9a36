//! What the law wants in an advertisement is asked for, stored, and told to whoever waits for it.

use serde_json::{Value, json};

use crate::journey::Stage;
use crate::support::Reply;

async fn energy(stage: &Stage) -> Vec<Value> {
    stage.tasks().await.into_iter().filter(|task| task["kind"] == "MISSING_ENERGY_DATA").collect()
}

async fn resolve(stage: &Stage, task: &Value, body: Value) -> Reply {
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    stage.test.post(&path, &stage.agency.admin, body).await
}

#[tokio::test]
async fn a_question_about_it_asks_the_agent_and_the_data_answers_the_prospect() {
    let stage = Stage::new().await;
    assert!(energy(&stage).await.is_empty());
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Wie ist der Energieausweis der Wohnung?").await;
    let task = energy(&stage).await.remove(0);
    assert_eq!(task["details"]["missing"], json!(["energyValue", "energyClass"]));
    assert_eq!(task["ownerId"], json!(stage.agency.agent.user.id), "the listing's agent");
    assert_eq!(resolve(&stage, &task, json!({})).await.fields(422), ["energy"]);
    assert_eq!(resolve(&stage, &task, json!({"energy": {"value": 43.5}})).await.fields(422), ["energy"]);
    let wrong = json!({"energy": {"value": -1.0, "class": "B"}});
    assert_eq!(resolve(&stage, &task, wrong).await.fields(422), ["energy.energyValue"]);
    let before = stage.got("ida@example.org").await.len();
    resolve(&stage, &task, json!({"energy": {"value": 43.5, "class": "B"}})).await.json(200);
    stage.test.run_jobs().await;
    let listing = stage.api("/api/v1/properties").await["items"][0].clone();
    assert_eq!((&listing["energyValue"], &listing["energyClass"]), (&json!(43.5), &json!("B")));
    let mails = stage.got("ida@example.org").await;
    assert!(mails.len() == before + 1 && mails[before].text.contains("43,5"), "{mails:?}");
    assert!(stage.tasks().await.is_empty(), "{:?}", stage.tasks().await);
}

#[tokio::test]
async fn a_listing_that_is_set_active_without_it_asks_for_it_and_one_that_has_it_does_not() {
    let stage = Stage::new().await;
    let house = |status: &str, value: Option<f64>| {
        json!({"title": "Haus", "type": "HOUSE", "marketing": "SALE", "country": "DE", "status": status,
               "energyCertificate": "Bedarfsausweis", "energyValue": value, "energyCarrier": "Gas", "energyClass": "C", "yearBuilt": 1970})
    };
    let made = stage.test.post("/api/v1/properties", &stage.agency.admin, house("DRAFT", None)).await.json(201);
    assert!(energy(&stage).await.is_empty(), "nobody sees it yet");
    let path = format!("/api/v1/properties/{}", made["id"].as_str().unwrap());
    for _ in 0..2 {
        stage.test.put(&path, &stage.agency.admin, None, house("ACTIVE", None)).await.json(200);
        assert_eq!(energy(&stage).await.len(), 1, "once");
    }
    let list = stage.api(&format!("/api/v1/tasks?propertyId={}", made["id"].as_str().unwrap())).await;
    assert_eq!(list["items"][0]["details"]["missing"], json!(["energyValue"]));
    stage.test.put(&path, &stage.agency.admin, None, house("ACTIVE", Some(110.0))).await.json(200);
    assert!(energy(&stage).await.is_empty(), "it is there");
    // A monument needs none; nor does a garage, nor anything in Switzerland.
    for other in [
        json!({"type": "HOUSE", "country": "DE", "energyCertificate": "NOT_REQUIRED"}),
        json!({"type": "GARAGE", "country": "AT"}),
        json!({"type": "HOUSE", "country": "CH"}),
    ] {
        let mut body = json!({"title": "Anderes", "marketing": "SALE", "status": "ACTIVE"});
        body.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        stage.test.post("/api/v1/properties", &stage.agency.admin, body).await.json(201);
    }
    assert!(energy(&stage).await.is_empty());
}
