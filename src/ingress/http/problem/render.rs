//! Writing problems as responses, and giving what libraries refuse the form of one.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{ApiProblem, Problem};
use crate::ingress::http::request_id::RequestId;

impl ApiProblem {
    fn body(&self, request_id: Option<String>) -> Problem {
        let contents = &*self.0;
        Problem {
            kind: format!("urn:immivo:problem:{}", contents.kind),
            title: contents.title.to_owned(),
            status: contents.status.as_u16(),
            detail: contents.detail.clone(),
            request_id,
            errors: contents.errors.clone(),
        }
    }

    fn response(&self, request_id: Option<String>) -> Response {
        let mut response = (self.0.status, axum::Json(self.body(request_id))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = &self.0.header {
            headers.insert(name.clone(), value.clone());
        }
        response
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let mut response = self.response(None);
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: gives every problem its request id, and every refusal of a library the form of a problem. Pages for
/// people (`text/html`) stay as they are.
pub(in crate::ingress::http) async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<ApiProblem>() {
        Some(problem) => problem,
        None if is_a_librarys(&response) => ApiProblem::plain(response.status()),
        None => return response,
    };
    let mut rendered = problem.response(id);
    // What was said beside the problem: which methods there are, which page may read it.
    for name in [header::ALLOW, header::ACCESS_CONTROL_ALLOW_ORIGIN, header::VARY] {
        if let Some(value) = response.headers().get(&name) {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

/// Libraries answer with an empty body or a line of plain text.
fn is_a_librarys(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    (status.is_client_error() || status.is_server_error()) && kind.is_none_or(|kind| kind.starts_with("text/plain"))
}
