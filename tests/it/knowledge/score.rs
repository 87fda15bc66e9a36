//! Scores and other listings for a lead.

use axum::http::Method;
use immivo::domain::leads;
use immivo::domain::properties::{self, Marketing, PropertyId, PropertyInput, PropertyStatus};
use serde_json::{Value, json};

use crate::support::{Agency, TestApp};

async fn score(app: &TestApp, agency: &Agency, lead: &leads::Lead) -> Value {
    app.run_all_jobs().await;
    app.get(&format!("/api/v1/leads/{}", lead.id), &agency.admin).await.json(200)
}

fn finding(view: &Value, aspect: &str) -> String {
    let reasons = view["scoreReasons"].as_array().unwrap();
    let reason = reasons.iter().find(|reason| reason["aspect"] == aspect).unwrap();
    reason["finding"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_score_follows_whatever_it_rests_on_and_gives_no_figure_away() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    let lead = app.lead(&agency, "Ida", None, None).await;
    let path = format!("/api/v1/leads/{}", lead.id);
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["score"], json!(null));
    let mut before = score(&app, &agency, &lead).await;
    assert_eq!(finding(&before, "COMPLETENESS"), "PARTIAL");
    let better = |before: &Value, after: &Value| {
        assert!(after["score"].as_i64() > before["score"].as_i64(), "{before} {after}");
    };
    // The listing and a telephone.
    app.send(
        Method::PATCH,
        &path,
        Some(&agency.admin.token),
        Some(json!({"propertyId": property.id, "phone": "+436641234567"})),
    )
    .await
    .json(200);
    let after = score(&app, &agency, &lead).await;
    assert_eq!(finding(&after, "COMPLETENESS"), "COMPLETE");
    better(&before, &after);
    before = after;
    // What a questionnaire said.
    let mut conn = app.tenant_conn(&agency).await;
    let said = [("Haushaltsnettoeinkommen", "4.100 €"), ("SCHUFA", "ja"), ("Einzugstermin", "sofort")];
    let said = said.map(|(label, answer)| (label.to_owned(), answer.to_owned())).into();
    leads::add_disclosure(&mut conn, lead.id, &said).await.unwrap();
    conn.commit().await.unwrap();
    let after = score(&app, &agency, &lead).await;
    assert_eq!(
        ["FINANCING", "BUDGET_FIT", "TIME_FRAME"].map(|aspect| finding(&after, aspect)),
        ["CONFIRMED", "FITS", "SOON"]
    );
    assert!(!after["scoreReasons"].to_string().contains("4"), "no figure of theirs: {}", after["scoreReasons"]);
    better(&before, &after);
    before = after;
    // The rent goes up: it does not fit any more, and version and time of change stay the agency's.
    let mut conn = app.tenant_conn(&agency).await;
    let input = PropertyInput { cold_rent_cents: Some(300_000), ..PropertyInput::from(&property) };
    properties::update(&mut conn, property.id, &input, None).await.unwrap();
    conn.commit().await.unwrap();
    let after = score(&app, &agency, &lead).await;
    assert_eq!((finding(&after, "BUDGET_FIT").as_str(), &after["version"]), ("BEYOND", &before["version"]));
    // An appointment.
    app.viewing(&agency, lead.id, property.id).await;
    assert_eq!(finding(&score(&app, &agency, &lead).await, "ENGAGEMENT"), "BOOKED");
    app.post(&format!("{path}/close"), &agency.admin, json!({"reason": "let to somebody else"})).await.json(200);
    assert_eq!(finding(&score(&app, &agency, &lead).await, "ENGAGEMENT"), "LOST");
}

#[tokio::test]
async fn leads_are_sorted_and_filtered_by_score_page_by_page() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    app.lead(&agency, "Ida", None, None).await;
    app.lead(&agency, "Udo", Some(property.id), None).await;
    app.lead(&agency, "Eva", None, None).await;
    app.run_all_jobs().await;
    app.lead(&agency, "Neu", None, None).await; // not looked at yet
    let names = async |query: &str| -> Vec<String> {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/api/v1/leads?limit=1&{query}{cursor}"), &agency.admin).await.json(200);
            names.extend(
                page["items"].as_array().unwrap().iter().map(|lead| lead["firstName"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["nextCursor"].as_str() else { return names };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!(names("sort=score").await, ["Udo", "Eva", "Ida", "Neu"]);
    assert_eq!(names("sort=newest").await, ["Neu", "Eva", "Udo", "Ida"]);
    let best = app.get("/api/v1/leads?sort=score&limit=1", &agency.admin).await.json(200)["items"][0]["score"]
        .as_i64()
        .unwrap();
    assert_eq!(names(&format!("minScore={best}")).await, ["Udo"]);
    assert_eq!(app.get("/api/v1/leads?minScore=101", &agency.admin).await.fields(400), ["minScore"]);
    assert_eq!(app.get("/api/v1/leads?sort=name", &agency.admin).await.fields(400), ["sort"]);
}

async fn listing(app: &TestApp, agency: &Agency, title: &str, change: impl FnOnce(&mut PropertyInput)) -> PropertyId {
    let property = app.property(agency).await;
    let mut input =
        PropertyInput { title: title.to_owned(), living_area: Some(80.0), ..PropertyInput::from(&property) };
    change(&mut input);
    let mut conn = app.tenant_conn(agency).await;
    properties::update(&mut conn, property.id, &input, None).await.unwrap();
    conn.commit().await.unwrap();
    property.id
}

#[tokio::test]
async fn other_listings_fit_in_figures_first_and_the_nearest_text_leads() {
    let app = TestApp::new().await;
    let (agency, there) = (app.agency("here").await, app.agency("there").await);
    let text = |text: &'static str| move |input: &mut PropertyInput| text.clone_into(&mut input.description);
    let asked = listing(&app, &agency, "gefragt", text("Altbau mit Stuck und Flügeltüren, ruhiger Innenhof.")).await;
    listing(&app, &agency, "fern", text("Neubau mit Tiefgarage an der Schnellstraße.")).await;
    listing(&app, &agency, "nah", text("Stuckdecken und Flügeltüren im Altbau.")).await;
    listing(&app, &agency, "ohne Angaben", |input| {
        (input.cold_rent_cents, input.rooms, input.living_area, input.zip, input.city) = (None, None, None, None, None);
    })
    .await;
    listing(&app, &agency, "zu teuer", |input| input.cold_rent_cents = Some(120_000)).await;
    listing(&app, &agency, "zu klein", |input| input.rooms = Some(1.0)).await;
    listing(&app, &agency, "zu groß", |input| input.living_area = Some(200.0)).await;
    listing(&app, &agency, "woanders", |input| {
        (input.zip, input.city) = (Some("8010".to_owned()), Some("Graz".to_owned()))
    })
    .await;
    listing(&app, &agency, "zu kaufen", |input| input.marketing = Marketing::Sale).await;
    listing(&app, &agency, "vermietet", |input| input.status = PropertyStatus::Rented).await;
    listing(&app, &there, "bei anderen", text("Altbau mit Stuck und Flügeltüren, ruhiger Innenhof.")).await;
    let lead = app.lead(&agency, "Ida", Some(asked), Some(agency.agent.user.id)).await;
    app.run_all_jobs().await;
    let path = format!("/api/v1/leads/{}/matching-properties", lead.id);
    let found = app.get(&path, &agency.agent).await.json(200);
    let found: Vec<(&str, usize)> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["title"].as_str().unwrap(), item["fits"].as_array().unwrap().len()))
        .collect();
    assert_eq!(found, [("nah", 4), ("fern", 4), ("ohne Angaben", 0)]);
    let nobody = app.lead(&agency, "Eva", Some(asked), Some(agency.admin.user.id)).await;
    app.get(&format!("/api/v1/leads/{}/matching-properties", nobody.id), &agency.agent).await.problem(404);
}
