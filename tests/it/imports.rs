//! Tables an agency brings along: read, made, taken back.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::{Agency, Person, Reply, TestApp};

/// Hands in a file.
pub(crate) async fn begin(app: &TestApp, person: &Person, kind: &str, file: impl Into<Body>) -> Reply {
    let request = Request::post(format!("/api/v1/imports?kind={kind}&fileName=Liste.csv"))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "application/octet-stream");
    app.call(request.body(file.into()).unwrap()).await
}

async fn begun(app: &TestApp, agency: &Agency, kind: &str, file: &str) -> (String, Value) {
    let import = begin(app, &agency.admin, kind, file.to_owned()).await.json(201);
    (format!("/api/v1/imports/{}", import["id"].as_str().unwrap()), import)
}

async fn made(app: &TestApp, agency: &Agency, path: &str) -> Value {
    app.post(&format!("{path}/start"), &agency.admin, json!(null)).await.json(202);
    app.run_jobs().await;
    app.get(path, &agency.admin).await.json(200)
}

async fn rows(app: &TestApp, agency: &Agency, path: &str) -> Vec<Value> {
    app.get(&format!("{path}/rows"), &agency.admin).await.json(200)["items"].as_array().unwrap().clone()
}

fn fields(import: &Value) -> Vec<&str> {
    import["columns"].as_array().unwrap().iter().map(|column| column["field"].as_str().unwrap_or_default()).collect()
}

const LISTINGS: &str = "Objekt-Nr.;Titel;Objektart;Kaltmiete (EUR);Wohnfläche m²;PLZ;Ort;Aufzug;Frei ab;Scout-ID;Intern\r\n\
    A-1;Altbau am Park;Etagenwohnung;1.250,50;85,5;1010;Wien;ja;1.12.2026;123456789;x\r\n\
    A-2;Neubau;Haus;auf Anfrage;120;1020;Wien;nein;;;\r\n\
    A-1;Altbau noch einmal;Wohnung;900;50;1010;Wien;;;;\r\n";

#[tokio::test]
async fn listings_are_read_made_once_and_taken_back() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (path, import) = begun(&app, &agency, "PROPERTIES", LISTINGS).await;
    assert_eq!(
        fields(&import),
        [
            "externalNumber",
            "title",
            "type",
            "coldRentCents",
            "livingArea",
            "zip",
            "city",
            "lift",
            "availableFrom",
            "portalIds.immoscout24",
            ""
        ]
    );
    assert_eq!((&import["counts"]["waiting"], &import["counts"]["invalid"]), (&json!(2), &json!(1)));
    let bad = &rows(&app, &agency, &path).await[1];
    assert_eq!((&bad["number"], &bad["problems"][0]["field"]), (&json!(3), &json!("coldRentCents")));

    let done = made(&app, &agency, &path).await;
    assert_eq!(
        (&done["state"], &done["counts"]["created"], &done["counts"]["duplicate"]),
        (&json!("DONE"), &json!(1), &json!(1))
    );
    let rows_now = rows(&app, &agency, &path).await;
    assert_eq!(rows_now[0]["entityId"], rows_now[2]["entityId"], "the second A-1 is the first");
    assert_eq!(rows_now[0]["cells"], Value::Null, "what was made is not kept twice");
    let property = app
        .get(&format!("/api/v1/properties/{}", rows_now[0]["entityId"].as_str().unwrap()), &agency.admin)
        .await
        .json(200);
    for (field, expected) in [
        ("title", json!("Altbau am Park")),
        ("type", json!("APARTMENT")),
        ("marketing", json!("RENT")),
        ("country", json!("AT")),
        ("coldRentCents", json!(125_050)),
        ("livingArea", json!(85.5)),
        ("lift", json!(true)),
        ("availableFrom", json!("2026-12-01")),
        ("portalIds", json!([{"portal": "immoscout24", "portalObjectId": "123456789"}])),
    ] {
        assert_eq!(property[field], expected, "{field}");
    }

    app.post(&format!("{path}/start"), &agency.admin, json!(null)).await.problem(409);
    app.post(&format!("{path}/undo"), &agency.admin, json!(null)).await.json(202);
    app.run_jobs().await;
    let undone = app.get(&path, &agency.admin).await.json(200);
    assert_eq!((&undone["state"], &undone["counts"]["undone"]), (&json!("UNDONE"), &json!(1)));
    let left = app.get("/api/v1/properties", &agency.admin).await.json(200);
    assert_eq!(left["items"], json!([]));
}

const LEADS: &str = "Anrede;Name;E-Mail;Telefon;Objekt;Betreuer;Bemerkung\n\
    Frau;Ida Probe;Ida@Example.org;0664 5550123;A-1;agent@here.test;Hat im Mai angerufen\n\
    ;Probe, Udo;;+43 664 5550124;;;\n\
    Herr;Leo Test;leo(at)example.org;;B-9;;\n\
    Frau;Ida Probe;ida@example.org;;A-1;;\n";

#[tokio::test]
async fn leads_are_made_without_a_word_to_anybody_and_taken_back_unless_worked_on() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (listings, _) = begun(&app, &agency, "PROPERTIES", LISTINGS).await;
    made(&app, &agency, &listings).await;
    let (path, import) = begun(&app, &agency, "LEADS", LEADS).await;
    assert_eq!(fields(&import), ["salutation", "name", "email", "phone", "property", "assignee", "message"]);
    let bad = &rows(&app, &agency, &path).await[2];
    let wrong: Vec<&str> = bad["problems"].as_array().unwrap().iter().map(|p| p["field"].as_str().unwrap()).collect();
    assert_eq!(wrong, ["email", "property"]);

    let done = made(&app, &agency, &path).await;
    assert_eq!(
        (&done["counts"]["created"], &done["counts"]["duplicate"], &done["counts"]["invalid"]),
        (&json!(2), &json!(1), &json!(1))
    );
    app.run_all_jobs().await;
    let leads = app.get("/api/v1/leads", &agency.admin).await.json(200)["items"].as_array().unwrap().clone();
    let ida = leads.iter().find(|lead| lead["firstName"] == "Ida").unwrap();
    for (field, expected) in [
        ("source", json!("IMPORT")),
        ("status", json!("NEW")),
        ("email", json!("ida@example.org")),
        ("phone", json!("+436645550123")),
        ("assigneeId", json!(agency.agent.user.id)),
    ] {
        assert_eq!(ida[field], expected, "{field}");
    }
    assert!(leads.iter().any(|lead| lead["firstName"] == "Udo" && lead["lastName"] == "Probe"), "{leads:?}");
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let count = async |conn: &mut sqlx::PgConnection, sql: &str| {
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(conn).await.unwrap()
    };
    assert_eq!(count(&mut conn, "SELECT count(*) FROM outbox").await, 0);

    // Somebody works on Ida; Udo goes, with the person.
    let path_of_ida = format!("/api/v1/leads/{}", ida["id"].as_str().unwrap());
    app.send(Method::PATCH, &path_of_ida, Some(&agency.admin.token), Some(json!({"lastName": "Muster"})))
        .await
        .json(200);
    app.post(&format!("{path}/undo"), &agency.admin, json!(null)).await.json(202);
    app.run_jobs().await;
    let undone = app.get(&path, &agency.admin).await.json(200);
    assert_eq!((&undone["counts"]["undone"], &undone["counts"]["kept"]), (&json!(1), &json!(1)));
    assert_eq!(count(&mut conn, "SELECT count(*) FROM leads").await, 1);
    assert_eq!(count(&mut conn, "SELECT count(*) FROM prospects").await, 1);
    // The listing that Ida asks for stays, too.
    app.post(&format!("{listings}/undo"), &agency.admin, json!(null)).await.json(202);
    app.run_jobs().await;
    let undone = app.get(&listings, &agency.admin).await.json(200);
    assert_eq!((&undone["counts"]["undone"], &undone["counts"]["kept"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn columns_are_what_somebody_says_and_nothing_else() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (path, import) = begun(&app, &agency, "LEADS", "Spalte A;Spalte B\nProbe;Ida\nMuster;\n").await;
    assert_eq!(fields(&import), ["", ""]);
    app.post(&format!("{path}/start"), &agency.admin, json!(null)).await.problem(409);
    let put = async |columns: Value| {
        let path = format!("{path}/mapping");
        app.send(Method::PUT, &path, Some(&agency.admin.token), Some(json!({"columns": columns}))).await
    };
    assert_eq!(put(json!(["lastName"])).await.fields(422), ["columns"]);
    assert_eq!(put(json!(["lastName", "color"])).await.fields(422), ["columns[1]"]);
    assert_eq!(put(json!(["lastName", "lastName"])).await.fields(422), ["columns[1]"]);
    let mapped = put(json!(["lastName", "firstName"])).await.json(200);
    assert_eq!(mapped["counts"]["waiting"], 2);
    let known = app.get("/api/v1/import-fields?kind=LEADS", &agency.admin).await.json(200);
    assert!(
        known.as_array().unwrap().iter().any(|field| field["name"] == "lastName" && field["labelDe"] == "Nachname")
    );
    assert_eq!(made(&app, &agency, &path).await["counts"]["created"], 2);
    app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.problem(409);
}

#[tokio::test]
async fn files_that_cannot_be_read_say_why() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    for (file, why) in [
        (b"%PDF-1.7 x".to_vec(), "neither a CSV nor an XLSX"),
        (b"".to_vec(), "the first row must name the columns"),
        (b"PK\x03\x04broken".to_vec(), "damaged"),
    ] {
        let problem = begin(&app, &agency.admin, "LEADS", file).await.problem(422);
        assert!(problem["errors"][0]["message"].as_str().unwrap().contains(why), "{problem}");
    }
    begin(&app, &agency.admin, "LEADS", vec![b'x'; 10 * 1024 * 1024 + 1]).await.problem(413);
    assert_eq!(begin(&app, &agency.admin, "", "a\nb\n").await.fields(400), ["kind"]);
    begin(&app, &agency.agent, "LEADS", "a\nb\n").await.problem(403);
    let (path, _) = begun(&app, &agency, "LEADS", "Name\nIda\n").await;
    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
    app.get(&path, &agency.admin).await.problem(404);
}

#[tokio::test]
async fn a_process_that_dies_goes_on_and_makes_nothing_twice() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let file: String = (0..40).map(|n| format!("Probe {n};p{n}@example.org\n")).collect();
    let (path, _) = begun(&app, &agency, "LEADS", &format!("Nachname;E-Mail\n{file}")).await;
    app.post(&format!("{path}/start"), &agency.admin, json!(null)).await.json(202);
    let job = immivo::domain::imports::Run {
        tenant_id: agency.tenant,
        import_id: path.rsplit('/').next().unwrap().parse::<uuid::Uuid>().unwrap().into(),
    };
    // Cut off in the middle again and again, while another process is at the same rows.
    let (other, _) = app.another_process();
    for round in 1..20 {
        let limit = std::time::Duration::from_millis(round * 7);
        let (one, two) = (app.app.clone(), other.clone());
        let _ = tokio::join!(
            tokio::time::timeout(limit, immivo::jobs::Job::run(&job, &one)),
            tokio::time::timeout(limit * 2, immivo::jobs::Job::run(&job, &two)),
        );
    }
    app.run_jobs().await;
    let done = app.get(&path, &agency.admin).await.json(200);
    assert_eq!((&done["state"], &done["counts"]["created"]), (&json!("DONE"), &json!(40)));
    let mut conn = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let leads: i64 = sqlx::query_scalar("SELECT count(*) FROM leads").fetch_one(&mut conn).await.unwrap();
    assert_eq!(leads, 40);
}
