//! Changing settings as their page does: read, change, send back with the version that was read.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;

use super::{Agency, Person, Reply, TestApp};

/// What the settings show and nobody sets.
const SHOWN: [&str; 7] = ["country", "slug", "intakeAddress", "plan", "licence", "defaultAiDisclosures", "version"];

impl TestApp {
    /// Settings as they may be sent back, and their version.
    pub(crate) async fn settings(&self, agency: &Agency) -> (Value, String) {
        let reply = self.get("/api/v1/settings", &agency.admin).await;
        let mut settings = reply.json(200);
        for field in SHOWN {
            assert!(settings.as_object_mut().unwrap().remove(field).is_some(), "{field}");
        }
        (settings, reply.header("etag").to_owned())
    }

    /// Reads the settings, changes them and sends them back.
    pub(crate) async fn change_settings(&self, agency: &Agency, change: impl FnOnce(&mut Value)) -> Reply {
        let (mut settings, version) = self.settings(agency).await;
        change(&mut settings);
        self.put("/api/v1/settings", &agency.admin, Some(&version), settings).await
    }

    /// `PUT`, perhaps with `If-Match`.
    pub(crate) async fn put(&self, path: &str, person: &Person, version: Option<&str>, body: Value) -> Reply {
        let mut request = Request::builder()
            .method(Method::PUT)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, version);
        }
        self.call(request.body(Body::from(body.to_string())).unwrap()).await
    }
}
