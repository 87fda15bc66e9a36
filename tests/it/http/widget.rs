//! Widget keys, and what a page gets that has one.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use crate::support::{Agency, Reply, TestApp};

async fn made(app: &TestApp, agency: &Agency, origins: Value) -> Value {
    app.post("/api/v1/widget-keys", &agency.admin, json!({"label": "Web", "origins": origins})).await.json(201)
}

async fn ask(app: &TestApp, public_id: &str, origin: Option<&str>) -> Reply {
    let mut request = Request::get(format!("/public/v1/widget/{public_id}"));
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    app.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_page_of_the_key_is_answered_by_name_and_no_other() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let key = made(&app, &agency, json!(["https://www.agentur.test/", "http://LOCALHOST:3000"])).await;
    assert_eq!(key["origins"], json!(["https://www.agentur.test", "http://localhost:3000"]));
    let id = key["publicId"].as_str().unwrap();

    for origin in ["https://www.agentur.test", "http://localhost:3000"] {
        let reply = ask(&app, id, Some(origin)).await;
        let view = reply.json(200);
        assert_eq!(view["agencyName"], "Agentur here");
        assert_eq!(
            (&view["formalAddress"], &view["languages"]),
            (&json!(true), &json!(["de", "en", "fr", "it", "es"]))
        );
        assert_eq!(reply.header("access-control-allow-origin"), origin);
        assert_eq!(reply.header("vary"), "Origin");
    }
    for origin in [
        None,
        Some("null"),
        Some("*"),
        Some("https://agentur.test"),
        Some("http://www.agentur.test"),
        Some("https://www.agentur.test:8443"),
        Some("https://www.agentur.test.evil.test"),
        Some("https://www.agentur.test/"),
    ] {
        let reply = ask(&app, id, origin).await;
        reply.problem(403);
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin:?}");
    }
}

#[tokio::test]
async fn each_key_is_bound_to_its_own_pages() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let ours = made(&app, &here, json!(["https://here.test"])).await;
    let theirs = made(&app, &there, json!(["https://there.test"])).await;
    let id = |key: &Value| key["publicId"].as_str().unwrap().to_owned();
    assert_ne!(id(&ours), id(&theirs));
    ask(&app, &id(&ours), Some("https://there.test")).await.problem(403);
    assert_eq!(ask(&app, &id(&theirs), Some("https://there.test")).await.json(200)["agencyName"], "Agentur there");
}

#[tokio::test]
async fn a_key_that_is_unknown_off_or_gone_is_not_there() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let key = made(&app, &agency, json!(["https://here.test"])).await;
    let (public_id, path) =
        (key["publicId"].as_str().unwrap(), format!("/api/v1/widget-keys/{}", key["id"].as_str().unwrap()));
    let page = Some("https://here.test");
    for unknown in ["imw_x", "%00", "%C3%A4", key["id"].as_str().unwrap(), &public_id.to_lowercase()[..20]] {
        ask(&app, unknown, page).await.problem(404);
    }
    let off = json!({"label": "Web", "origins": ["https://here.test"], "active": false});
    let view = app.send(Method::PUT, &path, Some(&agency.admin.token), Some(off)).await.json(200);
    assert_eq!((&view["active"], &view["version"]), (&json!(false), &json!(2)));
    ask(&app, public_id, page).await.problem(404);

    let elsewhere = json!({"label": "Web", "origins": ["https://new.test"]});
    app.send(Method::PUT, &path, Some(&agency.admin.token), Some(elsewhere)).await.json(200);
    ask(&app, public_id, page).await.problem(403);
    ask(&app, public_id, Some("https://new.test")).await.json(200);

    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
    ask(&app, public_id, Some("https://new.test")).await.problem(404);
}

#[tokio::test]
async fn origins_are_checked_and_changes_do_not_get_lost() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let post = async |body: Value| app.post("/api/v1/widget-keys", &agency.admin, body).await;
    let wrong = json!(["https://a.test", "http://b.test", "c.test", "https://A.test/", "https://d.test/page"]);
    let fields = post(json!({"label": "", "origins": wrong})).await.fields(422);
    assert_eq!(fields, ["label", "origins[1]", "origins[2]", "origins[3]", "origins[4]"]);
    assert_eq!(post(json!({"label": "x", "origins": []})).await.fields(422), ["origins"]);
    let many: Vec<String> = (0..21).map(|number| format!("https://a{number}.test")).collect();
    assert_eq!(post(json!({"label": "x", "origins": many})).await.fields(422), ["origins"]);
    app.post("/api/v1/widget-keys", &agency.agent, json!({"label": "x", "origins": ["https://a.test"]}))
        .await
        .problem(403);

    let key = made(&app, &agency, json!(["https://here.test"])).await;
    let path = format!("/api/v1/widget-keys/{}", key["id"].as_str().unwrap());
    let replace = async || {
        let request = Request::put(&path)
            .header(header::AUTHORIZATION, format!("Bearer {}", agency.admin.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "\"1\"")
            .body(Body::from(json!({"label": "Neu", "origins": ["https://here.test"]}).to_string()))
            .unwrap();
        app.call(request).await
    };
    assert_eq!(replace().await.json(200)["label"], "Neu");
    replace().await.problem(412);
    let list = app.get("/api/v1/widget-keys", &agency.admin).await.json(200);
    assert_eq!(list["items"], json!([app.get(&path, &agency.admin).await.json(200)]));
}
