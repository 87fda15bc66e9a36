//! Whom a form is refused, and in which words.

use axum::http::Method;
use serde_json::{Value, json};

use super::{PAGE, Site};

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap()
}

#[tokio::test]
async fn other_pages_cannot_send_and_cannot_read() {
    let site = Site::new().await;
    let form = site.form(json!({})).await;
    for origin in [None, Some("null"), Some("https://evil.test"), Some("http://www.agentur.test")] {
        for (method, path, body) in [
            (Method::GET, "/challenge", None),
            (Method::POST, "/leads", Some(&form)),
            (Method::OPTIONS, "/leads", None),
        ] {
            let reply = site.ask(method.clone(), path, origin, body).await;
            reply.problem(403);
            assert_eq!(reply.header("access-control-allow-origin"), "", "{method} {path} {origin:?}");
        }
    }
    assert!(site.stage.leads().await.is_empty());

    let beforehand = site.ask(Method::OPTIONS, "/leads", Some(PAGE), None).await;
    assert_eq!(beforehand.status, 204);
    assert_eq!(beforehand.header("access-control-allow-origin"), PAGE);
    assert_eq!(beforehand.header("access-control-allow-methods"), "POST");
    assert_eq!(beforehand.header("access-control-allow-headers"), "content-type");
    assert_eq!(beforehand.header("vary"), "Origin");
}

#[tokio::test]
async fn a_challenge_is_of_its_key_for_its_time_and_asks_for_its_work() {
    let (site, other) = (Site::new().await, Site::new().await);
    let refused = async |form: &Value| {
        let reply = site.send(form).await;
        let problem = reply.problem(409);
        assert_eq!(kind(&problem), "challenge-needed", "{problem}");
        assert_eq!(reply.header("access-control-allow-origin"), PAGE, "the page reads it");
    };
    let good = site.form(json!({})).await;
    let mut form = good.clone();
    form["solution"] = json!([]);
    refused(&form).await;
    form["solution"] = json!([1, 2, 3, 4, 5, 6, 7, 8]);
    refused(&form).await;
    form["solution"] = other.challenge().await["solution"].clone();
    refused(&form).await;
    form["challenge"] = json!("x");
    refused(&form).await;
    let theirs = other.form(json!({"consent": good["consent"]})).await;
    refused(&theirs).await;
    site.later(2 * 3600);
    refused(&good).await;
    assert!(site.stage.leads().await.is_empty());
}

#[tokio::test]
async fn what_a_program_filled_in_is_refused_and_a_humans_second_try_passes() {
    let site = Site::new().await;
    for (language, words) in [("de", "Programm"), ("en", "program"), ("fr", "programme"), ("it", "programma")] {
        let form = site.form(json!({"website": "https://spam.test", "language": language})).await;
        let problem = site.send(&form).await.problem(422);
        assert_eq!(kind(&problem), "looks-automated");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words) && detail.contains("buero@wien.test"), "says what to do: {detail}");
        assert!(site.stage.leads().await.is_empty());
    }
    // Sooner than anybody can fill in a form.
    let quick = site.form(json!({})).await;
    let mut form = quick.clone();
    let given = site.challenge().await;
    (form["challenge"], form["solution"]) = (given["challenge"].clone(), given["solution"].clone());
    site.later(2);
    assert_eq!(kind(&site.send(&form).await.problem(422)), "looks-automated");
    site.later(1);
    site.send(&form).await.json(201);
    assert_eq!(site.stage.leads().await.len(), 1);
}

#[tokio::test]
async fn wrong_fields_are_told_in_the_visitors_language_and_cost_no_challenge() {
    let site = Site::new().await;
    for (language, title, missing) in [
        ("de", "Einige Angaben fehlen oder stimmen nicht", "Diese Angabe fehlt."),
        ("en", "Some details are missing or not valid", "Please fill in this field."),
        ("fr", "Certaines informations manquent ou sont incorrectes", "Veuillez remplir ce champ."),
        ("it", "Alcuni dati mancano o non sono validi", "Si prega di compilare questo campo."),
    ] {
        let fields = json!({"lastName": " ", "email": "ida(at)example.org", "message": "x".repeat(5001), "phone": "abends",
                            "consent": null, "language": language});
        let reply = site.send(&site.form(fields).await).await;
        assert_eq!(reply.fields(422), ["lastName", "email", "message", "phone", "consent"]);
        let problem = reply.problem(422);
        assert_eq!((&problem["title"], &problem["errors"][0]["message"]), (&json!(title), &json!(missing)));
        assert!(problem["errors"][2]["message"].as_str().unwrap().contains("5000"), "{problem}");
    }
    let mut form = site.form(json!({"email": "ida@"})).await;
    assert_eq!(site.send(&form).await.fields(422), ["email"]);
    form["email"] = json!("ida@example.org");
    site.send(&form).await.json(201);
}

#[tokio::test]
async fn bodies_are_bounded_and_say_nothing_unknown() {
    let site = Site::new().await;
    let form = site.form(json!({"message": "x".repeat(40_000)})).await;
    site.send(&form).await.problem(413);
    assert_eq!(site.send(&site.form(json!({"admin": true})).await).await.fields(422), ["admin"]);
    assert_eq!(site.send(&site.form(json!({"language": "xx"})).await).await.fields(422), ["language"]);
    assert_eq!(site.send(&site.form(json!({"message": "a\u{0}b"})).await).await.fields(422), ["message"]);
    assert_eq!(site.send(&json!({})).await.fields(422), ["challenge"]);
    assert!(site.stage.leads().await.is_empty());
}

#[tokio::test]
async fn too_many_forms_are_refused_with_the_time_to_wait() {
    let limit = [("IMMIVO__LIMITS__FORM_ADDRESS__BURST", "2"), ("IMMIVO__LIMITS__FORM_ADDRESS__PER_MINUTE", "6")];
    let site = Site::with(&limit, json!([PAGE])).await;
    let form = site.form(json!({})).await;
    site.send(&form).await.json(201);
    site.send(&form).await.json(201);
    let reply = site.send(&form).await;
    let problem = reply.problem(429);
    assert_eq!(reply.header("retry-after"), "10");
    assert!(problem["detail"].as_str().unwrap().contains("in 10 Sekunden"), "{problem}");
    assert_eq!(reply.header("access-control-allow-origin"), PAGE);
    site.later(10);
    site.send(&form).await.json(201);

    let limit = [("IMMIVO__LIMITS__FORM_TENANT__BURST", "1"), ("IMMIVO__LIMITS__FORM_TENANT__PER_MINUTE", "6")];
    let site = Site::with(&limit, json!([PAGE])).await;
    site.send(&site.form(json!({"email": "ida@"})).await).await.problem(422);
    site.send(&site.form(json!({})).await).await.json(201);
    let clock = site.stage.test.app.clock.now();
    let form = site.form(json!({"message": "Noch etwas: Gibt es einen Keller?"})).await;
    site.stage.test.app.clock.set(clock.0 + jiff::SignedDuration::from_secs(4));
    site.send(&form).await.problem(429);
}

#[tokio::test]
async fn the_forms_of_an_agency_that_is_erased_take_nothing() {
    let site = Site::new().await;
    let form = site.form(json!({})).await;
    let body = json!({"confirmation": "wien"});
    let agency = &site.stage.agency;
    let path = "/api/v1/tenant/erasure";
    let reply = site.stage.test.post(path, &agency.admin, body).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    site.send(&form).await.problem(404);
}
