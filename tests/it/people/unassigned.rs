//! What agents see of leads that nobody has: nothing, unless the agency wants it so.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn agents_see_unassigned_leads_where_the_agency_wants_it() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let boss = app.colleague(&agency, "chef", immivo::domain::users::Role::Agent).await;
    let property = app.property(&agency).await;
    let nobodys = app.lead(&agency, "Ida", Some(property.id), None).await;
    let others = app.lead(&agency, "Udo", Some(property.id), Some(agency.admin.user.id)).await;
    let task = app.task(&agency, nobodys.id).await;
    let draft = app.draft(&agency, nobodys.id).await;
    let visitor = app.lead(&agency, "Eva", Some(property.id), None).await;
    let viewing = app.viewing(&agency, visitor.id, property.id).await;
    app.run_jobs().await;
    let paths = [
        format!("/api/v1/leads/{}", nobodys.id),
        format!("/api/v1/leads/{}/timeline", nobodys.id),
        format!("/api/v1/leads/{}/messages", nobodys.id),
        format!("/api/v1/tasks/{task}"),
        format!("/api/v1/drafts/{draft}"),
        format!("/api/v1/viewings/{viewing}"),
    ];
    let lists = [("leads", 2), ("tasks", 2), ("drafts", 1), ("viewings", 1)];
    for visible in [false, true, false] {
        let mut settings = json!({
            "name": "Agentur", "timeZone": "Europe/Vienna", "languages": ["de"], "formalAddress": true, "branding": {},
            "sender": {"name": "Agentur", "address": "buero@here.test"},
            "automation": {"mode": "FULL", "delaySeconds": 0, "confidenceThreshold": 0.8},
            "viewings": {"weekdays": [1], "from": "09:00", "to": "18:00", "slotMinutes": 30, "bufferMinutes": 15,
                         "horizonDays": 14, "leadTimeMinutes": 60},
        });
        // Left out it is off: settings are replaced as a whole.
        if visible {
            settings["unassignedVisible"] = json!(true);
        }
        let read = app.get("/api/v1/settings", &agency.admin).await;
        let reply = app.put("/api/v1/settings", &agency.admin, Some(read.header("etag")), settings).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        for path in &paths {
            let status = app.get(path, &boss).await.status;
            assert_eq!(status, if visible { 200 } else { 404 }, "{path}");
        }
        for (list, count) in lists {
            let page = app.get(&format!("/api/v1/{list}"), &boss).await.json(200);
            assert_eq!(page["items"].as_array().unwrap().len(), if visible { count } else { 0 }, "{list}");
        }
        app.get(&format!("/api/v1/leads/{}", others.id), &boss).await.problem(404);
        let me = app.get("/api/v1/me", &boss).await.json(200);
        assert_eq!(me["rights"], if visible { json!(["SEE_UNASSIGNED_LEADS"]) } else { json!([]) });
    }
}
