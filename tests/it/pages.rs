//! The booking page through its router.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use immivo::domain::leads::LeadId;
use immivo::domain::viewings;
use immivo::ingress::http;
use tower::ServiceExt as _;

use crate::stage::{Stage, at};

const WEDNESDAY: &str = "2026-11-25T09:30:00Z";
const LATER: &str = "2026-11-25T10:15:00Z";

struct Answer {
    status: StatusCode,
    location: String,
    body: String,
}

struct Browser {
    router: Router,
    base: String,
}

impl Browser {
    fn of(stage: &Stage, lead: LeadId) -> Self {
        let app = &stage.app;
        let link = viewings::booking_link(&app.links, &app.settings, stage.tenant.id, lead, app.clock.now());
        let base = link.strip_prefix("http://localhost:8080").unwrap().to_owned();
        Self { router: http::router(app.clone(), None), base }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex, nofollow"),
        ] {
            assert_eq!(headers[name], value);
        }
        assert!(
            headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; style-src 'sha256-")
        );
        let location = headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = response.status();
        let body = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
        assert!(!body.contains("sqlx") && !body.contains("constraint"), "{body}");
        Answer { status, location, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(format!("{}{path}", self.base)).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_from(path, form, "same-origin").await
    }

    async fn post_from(&self, path: &str, form: &str, site: &str) -> Answer {
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }
}

fn start(at: &str) -> String {
    format!("start={}", at.replace(':', "%3A"))
}

/// Keeps a page where a person can look at it.
fn keep(name: &str, answer: &Answer) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.html")), &answer.body).unwrap();
}

#[tokio::test]
async fn a_prospect_books_moves_and_cancels() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let browser = Browser::of(&stage, ida);

    let page = browser.get("").await;
    keep("choose", &page);
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("<html lang=\"de\">")
            && page.body.contains("<main>")
            && page.body.contains("Altbau in Döbling")
    );
    assert!(page.body.contains("<legend>Mittwoch, 25. November 2026</legend>"));
    assert!(page.body.contains(&format!("value=\"{WEDNESDAY}\"")) && page.body.contains("1190 Wien"));
    assert!(!page.body.contains("Billrothstraße"), "the address is not released");
    assert!(!page.body.contains("<script") && !page.body.contains("http://") && !page.body.contains("https://"));

    let answer = browser.post("/book", &start(WEDNESDAY)).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, format!("{}?done=booked", browser.base).as_str())
    );
    let page = browser.get("?done=booked").await;
    keep("booked", &page);
    assert!(page.body.contains("Ihr Termin ist bestätigt") && page.body.contains("10:30–11:00 Uhr"));
    assert!(page.body.contains("Billrothstraße 12"), "who comes must know where to");

    let file = browser.get("/calendar.ics").await;
    assert!(file.body.starts_with("BEGIN:VCALENDAR\r\n") && file.body.contains("METHOD:PUBLISH\r\n"));
    assert!(file.body.contains("DTSTART:20261125T093000Z\r\n") && !file.body.contains("ATTENDEE"));

    let page = browser.get("/reschedule").await;
    keep("move", &page);
    assert!(page.body.contains("Bisheriger Termin") && !page.body.contains(&format!("value=\"{WEDNESDAY}\"")));
    let answer = browser.post("/reschedule", &start(LATER)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get("?done=moved").await;
    assert!(page.body.contains("11:15–11:45 Uhr") && page.body.contains("Ihr Termin wurde verschoben."));

    let page = browser.get("/cancel").await;
    keep("cancel", &page);
    assert!(page.body.contains("Termin wirklich absagen?"));
    assert_eq!(
        viewings::appointment(&mut stage.conn().await, ida).await.unwrap().unwrap().starts_at,
        at(LATER),
        "looking changes nothing"
    );
    assert_eq!(browser.post("/cancel", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post("/cancel", "").await.status, StatusCode::SEE_OTHER, "twice is once");
    let page = browser.get("?done=cancelled").await;
    keep("cancelled", &page);
    assert!(page.body.contains("Ihr Termin ist abgesagt.") && page.body.contains(&format!("value=\"{LATER}\"")));
    assert_eq!(browser.get("/calendar.ics").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.count("SELECT count(*) FROM viewing_seats").await, 1);
}

#[tokio::test]
async fn a_form_sent_twice_books_once() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let browser = Browser::of(&stage, ida);
    let form = start(WEDNESDAY);
    let (one, two) = tokio::join!(browser.post("/book", &form), browser.post("/book", &form));
    assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(stage.count("SELECT count(*) FROM viewing_seats").await, 1);
    assert_eq!(stage.mails_to("ida@example.org").await.len(), 1);
    let other = browser.post("/book", &start(LATER)).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.body.contains("Sie haben bereits einen Termin."));
    assert_eq!(browser.post("/reschedule", &form).await.status, StatusCode::SEE_OTHER, "where it is already");
}

#[tokio::test]
async fn a_slot_taken_meanwhile_is_said_and_fresh_ones_are_offered() {
    let stage = Stage::new().await;
    let udo = Browser::of(&stage, stage.lead("Udo", stage.property).await);
    let ida = Browser::of(&stage, stage.lead("Ida", stage.property).await);
    assert_eq!(udo.post("/book", &start(WEDNESDAY)).await.status, StatusCode::SEE_OTHER);
    let page = ida.post("/book?lang=en", &start(WEDNESDAY)).await;
    keep("taken", &page);
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("role=\"alert\">Sorry, somebody has just taken this time."), "{}", page.body);
    assert!(
        !page.body.contains(&format!("value=\"{WEDNESDAY}\"")) && page.body.contains(&format!("value=\"{LATER}\""))
    );
    let answer = ida.post("/book?lang=en", &start(LATER)).await;
    assert_eq!(answer.location, format!("{}?lang=en&done=booked", ida.base), "the language stays");
    let page = udo.post("/reschedule", &start(LATER)).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("Bisheriger Termin"), "still choosing where to move, still holding the old time");
}

#[tokio::test]
async fn nonsense_gets_a_clear_page() {
    let stage = Stage::new().await;
    let browser = Browser::of(&stage, stage.lead("Ida", stage.property).await);
    for form in ["", "start=", "start=tomorrow", "start=%00", "start=a&start=b", "%%%", "start=2026-02-30T00:00:00Z"] {
        let page = browser.post("/book", form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(page.body.contains("Bitte wählen Sie zuerst einen Termin aus."));
    }
    let huge = format!("start={}", "x".repeat(100_000));
    assert_eq!(browser.post("/book", &huge).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post("/book", &start("2026-11-25T09:31:00Z")).await.status, StatusCode::CONFLICT);
    assert_eq!(browser.post("/reschedule", &start(WEDNESDAY)).await.status, StatusCode::CONFLICT, "nothing to move");
    assert_eq!(browser.post_from("/book", &start(WEDNESDAY), "cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post_from("/cancel", "", "cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/book").await.location, browser.base);
    assert_eq!(browser.get("?lang=en&lang=de&x=%ff").await.status, StatusCode::OK);
    assert_eq!(stage.count("SELECT count(*) FROM viewings").await, 0);
}

#[tokio::test]
async fn links_that_do_not_work_say_so() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let mut browser = Browser::of(&stage, ida);
    let good = browser.base.clone();
    for bad in [
        format!("{good}x"),
        good.replace("/p/viewing/e", "/p/viewing/f"),
        "/p/viewing/x".to_owned(),
        "/p/viewing/%00".to_owned(),
        "/p/viewing/%ff".to_owned(),
    ] {
        browser.base = bad;
        for answer in
            [browser.get("").await, browser.get("/cancel").await, browser.post("/book", &start(WEDNESDAY)).await]
        {
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(answer.body.contains("Diese Seite gibt es nicht"));
        }
    }
    browser.base = good;
    stage.app.clock.set("2026-12-23T09:00:00Z".parse().unwrap());
    let page = browser.get("?lang=en").await;
    keep("expired", &page);
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("This link has expired") && !page.body.contains("Altbau"));
    assert_eq!(browser.post("/cancel", "").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn closed_enquiries_and_listings_say_so() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let browser = Browser::of(&stage, ida);
    stage.execute("UPDATE properties SET status = 'RENTED'").await;
    let page = browser.get("").await;
    keep("closed", &page);
    assert!(
        page.body.contains("Für dieses Objekt sind keine Termine buchbar") && page.body.contains("tel:+4313201234")
    );
    assert_eq!(browser.post("/book", &start(WEDNESDAY)).await.status, StatusCode::CONFLICT);
    stage.execute("UPDATE properties SET status = 'ACTIVE', agent_id = NULL").await;
    assert!(browser.get("").await.body.contains("Zurzeit sind keine Termine online buchbar"));
    stage.execute("UPDATE leads SET status = 'LOST', lost_reason = 'x'").await;
    assert!(browser.get("").await.body.contains("Diese Anfrage ist abgeschlossen"));
    assert_eq!(browser.post("/book", &start(WEDNESDAY)).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_lost_lead_can_still_cancel_what_it_holds() {
    let stage = Stage::new().await;
    let browser = Browser::of(&stage, stage.lead("Ida", stage.property).await);
    assert_eq!(browser.post("/book", &start(WEDNESDAY)).await.status, StatusCode::SEE_OTHER);
    stage.execute("UPDATE leads SET status = 'LOST', lost_reason = 'x'").await;
    let page = browser.get("").await;
    assert!(page.body.contains("/cancel") && !page.body.contains("/reschedule"));
    assert_eq!(browser.post("/cancel", "").await.status, StatusCode::SEE_OTHER);
    stage.execute("UPDATE leads SET status = 'CONVERSATION', lost_reason = NULL").await;
    assert_eq!(browser.post("/book", &start(WEDNESDAY)).await.status, StatusCode::SEE_OTHER);
    stage.app.clock.set("2026-11-26T09:00:00Z".parse().unwrap());
    let page = browser.get("").await;
    assert!(page.body.contains("Dieser Termin liegt zurück") && !page.body.contains("/cancel"));
    assert_eq!(browser.post("/cancel", "").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn readers_get_their_language_and_nothing_unescaped() {
    let stage = Stage::new().await;
    let title = "<b>Altbau</b> & \"mehr\"";
    let property = stage.make_property(title, 1).await;
    let lead = stage.lead_with("Ida", property, |new| new.language = Some("fr".into())).await;
    let browser = Browser::of(&stage, lead);
    let page = browser.get("").await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Choose a viewing time"));
    assert!(!page.body.contains("<b>Altbau") && page.body.contains("&lt;b&gt;Altbau"));
    let page = browser.get("?lang=de").await;
    assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("lang=de"));
    stage.execute("UPDATE leads SET formal_address = false").await;
    assert!(browser.get("?lang=de").await.body.contains("Wähle einen Termin, der dir passt."));
    stage.execute("UPDATE properties SET address_released = true").await;
    assert!(browser.get("").await.body.contains("Billrothstraße 12"));
}
