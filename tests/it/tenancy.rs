//! The fence between tenants, seen from the database: what the application's role can do when a query forgets its
//! `WHERE tenant_id`.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::http::fences::rows;
use crate::support::{Agency, TestApp};

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

/// One row of what nobody makes through the front door of the API in a moment.
const THE_REST: [&str; 16] = [
    "INSERT INTO ai_calls (id, tenant_id, purpose, engine, model, input_tokens, output_tokens, duration_ms, outcome, at)
     VALUES (gen_random_uuid(), :tenant, 'ANSWER', 'builtin', 'builtin', 1, 1, 1, 'OK', now())",
    "INSERT INTO knowledge_chunks (id, tenant_id, source, source_id, property_id, ordinal, language, text, model, source_sha256, embedding, created_at)
     SELECT gen_random_uuid(), tenant_id, 'PROPERTY', id, id, 99, 'de', 'x', 'm', '\\x00', array_fill(0.1, ARRAY[1536])::vector::halfvec, now()
     FROM properties WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO idempotency_keys (tenant_id, user_id, key, request, created_at) VALUES (:tenant, :admin, 'key', '\\x00', now())",
    "INSERT INTO imap_cursors (tenant_id, mailbox) VALUES (:tenant, 'mailbox')",
    "INSERT INTO impersonations (id, tenant_id, user_id, staff_subject, staff_name, reason, started_at, expires_at)
     VALUES (gen_random_uuid(), :tenant, :admin, 'sam', 'Sam', 'ticket', now(), now() + interval '5 minutes')",
    "INSERT INTO property_portal_ids (tenant_id, property_id, portal, portal_object_id)
     SELECT tenant_id, id, 'willhaben', '1' FROM properties WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO routing_lists (tenant_id, version) VALUES (:tenant, 1)",
    "WITH rule AS (INSERT INTO routing_rules (id, tenant_id, position, kind) VALUES (gen_random_uuid(), :tenant, 1, 'ROUND_ROBIN') RETURNING id),
     member AS (INSERT INTO routing_members (tenant_id, rule_id, position, user_id, weight) SELECT :tenant, id, 1, :admin, 1 FROM rule)
     INSERT INTO routing_turns (tenant_id, rule_id, user_id, credit) SELECT :tenant, id, :admin, 0 FROM rule",
    "INSERT INTO widget_consents (id, tenant_id, version, texts, created_by, created_at)
     VALUES (gen_random_uuid(), :tenant, 1, '{\"de\": \"Ja\"}', :admin, now())",
    "INSERT INTO widget_enquiries (id, tenant_id, lead_id, origin, sent, consent_version, consent_language, consent_text, received_at)
     SELECT gen_random_uuid(), tenant_id, id, 'https://www.here.test', '{}', 1, 'de', 'Ja', now() FROM leads WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO chat_steps (tenant_id, message_id, number, step)
     SELECT tenant_id, id, 1, '{}' FROM chat_messages WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO chat_leads (id, tenant_id, message_id, lead_id)
     SELECT gen_random_uuid(), m.tenant_id, m.id, l.id FROM chat_messages m JOIN leads l ON l.tenant_id = m.tenant_id
     WHERE m.tenant_id = :tenant LIMIT 1",
    "INSERT INTO catch_ups (id, tenant_id, lead_id, revision, created_at)
     SELECT gen_random_uuid(), tenant_id, id, 1, now() FROM leads WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO follow_ups (id, tenant_id, lead_id, number, base_at, revision, due_at, state, reason, created_at, ended_at)
     SELECT gen_random_uuid(), tenant_id, id, 1, now(), 1, now(), 'STOPPED', 'REPLIED', now(), now() FROM leads WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO draft_edits (id, tenant_id, lead_id, language, question, before, after, embedding, created_at)
     SELECT gen_random_uuid(), tenant_id, id, 'de', 'x', 'y', 'z', array_fill(0.1, ARRAY[1536])::vector, now() FROM leads WHERE tenant_id = :tenant LIMIT 1",
    "INSERT INTO tenant_erasures (id, tenant_id, name_sha256, requested_by, requested_at)
     VALUES (gen_random_uuid(), :tenant, sha256('x'), :admin, now())",
];

/// Adds [`THE_REST`] as the owner of the tables.
async fn the_rest(app: &TestApp, agency: &Agency) {
    let mut owner = PgConnection::connect(&app.url).await.unwrap();
    for sql in THE_REST {
        let id = |id: &dyn std::fmt::Display| format!("'{id}'::uuid");
        let sql = sql.replace(":tenant", &id(&agency.tenant)).replace(":admin", &id(&agency.admin.user.id));
        sqlx::query(AssertSqlSafe(sql.clone()))
            .execute(&mut owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[tokio::test]
async fn without_a_tenant_nothing_is_there_and_with_one_only_its_own() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    for agency in [&here, &there] {
        rows(&app, agency).await;
        the_rest(&app, agency).await;
    }
    let mut nobody = as_app(&app, None).await;
    let mut own = as_app(&app, Some(here.tenant.to_string())).await;
    let mut owner = PgConnection::connect(&app.url).await.unwrap();
    let mut empty = Vec::new();
    for table in tables(&app).await {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE tenant_id = $1), count(*) FILTER (WHERE tenant_id = $2) FROM {table}"
        );
        let (ours, theirs): (i64, i64) = sqlx::query_as(AssertSqlSafe(sql))
            .bind(here.tenant.0)
            .bind(there.tenant.0)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        assert_eq!(count(&mut nobody, &table).await, 0, "{table} without a tenant");
        assert_eq!(count(&mut own, &table).await, ours, "{table}: beside {theirs} of another tenant");
        if ours == 0 || theirs == 0 {
            empty.push(table);
        }
    }
    assert!(empty.is_empty(), "this test says nothing of {empty:?}: add rows above, or to `rows`");
    assert_eq!(count(&mut own, "tenants").await, 1);
}

#[tokio::test]
async fn every_policy_of_the_application_asks_for_the_tenant_and_nothing_else() {
    let app = TestApp::new().await;
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let policies: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT tablename::text, qual, with_check FROM pg_policies
         WHERE schemaname = 'public' AND roles && ARRAY['immivo_app', 'public']::name[] ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let mut fenced = Vec::new();
    for (table, qual, with_check) in policies {
        let column = if table == "tenants" { "id" } else { "tenant_id" };
        let fence = Some(format!("({column} = app_tenant())"));
        // A second permissive policy would open what the first one closes; so each of them is the fence itself.
        assert_eq!((&qual, &with_check), (&fence, &fence), "{table}");
        fenced.push(table);
    }
    let mut tables = tables(&app).await;
    tables.push("tenants".to_owned());
    tables.sort();
    assert_eq!(fenced, tables);
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
    for mine_and_theirs in [
        "SELECT enqueue_jobs('intake.process'::text, ARRAY[jsonb_build_object('tenantId', $1::text), jsonb_build_object('tenantId', $2::text)], ARRAY['a', 'b'], 1::smallint)",
        "SELECT enqueue_jobs('intake.process'::text, ARRAY[jsonb_build_object('tenantId', $1::text), jsonb_build_object('tenantId', $2::text)], 1::smallint)",
    ] {
        let refused = sqlx::query(mine_and_theirs)
            .bind(here.tenant.to_string())
            .bind(there.tenant.to_string())
            .execute(&mut conn)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("is not for the tenant"), "{refused}");
    }
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
