//! Settings and facts: who may change them, what is refused, and who changed what.

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

#[tokio::test]
async fn settings_start_with_what_the_product_comes_with_and_everybody_reads_them() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let reply = app.get("/api/v1/settings", &agency.agent).await;
    let settings = reply.json(200);
    assert_eq!(reply.header("etag"), "\"1\"");
    assert_eq!((&settings["country"], &settings["timeZone"]), (&json!("AT"), &json!("Europe/Vienna")));
    assert_eq!((&settings["plan"], &settings["licence"]), (&json!("TRIAL"), &json!("TRIAL")));
    assert_eq!(settings["languages"], json!(["de", "en", "fr", "it", "es"]));
    assert_eq!((&settings["viewings"]["from"], &settings["viewings"]["to"]), (&json!("09:00"), &json!("18:00")));
    for unset in ["address", "aiBudget", "retentionDays"] {
        assert_eq!(settings[unset], Value::Null, "{unset}");
    }
    assert!(settings["defaultAiDisclosures"]["de"].as_str().unwrap().contains("künstlicher Intelligenz"));
}

fn everything() -> Value {
    json!({
        "name": "Neue Agentur", "timeZone": "Europe/Zurich", "languages": ["fr", "de"], "formalAddress": false, "unassignedVisible": true,
        "address": {"street": "Bahnhofstrasse 1", "zip": "8001", "city": "Zürich"},
        "branding": {"logoUrl": "https://agentur.test/logo.png", "primaryColor": "#0a5c36", "accentColor": "#8a1c1c"},
        "sender": {"name": "Team", "address": "team@agentur.test"},
        "automation": {"mode": "FIRST_ANSWER", "delaySeconds": 90, "confidenceThreshold": 0.9,
                       "dailyAnswersPerLead": 6, "dailyEnquiriesPerProperty": 40,
                       "quietHours": {"from": "21:30", "to": "07:00"}},
        "viewings": {"weekdays": [2, 6], "from": "10:00", "to": "24:00", "slotMinutes": 20, "bufferMinutes": 5,
                     "horizonDays": 30, "leadTimeMinutes": 120},
        "aiBudget": {"cents": 5000, "currency": "EUR"},
        "aiDisclosures": {"fr": "Rédigé par une machine."},
        "trustedForwarders": ["forwarder.test"], "retentionDays": 180,
        "followUps": {"enabled": false, "days": [2, 5], "at": "11:00", "closeAfterDays": 4},
    })
}

#[tokio::test]
async fn what_is_set_is_what_is_read_and_all_of_it_is_in_the_history() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (before, _) = app.settings(&agency).await;
    let reply = app.change_settings(&agency, |settings| *settings = everything()).await;
    assert_eq!((reply.json(200)["version"].clone(), reply.header("etag")), (json!(2), "\"2\""));
    let (read, _) = app.settings(&agency).await;
    assert_eq!(read, everything());
    // Nothing set, nothing changed; then one field emptied.
    app.change_settings(&agency, |_| {}).await.json(200);
    app.app.clock.set("2026-11-23T08:01:00Z".parse().unwrap());
    app.change_settings(&agency, |settings| settings["address"] = Value::Null).await.json(200);

    let history = app.get("/api/v1/settings/history", &agency.admin).await.json(200);
    let changes = history["items"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{history}");
    assert!(changes.iter().all(|change| change["userId"] == json!(agency.admin.user.id)), "{history}");
    let told = |change: &Value, field: &str| {
        let field = change["fields"].as_array().unwrap().iter().find(|told| told["field"] == field).cloned();
        field.map(|told| (told["from"].clone(), told["to"].clone()))
    };
    assert_eq!(told(&changes[0], "address.zip"), Some((json!("8001"), Value::Null)));
    let first = &changes[1];
    for (field, pointer) in [
        ("name", "/name"),
        ("timeZone", "/timeZone"),
        ("languages", "/languages"),
        ("formalAddress", "/formalAddress"),
        ("unassignedVisible", "/unassignedVisible"),
        ("address.street", "/address/street"),
        ("address.zip", "/address/zip"),
        ("address.city", "/address/city"),
        ("branding.logoUrl", "/branding/logoUrl"),
        ("branding.primaryColor", "/branding/primaryColor"),
        ("branding.accentColor", "/branding/accentColor"),
        ("sender.name", "/sender/name"),
        ("sender.address", "/sender/address"),
        ("automation.mode", "/automation/mode"),
        ("automation.dailyAnswersPerLead", "/automation/dailyAnswersPerLead"),
        ("automation.dailyEnquiriesPerProperty", "/automation/dailyEnquiriesPerProperty"),
        ("automation.delaySeconds", "/automation/delaySeconds"),
        ("automation.confidenceThreshold", "/automation/confidenceThreshold"),
        ("automation.quietHours.from", "/automation/quietHours/from"),
        ("automation.quietHours.to", "/automation/quietHours/to"),
        ("viewings.weekdays", "/viewings/weekdays"),
        ("viewings.from", "/viewings/from"),
        ("viewings.to", "/viewings/to"),
        ("viewings.slotMinutes", "/viewings/slotMinutes"),
        ("viewings.bufferMinutes", "/viewings/bufferMinutes"),
        ("viewings.horizonDays", "/viewings/horizonDays"),
        ("viewings.leadTimeMinutes", "/viewings/leadTimeMinutes"),
        ("aiBudget.cents", "/aiBudget/cents"),
        ("aiBudget.currency", "/aiBudget/currency"),
        ("aiDisclosures", "/aiDisclosures"),
        ("retentionDays", "/retentionDays"),
        ("trustedForwarders", "/trustedForwarders"),
        ("followUps", "/followUps"),
    ] {
        let was = before.pointer(pointer).cloned().unwrap_or(Value::Null);
        let is_now = everything().pointer(pointer).cloned().unwrap();
        assert_eq!(told(first, field), Some((was, is_now)), "{field}");
    }
    assert_eq!(first["fields"].as_array().unwrap().len(), 33, "{first}");
}

#[tokio::test]
async fn settings_are_not_overwritten_unread_and_only_by_administrators() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (settings, version) = app.settings(&agency).await;
    let put = async |person: &Person, version: Option<&str>| {
        app.put("/api/v1/settings", person, version, settings.clone()).await
    };
    put(&agency.agent, None).await.problem(403);
    put(&agency.agent, Some(&version)).await.problem(403);
    put(&agency.admin, None).await.problem(428);
    put(&agency.admin, Some("\"7\"")).await.problem(412);
    put(&agency.admin, Some("W/\"1\"")).await.problem(412);
    put(&agency.admin, Some(&version)).await.json(200);
    put(&agency.admin, Some(&version)).await.problem(412);
    put(&agency.admin, Some("*")).await.json(200);
    app.get("/api/v1/settings/history", &agency.agent).await.problem(403);
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let refused = async |change: fn(&mut Value)| app.change_settings(&agency, change).await.fields(422);
    let several = refused(|settings| {
        settings["timeZone"] = json!("Nowhere/Town");
        settings["branding"]["primaryColor"] = json!("#ffff00");
        settings["aiBudget"] = json!({"cents": 1, "currency": "USD"});
        settings["aiDisclosures"] = json!({"de": ""});
    });
    let expected = ["timeZone", "branding.primaryColor", "aiBudget.currency", "aiDisclosures.de"];
    assert_eq!(several.await, expected);
    assert_eq!(refused(|settings| settings["country"] = json!("DE")).await, ["country"]);
    assert_eq!(refused(|settings| settings["branding"]["color"] = json!("#000000")).await, ["branding.color"]);
    assert_eq!(refused(|settings| settings["viewings"]["from"] = json!("9:00")).await, ["viewings.from"]);
    assert_eq!(
        refused(|settings| settings["automation"]["quietHours"] = json!({"from": "22:00"})).await,
        ["automation.quietHours.to"]
    );
    assert_eq!(refused(|settings| drop(settings.as_object_mut().unwrap().remove("sender"))).await, ["sender"]);
    assert_eq!(app.settings(&agency).await.1, "\"1\"");
    let history = app.get("/api/v1/settings/history", &agency.admin).await.json(200);
    assert_eq!(history["items"], json!([]));
}

#[tokio::test]
async fn history_comes_in_pages_and_is_the_own_agencys() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    for minute in 1..=5 {
        app.app.clock.set(format!("2026-11-23T08:0{minute}:00Z").parse().unwrap());
        app.change_settings(&here, |settings| settings["retentionDays"] = json!(100 + minute)).await.json(200);
        app.change_settings(&there, |settings| settings["retentionDays"] = json!(200 + minute)).await.json(200);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/v1/settings/history?limit=2&cursor={cursor}"), &here.admin).await.json(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|change| change["fields"][0]["to"].clone()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, [105, 104, 103, 102, 101]);
}

#[tokio::test]
async fn facts_are_added_changed_removed_and_remembered() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let fact = json!({"topic": "pets", "text": " Haustiere sind willkommen. "});
    app.post("/api/v1/facts", &agency.agent, fact.clone()).await.problem(403);
    let wrong = app.post("/api/v1/facts", &agency.admin, json!({"topic": "weather", "text": ""})).await;
    assert_eq!(wrong.fields(422), ["topic", "text"]);
    let made = app.post("/api/v1/facts", &agency.admin, fact).await.json(201);
    assert_eq!((&made["text"], &made["version"]), (&json!("Haustiere sind willkommen."), &json!(1)));
    let path = format!("/api/v1/facts/{}", made["id"].as_str().unwrap());
    let other = json!({"topic": "pets", "text": "Hunde sind willkommen."});
    app.put(&path, &agency.agent, None, other.clone()).await.problem(403);
    let changed = app.put(&path, &agency.admin, Some("\"1\""), other.clone()).await;
    assert_eq!((changed.json(200)["version"].clone(), changed.header("etag")), (json!(2), "\"2\""));
    app.put(&path, &agency.admin, Some("\"1\""), other).await.problem(412);
    let listed = app.get("/api/v1/facts", &agency.agent).await.json(200);
    assert_eq!(listed["items"], json!([changed.json(200)]));

    let delete = |person: Person| {
        let (app, path) = (&app, path.clone());
        async move { app.send(axum::http::Method::DELETE, &path, Some(&person.token), None).await }
    };
    delete(agency.agent.clone()).await.problem(403);
    assert_eq!(delete(agency.admin.clone()).await.status, 204);
    delete(agency.admin.clone()).await.problem(404);
    assert_eq!(app.get("/api/v1/facts", &agency.agent).await.json(200)["items"], json!([]));
    let history = app.get("/api/v1/settings/history", &agency.admin).await.json(200);
    let texts: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|change| change["fields"].as_array().unwrap())
        .filter(|told| told["field"] == format!("facts.{}.text", made["id"].as_str().unwrap()))
        .map(|told| (told["from"].clone(), told["to"].clone()))
        .collect();
    assert_eq!(texts.len(), 3, "{history}");
    assert!(texts.contains(&(json!("Haustiere sind willkommen."), json!("Hunde sind willkommen."))), "{history}");
}
