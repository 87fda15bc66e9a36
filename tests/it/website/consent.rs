//! What visitors agree to: decided by the agency, kept word for word.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{PAGE, Site};
use crate::support::{Person, Reply};

async fn decide(site: &Site, person: &Person, version: &str, body: Value) -> Reply {
    let request = Request::put("/api/v1/widget-consent")
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, version)
        .body(Body::from(body.to_string()))
        .unwrap();
    site.stage.test.call(request).await
}

#[tokio::test]
async fn an_agency_that_decides_nothing_has_the_words_we_come_with() {
    let site = Site::new().await;
    let held = site.stage.test.get("/api/v1/widget-consent", &site.stage.agency.admin).await;
    let view = held.json(200);
    assert_eq!((&view["version"], &view["texts"], held.header("etag")), (&json!(0), &json!({}), "\"0\""));
    let shown = view["shown"].as_array().unwrap();
    let languages: Vec<&str> = shown.iter().map(|text| text["language"].as_str().unwrap()).collect();
    assert_eq!(languages, ["de", "en", "fr", "it"]);
    assert!(shown.iter().all(|text| text["text"].as_str().unwrap().contains("Agentur wien")));
    let public = site.ask(Method::GET, "", Some(PAGE), None).await.json(200);
    assert_eq!(public["consents"], view["shown"], "visitors read just that");
}

#[tokio::test]
async fn what_was_agreed_to_can_be_shown_after_the_text_has_changed() {
    let site = Site::new().await;
    let admin = site.stage.agency.admin.clone();
    let first = json!({"texts": {"de": "Ich stimme zu."}, "privacyUrl": "https://www.agentur.test/datenschutz"});
    assert_eq!(decide(&site, &admin, "\"0\"", first.clone()).await.json(200)["version"], 1);
    site.send(&site.form(json!({})).await).await.json(201);

    // Somebody has the form open while the agency changes its mind.
    let open = site.form(json!({"message": "Gibt es einen Keller?"})).await;
    let second = json!({"texts": {"de": "Ich stimme allem zu."}, "privacyUrl": null});
    decide(&site, &admin, "\"0\"", second.clone()).await.problem(412);
    assert_eq!(decide(&site, &admin, "\"1\"", second.clone()).await.json(200)["version"], 2);
    assert_eq!(decide(&site, &admin, "\"2\"", second).await.json(200)["version"], 2, "the same once more is the same");
    let problem = site.send(&open).await.problem(409);
    assert_eq!(problem["type"], "urn:immivo:problem:consent-changed");
    let mut again = open.clone();
    again["consent"] = json!(site.consent("de").await);
    site.send(&again).await.json(201);

    let lead = site.stage.lead().await;
    let path = format!("/api/v1/leads/{}/consents", lead.id);
    let agreed = site.stage.api(&path).await;
    let shown: Vec<(&Value, &Value, &Value)> = agreed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["version"], &one["text"], &one["privacyUrl"]))
        .collect();
    let notice = json!("https://www.agentur.test/datenschutz");
    assert_eq!(
        shown,
        [(&json!(2), &json!("Ich stimme allem zu."), &Value::Null), (&json!(1), &json!("Ich stimme zu."), &notice)]
    );
    assert_eq!(agreed["items"][0]["origin"], PAGE);
    let versions = site.stage.api("/api/v1/widget-consent/versions").await;
    let versions: Vec<&Value> = versions["items"].as_array().unwrap().iter().map(|one| &one["texts"]["de"]).collect();
    assert_eq!(versions, [&json!("Ich stimme allem zu."), &json!("Ich stimme zu.")]);
}

#[tokio::test]
async fn the_agencys_name_stands_in_our_words_so_a_new_name_is_a_new_text() {
    let site = Site::new().await;
    let form = site.form(json!({})).await;
    let mut conn = site.stage.test.tenant_conn(&site.stage.agency).await;
    sqlx::query("UPDATE tenants SET name = 'Neue Agentur' WHERE id = $1")
        .bind(site.stage.agency.tenant.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
    assert_eq!(site.send(&form).await.problem(409)["type"], "urn:immivo:problem:consent-changed");
}

#[tokio::test]
async fn only_administrators_decide_and_only_what_can_be_agreed_to() {
    let site = Site::new().await;
    let body = json!({"texts": {"de": "Ich stimme zu."}});
    decide(&site, &site.stage.agency.agent, "\"0\"", body).await.problem(403);
    let wrong = json!({"texts": {"de": "", "xx": "x"}, "privacyUrl": "http://a.test"});
    let fields = decide(&site, &site.stage.agency.admin, "\"0\"", wrong).await.fields(422);
    assert_eq!(fields, ["texts.de", "texts.xx", "privacyUrl"]);
    let unread = json!({"texts": {}});
    let token = Some(site.stage.agency.admin.token.as_str());
    site.stage.test.send(Method::PUT, "/api/v1/widget-consent", token, Some(unread)).await.problem(428);
}

#[tokio::test]
async fn what_was_sent_and_agreed_to_goes_with_the_person() {
    let site = Site::new().await;
    site.send(&site.form(json!({"phone": "0664 5550123"})).await).await.json(201);
    site.stage.test.run_jobs().await;
    let lead = site.stage.lead().await.id;
    let admin = &site.stage.agency.admin;
    let body = json!({"reason": "PERSON_ASKED", "confirmation": "ida@example.org"});
    site.stage.test.post(&format!("/api/v1/leads/{lead}/erasure"), admin, body).await.json(202);
    site.stage.test.run_all_jobs().await;
    let mut conn = site.stage.test.tenant_conn(&site.stage.agency).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM widget_enquiries").fetch_one(conn.sql()).await.unwrap();
    assert_eq!(left, 0);
    drop(conn);
    let path = format!("/api/v1/leads/{lead}/consents");
    site.stage.test.get(&path, admin).await.problem(404);
}
