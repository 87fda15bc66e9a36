//! The form on an agency's web page, from the browser to the first answer.

mod browser;
mod chromium;
mod consent;
mod forms;
mod refusals;
mod script;

use axum::body::Body;
use axum::http::{Method, Request, header};
use immivo::domain::widget_keys::work;
use serde_json::{Value, json};

use crate::journey::Stage;
use crate::support::Reply;

/// A page that may use the key.
pub(super) const PAGE: &str = "https://www.agentur.test";

/// An agency with one listing and a key for its web page.
pub(super) struct Site {
    pub(super) stage: Stage,
    pub(super) key: String,
}

impl Site {
    pub(super) async fn new() -> Self {
        Self::with(&[], json!([PAGE])).await
    }

    pub(super) async fn with(variables: &[(&str, &str)], origins: Value) -> Self {
        let stage = Stage::with(variables).await;
        let body = json!({"label": "Web", "origins": origins});
        let key = stage.test.post("/api/v1/widget-keys", &stage.agency.admin, body).await.json(201);
        Self { key: key["publicId"].as_str().unwrap().to_owned(), stage }
    }

    /// Asks as a page of this origin.
    pub(super) async fn ask(&self, method: Method, path: &str, origin: Option<&str>, body: Option<&Value>) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/public/v1/widget/{}{path}", self.key));
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.stage.test.call(request.body(body).unwrap()).await
    }

    /// A challenge, and its work done.
    pub(super) async fn challenge(&self) -> Value {
        let given = self.ask(Method::GET, "/challenge", Some(PAGE), None).await.json(200);
        assert_eq!(given["parts"], work::PARTS);
        let bits = u8::try_from(given["bits"].as_u64().unwrap()).unwrap();
        let solution = work::solve(given["id"].as_str().unwrap().parse().unwrap(), bits);
        json!({"challenge": given["challenge"], "solution": solution})
    }

    /// The id of the text a visitor agrees to.
    pub(super) async fn consent(&self, language: &str) -> String {
        let view = self.ask(Method::GET, "", Some(PAGE), None).await.json(200);
        let texts = view["consents"].as_array().unwrap();
        let text = texts.iter().find(|text| text["language"] == language).unwrap();
        text["id"].as_str().unwrap().to_owned()
    }

    /// A form as a human fills it in, a minute after the page was loaded. `fields` replace or add; null removes.
    pub(super) async fn form(&self, fields: Value) -> Value {
        let mut form = self.challenge().await;
        self.later(60);
        let consent = self.consent("de").await;
        merge(
            &mut form,
            json!({"lastName": "Probe", "firstName": "Ida", "email": "ida@example.org", "property": "W-17",
                   "message": "Guten Tag, ist die Wohnung noch frei?", "consent": consent}),
        );
        merge(&mut form, fields);
        form
    }

    pub(super) async fn send(&self, form: &Value) -> Reply {
        self.ask(Method::POST, "/leads", Some(PAGE), Some(form)).await
    }

    pub(super) fn later(&self, seconds: i64) {
        let clock = &self.stage.test.app.clock;
        clock.set(clock.now().0 + jiff::SignedDuration::from_secs(seconds));
    }
}

fn merge(form: &mut Value, fields: Value) {
    let form = form.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => form.remove(name),
            value => form.insert(name.clone(), value.clone()),
        };
    }
}
