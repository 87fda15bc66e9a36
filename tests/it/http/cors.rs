//! Which pages of other origins may call the API from a browser.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::support::{Reply, TestApp};

const OURS: &str = "https://app.example.org";

async fn app() -> TestApp {
    TestApp::with(&[("IMMIVO__HTTP__ALLOWED_ORIGINS", "https://app.example.org,http://localhost:3000")]).await
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers
        .iter()
        .fold(Request::builder().method(method).uri(path), |request, (name, value)| request.header(*name, *value));
    app.call(request.body(Body::empty()).unwrap()).await
}

fn cors_headers(reply: &Reply) -> Vec<String> {
    let names = reply.headers.keys().map(|name| name.as_str().to_owned());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn an_allowed_origin_may_read_answers_and_problems() {
    let app = app().await;
    let agency = app.agency("here").await;
    let bearer = format!("Bearer {}", agency.admin.token);
    let reply = ask(&app, Method::GET, "/api/v1/me", &[("origin", OURS), ("authorization", &bearer)]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), OURS);
    let exposed = reply.header("access-control-expose-headers").to_lowercase();
    for name in ["etag", "location", "retry-after", "x-request-id"] {
        assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name} in {exposed}");
    }
    assert_eq!(reply.header("access-control-allow-credentials"), "", "tokens, no cookies");

    for (path, status) in [("/api/v1/me", 401), ("/api/v1/nothing", 404)] {
        let reply = ask(&app, Method::GET, path, &[("origin", "http://localhost:3000")]).await;
        reply.problem(status);
        assert_eq!(reply.header("access-control-allow-origin"), "http://localhost:3000", "{path}");
    }
    let reply = ask(&app, Method::DELETE, "/api/v1/me", &[("origin", OURS)]).await;
    reply.problem(405);
    assert_eq!(reply.header("access-control-allow-origin"), OURS);
}

#[tokio::test]
async fn every_method_in_use_may_be_asked_for_beforehand() {
    let app = app().await;
    let document = serde_json::to_value(immivo::ingress::http::openapi()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1") {
            continue;
        }
        for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            let question = [
                ("origin", OURS),
                ("access-control-request-method", method.as_str()),
                (
                    "access-control-request-headers",
                    "authorization,content-type,if-match,idempotency-key,last-event-id,x-impersonation",
                ),
            ];
            let reply = ask(&app, Method::OPTIONS, path, &question).await;
            assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
            assert_eq!(reply.header("access-control-allow-origin"), OURS);
            let methods = reply.header("access-control-allow-methods");
            assert!(methods.split(',').any(|allowed| allowed.trim() == method), "{method} {path}: {methods}");
            let headers = reply.header("access-control-allow-headers").to_lowercase();
            for name in
                ["authorization", "content-type", "if-match", "idempotency-key", "last-event-id", "x-impersonation"]
            {
                assert!(headers.split(',').any(|allowed| allowed.trim() == name), "{name}: {headers}");
            }
            assert_eq!(reply.header("access-control-max-age"), "3600");
            asked += 1;
        }
    }
    assert!(asked >= 30, "{asked}");
}

#[tokio::test]
async fn any_other_origin_and_any_other_path_gets_no_cors_headers() {
    let app = app().await;
    let agency = app.agency("here").await;
    let bearer = format!("Bearer {}", agency.admin.token);
    let preflight = [("origin", "https://evil.example.org"), ("access-control-request-method", "GET")];
    for origin in ["https://evil.example.org", "https://app.example.org.evil.test", "http://app.example.org", "null"] {
        let reply = ask(&app, Method::GET, "/api/v1/me", &[("origin", origin), ("authorization", &bearer)]).await;
        assert_eq!((reply.status.as_u16(), cors_headers(&reply)), (200, vec![]), "{origin}");
    }
    let reply = ask(&app, Method::OPTIONS, "/api/v1/me", &preflight).await;
    reply.problem(405);
    assert!(cors_headers(&reply).is_empty());
    let reply = ask(&app, Method::GET, "/p/viewing/x", &[("origin", OURS)]).await;
    assert!(cors_headers(&reply).is_empty(), "pages for prospects are nobody's API");
    let closed = TestApp::new().await;
    let reply = ask(&closed, Method::GET, "/api/v1/me", &[("origin", OURS)]).await;
    assert!(cors_headers(&reply).is_empty(), "nobody is allowed unless somebody said so");
}
