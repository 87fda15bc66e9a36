//! What an agency sets is what its mails and pages do.

use immivo::domain::leads::Status;
use serde_json::json;
use sqlx::Connection as _;

use super::Stage;

/// Seconds from now until the mails still in the queue go out.
async fn waits(stage: &Stage) -> Vec<i64> {
    let mut conn = sqlx::PgConnection::connect(&stage.test.url).await.unwrap();
    sqlx::query_scalar(
        "SELECT round(extract(epoch FROM j.run_at - now()))::bigint FROM graphile_worker._private_jobs j
         JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'mail.deliver' ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

async fn set(stage: &Stage, change: impl FnOnce(&mut serde_json::Value)) {
    stage.test.change_settings(&stage.agency, change).await.json(200);
}

#[tokio::test]
async fn a_mail_shows_who_the_agency_is_in_its_own_words() {
    let stage = Stage::new().await;
    set(&stage, |settings| {
        settings["name"] = json!("Haus & Hof");
        settings["address"] = json!({"street": "Am Graben 3", "zip": "1010", "city": "Wien"});
        settings["branding"] = json!({"logoUrl": "https://haus.test/logo.png?a=1&b=2", "primaryColor": "#0a5c36", "accentColor": "#8a1c1c"});
        settings["sender"] = json!({"name": "Team Hof", "address": "team@haus.test"});
        settings["aiDisclosures"] = json!({"de": "Eine Maschine hat dies geschrieben."});
    })
    .await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Sind Haustiere erlaubt? Ich möchte gerne besichtigen.").await;
    let mail = stage.got("ida@example.org").await.remove(0);
    assert!(
        mail.text.contains("Haus & Hof\r\nAm Graben 3\r\n1010 Wien")
            || mail.text.contains("Haus & Hof\nAm Graben 3\n1010 Wien"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("Eine Maschine hat dies geschrieben."), "{}", mail.text);
    assert!(!mail.text.contains("künstlicher Intelligenz"), "{}", mail.text);
    assert!(mail.raw.contains("From: \"Team Hof\" <team@haus.test>"), "{}", mail.raw);
    let message = stage.messages().await.remove(1);
    let html = message.html.unwrap();
    for part in [
        "src=\"https:&#x2f;&#x2f;haus.test&#x2f;logo.png?a=1&amp;b=2\"",
        "color:#0a5c36",
        "solid #8a1c1c",
        "Haus &amp; Hof<br>Am Graben 3<br>1010 Wien",
        "Eine Maschine hat dies geschrieben.",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

/// Even if an empty text got past the settings: in the EU something is said.
#[tokio::test]
async fn only_a_swiss_agency_can_leave_unsaid_that_a_machine_wrote() {
    for (country, says) in [("CH", false), ("AT", true)] {
        let stage = Stage::new().await;
        let mut conn = stage.test.tenant_conn(&stage.agency).await;
        let sql = "UPDATE tenants SET country = $1, ai_disclosures = '{\"de\": \"\"}'";
        sqlx::query(sql).bind(country).execute(conn.sql()).await.unwrap();
        conn.commit().await.unwrap();
        stage.enquiry("Frau Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
        let mail = stage.got("ida@example.org").await.remove(0);
        assert_eq!(mail.text.contains("künstlicher Intelligenz"), says, "{country}: {}", mail.text);
        assert_eq!(mail.text.contains("-- "), says, "{country}: {}", mail.text);
    }
}

#[tokio::test]
async fn who_writes_in_a_language_the_agency_does_not_answer_in_is_answered_in_its_first() {
    let stage = Stage::new().await;
    set(&stage, |settings| settings["languages"] = json!(["en", "de"])).await;
    stage
        .enquiry(
            "Luca Rossi",
            "luca@example.org",
            "Buongiorno, l'appartamento è ancora disponibile? Sono ammessi animali?",
        )
        .await;
    assert_eq!(stage.lead().await.language.as_deref(), Some("it"), "what they write in is remembered");
    let mail = stage.got("luca@example.org").await.remove(0);
    assert!(mail.text.contains("Kind regards") && mail.text.contains("artificial intelligence"), "{}", mail.text);
    let lead = stage.lead().await;
    let path = format!("/api/v1/leads/{}/messages", lead.id);
    let sent = stage.test.post(&path, &stage.agency.admin, json!({"text": "Hello again"})).await;
    assert_eq!(sent.status, 202);
    stage.test.run_jobs().await;
    assert_eq!(stage.messages().await.last().unwrap().language.as_deref(), Some("en"));
}

/// It is nine in the morning in Vienna.
#[tokio::test]
async fn in_quiet_hours_the_system_waits_and_people_do_not() {
    let stage = Stage::new().await;
    set(&stage, |settings| settings["automation"]["quietHours"] = json!({"from": "20:00", "to": "10:30"})).await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    assert!(stage.got("ida@example.org").await.is_empty());
    let near = |seconds: i64, expected: i64| (expected - 60..=expected).contains(&seconds);
    let waiting = waits(&stage).await;
    assert!(waiting.len() == 1 && near(waiting[0], 90 * 60), "{waiting:?}");
    assert_eq!(stage.lead().await.status, Status::New);

    let path = format!("/api/v1/leads/{}/messages", stage.lead().await.id);
    assert_eq!(stage.test.post(&path, &stage.agency.admin, json!({"text": "Ja, gerne."})).await.status, 202);
    stage.test.run_jobs().await;
    let got = stage.got("ida@example.org").await;
    assert!(got.len() == 1 && got[0].text.contains("Ja, gerne."), "{got:?}");
}

#[tokio::test]
async fn the_pause_before_an_answer_may_run_into_quiet_hours() {
    let stage = Stage::new().await;
    set(&stage, |settings| {
        settings["automation"]["delaySeconds"] = json!(3600);
        settings["automation"]["quietHours"] = json!({"from": "09:30", "to": "12:00"});
    })
    .await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Sind Haustiere erlaubt?").await;
    let waiting = waits(&stage).await;
    assert!(waiting.len() == 1 && (3 * 3600 - 60..=3 * 3600).contains(&waiting[0]), "{waiting:?}");
}

/// Whoever books on the page waits for the confirmation; a booking the system made by itself waits for the morning.
#[tokio::test]
async fn a_viewing_booked_by_the_system_is_confirmed_after_the_quiet_hours() {
    let stage = Stage::new().await;
    set(&stage, |settings| settings["automation"]["quietHours"] = json!({"from": "08:00", "to": "11:00"})).await;
    stage
        .enquiry("Frau Ida Probe", "ida@example.org", "Ich möchte die Wohnung am 26. November um 9:00 Uhr besichtigen.")
        .await;
    assert_eq!(stage.lead().await.status, Status::Booked);
    assert!(stage.got("ida@example.org").await.is_empty());
    let waiting = waits(&stage).await;
    assert!(!waiting.is_empty() && waiting.iter().all(|wait| (2 * 3600 - 60..=2 * 3600).contains(wait)), "{waiting:?}");
}

#[tokio::test]
async fn the_booking_page_wears_the_agencys_colours() {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ich möchte die Wohnung gerne besichtigen.").await;
    let mail = stage.got("ida@example.org").await.remove(0);
    let link = mail.text.split_whitespace().find(|word| word.contains("/p/viewing/")).unwrap().to_owned();
    let path = link.get(link.find("/p/viewing/").unwrap()..).unwrap().trim_end_matches(['.', ',']).to_owned();
    let show = async || {
        let request = axum::http::Request::get(&path).body(axum::body::Body::empty()).unwrap();
        let reply = stage.test.call(request).await;
        assert_eq!(reply.status, 200);
        (reply.header("content-security-policy").to_owned(), reply.text())
    };
    let (plain_policy, plain) = show().await;
    assert!(!plain_policy.contains("img-src") && !plain.contains("<img"), "{plain_policy}");
    set(&stage, |settings| {
        settings["address"] = json!({"street": "Am Graben 3", "zip": "1010", "city": "Wien"});
        settings["branding"] =
            json!({"logoUrl": "https://haus.test:8443/logo.png", "primaryColor": "#0a5c36", "accentColor": "#8a1c1c"});
    })
    .await;
    let (policy, page) = show().await;
    for part in ["--fill: #0a5c36", "solid #8a1c1c", "haus.test:8443", "Am Graben 3, 1010 Wien"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(policy.contains("img-src https://haus.test:8443;"), "{policy}");
    // The browser takes the style sheet only if the policy names just these bytes.
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = {
        use base64::Engine as _;
        use sha2::Digest as _;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()))
    };
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")) && policy != plain_policy, "{policy}");
}
