//! The queue: every kind of job is registered, keeps its name, and can be read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use immivo::domain::assistant::{CatchUp, Due, FollowUp, Reply};
use immivo::domain::intake::radar::WatchPortals;
use immivo::domain::intake::{Process, Reprocess};
use immivo::domain::knowledge::{ForgetFile, Index, Refresh};
use immivo::domain::leads::score::Score;
use immivo::domain::mail::Deliver;
use immivo::domain::privacy::{EraseTenant, Retain, Run};
use immivo::domain::tasks::Remind;
use immivo::jobs::{Job, nightly, periodic, registry};
use serde_json::json;

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
