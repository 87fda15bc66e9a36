//! The fence between tenants, seen from the database: what the application's role can do when a query forgets its
//! `WHERE tenant_id`.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::support::TestApp;

/// A connection as the application works: its role, and perhaps a tenant.
async fn as_app(app: &TestApp, tenant: Option<String>) -> PgConnection {
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    sqlx::query("SET ROLE immivo_app").execute(&mut conn).await.unwrap();
    if let Some(tenant) = tenant {
        sqlx::query("SELECT set_config('app.tenant_id', $1, false)").bind(tenant).execute(&mut conn).await.unwrap();
    }
    conn
}

/// Every table with a tenant's rows.
async fn tables(app: &TestApp) -> Vec<String> {
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    sqlx::query_scalar(
        "SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

async fn count(conn: &mut PgConnection, table: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(conn).await.unwrap()
}

#[tokio::test]
async fn every_table_of_tenants_is_fenced_by_force() {
    let app = TestApp::new().await;
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let tables = tables(&app).await;
    assert!(tables.len() >= 15, "{tables:?}");
    for table in tables.iter().map(String::as_str).chain(["tenants"]) {
        let fenced: bool = sqlx::query_scalar(
            "SELECT c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
             FROM pg_class c WHERE c.oid = to_regclass($1)",
        )
        .bind(table)
        .fetch_one(&mut conn)
        .await
        .unwrap();
        assert!(fenced, "{table} has no forced row-level security");
    }
    let bypass: Vec<String> = sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles WHERE rolname IN ('immivo_app', 'immivo_platform') AND (rolbypassrls OR rolsuper OR rolcanlogin)",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert!(bypass.is_empty(), "{bypass:?}");
}

#[tokio::test]
async fn without_a_tenant_nothing_is_there_and_with_one_only_its_own() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    for agency in [&here, &there] {
        let property = app.property(agency).await;
        let lead = app.lead(agency, "Ida", Some(property.id), None).await;
        app.task(agency, lead.id).await;
        app.draft(agency, lead.id).await;
    }
    let filled = [
        "users",
        "properties",
        "leads",
        "lead_events",
        "lead_disclosures",
        "conversations",
        "messages",
        "tasks",
        "drafts",
    ];

    let mut nobody = as_app(&app, None).await;
    let mut own = as_app(&app, Some(here.tenant.to_string())).await;
    let mut owner = PgConnection::connect(&app.url).await.unwrap();
    for table in tables(&app).await {
        assert_eq!(count(&mut nobody, &table).await, 0, "{table} without a tenant");
        let all = count(&mut owner, &table).await;
        let seen = count(&mut own, &table).await;
        assert_eq!(seen * 2, all, "{table}: a tenant sees {seen} of {all} rows, of which half are its own");
        assert!(!filled.contains(&table.as_str()) || seen > 0, "{table} is empty, so this test says nothing of it");
    }
    assert_eq!(count(&mut own, "tenants").await, 1);
}

#[tokio::test]
async fn the_role_cannot_leave_its_fence() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let lead = app.lead(&there, "Ida", None, None).await;
    let mut conn = as_app(&app, Some(here.tenant.to_string())).await;

    // Switching row security off makes the query fail, it does not open the fence.
    sqlx::query("SET row_security = off").execute(&mut conn).await.unwrap();
    let refused = sqlx::query("SELECT * FROM leads").execute(&mut conn).await.unwrap_err();
    assert!(refused.to_string().contains("row-level security"), "{refused}");
    sqlx::query("SET row_security = on").execute(&mut conn).await.unwrap();

    for sql in [
        "ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
        "ALTER ROLE immivo_app BYPASSRLS",
        "SELECT * FROM graphile_worker._private_jobs",
        "TRUNCATE leads",
        "DELETE FROM audit_events",
    ] {
        assert!(sqlx::query(sql).execute(&mut conn).await.is_err(), "{sql}");
    }

    // Another tenant's rows can be neither made nor changed, whatever id a query names.
    let insert = format!(
        "INSERT INTO tenant_facts (id, tenant_id, topic, text, created_at) VALUES (gen_random_uuid(), '{}', 'pets', 'x', now())",
        there.tenant
    );
    let refused = sqlx::query(AssertSqlSafe(insert)).execute(&mut conn).await.unwrap_err();
    assert!(refused.to_string().contains("row-level security"), "{refused}");
    let update = format!("UPDATE leads SET first_name = 'x' WHERE id = '{}'", lead.id);
    assert_eq!(sqlx::query(AssertSqlSafe(update)).execute(&mut conn).await.unwrap().rows_affected(), 0);
    let moved =
        sqlx::query("UPDATE users SET tenant_id = $1").bind(there.tenant.0).execute(&mut conn).await.unwrap_err();
    assert!(moved.to_string().contains("row-level security"), "{moved}");
}

#[tokio::test]
async fn a_job_for_another_tenant_cannot_be_enqueued() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let mut conn = as_app(&app, Some(here.tenant.to_string())).await;
    let enqueue = "SELECT enqueue_job('mail.deliver'::text, jsonb_build_object('tenantId', $1::text), NULL::text, interval '0', NULL::text, 1::smallint)";
    let refused = sqlx::query(enqueue).bind(there.tenant.to_string()).execute(&mut conn).await.unwrap_err();
    assert!(refused.to_string().contains("is not for the tenant"), "{refused}");
    let mine_and_theirs = "SELECT enqueue_jobs('intake.process'::text, ARRAY[jsonb_build_object('tenantId', $1::text), jsonb_build_object('tenantId', $2::text)], ARRAY['a', 'b'], 1::smallint)";
    let refused = sqlx::query(mine_and_theirs)
        .bind(here.tenant.to_string())
        .bind(there.tenant.to_string())
        .execute(&mut conn)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("is not for the tenant"), "{refused}");
}

/// A client who hangs up drops its handler at any `await`. Whoever borrows the connection next must not be in that
/// client's transaction: the queue worker, which works with the pool's own role, notices it by a refusal.
#[tokio::test]
async fn a_caller_who_leaves_while_a_transaction_begins_leaves_no_role_behind() {
    let app = TestApp::new().await;
    let agency = app.agency("alpha").await;
    for polls in 1..80 {
        {
            let mut begin = std::pin::pin!(app.app.db.tenant(agency.tenant));
            for _ in 0..polls {
                if futures::poll!(begin.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let worker = immivo::jobs::worker(&app.app, CancellationToken::new()).await;
        assert!(worker.is_ok(), "left after {polls} polls: {:?}", worker.err());
    }
}
