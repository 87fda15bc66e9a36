//! An agency is erased while everything runs: nothing of it is left but a receipt that names nobody.

use immivo::domain::privacy::EraseTenant;
use immivo::jobs::Job as _;
use serde_json::json;
use sqlx::Connection as _;

use super::{enquiry, lead_of, many_mails};
use crate::journey::Stage;

#[tokio::test]
async fn an_agency_goes_with_everything_and_the_others_stay() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    let there = app.agency("there").await;
    let property = app.property(&there).await;
    let lead = app.lead(&there, "Ida", Some(property.id), None).await;
    app.task(&there, lead.id).await;
    app.run_jobs().await;
    stage.portal(&enquiry("Gibt es eine Sonnenuhr?")).await;
    let lead = lead_of(&stage, "Quittenbaum").await;
    many_mails(app, agency, lead, 30).await;
    app.task(agency, lead).await;
    app.draft(agency, lead).await;
    app.post(&format!("/api/v1/leads/{lead}/export"), &agency.admin, json!({})).await.json(202);
    app.run_all_jobs().await;
    let before = app.dump().await;

    app.get("/api/v1/tenant/erasure", &agency.admin).await.problem(404);
    app.post("/api/v1/tenant/erasure", &agency.agent, json!({"confirmation": "wien"})).await.problem(403);
    let wrong = app.post("/api/v1/tenant/erasure", &agency.admin, json!({"confirmation": "there"})).await;
    assert_eq!(wrong.fields(422), ["confirmation"]);
    let asked = app.post("/api/v1/tenant/erasure", &agency.admin, json!({"confirmation": "wien"})).await.json(202);
    app.post("/api/v1/tenant/erasure", &agency.admin, json!({"confirmation": "wien"})).await.problem(409);

    // The doors are closed at once; who asked sees how far it is.
    app.get("/api/v1/me", &agency.agent).await.problem(403);
    assert_eq!(app.get("/api/v1/tenant/erasure", &agency.admin).await.json(200)["id"], asked["id"]);
    let refused = stage.post("a@b.test", "wien@intake.immivo.test", b"From: a@b.test\r\n\r\nHallo\r\n").await;
    assert!(refused.unwrap_err().contains("550"));

    app.run_all_jobs().await;
    app.get("/api/v1/me", &agency.admin).await.problem(403);
    let after = app.dump().await;
    let tenant = agency.tenant.to_string();
    let named: Vec<&str> = after.find(&tenant).into_iter().map(|(table, _)| table).collect();
    assert_eq!(named, ["public.tenant_erasures"]);
    for trace in ["Quittenbaum", "quitte@", "Sonnenuhr", "wien-admin", "buero@wien.test"] {
        assert!(after.find(trace).is_empty(), "{trace}: {:#?}", after.places(trace));
    }
    let new = after.without(&before);
    // A bucket's key is a keyed hash, which names nobody.
    let new = new.keys().filter(|table| !table.starts_with("graphile_worker.") && **table != "public.rate_limits");
    assert_eq!(new.collect::<Vec<_>>(), [&"public.tenant_erasures"]);
    let theirs = there.tenant.to_string();
    assert_eq!(after.find(&theirs), before.find(&theirs));

    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let (erased, finished): (serde_json::Value, bool) =
        sqlx::query_as("SELECT erased, finished_at IS NOT NULL FROM tenant_erasures")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert!(finished);
    assert_eq!(
        (erased["tenants"].as_i64(), erased["users"].as_i64(), erased["leads"].as_i64()),
        (Some(1), Some(2), Some(1)),
        "{erased}"
    );
    assert_eq!(erased["intake_messages"], 31, "{erased}");

    // The platform's people can read the receipt.
    let sam = app.staff("sam").await;
    let receipts = app.get_as("/api/v1/platform/tenant-erasures", &sam).await.json(200);
    let receipt = &receipts["items"][0];
    assert_eq!((&receipt["id"], &receipt["tenantId"]), (&asked["id"], &json!(agency.tenant)));
    assert_eq!((&receipt["erased"], receipt["finishedAt"].is_string()), (&erased, true), "{receipt}");
    assert!(receipt["error"].is_null() && receipt["givenUpAt"].is_null(), "{receipt}");
    app.get("/api/v1/platform/tenant-erasures", &there.admin).await.problem(403);

    // A job of the agency that another process still held ends quietly.
    let payload = json!({"tenantId": agency.tenant, "intakeId": lead, "leadId": lead, "mailId": lead, "propertyId": lead, "requestId": lead, "reprocessId": lead, "source": "PROPERTY", "id": lead, "documentId": lead, "importId": lead, "followUpId": lead, "catchUpId": lead});
    for kind in immivo::jobs::registry() {
        sqlx::query("SELECT graphile_worker.add_job($1, $2::json)")
            .bind(kind.name)
            .bind(&payload)
            .execute(&mut conn)
            .await
            .unwrap();
    }
    app.run_all_jobs().await;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM graphile_worker._private_jobs").fetch_one(&mut conn).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_erasure_of_an_agency_that_was_given_up_is_seen_until_it_goes_on() {
    let stage = Stage::new().await;
    let (app, agency) = (&stage.test, &stage.agency);
    let sam = app.staff("sam").await;
    app.post("/api/v1/tenant/erasure", &agency.admin, json!({"confirmation": "wien"})).await.json(202);
    let job = EraseTenant { tenant_id: agency.tenant };
    job.give_up(&app.app, &anyhow::anyhow!("the store is down").into()).await.unwrap();
    let list = app.get_as("/api/v1/platform/tenant-erasures", &sam).await.json(200);
    assert_eq!(list["items"][0]["error"], "the store is down", "{list}");
    assert!(list["items"][0]["givenUpAt"].is_string() && list["items"][0]["finishedAt"].is_null(), "{list}");
    app.run_all_jobs().await;
    let list = app.get_as("/api/v1/platform/tenant-erasures", &sam).await.json(200);
    assert!(list["items"][0]["error"].is_null() && list["items"][0]["finishedAt"].is_string(), "{list}");
}
