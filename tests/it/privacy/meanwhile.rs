//! What happens while a person is erased: processes die, mails come, stores fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use immivo::domain::intake::Process;
use immivo::domain::privacy::Run;
use immivo::integrations::storage::{FileKey, FileStore, StoreError};
use immivo::jobs::Job as _;
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::erasure::{a_long_story, assert_forgotten};
use super::{EMAIL, enquiry, erase, lead_of, request};
use crate::journey::Stage;

fn job(stage: &Stage, asked: &Value) -> Run {
    let id = asked["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    Run { tenant_id: stage.agency.tenant, request_id: id.into() }
}

#[tokio::test]
async fn an_erasure_that_dies_anywhere_goes_on_and_ends() {
    let stage = Stage::new().await;
    let before = stage.test.dump().await;
    let lead = a_long_story(&stage, 5).await;
    let asked = erase(&stage, lead, EMAIL).await;
    let job = job(&stage, &asked);
    let mut died = 0;
    for milliseconds in 1..25 {
        let attempt = Box::pin(job.run(&stage.test.app));
        died += usize::from(tokio::time::timeout(Duration::from_millis(milliseconds), attempt).await.is_err());
    }
    assert!(died > 3, "it died {died} times only");
    stage.test.run_all_jobs().await;
    assert_eq!(request(&stage, &asked).await["state"], "DONE");
    assert_forgotten(&stage, &before).await;
}

#[tokio::test]
async fn a_mail_that_comes_during_an_erasure_is_erased_with_it_or_makes_a_whole_new_lead() {
    let stage = Stage::new().await;
    let app = &stage.test;
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    let asked = erase(&stage, lead, EMAIL).await;
    // Accepted, not read yet, while the erasure runs.
    let raw = enquiry("Und ein Gewächshaus?");
    stage.post("no-reply@willhaben.at", "wien@intake.immivo.test", raw.replace('\n', "\r\n").as_bytes()).await.unwrap();
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &asked).await["state"], "DONE");
    let dump = app.dump().await;
    let intake = dump.0["public.intake_messages"].len();
    match stage.leads().await.as_slice() {
        [] => assert_eq!((intake, dump.places("Quittenbaum")), (0, Vec::new())),
        [new] => {
            assert_ne!(new.id, lead);
            assert_eq!(intake, 1);
            assert!(dump.find("Gewächshaus").iter().any(|(table, _)| *table == "public.messages"));
        }
        more => panic!("{more:?}"),
    }
    assert!(dump.find("Sonnenuhr").is_empty());
}

/// The moment between finding the lead a mail belongs to and locking it.
#[tokio::test]
async fn a_mail_that_waits_for_a_lead_which_is_erased_makes_a_new_one() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    let intake = app.intake(agency, &enquiry("Und ein Gewächshaus?").replace('\n', "\r\n")).await;

    let mut eraser = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut eraser).await.unwrap();
    sqlx::query("SELECT FROM leads WHERE id = $1 FOR UPDATE").bind(lead.0).execute(&mut eraser).await.unwrap();
    let process = Process { tenant_id: agency.tenant, intake_id: intake, asked: 0 };
    let erased_once_it_waits = async {
        let mut watch = sqlx::PgConnection::connect(&app.url).await.unwrap();
        let waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
        while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&mut watch).await.unwrap() {}
        for sql in ["DELETE FROM outbox WHERE lead_id = $1", "DELETE FROM leads WHERE id = $1"] {
            sqlx::query(sql).bind(lead.0).execute(&mut eraser).await.unwrap();
        }
        sqlx::raw_sql("COMMIT").execute(&mut eraser).await.unwrap();
    };
    let (processed, ()) = tokio::join!(Box::pin(process.run(&app.app)), erased_once_it_waits);
    processed.unwrap();
    app.run_jobs().await;
    let new = stage.lead().await;
    assert_ne!(new.id, lead);
    assert!(stage.messages().await[0].text.contains("Gewächshaus"));
}

/// A store that cannot remove anything the first time.
struct Failing {
    inner: Arc<dyn FileStore>,
    tried: AtomicUsize,
}

#[async_trait]
impl FileStore for Failing {
    async fn put(&self, key: &FileKey, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.put(key, bytes).await
    }
    async fn get(&self, key: &FileKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key).await
    }
    async fn remove(&self, key: &FileKey) -> Result<(), StoreError> {
        if self.tried.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(StoreError::Failed(std::io::Error::other("the store is down")));
        }
        self.inner.remove(key).await
    }
    async fn remove_all(&self, folder: &FileKey) -> Result<(), StoreError> {
        self.inner.remove_all(folder).await
    }
}

#[tokio::test]
async fn files_that_cannot_be_removed_now_are_removed_by_the_next_attempt() {
    let stage = Stage::new().await;
    let before = stage.test.dump().await;
    let lead = a_long_story(&stage, 1).await;
    let asked = erase(&stage, lead, EMAIL).await;
    let mut app = stage.test.app.clone();
    app.files = Arc::new(Failing { inner: app.files.clone(), tried: AtomicUsize::new(0) });
    let job = job(&stage, &asked);
    // The appointment's cancellation has to go out before; until then every run ends by itself.
    let failed = loop {
        match Box::pin(job.run(&app)).await {
            Ok(()) => stage.test.run_jobs_but("privacy.run").await,
            Err(error) => break error,
        }
    };
    assert!(failed.to_string().contains("the file store failed"), "{failed}");
    assert_eq!(request(&stage, &asked).await["state"], "RUNNING");
    Box::pin(job.run(&app)).await.unwrap();
    assert_eq!(request(&stage, &asked).await["state"], "DONE");
    assert_forgotten(&stage, &before).await;
    stage.test.run_all_jobs().await;
}

#[tokio::test]
async fn an_erasure_that_failed_is_taken_up_where_it_stood() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let asked = erase(&stage, lead_of(&stage, "Quittenbaum").await, EMAIL).await;
    let retry = format!("/api/v1/privacy/requests/{}/retry", asked["id"].as_str().unwrap());
    app.post(&retry, &agency.admin, json!({})).await.problem(409);
    job(&stage, &asked).give_up(&app.app, &anyhow::anyhow!("the store is down").into()).await.unwrap();
    assert_eq!(request(&stage, &asked).await["state"], "FAILED");
    app.run_all_jobs().await;
    assert_eq!(stage.leads().await.len(), 1, "nobody works on a failed one");
    assert_eq!(app.post(&retry, &agency.admin, json!({})).await.json(202)["state"], "QUEUED");
    app.run_all_jobs().await;
    assert_eq!(request(&stage, &asked).await["state"], "DONE");
    assert_eq!(stage.leads().await.len(), 0);
}
