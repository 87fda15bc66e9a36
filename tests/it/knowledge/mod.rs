//! What the agency knows in words: documents, what is found in them and by whom, and what becomes of it.

mod documents;
mod facts;
mod score;
mod search;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;

use crate::support::{Agency, Person, Reply, TestApp};

/// Uploads a file through the front door.
pub(crate) async fn upload(app: &TestApp, who: &Person, query: &str, kind: &str, content: &str) -> Reply {
    let request = Request::post(format!("/api/v1/documents?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(content.to_owned()))
        .unwrap();
    app.call(request).await
}

/// Searches, and gives the hits.
async fn search(app: &TestApp, who: &Person, words: &str) -> Vec<Value> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
    let page = app.get(&format!("/api/v1/knowledge/search?{query}"), who).await.json(200);
    page["items"].as_array().unwrap().clone()
}

/// How many pieces an agency has, of which source and model.
async fn pieces(app: &TestApp, agency: &Agency, source: &str) -> Vec<(String, String)> {
    let mut conn = app.tenant_conn(agency).await;
    sqlx::query_as(
        "SELECT model, text FROM knowledge_chunks WHERE tenant_id = $1 AND source = $2 ORDER BY source_id, ordinal",
    )
    .bind(agency.tenant.0)
    .bind(source)
    .fetch_all(conn.sql())
    .await
    .unwrap()
}
