//! Leads over HTTP.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use crate::support::{Agency, Person, Reply, TestApp};

async fn patch(app: &TestApp, person: &Person, path: &str, tag: Option<&str>, body: Value) -> Reply {
    let mut request = Request::patch(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(tag) = tag {
        request = request.header(header::IF_MATCH, tag);
    }
    app.call(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn names(app: &TestApp, person: &Person, query: &str) -> Vec<String> {
    let page = app.get(&format!("/api/v1/leads?{query}"), person).await.json(200);
    page["items"].as_array().unwrap().iter().map(|item| item["firstName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_lead_shows_what_clients_rely_on() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let reply = app.get(&format!("/api/v1/leads/{}", lead.id), &agency.agent).await;
    let view = reply.json(200);
    assert_eq!(
        view,
        json!({
            "id": lead.id, "status": "NEW", "automation": "ACTIVE", "lostReason": null, "source": "PORTAL", "portal": "willhaben",
            "salutation": null, "firstName": "Ida", "lastName": "Probe", "email": "ida@example.org", "addressKind": "direct",
            "phone": null, "language": "de", "formalAddress": null, "propertyId": property.id,
            "assigneeId": agency.agent.user.id, "incomplete": false, "reference": {"externalNumber": "A-1"},
            "firstResponseAt": null, "score": null, "scoreReasons": [], "version": 1, "createdAt": "2026-11-23T08:00:00Z", "updatedAt": "2026-11-23T08:00:00Z",
            "selfDisclosure": {"Haushaltsgröße": "2"}, "prospectId": lead.prospect_id, "otherLeads": [],
        })
    );
    assert_eq!(reply.header("etag"), "\"1\"");
    let listed = app.get("/api/v1/leads", &agency.agent).await.json(200);
    assert!(listed["items"][0].get("selfDisclosure").is_none(), "income and the like are not shown in lists");
}

#[tokio::test]
async fn leads_are_filtered() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    app.lead(&agency, "Ida", Some(property.id), Some(agency.agent.user.id)).await;
    let udo = app.lead(&agency, "Udo", None, None).await;
    app.post(&format!("/api/v1/leads/{}/pause", udo.id), &agency.admin, json!({})).await.json(200);
    for (query, expected) in [
        ("".to_owned(), vec!["Udo", "Ida"]),
        ("automation=PAUSED".to_owned(), vec!["Udo"]),
        ("status=NEW&automation=ACTIVE".to_owned(), vec!["Ida"]),
        ("status=BOOKED".to_owned(), vec![]),
        ("portal=willhaben".to_owned(), vec!["Udo", "Ida"]),
        ("portal=immowelt".to_owned(), vec![]),
        (format!("propertyId={}", property.id), vec!["Ida"]),
        (format!("assigneeId={}", agency.agent.user.id), vec!["Ida"]),
        ("q=UDO@".to_owned(), vec!["Udo"]),
        ("q=%25".to_owned(), vec![]),
    ] {
        assert_eq!(names(&app, &agency.admin, &query).await, expected, "{query}");
    }
    assert_eq!(names(&app, &agency.agent, "").await, ["Ida"]);
}

/// All leads came at one instant: the clock stands still.
#[tokio::test]
async fn pages_over_equal_timestamps_miss_and_repeat_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let mut expected = Vec::new();
    for name in ["Anna", "Bea", "Cora", "Dana", "Ella"] {
        expected.push(app.lead(&agency, name, None, None).await.id.to_string());
    }
    expected.sort();
    expected.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/leads?limit=2".to_owned();
    loop {
        let page = app.get(&path, &agency.admin).await.json(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        // A lead that comes meanwhile shifts nothing.
        if seen.len() == 2 {
            app.lead(&agency, "Zoe", None, None).await;
        }
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/leads?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_timeline_is_paged_oldest_first() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    for action in ["pause", "resume", "pause"] {
        app.post(&format!("/api/v1/leads/{}/{action}", lead.id), &agency.admin, json!({})).await.json(200);
    }
    let path = format!("/api/v1/leads/{}/timeline", lead.id);
    let whole = app.get(&path, &agency.admin).await.json(200);
    let kinds: Vec<&str> =
        whole["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["LEAD_CREATED", "MESSAGE_RECEIVED", "STATE_CHANGED", "STATE_CHANGED", "STATE_CHANGED"]);
    assert_eq!(whole["items"][2]["userId"], json!(agency.admin.user.id));
    let first = app.get(&format!("{path}?limit=3"), &agency.admin).await.json(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = app.get(&format!("{path}?limit=3&cursor={cursor}"), &agency.admin).await.json(200);
    let both = [first["items"].as_array().unwrap().as_slice(), second["items"].as_array().unwrap()].concat();
    assert_eq!(Value::Array(both), whole["items"]);
    assert_eq!(second["nextCursor"], json!(null));
}

#[tokio::test]
async fn a_field_that_is_null_is_emptied_and_one_left_out_stays() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let path = format!("/api/v1/leads/{}", lead.id);
    let body = json!({"lastName": null, "email": null, "phone": "+43 664 123 45 67", "formalAddress": false});
    let view = patch(&app, &agency.admin, &path, Some("\"1\""), body).await.json(200);
    assert_eq!(
        (
            &view["firstName"],
            &view["lastName"],
            &view["email"],
            &view["addressKind"],
            &view["phone"],
            &view["formalAddress"]
        ),
        (&json!("Ida"), &json!(null), &json!(null), &json!("none"), &json!("+436641234567"), &json!(false))
    );
    assert_eq!(view["version"], 2);
    patch(&app, &agency.admin, &path, Some("\"1\""), json!({"lastName": "Neu"})).await.problem(412);
    let body = json!({"email": "no address", "phone": "0664", "language": "xx"});
    assert_eq!(patch(&app, &agency.admin, &path, None, body).await.fields(422), ["email", "phone", "language"]);
    assert_eq!(patch(&app, &agency.admin, &path, None, json!({"status": "BOOKED"})).await.fields(422), ["status"]);
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["version"], 2);
}

#[tokio::test]
async fn only_administrators_assign_leads() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let path = format!("/api/v1/leads/{}", lead.id);
    patch(&app, &agency.agent, &path, None, json!({"assigneeId": null})).await.problem(403);
    let body = json!({"lastName": "Neu", "assigneeId": agency.admin.user.id});
    app.post("/api/v1/leads", &agency.agent, body).await.problem(403);
    let view = patch(&app, &agency.admin, &path, None, json!({"assigneeId": agency.admin.user.id})).await.json(200);
    assert_eq!(view["assigneeId"], json!(agency.admin.user.id));
    app.get(&path, &agency.agent).await.problem(404);
}

#[tokio::test]
async fn a_lead_is_closed_opened_stopped_and_given_back() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let act = async |action: &str, body: Value| {
        app.post(&format!("/api/v1/leads/{}/{action}", lead.id), &agency.admin, body).await
    };
    act("reopen", json!({})).await.problem(409);
    assert_eq!(act("close", json!({"reason": " "})).await.fields(422), ["reason"]);
    let closed = act("close", json!({"reason": "vermietet"})).await.json(200);
    assert_eq!((&closed["status"], &closed["lostReason"]), (&json!("LOST"), &json!("vermietet")));
    let problem = act("close", json!({"reason": "noch einmal"})).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("LOST"), "{problem}");
    act("pause", json!({})).await.problem(409);
    let open = act("reopen", json!({})).await.json(200);
    assert_eq!((&open["status"], &open["lostReason"]), (&json!("CONVERSATION"), &json!(null)));
    assert_eq!(act("pause", json!({})).await.json(200)["automation"], "PAUSED");
    assert_eq!(act("resume", json!({})).await.json(200)["automation"], "ACTIVE");
    act("resume", json!({})).await.problem(409);
}

fn typed_in(agency: &Agency) -> Value {
    json!({"salutation": "MS", "lastName": "Probe", "email": "Ida@Example.org", "language": "de",
           "message": "Ist die Wohnung noch frei?", "assigneeId": agency.admin.user.id})
}

#[tokio::test]
async fn a_lead_typed_in_is_made_once_and_answered() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let mut body = typed_in(&agency);
    body["propertyId"] = json!(property.id);
    let made = app.post("/api/v1/leads", &agency.admin, body.clone()).await;
    let view = made.json(201);
    assert_eq!(
        (&view["source"], &view["email"], &view["status"]),
        (&json!("MANUAL"), &json!("ida@example.org"), &json!("NEW"))
    );
    let again = app.post("/api/v1/leads", &agency.admin, body).await.json(200);
    assert_eq!(again["id"], view["id"]);

    let path = made.header("location").to_owned();
    app.run_jobs().await;
    let messages = app.get(&format!("{path}/messages"), &agency.admin).await.json(200);
    let shown: Vec<(&str, &str)> = messages["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| (message["origin"].as_str().unwrap(), message["delivery"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(shown, [("PROSPECT", "-"), ("AI_AUTO", "SENT")], "{messages}");
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["status"], "CONTACTED");
}

#[tokio::test]
async fn a_lead_needs_somebody_and_belongs_to_whom_it_should() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    assert_eq!(app.post("/api/v1/leads", &agency.admin, json!({"message": "Hallo"})).await.fields(422), ["lastName"]);
    let body = json!({"lastName": "Probe", "propertyId": property.id});
    let of_admin = app.post("/api/v1/leads", &agency.admin, body.clone()).await.json(201);
    assert_eq!(of_admin["assigneeId"], json!(agency.agent.user.id), "the agent of the listing");
    // Two people of whom only a common name is known are not one.
    assert_ne!(app.post("/api/v1/leads", &agency.admin, body).await.json(201)["id"], of_admin["id"]);
    let of_agent = app.post("/api/v1/leads", &agency.agent, json!({"lastName": "Probe"})).await.json(201);
    assert_eq!(of_agent["assigneeId"], json!(agency.agent.user.id));

    // A colleague's lead is neither shown nor made twice.
    let mut theirs = typed_in(&agency);
    app.post("/api/v1/leads", &agency.admin, theirs.clone()).await.json(201);
    theirs.as_object_mut().unwrap().remove("assigneeId");
    app.post("/api/v1/leads", &agency.agent, theirs).await.problem(409);
    app.run_jobs().await;
}

#[tokio::test]
async fn who_writes_to_the_prospect_stops_automation() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let lead = app.lead(&agency, "Ida", None, Some(agency.agent.user.id)).await;
    let path = format!("/api/v1/leads/{}/messages", lead.id);
    assert_eq!(app.post(&path, &agency.agent, json!({"text": "\n "})).await.fields(422), ["text"]);
    let body = json!({"subject": "Umlaut\r\nBcc: all@example.org", "text": "Guten Tag"});
    assert_eq!(app.post(&path, &agency.agent, body).await.fields(422), ["subject"]);
    let sent = app.post(&path, &agency.agent, json!({"text": "Guten Tag, ich rufe an."})).await.json(202);
    app.run_jobs().await;
    let messages = app.get(&path, &agency.agent).await.json(200);
    let message = &messages["items"][1];
    assert_eq!(
        (&message["id"], &message["origin"], &message["delivery"]),
        (&sent["id"], &json!("AGENT"), &json!("SENT"))
    );
    let lead_now = app.get(&format!("/api/v1/leads/{}", lead.id), &agency.agent).await.json(200);
    assert_eq!((&lead_now["automation"], &lead_now["status"]), (&json!("PAUSED"), &json!("CONTACTED")));
    let no_address = app.post("/api/v1/leads", &agency.agent, json!({"phone": "+436641234567"})).await.json(201);
    let path = format!("/api/v1/leads/{}/messages", no_address["id"].as_str().unwrap());
    let problem =
        app.send(Method::POST, &path, Some(&agency.agent.token), Some(json!({"text": "Hallo"}))).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("`email`"), "{problem}");
}
