//! Who finds what, and what becomes of it when its source changes or goes.

use axum::http::Method;
use immivo::domain::knowledge::Refresh;
use immivo::domain::tenants;
use immivo::jobs::{self, Placement};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _};

use super::{pieces, search, upload};
use crate::support::{Agency, TestApp};

fn sources(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| hit["source"].as_str().unwrap()).collect()
}

async fn describe(app: &TestApp, agency: &Agency, text: &str) -> String {
    let property = app.property(agency).await;
    let path = format!("/api/v1/properties/{}", property.id);
    let mut listing = app.get(&path, &agency.admin).await.json(200);
    for shown in ["id", "version", "createdAt", "updatedAt"] {
        listing.as_object_mut().unwrap().remove(shown);
    }
    listing["description"] = json!(text);
    app.send(Method::PUT, &path, Some(&agency.admin.token), Some(listing)).await.json(200);
    path
}

#[tokio::test]
async fn everything_the_agency_knows_is_found_by_word_and_by_meaning() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    describe(&app, &agency, "Mit dem Lift geht es ins Dachgeschoss.").await;
    app.fact(&agency).await; // "Alle Häuser haben einen Lift."
    upload(&app, &agency.agent, "name=en.txt", "text/plain", "Payment of the reservation fee is due within ten days.")
        .await
        .json(201);
    app.lead(&agency, "Ida", None, None).await;
    app.run_all_jobs().await;
    // Another word for it, which stands nowhere.
    let hits = search(&app, &agency.admin, "Aufzug vorhanden?").await;
    assert_eq!(
        sources(&hits)[..2].iter().filter(|source| ["FACT", "PROPERTY"].contains(source)).count(),
        2,
        "{hits:?}"
    );
    // Inflected, in the other language.
    let hits = search(&app, &agency.admin, "reservation fees").await;
    assert_eq!((sources(&hits)[0], &hits[0]["language"]), ("DOCUMENT", &json!("en")), "{hits:?}");
    let hits = search(&app, &agency.admin, "Wohnung noch frei").await;
    assert_eq!(sources(&hits)[0], "CONVERSATION", "{hits:?}");
    assert_eq!(hits[0]["title"], "Ida Probe");
    assert!(search(&app, &agency.admin, "").await.is_empty());
    assert_eq!(app.get("/api/v1/knowledge/search?q=x&limit=51", &agency.admin).await.fields(400), ["limit"]);
}

#[tokio::test]
async fn another_tenants_pieces_never_come_back_whatever_is_asked() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    for agency in [&here, &there] {
        describe(&app, agency, "Im Hof steht ein alter Nussbaum.").await;
        app.lead(agency, "Ida", None, None).await;
    }
    app.run_all_jobs().await;
    let ours: Vec<String> = {
        let mut conn = app.tenant_conn(&here).await;
        // No condition at all: the fence alone.
        sqlx::query_scalar("SELECT id::text FROM knowledge_chunks").fetch_all(conn.sql()).await.unwrap()
    };
    assert_eq!(ours.len(), 2);
    for words in ["Nussbaum im Hof", "Wohnung frei", "Ida"] {
        let hits = search(&app, &here.admin, words).await;
        assert!(
            !hits.is_empty() && hits.iter().all(|hit| ours.contains(&hit["id"].as_str().unwrap().to_owned())),
            "{hits:?}"
        );
    }
    // The functions behind the search, asked directly as the application's role.
    let mut conn = app.tenant_conn(&here).await;
    for sql in [
        "SELECT id::text FROM knowledge_near((SELECT embedding FROM knowledge_chunks LIMIT 1), 'builtin-embed-2', NULL, 100)",
        "SELECT id::text FROM knowledge_worded('Nussbaum Wohnung', NULL, 100)",
        "SELECT id::text FROM knowledge_chunks ORDER BY embedding <#> (SELECT embedding FROM knowledge_chunks LIMIT 1)",
        "SELECT id::text FROM knowledge_chunks WHERE words @@ 'nussbaum|frei'::tsquery",
    ] {
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn.sql()).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|id| ours.contains(id)), "{sql}: {found:?}");
    }
    drop(conn);
    // Nobody's transaction.
    let mut owner = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let mut nobody = owner.begin().await.unwrap();
    sqlx::query("SET LOCAL ROLE immivo_app").execute(&mut *nobody).await.unwrap();
    for sql in ["SELECT count(*) FROM knowledge_chunks", "SELECT count(*) FROM knowledge_worded('Nussbaum', NULL, 100)"]
    {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *nobody).await.unwrap();
        assert_eq!(count, 0, "{sql}");
    }
}

/// The walk through the graph that large tenants get finds the same as reading all, and only theirs.
#[tokio::test]
async fn a_large_tenant_among_others_finds_its_own() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    describe(&app, &here, "Im Hof steht ein alter Nussbaum.").await;
    describe(&app, &there, "Im Hof steht ein alter Nussbaum.").await;
    app.run_all_jobs().await;
    let mut owner = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query(
        "INSERT INTO knowledge_chunks (id, tenant_id, source, source_id, property_id, ordinal, language, text, model, source_sha256, embedding, created_at)
         SELECT gen_random_uuid(), tenant_id, source, source_id, property_id, number, language, 'Füllung', model, source_sha256,
                l2_normalize((SELECT array_agg(sin(number * 7 + at) + CASE WHEN at = number % 1536 THEN 20 ELSE 0 END ORDER BY at)
                              FROM generate_series(0, 1535) AS at)::vector)::halfvec, now()
         FROM knowledge_chunks, generate_series(1, 4100) AS number WHERE tenant_id = $1 AND ordinal = 0",
    )
    .bind(here.tenant.0)
    .execute(&mut owner)
    .await
    .unwrap();
    for agency in [&here, &there] {
        let hits = search(&app, &agency.admin, "Wo steht der Nussbaum?").await;
        assert!(hits[0]["text"].as_str().unwrap().contains("Nussbaum"), "{hits:?}");
        assert_eq!(hits.len(), if agency.tenant == here.tenant { 10 } else { 1 });
    }
}

#[tokio::test]
async fn agents_find_conversations_of_their_leads_only() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let own = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    app.lead(&agency, "Udo", None, Some(agency.admin.user.id)).await;
    app.lead(&agency, "Eva", None, None).await;
    app.run_all_jobs().await;
    let leads = |hits: Vec<Value>| {
        let mut names: Vec<String> = hits.iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(leads(search(&app, &agency.admin, "Wohnung frei").await), ["Eva Probe", "Ida Probe", "Udo Probe"]);
    assert_eq!(leads(search(&app, &agency.agent, "Wohnung frei").await), ["Ida Probe"]);
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query("UPDATE tenants SET unassigned_visible = true WHERE id = $1")
        .bind(agency.tenant.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    assert_eq!(leads(search(&app, &agency.agent, "Wohnung frei").await), ["Eva Probe", "Ida Probe"]);
    // Gone with the lead.
    let mut owner = sqlx::PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("DELETE FROM leads WHERE id = $1").bind(own.id.0).execute(&mut owner).await.unwrap();
    assert_eq!(pieces(&app, &agency, "CONVERSATION").await.len(), 2);
}

#[tokio::test]
async fn a_changed_text_is_indexed_anew_and_another_model_makes_all_anew() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let path = describe(&app, &agency, "Im Hof steht ein alter Nussbaum.").await;
    let fact = app.fact(&agency).await;
    app.run_jobs().await;
    let ids = async || -> Vec<String> {
        let mut conn = app.tenant_conn(&agency).await;
        sqlx::query_scalar("SELECT id::text FROM knowledge_chunks ORDER BY id").fetch_all(conn.sql()).await.unwrap()
    };
    let before = ids().await;
    // Another field is no other text.
    let mut listing = app.get(&path, &agency.admin).await.json(200);
    for shown in ["id", "version", "createdAt", "updatedAt"] {
        listing.as_object_mut().unwrap().remove(shown);
    }
    listing["rooms"] = json!(5);
    app.send(Method::PUT, &path, Some(&agency.admin.token), Some(listing.clone())).await.json(200);
    app.run_jobs().await;
    assert_eq!(ids().await, before);
    listing["description"] = json!("Im Hof steht eine junge Linde.");
    app.send(Method::PUT, &path, Some(&agency.admin.token), Some(listing)).await.json(200);
    app.run_jobs().await;
    assert_eq!(pieces(&app, &agency, "PROPERTY").await[0].1, "Im Hof steht eine junge Linde.");

    let mut conn = app.tenant_conn(&agency).await;
    tenants::remove_fact(&mut conn, fact, None).await.unwrap();
    // As if another embedder had made them.
    sqlx::query("UPDATE knowledge_chunks SET model = 'older'").execute(conn.sql()).await.unwrap();
    jobs::enqueue(&mut conn, &Refresh { tenant_id: agency.tenant }, Placement::default()).await.unwrap();
    conn.commit().await.unwrap();
    app.run_jobs().await;
    let made: Vec<String> = pieces(&app, &agency, "PROPERTY").await.into_iter().map(|(model, _)| model).collect();
    assert_eq!(made, ["builtin-embed-2"]);
    assert!(pieces(&app, &agency, "FACT").await.is_empty(), "it went with the fact");
}
