//! Owners are reminded of open tasks, administrators are told of those that stay open, each once.

use axum::http::Method;
use immivo::domain::tasks::Remind;
use immivo::jobs::Job as _;
use serde_json::{Value, json};

use super::{at, beat, timeline};
use crate::journey::Stage;
use crate::support::TestApp;

/// A question no fact answers, at the agent's lead.
async fn asked() -> (Stage, String) {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Gibt es im Haus einen Kinderwagenraum?").await;
    let task = stage.tasks().await.remove(0);
    assert_eq!((&task["kind"], &task["dueAt"]), (&json!("ANSWER_QUESTION"), &json!("2026-11-24T08:00:00Z")));
    let id = task["id"].as_str().unwrap().to_owned();
    (stage, id)
}

/// Subjects of the mails about tasks that somebody got.
async fn told(stage: &Stage, who: &str) -> Vec<String> {
    let words = ["Erinnerung: ", "Noch immer offen: ", "Aufgabe für Sie: ", "Reminder: "];
    let mails = stage.got(&format!("{who}@wien.test")).await;
    let subjects = mails.into_iter().map(|mail| mail.subject);
    subjects
        .filter_map(|subject| words.iter().find(|word| subject.starts_with(**word)).map(|word| (*word).to_owned()))
        .collect()
}

async fn patch(stage: &Stage, id: &str, body: Value) -> crate::support::Reply {
    let path = format!("/api/v1/tasks/{id}");
    stage.test.send(Method::PATCH, &path, Some(&stage.agency.admin.token), Some(body)).await
}

/// Two processes look at the same moment.
async fn race(test: &TestApp, remind: &Remind) {
    let (other, _) = test.another_process();
    let (one, two, three) = tokio::join!(remind.run(&test.app), remind.run(&other), remind.run(&other));
    one.unwrap();
    two.unwrap();
    three.unwrap();
    other.db.close().await;
}

#[tokio::test]
async fn the_owner_after_a_day_and_every_administrator_after_two_each_once() {
    let (mut stage, id) = asked().await;
    assert_eq!(patch(&stage, &id, json!({"ownerId": null})).await.json(200)["ownerId"], Value::Null);
    let owner = json!({"ownerId": stage.agency.agent.user.id});
    assert_eq!(patch(&stage, &id, owner).await.json(200)["ownerId"], json!(stage.agency.agent.user.id));
    stage.test.run_jobs().await;
    assert_eq!(told(&stage, "agent").await, ["Aufgabe für Sie: "]);
    let remind = Remind { tenant_id: stage.agency.tenant };
    at(&mut stage, "2026-11-24T07:59:59Z");
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "agent").await.len(), 1);

    at(&mut stage, "2026-11-24T08:00:00Z");
    // A process that dies before its commit has told nobody.
    let mut dead = stage.test.tenant_conn(&stage.agency).await;
    sqlx::query("UPDATE tasks SET reminded_at = now()").execute(dead.sql()).await.unwrap();
    drop(dead);
    race(&stage.test, &remind).await;
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "agent").await, ["Aufgabe für Sie: ", "Erinnerung: "]);
    assert!(told(&stage, "admin").await.is_empty());
    let mail = stage.got("agent@wien.test").await.pop().unwrap();
    assert!(
        mail.text.contains(&format!("/tasks/{id}")) && mail.text.contains("23.11.2026, 09:00 Uhr"),
        "{}",
        mail.text
    );

    at(&mut stage, "2026-11-25T08:00:00Z");
    race(&stage.test, &remind).await;
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "admin").await, ["Noch immer offen: "]);
    assert_eq!(told(&stage, "agent").await.len(), 2);
    let task = stage.api(&format!("/api/v1/tasks/{id}")).await;
    assert_eq!(
        (&task["remindedAt"], &task["escalatedAt"]),
        (&json!("2026-11-24T08:00:00Z"), &json!("2026-11-25T08:00:00Z"))
    );
    let kinds: Vec<String> = timeline(&stage).await.into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.contains(&"TASK_REMINDED".to_owned()) && kinds.contains(&"TASK_ESCALATED".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn what_is_put_off_is_out_of_sight_and_reminded_of_when_it_comes_back() {
    let (mut stage, id) = asked().await;
    let snoozed = patch(&stage, &id, json!({"snoozedUntil": "2026-11-27T08:00:00Z"})).await.json(200);
    assert_eq!(snoozed["dueAt"], "2026-11-27T08:00:00Z");
    let count = async |stage: &Stage, filter: &str| {
        stage.api(&format!("/api/v1/tasks?{filter}")).await["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&stage, "snoozed=true").await, count(&stage, "snoozed=false").await), (1, 0));
    at(&mut stage, "2026-11-26T08:00:00Z");
    beat(&stage.test, "tasks.clock").await;
    assert!(told(&stage, "agent").await.is_empty());
    at(&mut stage, "2026-11-27T08:00:00Z");
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "agent").await, ["Erinnerung: "]);
    assert_eq!((count(&stage, "snoozed=true").await, count(&stage, "overdue=true").await), (0, 1));
    // Put off anew, it is reminded of anew.
    patch(&stage, &id, json!({"dueAt": "2026-11-28T08:00:00Z"})).await.json(200);
    patch(&stage, &id, json!({"ownerId": null})).await.json(200);
    at(&mut stage, "2026-11-28T08:00:00Z");
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "admin").await, ["Erinnerung: "], "nobody owns it any more");
    // Done is done.
    let path = format!("/api/v1/tasks/{id}/resolve");
    stage.test.post(&path, &stage.agency.admin, json!({"answer": "Ja, im Erdgeschoss."})).await.json(200);
    at(&mut stage, "2026-12-20T08:00:00Z");
    beat(&stage.test, "tasks.clock").await;
    assert_eq!((told(&stage, "admin").await.len(), told(&stage, "agent").await.len()), (1, 1));
    patch(&stage, &id, json!({"ownerId": null})).await.problem(409);
}

#[tokio::test]
async fn changes_are_checked_and_lists_are_filtered() {
    let (stage, id) = asked().await;
    for (body, field) in [
        (json!({"dueAt": "2026-11-23T08:00:00Z"}), "dueAt"),
        (json!({"snoozedUntil": "2030-01-01T00:00:00Z"}), "snoozedUntil"),
        (json!({"ownerId": immivo::ids::new_id()}), "ownerId"),
    ] {
        assert_eq!(patch(&stage, &id, body).await.fields(422), [field]);
    }
    let path = format!("/api/v1/tasks/{id}");
    let old = axum::http::Request::patch(&path)
        .header("authorization", format!("Bearer {}", stage.agency.admin.token))
        .header("content-type", "application/json")
        .header("if-match", "\"7\"");
    stage.test.call(old.body(json!({"ownerId": null}).to_string().into()).unwrap()).await.problem(412);
    for (filter, expected) in [
        ("kind=ANSWER_QUESTION", 1),
        ("kind=CALL_BACK", 0),
        ("overdue=true", 0),
        ("overdue=false", 1),
        (&format!("ownerId={}", stage.agency.admin.user.id), 0),
    ] {
        let tasks = stage.api(&format!("/api/v1/tasks?state=OPEN&{filter}")).await;
        let asked = tasks["items"].as_array().unwrap().iter().filter(|task| task["id"] == json!(id)).count();
        assert_eq!(asked, expected, "{filter}");
    }
    // Whoever reads English reads English.
    let mut stage = stage;
    let own = json!({"firstName": "Vera", "lastName": "agent", "locale": "en"});
    stage.test.send(Method::PUT, "/api/v1/me", Some(&stage.agency.agent.token), Some(own)).await.json(200);
    at(&mut stage, "2026-11-24T08:00:00Z");
    beat(&stage.test, "tasks.clock").await;
    assert_eq!(told(&stage, "agent").await, ["Reminder: "]);
}
