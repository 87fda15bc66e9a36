//! Listings over HTTP, and finding the one an enquiry means.

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::properties::{self, PropertyId, PropertyInput, PropertyStatus, Reference};
use serde_json::{Value, json};

use crate::support::{Agency, Reply, TestApp};

fn house() -> Value {
    json!({"title": "Haus am See", "type": "HOUSE", "marketing": "SALE", "country": "AT", "purchasePriceCents": 45_000_000_i64,
           "rooms": 4.5, "availableFrom": "2027-01-01", "portalIds": [{"portal": "Willhaben", "portalObjectId": " 123456789 "}]})
}

async fn with_if_match(app: &TestApp, agency: &Agency, method: Method, path: &str, tag: &str, body: &Value) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", agency.admin.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, tag)
        .body(Body::from(body.to_string()))
        .unwrap();
    app.call(request).await
}

#[tokio::test]
async fn a_listing_is_made_read_replaced_and_removed() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let made = app.post("/api/v1/properties", &agency.agent, house()).await;
    let view = made.json(201);
    let path = made.header("location").to_owned();
    assert_eq!(made.header("etag"), "\"1\"");
    let mut expected: Value = serde_json::from_str(
        r#"{
            "title": "Haus am See", "description": "", "type": "HOUSE", "marketing": "SALE", "status": "DRAFT",
            "externalNumber": null, "portalIds": [{"portal": "willhaben", "portalObjectId": "123456789"}],
            "street": null, "houseNumber": null, "zip": null, "city": null, "country": "AT", "addressReleased": false,
            "currency": "EUR", "purchasePriceCents": 45000000, "coldRentCents": null, "warmRentCents": null,
            "serviceChargeCents": null, "heatingCostCents": null, "depositCents": null, "commissionText": null,
            "livingArea": null, "usableArea": null, "plotArea": null, "rooms": 4.5, "bedrooms": null, "bathrooms": null,
            "floor": null, "floors": null, "yearBuilt": null, "condition": null, "heating": null, "energyCertificate": null,
            "energyValue": null, "energyClass": null, "energyCarrier": null, "lift": null, "balcony": null,
            "furnished": null, "parking": null, "petsAllowed": null, "availableFrom": "2027-01-01", "exposeUrl": null,
            "agentId": null, "viewingCapacity": 1, "version": 1, "createdAt": "2026-11-23T08:00:00Z",
            "updatedAt": "2026-11-23T08:00:00Z"
        }"#,
    )
    .unwrap();
    expected["id"] = view["id"].clone();
    assert_eq!(view, expected);
    assert_eq!(app.get(&path, &agency.agent).await.json(200), view);

    // What PUT leaves out is empty afterwards.
    let mut less = house();
    less.as_object_mut().unwrap().retain(|name, _| !["rooms", "availableFrom", "portalIds"].contains(&name.as_str()));
    let replaced = app.send(Method::PUT, &path, Some(&agency.agent.token), Some(less)).await.json(200);
    assert_eq!(
        (&replaced["rooms"], &replaced["portalIds"], &replaced["version"]),
        (&json!(null), &json!([]), &json!(2))
    );

    app.send(Method::DELETE, &path, Some(&agency.agent.token), None).await.problem(403);
    assert_eq!(app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.status, 204);
    app.get(&path, &agency.admin).await.problem(404);
}

#[tokio::test]
async fn who_read_an_older_version_does_not_overwrite_a_newer_one() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let made = app.post("/api/v1/properties", &agency.admin, house()).await;
    let (path, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let second = with_if_match(&app, &agency, Method::PUT, &path, &tag, &house()).await;
    assert_eq!((second.status.as_u16(), second.header("etag")), (200, "\"2\""));
    for method in [Method::PUT, Method::DELETE] {
        with_if_match(&app, &agency, method, &path, &tag, &house()).await.problem(412);
    }
    with_if_match(&app, &agency, Method::PUT, &path, "\"not-ours\"", &house()).await.problem(412);
    assert_eq!(with_if_match(&app, &agency, Method::PUT, &path, "*", &house()).await.status, 200);
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["version"], 3);
}

#[tokio::test]
async fn an_id_of_a_portal_belongs_to_one_listing_of_a_tenant() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    assert_eq!(app.post("/api/v1/properties", &here.admin, house()).await.status, 201);
    let problem = app.post("/api/v1/properties", &here.admin, house()).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("123456789 of willhaben"), "{problem}");
    assert_eq!(app.post("/api/v1/properties", &there.admin, house()).await.status, 201);
    let page = app.get("/api/v1/properties", &here.admin).await.json(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "the refused one is not there");
}

#[tokio::test]
async fn a_listing_that_leads_name_is_archived_instead_of_removed() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let property = app.property(&agency).await;
    app.lead(&agency, "Ida", Some(property.id), None).await;
    let path = format!("/api/v1/properties/{}", property.id);
    let problem = app.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("ARCHIVED"), "{problem}");
    assert_eq!(app.get(&path, &agency.admin).await.status, 200);
}

#[tokio::test]
async fn listings_are_found_by_words_and_by_a_portals_id() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    app.post("/api/v1/properties", &agency.admin, house()).await.json(201);
    app.property(&agency).await;
    for (query, titles) in [
        ("q=am", vec!["Altbau am Park", "Haus am See"]),
        ("q=HAUPT", vec!["Altbau am Park"]),
        ("q=123456789", vec!["Haus am See"]),
        ("q=12345678", vec![]),
        ("status=ACTIVE", vec!["Altbau am Park"]),
        ("status=SOLD", vec![]),
    ] {
        let page = app.get(&format!("/api/v1/properties?{query}"), &agency.admin).await.json(200);
        let mut found: Vec<&str> =
            page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, titles, "{query}");
    }
}

/// A listing with these changes to the usual one.
async fn listing(app: &TestApp, agency: &Agency, change: impl FnOnce(&mut PropertyInput)) -> PropertyId {
    let property = app.property(agency).await;
    let mut input = PropertyInput::from(&property);
    change(&mut input);
    let mut conn = app.tenant_conn(agency).await;
    properties::update(&mut conn, property.id, &input, None).await.unwrap();
    conn.commit().await.unwrap();
    property.id
}

#[tokio::test]
async fn an_enquiry_finds_its_listing_by_the_first_rule_that_says_something() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let alias = |portal: &str, id: &str| {
        vec![properties::PortalId { portal: portal.to_owned(), portal_object_id: id.to_owned() }]
    };
    let by_alias = listing(&app, &here, |input| {
        input.portal_ids = alias("willhaben", "123456789");
        input.zip = Some("1020".to_owned());
    })
    .await;
    let by_number = listing(&app, &here, |input| {
        input.external_number = Some("A/12 B".to_owned());
        input.zip = Some("1030".to_owned());
    })
    .await;
    let by_address = listing(&app, &here, |_| ()).await;
    let sold = listing(&app, &here, |input| {
        input.status = PropertyStatus::Sold;
        input.portal_ids = alias("willhaben", "999999999");
    })
    .await;
    listing(&app, &there, |input| input.portal_ids = alias("willhaben", "123456789")).await;

    let some = |text: &str| Some(text.to_owned());
    let address =
        Reference { street: some("Hauptstrasse 12"), zip: some("1010"), city: some("wien"), ..Reference::default() };
    let portal_id = |id: &str| Reference { portal_object_id: some(id), ..Reference::default() };
    let number = |number: &str| Reference { external_number: some(number), ..Reference::default() };
    let url = |url: &str| Reference { expose_url: some(url), ..Reference::default() };
    let mut conn = app.tenant_conn(&here).await;
    for (portal, reference, expected) in [
        (Some("willhaben"), portal_id("123456789"), vec![by_alias]),
        (Some("immowelt"), portal_id("123456789"), vec![]),
        (None, portal_id("123456789"), vec![by_alias]),
        (Some("immowelt"), number("a-12b"), vec![by_number]),
        (Some("immowelt"), number("a-12"), vec![]),
        (Some("willhaben"), url("https://www.willhaben.at/iad/x-123456789/"), vec![by_alias]),
        (Some("immowelt"), address.clone(), vec![by_address]),
        (None, Reference { house_number: some("12a"), street: some("Hauptstr."), ..address.clone() }, vec![]),
        (None, Reference { city: None, ..address.clone() }, vec![]),
        // The portal's id decides, whatever the rest says.
        (Some("willhaben"), Reference { portal_object_id: some("123456789"), ..address.clone() }, vec![by_alias]),
        // An id that says nothing leaves it to the next rule.
        (Some("willhaben"), Reference { portal_object_id: some("000000000"), ..address.clone() }, vec![by_address]),
        (Some("willhaben"), portal_id("999999999"), vec![]),
        (None, Reference::default(), vec![]),
    ] {
        let found = properties::matches(&mut conn, portal, &reference).await.unwrap();
        assert_eq!(found, expected, "{portal:?} {reference:?}");
        assert!(!found.contains(&sold));
    }
}

#[tokio::test]
async fn two_listings_at_one_address_are_both_candidates() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let mut both = vec![app.property(&agency).await.id, app.property(&agency).await.id];
    both.sort();
    let some = |text: &str| Some(text.to_owned());
    let reference = Reference {
        street: some("Hauptstr."),
        house_number: some("12"),
        zip: some("1010"),
        city: some("Wien"),
        ..Reference::default()
    };
    let mut conn = app.tenant_conn(&agency).await;
    assert_eq!(properties::matches(&mut conn, None, &reference).await.unwrap(), both);
}
