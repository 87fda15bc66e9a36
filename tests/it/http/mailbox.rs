//! The development mailbox in a browser.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::support::{Reply, TestApp};

async fn open(app: &TestApp, path: &str, language: &str) -> Reply {
    let request = Request::get(path).header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
    app.call(request).await
}

#[tokio::test]
async fn outgoing_mail_can_be_read_as_page_text_and_source() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    assert!(open(&app, "/dev/mail", "de").await.text().contains("Noch keine Mail."));
    let lead = app.lead(&agency, "Ida", None, None).await;
    let body = json!({"subject": "Größe <b>", "text": "Guten Tag <script>alert(1)</script>"});
    app.post(&format!("/api/v1/leads/{}/messages", lead.id), &agency.admin, body).await.json(202);
    app.run_jobs().await;

    let list = open(&app, "/dev/mail", "en-GB,en;q=0.9").await.text();
    assert!(list.contains("Development mailbox") && list.contains("Größe &lt;b&gt;"), "{list}");
    let at = list.find("/dev/mail/").unwrap();
    let path = list[at..].split('"').next().unwrap().to_owned();

    let page = open(&app, &path, "de-AT").await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let text = page.text();
    assert!(text.contains("lang=\"de\"") && text.contains("sandbox=\"allow-popups"), "{text}");
    assert!(!text.contains("<script"), "{text}");
    let source = open(&app, &format!("{path}/source"), "").await;
    assert_eq!(source.header("content-type"), "text/plain; charset=utf-8");
    assert!(source.text().contains("Message-ID:"), "{}", source.text());

    for missing in ["/dev/mail/00", "/dev/mail/..%2F..%2Flink.key", "/dev/mail/00/source"] {
        open(&app, missing, "").await.problem(404);
    }
}

#[tokio::test]
async fn the_mailbox_is_not_there_when_mail_is_really_sent() {
    let app = TestApp::new().await;
    let mut production = app.app.clone();
    production.mailer =
        std::sync::Arc::new(immivo::integrations::smtp_out::Relay::new(&production.settings.mail.smtp).unwrap());
    let router = immivo::ingress::http::router(production, None);
    let request = Request::builder().method(Method::GET).uri("/dev/mail").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), 404);
}
