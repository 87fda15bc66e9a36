//! What waits is not forgotten: tasks for people, follow-ups to prospects, answers owed since a service was down; and what
//! people taught meanwhile.

mod catch_up;
mod drafts;
mod energy;
mod follow_ups;
mod learning;
mod tasks;

use sqlx::Connection as _;

use crate::journey::Stage;
use crate::support::{Person, TestApp};

/// A beat of the clock, begun as the queue's own begins it, and what comes of it.
async fn beat(app: &TestApp, clock: &str) {
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("SELECT graphile_worker.add_job($1, '{\"_cron\": {\"ts\": \"2027-01-01T04:30:00Z\", \"backfilled\": false}}'::json)")
        .bind(clock)
        .execute(&mut conn)
        .await
        .unwrap();
    app.run_jobs().await;
}

/// Sets the time, and signs the administrator and the agent in anew.
fn at(stage: &mut Stage, time: &str) {
    stage.test.app.clock.set(time.parse().unwrap());
    for person in [&mut stage.agency.admin, &mut stage.agency.agent] {
        *person = Person { user: person.user.clone(), token: stage.test.token(&person.user.subject) };
    }
}

/// The kinds of a lead's timeline, oldest first, with what they say.
async fn timeline(stage: &Stage) -> Vec<(String, serde_json::Value)> {
    let lead = stage.leads().await.remove(0);
    let events = stage.api(&format!("/api/v1/leads/{}/timeline", lead.id)).await["items"].as_array().unwrap().clone();
    events.into_iter().map(|event| (event["kind"].as_str().unwrap().to_owned(), event["data"].clone())).collect()
}
