//! What an answer may rest on: documents of the listing and of the agency, and nothing anybody else wrote.

use immivo::domain::knowledge::{self, Question};
use serde_json::json;

use super::upload;
use crate::support::TestApp;

async fn texts(
    app: &TestApp,
    agency: &crate::support::Agency,
    property: immivo::domain::properties::PropertyId,
    words: &str,
) -> Vec<String> {
    let question: Question = knowledge::question(&app.app, agency.tenant, words).await.unwrap();
    let mut conn = app.tenant_conn(agency).await;
    let pieces = knowledge::of_property(&mut conn, property, &question, 10).await.unwrap();
    pieces.into_iter().map(|piece| piece.text).collect()
}

#[tokio::test]
async fn only_texts_of_the_listing_and_the_agency_become_facts() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let (asked, other) = (app.property(&here).await, app.property(&here).await);
    for (who, query, text) in [
        (&here, format!("name=a&propertyId={}", asked.id), "Die Sauna der Anlage gehört allen Eigentümern."),
        (&here, format!("name=b&propertyId={}", other.id), "Die Sauna nebenan kostet 9 Euro."),
        (&here, "name=c".to_owned(), "Saunen vermieten wir nie einzeln."),
        (&there, "name=d".to_owned(), "Unsere Sauna ist geheim."),
    ] {
        upload(&app, &who.admin, &query, "text/plain", text).await.json(201);
    }
    // Somebody else wrote about it, to this agency and about this listing.
    let lead = app.lead(&here, "Ida", Some(asked.id), None).await;
    let mut conn = app.tenant_conn(&here).await;
    sqlx::query("UPDATE messages SET text = 'Meine Sauna hat 12 Grad.'").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    app.run_all_jobs().await;
    let found = texts(&app, &here, asked.id, "Gibt es eine Sauna?").await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("gehört allen") && found[1].contains("nie einzeln"), "{found:?}");
    let held = app.get(&format!("/api/v1/knowledge/search?q=Sauna&limit=50"), &here.admin).await.json(200);
    let conversation = held["items"].as_array().unwrap().iter().find(|hit| hit["source"] == "CONVERSATION").unwrap();
    assert_eq!(conversation["leadId"], json!(lead.id), "it is found by the agency all the same");
}
