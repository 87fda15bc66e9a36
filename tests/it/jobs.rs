//! The queue: every kind of job is registered, keeps its name, and can be read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use immivo::domain::assistant::{CatchUp, Due, FollowUp, Reply};
use immivo::domain::imports;
use immivo::domain::intake::radar::WatchPortals;
use immivo::domain::intake::{Process, Reprocess};
use immivo::domain::knowledge::{ForgetFile, Index, Refresh};
use immivo::domain::leads::score::Score;
use immivo::domain::mail::Deliver;
use immivo::domain::privacy::{EraseTenant, Retain, Run};
use immivo::domain::tasks::Remind;
use immivo::jobs::{Job, nightly, periodic, registry};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::support::TestApp;

const ID: &str = "01a20000-0000-7000-8000-000000000001";

/// Whether a payload as it lies in the queue today is read, and written the same way again.
fn keeps<J: Job>(payload: serde_json::Value) -> (&'static str, bool) {
    let job: J = serde_json::from_value(payload.clone()).unwrap();
    (J::NAME, serde_json::to_value(&job).unwrap() == payload)
}

#[test]
fn every_kind_of_job_is_registered_and_its_payload_stays_readable() {
    let samples = BTreeMap::from([
        keeps::<Process>(json!({"tenantId": ID, "intakeId": ID})),
        keeps::<Process>(json!({"tenantId": ID, "intakeId": ID, "asked": 1})),
        keeps::<Reply>(json!({"tenantId": ID, "leadId": ID})),
        keeps::<Deliver>(json!({"tenantId": ID, "mailId": ID})),
        keeps::<Index>(json!({"tenantId": ID, "source": "CONVERSATION", "id": ID})),
        keeps::<Refresh>(json!({"tenantId": ID})),
        keeps::<ForgetFile>(json!({"tenantId": ID, "documentId": ID})),
        keeps::<Score>(json!({"tenantId": ID, "leadId": ID})),
        keeps::<Run>(json!({"tenantId": ID, "requestId": ID})),
        keeps::<Retain>(json!({"tenantId": ID})),
        keeps::<EraseTenant>(json!({"tenantId": ID})),
        keeps::<Reprocess>(json!({"tenantId": ID, "reprocessId": ID})),
        keeps::<imports::Run>(json!({"tenantId": ID, "importId": ID})),
        keeps::<imports::Undo>(json!({"tenantId": ID, "importId": ID})),
        keeps::<WatchPortals>(json!({"tenantId": ID})),
        keeps::<Remind>(json!({"tenantId": ID})),
        keeps::<Due>(json!({"tenantId": ID})),
        keeps::<FollowUp>(json!({"tenantId": ID, "followUpId": ID})),
        keeps::<CatchUp>(json!({"tenantId": ID, "catchUpId": ID})),
    ]);
    assert!(samples.values().all(|same| *same), "{samples:?}");
    let mut registered: Vec<&str> = registry().iter().map(|kind| kind.name).collect();
    registered.sort_unstable();
    assert_eq!(registered, samples.keys().copied().collect::<Vec<_>>(), "each registered kind has a sample here");
}

#[test]
fn no_job_in_the_code_is_missing_from_the_registry() {
    let mut declared = Vec::new();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain")), &mut declared);
    declared.sort();
    let mut registered: Vec<String> =
        registry().iter().chain(&nightly()).chain(&periodic()).map(|kind| kind.name.to_owned()).collect();
    registered.sort();
    assert_eq!(declared, registered);
}

/// `enqueue_jobs` writes the queue's rows by itself (migration 0036). Here it is compared with the library: a job made by it
/// differs in nothing from one made by `add_jobs`.
#[tokio::test]
async fn a_job_we_write_is_one_the_library_would_have_written() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await;
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let written = "SELECT (to_jsonb(j) - '{id,task_id,created_at,updated_at,run_at}'::text[])
            || jsonb_build_object('task', t.identifier, 'due', j.run_at = now(), 'made', j.created_at = now(), 'changed', j.updated_at = now())
         FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id";
    let payload = json!({"tenantId": agency.tenant, "intakeId": ID});
    let mut made = Vec::new();
    for enqueue in [
        "SELECT enqueue_jobs('intake.process', ARRAY[$1], 5::smallint)::text",
        "SELECT count(*)::text FROM graphile_worker.add_jobs(
            ARRAY[ROW ('intake.process', $1::json, NULL, NULL, 5, NULL, NULL, NULL)::graphile_worker.job_spec])",
    ] {
        let mut transaction = conn.begin().await.unwrap();
        sqlx::query("SELECT set_config('app.tenant_id', $1, true)")
            .bind(agency.tenant.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query(enqueue).bind(&payload).execute(&mut *transaction).await.unwrap();
        let jobs: Vec<serde_json::Value> = sqlx::query_scalar(written).fetch_all(&mut *transaction).await.unwrap();
        assert_eq!(jobs.len(), 1, "{enqueue}");
        made.extend(jobs);
    }
    assert_eq!(made[0], made[1]);
    assert_eq!(made[0]["is_available"], true);
}

/// The names in `impl Job for …` below a folder.
fn collect(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
            continue;
        }
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("impl NightlyJob for ", "impl Job for ")
            .replace("impl PeriodicJob for ", "impl Job for ");
        for implementation in text.split("impl Job for ").skip(1) {
            let name =
                implementation.split("const NAME: &'static str = \"").nth(1).and_then(|rest| rest.split('"').next());
            names.push(name.unwrap().to_owned());
        }
    }
}
