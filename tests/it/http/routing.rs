//! Who gets new leads: rules, turns, absences, and trying rules out.

use axum::http::Method;
use immivo::domain::users::{self, NewUser, Role, UserId};
use serde_json::{Value, json};

use crate::support::{Agency, Person, TestApp};

/// One more agent.
async fn colleague(app: &TestApp, agency: &Agency, name: &str) -> Person {
    let mut conn = app.tenant_conn(agency).await;
    let new = NewUser {
        subject: format!("{name}-{}", agency.tenant),
        email: format!("{name}@here.test"),
        first_name: name.to_owned(),
        last_name: "Berger".to_owned(),
        phone: None,
        role: Role::Agent,
    };
    let id = users::create(&mut conn, &new).await.unwrap();
    let user = users::find(&mut conn, id).await.unwrap().unwrap();
    conn.commit().await.unwrap();
    let token = app.token(&user.subject);
    Person { user, token }
}

async fn set_rules(app: &TestApp, agency: &Agency, rules: Value) -> Value {
    let version = app.get("/api/v1/routing/rules", &agency.admin).await.header("etag").to_owned();
    app.put("/api/v1/routing/rules", &agency.admin, Some(&version), json!({"rules": rules})).await.json(200)
}

/// A new lead, typed in by the administrator; whose it became.
async fn new_lead(app: &TestApp, agency: &Agency, body: Value) -> Value {
    app.post("/api/v1/leads", &agency.admin, body).await.json(201)["assigneeId"].clone()
}

async fn away(app: &TestApp, agency: &Agency, user: UserId, substitute: Option<UserId>) -> String {
    let body = json!({"userId": user, "from": "2026-11-23", "to": "2026-11-27", "substituteId": substitute});
    app.post("/api/v1/absences", &agency.admin, body).await.json(201)["id"].as_str().unwrap().to_owned()
}

fn portal_lead(number: u32, message: &str) -> String {
    format!(
        "From: willhaben <no-reply@willhaben.at>\r\nTo: here@intake.immivo.test\r\nSubject: Anfrage zu Anzeige Altbau (99887766)\r\n\
         Message-ID: <{number}@willhaben.at>\r\nAuto-Submitted: auto-generated\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Code: 99887766\r\nAnfrage von: Frau Ida Probe\r\nE-Mail: ida{number}@example.org\r\n\r\nNachricht:\r\n{message}\r\n"
    )
}

#[tokio::test]
async fn rules_are_read_and_replaced_as_one_list_by_administrators() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let path = "/api/v1/routing/rules";
    app.get(path, &agency.agent).await.problem(403);
    let none = app.get(path, &agency.admin).await;
    assert_eq!((none.json(200), none.header("etag")), (json!({"rules": [], "version": 0}), "\"0\""));
    let (admin, agent) = (agency.admin.user.id, agency.agent.user.id);
    let rules = json!([
        {"kind": "PORTAL", "portal": "willhaben", "userId": agent},
        {"kind": "ZIP_PREFIX", "zipPrefix": "10", "userId": admin},
        {"kind": "LANGUAGE", "language": "fr", "userId": agent},
        {"kind": "PROPERTY_AGENT"},
        {"kind": "ROUND_ROBIN", "members": [{"userId": admin, "weight": 3}, {"userId": agent, "weight": 1}]},
    ]);
    let body = json!({"rules": rules});
    app.put(path, &agency.agent, Some("\"0\""), body.clone()).await.problem(403);
    app.put(path, &agency.admin, None, body.clone()).await.problem(428);
    app.put(path, &agency.admin, Some("\"1\""), body.clone()).await.problem(412);
    let saved = app.put(path, &agency.admin, Some("\"0\""), body.clone()).await;
    assert_eq!((saved.json(200), saved.header("etag")), (json!({"rules": rules, "version": 1}), "\"1\""));
    app.put(path, &agency.admin, Some("\"0\""), body).await.problem(412);
    assert_eq!(app.get(path, &agency.admin).await.json(200), saved.json(200));
    assert_eq!(set_rules(&app, &agency, json!([])).await, json!({"rules": [], "version": 2}));
}

#[tokio::test]
async fn wrong_rules_are_refused_by_field() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let there = app.agency("there").await.agent.user.id;
    for (rule, field) in [
        (json!({"kind": "PORTAL", "portal": "nowhere", "userId": agency.admin.user.id}), "rules[0].portal"),
        (json!({"kind": "LANGUAGE", "language": "de", "userId": there}), "rules[0].userId"),
        (json!({"kind": "ROUND_ROBIN", "members": [{"userId": there, "weight": 1}]}), "rules[0].members[0].userId"),
        (json!({"kind": "ROUND_ROBIN", "members": []}), "rules[0].members"),
        (json!({"kind": "PROPERTY_AGENT", "userId": agency.admin.user.id}), "rules[0].userId"),
        (json!({"kind": "LOTTERY"}), "rules[0].kind"),
        (json!({}), "rules[0].kind"),
    ] {
        let body = json!({"rules": [rule]});
        let put = app.put("/api/v1/routing/rules", &agency.admin, Some("*"), body.clone()).await;
        assert_eq!(put.fields(422), [field], "{body}");
        let tried = app.post("/api/v1/routing/dry-run", &agency.admin, body.clone()).await;
        assert_eq!(tried.fields(422), [field], "{body}");
    }
    assert_eq!(app.get("/api/v1/routing/rules", &agency.admin).await.json(200)["version"], 0);
}

#[tokio::test]
async fn without_rules_the_listings_agent_gets_the_lead() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await.id;
    let agent = json!(agency.agent.user.id);
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "A", "propertyId": property})).await, agent);
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "B"})).await, Value::Null);
    // Who is chosen by hand is not asked for rules.
    let by_hand = json!({"lastName": "C", "propertyId": property, "assigneeId": agency.admin.user.id});
    assert_eq!(new_lead(&app, &agency, by_hand).await, json!(agency.admin.user.id));
    let absence = away(&app, &agency, agency.agent.user.id, None).await;
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "D", "propertyId": property})).await, Value::Null);
    let gone = app.send(Method::DELETE, &format!("/api/v1/absences/{absence}"), Some(&agency.agent.token), None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "E", "propertyId": property})).await, agent);
}

#[tokio::test]
async fn a_portal_mail_goes_by_the_first_rule_that_finds_somebody_and_the_timeline_says_which() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (anna, ben) = (colleague(&app, &agency, "anna").await, colleague(&app, &agency, "ben").await);
    set_rules(
        &app,
        &agency,
        json!([
            {"kind": "LANGUAGE", "language": "fr", "userId": ben.user.id},
            {"kind": "PORTAL", "portal": "willhaben", "userId": anna.user.id},
        ]),
    )
    .await;
    away(&app, &agency, anna.user.id, Some(ben.user.id)).await;
    app.intake(&agency, &portal_lead(1, "Ist die Wohnung noch frei?")).await;
    app.run_jobs().await;
    let lead = app.get("/api/v1/leads", &ben).await.json(200)["items"][0].clone();
    assert_eq!(lead["assigneeId"], json!(ben.user.id), "{lead}");
    let path = format!("/api/v1/leads/{}/timeline", lead["id"].as_str().unwrap());
    let timeline = app.get(&path, &ben).await.json(200);
    let reason = timeline["items"].as_array().unwrap().iter().find(|event| event["kind"] == "ASSIGNED").unwrap();
    let expected = json!({"assigneeId": ben.user.id, "rule": "PORTAL", "position": 1, "insteadOf": anna.user.id});
    assert_eq!((&reason["data"], &reason["actor"]), (&expected, &json!("SYSTEM")));
    // The task that the mail made is theirs, too.
    let tasks = app.get("/api/v1/tasks?state=OPEN", &ben).await.json(200);
    assert_eq!(tasks["items"][0]["ownerId"], json!(ben.user.id), "{tasks}");
}

#[tokio::test]
async fn a_lead_that_was_nobodys_is_routed_once_its_listing_is_known() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let anna = colleague(&app, &agency, "anna").await;
    set_rules(&app, &agency, json!([{"kind": "ZIP_PREFIX", "zipPrefix": "101", "userId": anna.user.id}])).await;
    app.intake(&agency, &portal_lead(1, "Ist die Wohnung noch frei?")).await;
    app.run_jobs().await;
    let task = app.get("/api/v1/tasks?state=OPEN", &agency.admin).await.json(200)["items"][0].clone();
    assert_eq!((&task["kind"], &task["ownerId"]), (&json!("ASSIGN_PROPERTY"), &Value::Null));
    let path = format!("/api/v1/tasks/{}/resolve", task["id"].as_str().unwrap());
    app.post(&path, &agency.admin, json!({"propertyId": property.id})).await.json(200);
    let lead = app.get("/api/v1/leads", &agency.admin).await.json(200)["items"][0].clone();
    assert_eq!(lead["assigneeId"], json!(anna.user.id));
    app.run_jobs().await;
}

#[tokio::test]
async fn turns_are_taken_by_weight_also_when_leads_come_at_once_and_copies_take_none() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (anna, ben) = (colleague(&app, &agency, "anna").await, colleague(&app, &agency, "ben").await);
    let members = json!([{"userId": anna.user.id, "weight": 3}, {"userId": ben.user.id, "weight": 1}]);
    set_rules(&app, &agency, json!([{"kind": "ROUND_ROBIN", "members": members}])).await;
    let body = |number: u32| json!({"lastName": "X", "email": format!("x{number}@example.org"), "message": "Hallo"});
    let new = async |number| new_lead(&app, &agency, body(number)).await;
    let at_once = futures::future::join_all((0..16).map(new)).await;
    let of = |person: &Person, got: &[Value]| got.iter().filter(|id| **id == json!(person.user.id)).count();
    assert_eq!((of(&anna, &at_once), of(&ben, &at_once)), (12, 4), "{at_once:?}");

    // A copy of an enquiry is no lead and takes no turn.
    app.post("/api/v1/leads", &agency.admin, body(0)).await.json(200);
    let next = [new(20).await, new(21).await, new(22).await, new(23).await];
    let (a, b) = (json!(anna.user.id), json!(ben.user.id));
    assert_eq!(next, [a.clone(), a.clone(), b.clone(), a.clone()]);

    // Saving the list goes on where the round stands: Anna is ahead, so it is Ben's turn twice.
    assert_eq!(new(30).await, a);
    let members = json!([{"userId": ben.user.id, "weight": 1}, {"userId": anna.user.id, "weight": 1}]);
    set_rules(&app, &agency, json!([{"kind": "PROPERTY_AGENT"}, {"kind": "ROUND_ROBIN", "members": members}])).await;
    assert_eq!([new(31).await, new(32).await, new(33).await], [b.clone(), b.clone(), a.clone()]);

    // Who is away without a substitute is passed over.
    away(&app, &agency, ben.user.id, None).await;
    assert_eq!([new(40).await, new(41).await], [a.clone(), a]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_dry_run_tells_who_would_have_had_the_last_leads_and_changes_nothing() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let anna = colleague(&app, &agency, "anna").await;
    let property = app.property(&agency).await;
    let (admin, agent) = (agency.admin.user.id, agency.agent.user.id);
    app.app.clock.set("2026-10-20T08:00:00Z".parse().unwrap());
    app.lead(&agency, "Old", None, Some(agent)).await;
    for (number, day) in ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"].iter().enumerate() {
        app.app.clock.set(format!("{day}T08:00:00Z").parse().unwrap());
        let property = (number == 0).then_some(property.id);
        app.lead(&agency, &format!("Ida{number}"), property, (number < 2).then_some(agent)).await;
    }
    app.app.clock.set(crate::support::NOW.parse().unwrap());
    let rule = json!([{"kind": "ROUND_ROBIN", "members": [{"userId": admin, "weight": 1}, {"userId": anna.user.id, "weight": 1}]}]);
    set_rules(&app, &agency, rule.clone()).await;
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "B"})).await, json!(admin));
    // On the 4th the administrator was away, on the day of the others not.
    let absence = json!({"from": "2026-11-04", "to": "2026-11-04", "substituteId": agent});
    app.post("/api/v1/absences", &agency.admin, absence).await.json(201);

    let candidate = json!([{"kind": "ZIP_PREFIX", "zipPrefix": "10", "userId": agent}, rule[0]]);
    app.post("/api/v1/routing/dry-run", &agency.agent, json!({"rules": candidate})).await.problem(403);
    let run = async || app.post("/api/v1/routing/dry-run", &agency.admin, json!({"rules": candidate})).await.json(200);
    let first = run().await;
    assert_eq!(run().await, first, "the same question, the same answer");
    let told: Vec<_> = first["leads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| (lead["assigneeId"].clone(), lead["wouldAssigneeId"].clone(), lead["rule"].clone()))
        .collect();
    let (none, anna_id, admin_id, agent_id) = (Value::Null, json!(anna.user.id), json!(admin), json!(agent));
    // Newest first. The round stands at Anna: she takes the second lead, the administrator's substitute the third …
    let expected = [
        (admin_id.clone(), admin_id.clone(), json!(1)),
        (none.clone(), anna_id.clone(), json!(1)),
        (none.clone(), agent_id.clone(), json!(1)),
        (agent_id.clone(), anna_id.clone(), json!(1)),
        (agent_id.clone(), agent_id.clone(), json!(0)),
    ];
    assert_eq!(told, expected, "{first}");
    assert_eq!(first["leads"][2]["insteadOf"], admin_id);
    assert_eq!(first["truncated"], false);
    let share = |user: &Value| {
        let share = first["totals"].as_array().unwrap().iter().find(|share| share["userId"] == *user).unwrap();
        (share["has"].as_u64().unwrap(), share["would"].as_u64().unwrap())
    };
    assert_eq!([share(&admin_id), share(&anna_id), share(&agent_id), share(&none)], [(1, 1), (0, 2), (2, 2), (2, 0)]);
    // The round itself still stands where it stood.
    assert_eq!(new_lead(&app, &agency, json!({"lastName": "C"})).await, anna_id);
}

#[tokio::test]
async fn people_note_their_own_absences_and_administrators_everybodys() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (admin, agent) = (agency.admin.user.id, agency.agent.user.id);
    let days = |from: &str, to: &str| json!({"from": from, "to": to});
    let made = app.post("/api/v1/absences", &agency.agent, days("2026-12-24", "2026-12-31")).await.json(201);
    assert_eq!((&made["userId"], &made["substituteId"]), (&json!(agent), &Value::Null));
    app.post("/api/v1/absences", &agency.agent, days("2026-12-31", "2027-01-02")).await.problem(409);
    app.post("/api/v1/absences", &agency.agent, days("2027-01-01", "2027-01-02")).await.json(201);
    let wrong = json!({"from": "2027-02-02", "to": "2027-02-01", "substituteId": agent});
    assert_eq!(app.post("/api/v1/absences", &agency.agent, wrong).await.fields(422), ["to", "substituteId"]);
    assert_eq!(
        app.post("/api/v1/absences", &agency.agent, days("2026-02-30", "2026-03-01")).await.fields(422),
        ["from"]
    );
    let other = json!({"userId": admin, "from": "2027-03-01", "to": "2027-03-01"});
    app.post("/api/v1/absences", &agency.agent, other).await.problem(403);
    let theirs = app.post("/api/v1/absences", &agency.admin, days("2027-03-01", "2027-03-01")).await.json(201);

    let list = async |person: &Person, query: &str| {
        app.get(&format!("/api/v1/absences{query}"), person).await.json(200)["items"].as_array().unwrap().len()
    };
    assert_eq!((list(&agency.agent, "").await, list(&agency.admin, "").await), (2, 3));
    assert_eq!(list(&agency.admin, &format!("?userId={agent}")).await, 2);
    app.get(&format!("/api/v1/absences?userId={admin}"), &agency.agent).await.problem(403);
    let path = format!("/api/v1/absences/{}", theirs["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&agency.agent.token), None).await.problem(404);
    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
}
