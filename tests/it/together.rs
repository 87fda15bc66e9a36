//! Mails of many senders, stored by one commit.

use std::sync::Arc;

use immivo::domain::intake::{self, Door, IntakeId, NotStored, Parcel};
use immivo::ids::TenantId;
use sqlx::{Connection as _, PgConnection};

use crate::support::TestApp;

/// For the agency `wien`, unless said otherwise.
fn parcel(tenant: TenantId, raw: &str) -> Parcel {
    Parcel {
        tenant,
        prefix: "wien".to_owned(),
        door: Door::Smtp,
        peer: "192.0.2.1".to_owned(),
        envelope_from: "a@example.org".to_owned(),
        envelope_to: "x@intake.immivo.test".to_owned(),
        authentication: None,
        raw: Arc::new(raw.as_bytes().to_vec()),
    }
}

fn mail(number: usize) -> String {
    format!("From: a@example.org\r\nSubject: {number}\r\n\r\nGuten Tag\r\n")
}

/// Hands in all at once, before anything is stored; the answers in the same order.
async fn store(app: &TestApp, parcels: Vec<Parcel>) -> Vec<Result<IntakeId, NotStored>> {
    let (counter, committer) = intake::counter(&app.app.db);
    let storing = parcels.into_iter().map(|parcel| {
        let counter = counter.clone();
        async move { counter.store(parcel).await }
    });
    let storing = futures::future::join_all(storing.collect::<Vec<_>>());
    drop(counter);
    // all are handed in by the first poll of the first branch
    let (stored, ()) = tokio::join!(storing, committer.run());
    stored
}

async fn connection(app: &TestApp) -> PgConnection {
    PgConnection::connect(&app.url).await.unwrap()
}

#[tokio::test]
async fn what_waits_is_stored_by_one_commit_each_mail_for_its_own_agency() {
    let app = TestApp::new().await;
    let (wien, linz) = (app.agency("wien").await.tenant, app.agency("linz").await.tenant);
    let parcels = (0..40)
        .map(|number| match number % 2 {
            0 => parcel(wien, &mail(number)),
            _ => Parcel { prefix: "linz".to_owned(), ..parcel(linz, &mail(number)) },
        })
        .collect();
    let stored = store(&app, parcels).await;
    let mut conn = connection(&app).await;
    for (number, id) in stored.iter().enumerate() {
        let (tenant, raw): (uuid::Uuid, Vec<u8>) =
            sqlx::query_as("SELECT tenant_id, raw FROM intake_messages WHERE id = $1")
                .bind(id.unwrap().0)
                .fetch_one(&mut conn)
                .await
                .unwrap();
        assert_eq!(tenant, if number % 2 == 0 { wien.0 } else { linz.0 });
        assert_eq!(raw, mail(number).as_bytes(), "the id is this mail's");
    }
    let commits: i64 = sqlx::query_scalar("SELECT count(DISTINCT xmin::text) FROM intake_messages")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(commits, 1);
    let jobs: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM graphile_worker._private_jobs j JOIN intake_messages i
         ON (j.payload ->> 'intakeId')::uuid = i.id AND (j.payload ->> 'tenantId')::uuid = i.tenant_id",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(jobs, 40, "every mail has its job");
}

#[tokio::test]
async fn a_mail_that_cannot_be_stored_spoils_nobody_elses() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await.tenant;
    let mut parcels: Vec<Parcel> = (0..9).map(|number| parcel(agency, &mail(number))).collect();
    // the one character that the database's text does not hold
    parcels[4].envelope_from = "\0".to_owned();
    let stored = store(&app, parcels).await;
    for (number, outcome) in stored.iter().enumerate() {
        let expected = (number == 4).then_some(NotStored::Failed);
        assert_eq!(outcome.err(), expected, "{number}");
    }
    let mut conn = connection(&app).await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM intake_messages").fetch_one(&mut conn).await.unwrap();
    assert_eq!(kept, 8);
}

#[tokio::test]
async fn an_address_that_went_between_asking_and_storing_gets_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await.tenant;
    let gone = [
        parcel(TenantId::new(), &mail(1)),
        Parcel { prefix: "former".to_owned(), ..parcel(agency, &mail(2)) },
        parcel(agency, &mail(3)),
    ];
    let stored = store(&app, gone.to_vec()).await;
    assert_eq!((stored[0], stored[1]), (Err(NotStored::NoSuchAddress), Err(NotStored::NoSuchAddress)));
    stored[2].unwrap();
    let mut conn = connection(&app).await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM intake_messages").fetch_one(&mut conn).await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn the_same_bytes_are_one_mail_in_one_commit_and_over_several() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await.tenant;
    let twice = store(&app, vec![parcel(agency, &mail(1)), parcel(agency, &mail(2)), parcel(agency, &mail(1))]).await;
    assert_eq!(twice[0], twice[2]);
    assert_ne!(twice[0], twice[1]);
    let again = store(&app, vec![parcel(agency, &mail(3)), parcel(agency, &mail(1))]).await;
    assert_eq!(again[1], twice[0]);
    let mut conn = connection(&app).await;
    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'intake.process'")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(jobs, 3, "and one job each");
}

#[tokio::test]
async fn who_hung_up_before_the_commit_has_handed_nothing_in() {
    let app = TestApp::new().await;
    let agency = app.agency("wien").await.tenant;
    let (counter, committer) = intake::counter(&app.app.db);
    {
        let mut gone = std::pin::pin!(counter.store(parcel(agency, &mail(1))));
        assert!(futures::poll!(&mut gone).is_pending());
    }
    let staying = async {
        let stored = counter.store(parcel(agency, &mail(2))).await;
        drop(counter);
        stored
    };
    let (stored, ()) = tokio::join!(staying, committer.run());
    stored.unwrap();
    let mut conn = connection(&app).await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM intake_messages").fetch_one(&mut conn).await.unwrap();
    assert_eq!(kept, 1);
}
