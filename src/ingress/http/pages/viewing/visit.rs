//! One request for a booking page: who it is for, and the answers that need no page of their own.

use std::convert::Infallible;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::super::origin::is_foreign;
use super::super::shell::Language;
use super::view::{self, Mode, Problem};
use super::words::{Words, words};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::leads::{self, Lead, LeadId, Viewer};
use crate::domain::tenants::{self, Tenant};
use crate::domain::viewings;
use crate::links::LinkError;

/// What the address and the browser say.
pub(super) struct Request {
    token: Option<String>,
    lang: Option<Language>,
    pub(super) done: Option<String>,
    headers: HeaderMap,
}

#[derive(Default, Deserialize)]
struct Asked {
    lang: Option<String>,
    done: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Request {
    type Rejection = Infallible;

    /// Never refuses: an address that makes no sense gets a page like any other unknown one.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let token: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let asked: Result<Query<Asked>, QueryRejection> = Query::from_request_parts(parts, state).await;
        let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
        Ok(Self {
            token: token.ok().map(|Path(token)| token),
            lang: asked.lang.as_deref().and_then(Language::from_code),
            done: asked.done,
            headers: parts.headers.clone(),
        })
    }
}

impl Request {
    /// Path of the prospect's page.
    pub(super) fn base(&self) -> String {
        format!("/p/viewing/{}", self.token.as_deref().unwrap_or_default())
    }

    /// `?lang=…` if the reader chose one, so that the choice stays.
    pub(super) fn suffix(&self) -> String {
        self.lang.map(|lang| format!("?lang={}", lang.code())).unwrap_or_default()
    }

    /// Sends the browser to the prospect's page.
    pub(super) fn see(&self, done: Option<&str>) -> Response {
        let mut to = format!("{}{}", self.base(), self.suffix());
        if let Some(done) = done {
            to.push(if to.contains('?') { '&' } else { '?' });
            to.push_str("done=");
            to.push_str(done);
        }
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    }

    /// Language and words for a reader of whom nothing is known.
    fn stranger(&self) -> (Language, &'static Words) {
        stranger(self.lang, &self.headers)
    }
}

/// Language and words for a reader of whom only the browser is known.
pub(super) fn stranger(asked: Option<Language>, headers: &HeaderMap) -> (Language, &'static Words) {
    let language = Language::choose(asked.map(Language::code), None, headers);
    (language, words(language, true))
}

/// The prospect's own transaction.
pub(super) struct Visit {
    pub(super) conn: TenantConn,
    pub(super) tenant: Tenant,
    pub(super) lead: Lead,
}

impl Visit {
    /// For looking.
    pub(super) async fn open(app: &App, request: &Request) -> Result<Self, Response> {
        Self::start(app, request, false).await
    }

    /// For a change: from our own page only, and with the lead locked.
    pub(super) async fn open_for_change(app: &App, request: &Request, headers: &HeaderMap) -> Result<Self, Response> {
        if is_foreign(headers, &app.settings.http.public_url) {
            let (language, words) = request.stranger();
            return Err(view::notice(app, StatusCode::FORBIDDEN, language, words.foreign));
        }
        Self::start(app, request, true).await
    }

    async fn start(app: &App, request: &Request, change: bool) -> Result<Self, Response> {
        let token = request.token.as_deref().unwrap_or_default();
        let link = app.links.read_viewing(token, app.clock.now()).map_err(|error| match error {
            LinkError::Expired => {
                let (language, words) = request.stranger();
                view::notice(app, StatusCode::GONE, language, words.expired)
            }
            LinkError::Invalid => unknown(app, request),
        })?;
        let opened = async {
            let mut conn = app.db.tenant(link.tenant).await?;
            let tenant = tenants::current(&mut conn).await?;
            let id = LeadId(link.lead);
            let lead = if change {
                leads::lock(&mut conn, id, Viewer::SYSTEM).await?
            } else {
                leads::find(&mut conn, id, Viewer::SYSTEM).await?
            };
            Ok(lead.map(|lead| Self { conn, tenant, lead }))
        };
        match opened.await {
            Ok(Some(visit)) => Ok(visit),
            // The lead, or the whole agency, was erased since the link was made.
            Ok(None) | Err(crate::db::Error::RowNotFound) => Err(unknown(app, request)),
            Err(error) => Err(failure(app, request, &error)),
        }
    }

    pub(super) fn language(&self, request: &Request) -> Language {
        Language::choose(request.lang.map(Language::code), self.lead.language.as_deref(), &request.headers)
    }

    pub(super) fn words(&self, language: Language) -> &'static Words {
        words(language, self.lead.formal_address.unwrap_or(self.tenant.formal_address))
    }

    /// The prospect's page as things stand now.
    pub(super) async fn page(
        &mut self,
        app: &App,
        request: &Request,
        status: StatusCode,
        mode: Mode,
        problem: Option<Problem>,
    ) -> Response {
        match viewings::standing(&mut self.conn, &self.tenant, &self.lead).await {
            Ok(standing) => view::standing(app, request, self, &standing, status, mode, problem),
            Err(error) => failure(app, request, &error),
        }
    }

    /// Makes a change durable and sends the browser to the page that shows it.
    pub(super) async fn commit(self, app: &App, request: &Request, done: &str) -> Response {
        match self.conn.commit().await {
            Ok(()) => request.see(Some(done)),
            Err(error) => failure(app, request, &error),
        }
    }
}

/// There is no such page.
pub(super) fn unknown(app: &App, request: &Request) -> Response {
    let (language, words) = request.stranger();
    view::notice(app, StatusCode::NOT_FOUND, language, words.unknown)
}

/// Something of ours failed. The log says what, the page says sorry.
pub(super) fn failure(app: &App, request: &Request, error: &dyn std::error::Error) -> Response {
    broken(app, request.stranger(), error)
}

/// The same for a reader of whom only the browser is known.
pub(super) fn broken(
    app: &App,
    (language, words): (Language, &'static Words),
    error: &dyn std::error::Error,
) -> Response {
    tracing::error!(%error, cause = error.source().map(tracing::field::display), "booking page failed");
    view::notice(app, StatusCode::SERVICE_UNAVAILABLE, language, words.broken)
}
