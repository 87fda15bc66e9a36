//! Live events: nothing is missed, nothing is told to whom it does not concern, and a stream ends when it has to.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures::StreamExt as _;
use immivo::app::App;
use immivo::cli::{self, Role};
use immivo::domain::live;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::support::{Person, Reply, TestApp};

/// Longer than any other test's transaction, which holds events back in the whole server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with the stream open.
struct Stream {
    body: BodyDataStream,
    text: String,
    last_id: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Told {
    event: String,
    id: String,
    data: Value,
}

impl Stream {
    async fn open(router: &Router, person: &Person, last_id: Option<&str>) -> Self {
        Self::read(request(router, person, last_id).await)
    }

    fn read(response: axum::response::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let body = response.into_body().into_data_stream();
        Self { body, text: String::new(), last_id: String::new() }
    }

    /// The next event or heartbeat; `None` when the stream ended.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = block.lines().filter_map(|line| line.split_once(':'));
                    lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
                };
                let data = serde_json::from_str(&field("data")).unwrap_or_default();
                let told = Told { event: field("event"), id: field("id"), data };
                self.text = rest.to_owned();
                self.last_id.clone_from(&told.id);
                return Some(told);
            }
            let piece = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("nothing came")?;
            self.text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    }

    /// The next event of this name, heartbeats left out.
    async fn expect(&mut self, event: &str) -> Value {
        loop {
            let told = self.next().await.expect("the stream ended");
            if !told.event.is_empty() {
                assert_eq!(told.event, event, "{told:?}");
                return told.data;
            }
        }
    }

    /// Changes until one of this kind: `(type, id)`.
    async fn until(&mut self, kind: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            let data = self.expect("change").await;
            let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
            all.push((text("type"), text("id")));
            if data["type"] == kind {
                return all;
            }
        }
    }

    async fn ended(&mut self) -> Vec<Told> {
        let mut rest = Vec::new();
        while let Some(told) = self.next().await {
            rest.push(told);
        }
        rest
    }
}

async fn request(router: &Router, person: &Person, last_id: Option<&str>) -> axum::response::Response {
    let mut request = Request::get("/api/v1/events").header(header::AUTHORIZATION, format!("Bearer {}", person.token));
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// Has a process look for news, as `serve` does; until dropped.
#[allow(clippy::disallowed_methods, reason = "ends with its token")]
fn listening(app: &App) -> tokio_util::sync::DropGuard {
    let (app, stop) = (app.clone(), CancellationToken::new());
    let soft = stop.clone();
    tokio::spawn(async move { live::follow(&app.db, &app.live, soft).await });
    stop.drop_guard()
}

async fn execute(app: &TestApp, sql: &str) {
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
}

#[tokio::test]
async fn what_one_process_changes_is_told_by_another() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let (process, router) = app.another_process();
    let _listening = listening(&process);
    let mut stream = Stream::open(&router, &here.admin, None).await;
    assert_eq!(stream.expect("ready").await, json!({}));

    app.post("/api/v1/leads", &there.admin, json!({"lastName": "Fremd"})).await.json(201);
    let lead = app.post("/api/v1/leads", &here.admin, json!({"lastName": "Probe"})).await.json(201);
    let told = stream.expect("change").await;
    assert_eq!(
        (&told["type"], &told["id"], &told["leadId"], &told["version"]),
        (&json!("LEAD"), &lead["id"], &lead["id"], &json!(1)),
        "the other agency's lead came first and is not told"
    );
    assert_eq!(told.as_object().unwrap().len(), 5, "ids, not data: {told}");
    let path = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
    let edit = json!({"firstName": "Ida"});
    app.send(axum::http::Method::PATCH, &path, Some(&here.admin.token), Some(edit)).await.json(200);
    assert_eq!(stream.expect("change").await["version"], 2);

    let property = app.property(&here).await;
    let lead = app.lead(&here, "Udo", Some(property.id), None).await;
    assert_eq!(stream.until("MESSAGE").await[0], ("LEAD".to_owned(), lead.id.to_string()));
    let task = app.task(&here, lead.id).await;
    assert_eq!(stream.until("TASK").await.pop().unwrap().1, task.to_string());
    let draft = app.draft(&here, lead.id).await;
    assert_eq!(stream.until("DRAFT").await.pop().unwrap().1, draft.to_string());
    let viewing = app.viewing(&here, lead.id, property.id).await;
    assert_eq!(stream.until("VIEWING").await.pop().unwrap().1, viewing.to_string());
    let test = app.post("/api/v1/intake/test-address", &here.admin, json!({})).await.json(201);
    let raw = format!("From: a@example.org\r\nSubject: {}\r\n\r\nx\r\n", test["subjectMark"].as_str().unwrap());
    app.intake(&here, &raw).await;
    app.run_jobs().await;
    assert_eq!(stream.until("TEST_ADDRESS").await.pop().unwrap().1, test["id"]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let mut stream = Stream::open(&app.router, &agency.admin, None).await;
    stream.expect("ready").await;
    let from = stream.last_id.clone();
    drop(stream);
    let mut missed = Vec::new();
    for name in ["Ida", "Udo", "Tom"] {
        let lead = app.post("/api/v1/leads", &agency.admin, json!({"lastName": name})).await.json(201);
        missed.push(lead["id"].clone());
    }
    let mut stream = Stream::open(&app.router, &agency.admin, Some(&from)).await;
    stream.expect("ready").await;
    for lead in &missed {
        assert_eq!(stream.expect("change").await["id"], *lead);
    }
    // From the middle: what was told is not told again.
    let mut stream = Stream::open(&app.router, &agency.admin, Some(&from)).await;
    stream.expect("ready").await;
    stream.expect("change").await;
    let middle = stream.last_id.clone();
    let mut stream = Stream::open(&app.router, &agency.admin, Some(&middle)).await;
    stream.expect("ready").await;
    assert_eq!(stream.expect("change").await["id"], missed[1]);

    // What cannot be resumed begins anew, and the client is told.
    let number = |part: usize| from.split('-').nth(part).unwrap().parse::<i64>().unwrap();
    let old = format!("{}-{}-{}", number(0), number(1), number(2) - 24 * 3600);
    let of_another_server = format!("{}-0-{}", number(0) + 1_000_000_000, number(2));
    for id in [old.as_str(), of_another_server.as_str(), "nonsense", "1-2", ""] {
        let mut stream = Stream::open(&app.router, &agency.admin, Some(id)).await;
        stream.expect("reset").await;
        let lead = app.post("/api/v1/leads", &agency.admin, json!({"lastName": "Neu"})).await.json(201);
        let mut again = Stream::open(&app.router, &agency.admin, Some(&stream.last_id)).await;
        again.expect("ready").await;
        assert_eq!(again.expect("change").await["id"], lead["id"], "{id}");
    }
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_overtaken() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let _listening = listening(&app.app);
    let mut stream = Stream::open(&app.router, &agency.admin, None).await;
    stream.expect("ready").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    stream.until("MESSAGE").await;

    // The first transaction writes its event, and commits after the second.
    let mut slow = PgConnection::connect(&app.url).await.unwrap();
    let mut slow = slow.begin().await.unwrap();
    sqlx::query("UPDATE leads SET version = 70 WHERE id = $1").bind(lead.id.0).execute(&mut *slow).await.unwrap();
    let quick = app.post("/api/v1/leads", &agency.admin, json!({"lastName": "Quick"})).await.json(201);
    let early = tokio::time::timeout(Duration::from_millis(700), stream.next()).await;
    assert!(early.is_err(), "told before an older change was known: {early:?}");
    slow.commit().await.unwrap();
    let (first, second) = (stream.expect("change").await, stream.expect("change").await);
    assert_eq!((&first["id"], &first["version"]), (&json!(lead.id), &json!(70)));
    assert_eq!(second["id"], quick["id"]);
}

#[tokio::test]
async fn an_agent_is_told_of_their_own_leads_and_viewings_only() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let _listening = listening(&app.app);
    let mut stream = Stream::open(&app.router, &agency.agent, None).await;
    stream.expect("ready").await;
    let property = app.property(&agency).await;
    let me = agency.agent.user.id;

    let theirs = app.lead(&agency, "Ida", None, Some(agency.admin.user.id)).await;
    app.task(&agency, theirs.id).await;
    app.draft(&agency, theirs.id).await;
    let mine = app.lead(&agency, "Udo", Some(property.id), Some(me)).await;
    let told = stream.until("MESSAGE").await;
    assert_eq!(told[0], ("LEAD".to_owned(), mine.id.to_string()), "{told:?}");
    let task = app.task(&agency, mine.id).await;
    assert_eq!(stream.until("TASK").await, [("TASK".to_owned(), task.to_string())]);

    // They show this property, so the viewing is in their calendar, whoever's the lead is.
    let viewing = app.viewing(&agency, theirs.id, property.id).await;
    assert_eq!(stream.until("VIEWING").await, [("VIEWING".to_owned(), viewing.to_string())]);

    // A lead that is taken from them: told once, so that it leaves their list.
    let path = format!("/api/v1/leads/{}", mine.id);
    let hand_over = json!({"assigneeId": agency.admin.user.id});
    app.send(axum::http::Method::PATCH, &path, Some(&agency.admin.token), Some(hand_over)).await.json(200);
    app.draft(&agency, mine.id).await;
    let last = app.lead(&agency, "Tom", None, Some(me)).await;
    let mut told = Vec::new();
    while told.last().is_none_or(|(_, id): &(String, String)| *id != last.id.to_string()) {
        told.extend(stream.until("LEAD").await);
    }
    told.retain(|(kind, _)| kind == "LEAD");
    let ids: Vec<&str> = told.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids, [mine.id.to_string(), last.id.to_string()]);
    app.run_jobs().await;
}

#[tokio::test]
async fn where_the_agency_wants_it_agents_are_told_of_leads_that_nobody_has() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query("UPDATE tenants SET unassigned_visible = true").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    let _listening = listening(&app.app);
    let mut stream = Stream::open(&app.router, &agency.agent, None).await;
    stream.expect("ready").await;
    app.lead(&agency, "Ida", None, Some(agency.admin.user.id)).await;
    let nobodys = app.lead(&agency, "Udo", None, None).await;
    assert_eq!(stream.until("MESSAGE").await[0], ("LEAD".to_owned(), nobodys.id.to_string()));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_stream_ends_at_once_for_whoever_may_no_longer_sign_in() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let _listening = listening(&app.app);
    let mut theirs = Stream::open(&app.router, &agency.agent, None).await;
    let mut others = Stream::open(&app.router, &agency.admin, None).await;
    theirs.expect("ready").await;
    others.expect("ready").await;
    let began = Instant::now();
    execute(&app, &format!("UPDATE users SET active = false WHERE id = '{}'", agency.agent.user.id)).await;
    assert_eq!(theirs.ended().await, []);
    assert!(began.elapsed() < Duration::from_secs(10), "sooner than the next heartbeat: {:?}", began.elapsed());
    app.post("/api/v1/leads", &agency.admin, json!({"lastName": "Probe"})).await.json(201);
    others.expect("change").await;
}

#[tokio::test]
async fn streams_end_at_once_with_a_look_in_somebodys_name_and_with_a_suspension() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let _listening = listening(&app.app);
    let mut platform = app.app.db.platform().await.unwrap();
    immivo::domain::staff::add(&mut platform, "sam", "Sam Support").await.unwrap();
    platform.commit().await.unwrap();
    let sam = app.token("sam");
    let ask = async |path: &str, body: Value| {
        app.send(axum::http::Method::POST, &format!("/api/v1/platform/{path}"), Some(&sam), Some(body)).await
    };

    let begin = json!({"tenantId": here.tenant, "userId": here.agent.user.id, "reason": "ticket 7", "minutes": 10});
    let look = ask("impersonations", begin).await.json(201)["id"].as_str().unwrap().to_owned();
    let request = Request::get("/api/v1/events")
        .header(header::AUTHORIZATION, format!("Bearer {sam}"))
        .header("x-impersonation", &look)
        .body(Body::empty())
        .unwrap();
    let mut looking = Stream::read(app.router.clone().oneshot(request).await.unwrap());
    let mut own = Stream::open(&app.router, &here.admin, None).await;
    let mut others = Stream::open(&app.router, &there.admin, None).await;
    for stream in [&mut looking, &mut own, &mut others] {
        stream.expect("ready").await;
    }
    let began = Instant::now();
    assert_eq!(ask(&format!("impersonations/{look}/end"), json!({})).await.status, 204);
    assert_eq!(looking.ended().await, []);
    app.post("/api/v1/leads", &here.admin, json!({"lastName": "Probe"})).await.json(201);
    own.expect("change").await;
    assert!(ask(&format!("tenants/{}/suspend", here.tenant), json!({"reason": "unpaid"})).await.status.is_success());
    assert_eq!(own.ended().await, []);
    assert!(began.elapsed() < Duration::from_secs(10), "sooner than the next heartbeat: {:?}", began.elapsed());
    app.post("/api/v1/leads", &there.admin, json!({"lastName": "Probe"})).await.json(201);
    others.expect("change").await;
}

#[tokio::test]
async fn an_administrator_who_becomes_an_agent_hears_no_more_of_others_leads() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let me = agency.admin.user.id;
    // Nobody wakes these streams in time: what is read first after the change must already be by the new rights.
    let mut stream = Stream::open(&app.router, &agency.admin, None).await;
    stream.expect("ready").await;
    let before = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let _listening = listening(&app.app);
    assert_eq!(stream.until("MESSAGE").await[0], ("LEAD".to_owned(), before.id.to_string()));

    execute(&app, &format!("UPDATE users SET role = 'AGENT' WHERE id = '{me}'")).await;
    app.lead(&agency, "Udo", None, Some(agency.agent.user.id)).await;
    let mine = app.lead(&agency, "Tom", None, Some(me)).await;
    assert_eq!(stream.until("MESSAGE").await[0], ("LEAD".to_owned(), mine.id.to_string()));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_stream_beats_and_ends_with_its_token() {
    let app = TestApp::with(&[("IMMIVO__HTTP__HEARTBEAT_SECONDS", "1")]).await;
    let agency = app.agency("here").await;
    let mut stream = Stream::open(&app.router, &agency.admin, None).await;
    stream.expect("ready").await;
    let beat = stream.next().await.unwrap();
    assert_eq!(beat.event, "", "a comment that no program sees");
    assert!(!beat.id.is_empty(), "the bookmark stays young");
    // Nobody listens for this process; the heartbeat finds it all the same.
    let lead = app.post("/api/v1/leads", &agency.admin, json!({"lastName": "Probe"})).await.json(201);
    assert_eq!(stream.expect("change").await["id"], lead["id"]);
    app.app.clock.set("2026-11-23T09:00:00Z".parse().unwrap());
    assert!(stream.ended().await.iter().all(|told| told.event.is_empty()));
}

#[tokio::test]
async fn a_tenant_has_so_many_streams_and_no_more() {
    let app = TestApp::with(&[("IMMIVO__LIMITS__LIVE_STREAMS", "2")]).await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let first = Stream::open(&app.router, &here.admin, None).await;
    let _second = Stream::open(&app.router, &here.agent, None).await;
    let refused = Reply::read(request(&app.router, &here.admin, None).await).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "30");
    let _theirs = Stream::open(&app.router, &there.admin, None).await;
    drop(first);
    Stream::open(&app.router, &here.admin, None).await.expect("ready").await;
}

#[tokio::test]
async fn a_lost_connection_loses_no_event() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (process, router) = app.another_process();
    let _listening = listening(&process);
    let mut stream = Stream::open(&router, &agency.admin, None).await;
    stream.expect("ready").await;
    app.post("/api/v1/leads", &agency.admin, json!({"lastName": "Probe"})).await.json(201);
    stream.expect("change").await;
    let last = stream.last_id.clone();
    let began = Instant::now();
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    let ended: i64 = sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert!(ended > 0);
    sqlx::query("UPDATE leads SET version = 9").execute(&mut conn).await.unwrap();
    let told = loop {
        // A stream whose own reading failed ends, and its client comes back.
        match stream.next().await {
            Some(told) if told.event == "change" => break told,
            Some(_) => {}
            None => stream = Stream::open(&router, &agency.admin, Some(&last)).await,
        }
    };
    assert_eq!(told.data["version"], 9);
    assert!(began.elapsed() < Duration::from_secs(10), "the heartbeat found it, nobody looked: {:?}", began.elapsed());
}

#[tokio::test]
async fn open_streams_do_not_keep_the_process_from_ending() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (process, _) = app.another_process();
    let running = cli::start(&process, &[Role::Http]).await.unwrap();
    let url = format!("http://{}/api/v1/events", running.http.unwrap());
    let stop = CancellationToken::new();
    let ending = stop.clone();
    let client = async {
        let mut reply = reqwest::Client::new().get(url).bearer_auth(&agency.admin.token).send().await.unwrap();
        let mut text = String::new();
        let mut stopped = None;
        // An end without an error: the last piece says that nothing follows.
        while let Some(piece) = reply.chunk().await.unwrap() {
            text.push_str(std::str::from_utf8(&piece).unwrap());
            if text.contains("event: ready") && stopped.is_none() {
                stopped = Some(Instant::now());
                ending.cancel();
            }
        }
        stopped.expect("the stream began").elapsed()
    };
    let (ended, took) = tokio::join!(running.lifecycle.run(stop), client);
    ended.unwrap();
    assert!(took < Duration::from_secs(5), "{took:?}");
    let refused = Reply::read(request(&immivo::ingress::http::router(process, None), &agency.admin, None).await).await;
    refused.problem(503);
}

#[tokio::test]
async fn events_are_kept_for_a_day_and_go_with_their_tenant() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let lead = app.lead(&here, "Ida", None, None).await;
    app.lead(&there, "Udo", None, None).await;
    execute(&app, &format!("UPDATE events SET at = at - interval '25 hours' WHERE tenant_id = '{}'", here.tenant))
        .await;
    let mut conn = app.app.db.platform().await.unwrap();
    assert!(live::forget_old(&mut conn).await.unwrap() >= 2);
    assert_eq!(live::forget_old(&mut conn).await.unwrap(), 0, "those of today stay");
    conn.commit().await.unwrap();

    // An erased lead is told as changed; an erased tenant is told to nobody.
    execute(&app, &format!("DELETE FROM leads WHERE id = '{}'", lead.id)).await;
    execute(&app, &format!("DELETE FROM tenants WHERE id = '{}'", there.tenant)).await;
    let mut owner = PgConnection::connect(&app.url).await.unwrap();
    let left: Vec<(uuid::Uuid, uuid::Uuid)> =
        sqlx::query_as("SELECT tenant_id, entity_id FROM events").fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, [(here.tenant.0, lead.id.0)]);
}

#[tokio::test]
async fn several_changes_of_one_transaction_are_told_once() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let mut conn = app.tenant_conn(&agency).await;
    let from = live::here(&mut conn).await.unwrap();
    drop(conn);
    let mut owner = PgConnection::connect(&app.url).await.unwrap();
    let mut together = owner.begin().await.unwrap();
    for version in [5, 6, 7] {
        let sql = "UPDATE leads SET version = $1 WHERE id = $2";
        sqlx::query(sql).bind(version).bind(lead.id.0).execute(&mut *together).await.unwrap();
    }
    sqlx::query("UPDATE leads SET version = 7").execute(&mut *together).await.unwrap();
    together.commit().await.unwrap();
    let began = Instant::now();
    let batch = loop {
        let mut conn = app.tenant_conn(&agency).await;
        let viewer = immivo::domain::leads::Viewer::SYSTEM;
        let batch = live::after(&mut conn, viewer, from).await.unwrap().unwrap();
        // `from` lies before what other tests' transactions still hold open, so the lead's beginning may be told again.
        let versions: Vec<_> = batch.events.iter().filter_map(|event| event.version).filter(|v| *v >= 5).collect();
        if !versions.is_empty() {
            assert_eq!(versions, [7]);
            break batch;
        }
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(!batch.more);
}
