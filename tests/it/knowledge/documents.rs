//! Documents over HTTP.

use axum::body::Body;
use axum::http::{Method, Request, header};

use super::{pieces, search, upload};
use crate::support::TestApp;

#[tokio::test]
async fn a_document_is_uploaded_found_downloaded_and_removed_with_all_made_from_it() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let page = "<h1>Hausordnung</h1><p>Der Waschkeller ist bis 22 Uhr offen.</p><script>nie()</script>";
    let made = upload(
        &app,
        &agency.agent,
        &format!("name=Haus.html&propertyId={}", property.id),
        "text/html; charset=utf-8",
        page,
    )
    .await;
    let view = made.json(201);
    let path = made.header("location").to_owned();
    assert_eq!(
        (&view["state"], &view["language"], &view["contentType"]),
        (&"RECEIVED".into(), &"de".into(), &"text/html".into())
    );
    app.run_jobs().await;
    assert_eq!(app.get(&path, &agency.agent).await.json(200)["state"], "INDEXED");
    let hits = search(&app, &agency.agent, "Wann schließt der Waschkeller?").await;
    assert_eq!((&hits[0]["source"], &hits[0]["title"]), (&"DOCUMENT".into(), &"Haus.html".into()));
    assert!(
        hits[0]["text"].as_str().unwrap().contains("22 Uhr") && !hits[0]["text"].as_str().unwrap().contains("nie()")
    );
    let file = app.get(&format!("{path}/content"), &agency.agent).await;
    assert_eq!(
        (file.status.as_u16(), file.text(), file.header("content-type")),
        (200, page.to_owned(), "application/octet-stream")
    );
    let of_listing = app.get(&format!("/api/v1/documents?propertyId={}", property.id), &agency.admin).await.json(200);
    assert_eq!(of_listing["items"][0]["id"], view["id"]);

    let file = app.folder().join(format!("files/documents/{}/{}", agency.tenant, view["id"].as_str().unwrap()));
    assert!(file.exists());
    app.send(Method::DELETE, &path, Some(&agency.agent.token), None).await.problem(403);
    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
    assert!(pieces(&app, &agency, "DOCUMENT").await.is_empty());
    app.run_jobs().await;
    assert!(!file.exists(), "the file goes after its row");
    app.get(&path, &agency.admin).await.problem(404);
    assert!(search(&app, &agency.agent, "Waschkeller").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_document_is_refused_and_leaves_no_file() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let theirs = app.property(&there).await;
    let refused = |query: String, kind: &'static str, content: &'static str| {
        let (app, who) = (&app, &here.agent);
        async move { upload(app, who, &query, kind, content).await }
    };
    assert_eq!(refused("name=a".into(), "application/pdf", "%PDF").await.status, 415);
    assert_eq!(refused("name=a".into(), "text/plain", " 1 2 3 ").await.fields(422), ["(body)"]);
    assert_eq!(refused("name=%20".into(), "text/plain", "Ein Text.").await.fields(400), ["name"]);
    assert_eq!(
        refused(format!("name=a&propertyId={}", theirs.id), "text/plain", "Ein Text.").await.fields(400),
        ["propertyId"]
    );
    let folder = app.folder().join(format!("files/documents/{}", here.tenant));
    assert!(std::fs::read_dir(folder).map_or(0, Iterator::count) == 0, "a file without a row stays behind");
}

#[tokio::test]
async fn the_same_upload_with_the_same_key_is_one_document() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let send = |content: &'static str| {
        let request = Request::post("/api/v1/documents?name=a.md")
            .header(header::AUTHORIZATION, format!("Bearer {}", agency.agent.token))
            .header(header::CONTENT_TYPE, "text/markdown")
            .header("idempotency-key", "one")
            .body(Body::from(content))
            .unwrap();
        app.call(request)
    };
    let first = send("# Garten\n\nEr ist groß.").await.json(201);
    assert_eq!(send("# Garten\n\nEr ist groß.").await.json(201)["id"], first["id"]);
    send("Etwas anderes.").await.problem(409);
    let folder = app.folder().join(format!("files/documents/{}", agency.tenant));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    assert_eq!(app.get("/api/v1/documents", &agency.agent).await.json(200)["items"].as_array().unwrap().len(), 1);
}
