//! `/dev/mail`: the development mailbox, for people. There only while outgoing mail is kept on this machine.
//!
//! Mails are shown in a sandboxed frame under a policy that loads nothing from elsewhere: what a mail holds was written
//! by others.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use mail_parser::{MessageParser, MimeHeaders as _};
use serde::Serialize;
use tower_http::set_header::SetResponseHeaderLayer;

use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::integrations::smtp_out::{DevelopmentMailbox, StoredMail};

/// Mails in the list.
const SHOWN: usize = 200;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/// Its routes.
pub(super) fn router() -> Router<App> {
    let policy = SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/source", get(source))
        .layer(policy)
}

#[derive(Serialize)]
struct ListPage {
    lang: &'static str,
    mails: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    subject: String,
    to: String,
    at: String,
}

#[derive(Serialize)]
struct MailPage {
    lang: &'static str,
    mail: Line,
    from: String,
    html: Option<String>,
    text: String,
    headers: Vec<(String, String)>,
    attachments: Vec<String>,
}

async fn list(State(app): State<App>, headers: HeaderMap) -> ApiResult<Html<String>> {
    let mails = mailbox(&app)?.list(SHOWN).await.map_err(|error| ApiProblem::internal(&error))?;
    let page = ListPage { lang: language(&headers), mails: mails.iter().map(line).collect() };
    render(&app, "dev/list.html", page)
}

async fn show(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> ApiResult<Html<String>> {
    let stored = read(&app, &id).await?;
    let parsed = MessageParser::default().parse(&stored.mime);
    let message = parsed.as_ref();
    let page = MailPage {
        lang: language(&headers),
        mail: line(&stored),
        from: address(message.and_then(|message| message.from())),
        // Links open beside the frame: inside it they would be caught in the sandbox.
        html: message
            .filter(|message| message.html_part(0).is_some_and(|part| part.is_text_html()))
            .and_then(|message| message.body_html(0))
            .map(|html| format!("<base target=\"_blank\">{html}")),
        text: message.and_then(|message| message.body_text(0)).unwrap_or_default().into_owned(),
        headers: message.map(raw_headers).unwrap_or_default(),
        attachments: message.map(attachments).unwrap_or_default(),
    };
    render(&app, "dev/mail.html", page)
}

async fn source(State(app): State<App>, Path(id): Path<String>) -> ApiResult<Response> {
    let stored = read(&app, &id).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], stored.mime).into_response())
}

fn mailbox(app: &App) -> ApiResult<&DevelopmentMailbox> {
    app.mailer.development().ok_or_else(|| ApiProblem::not_found("mailbox"))
}

async fn read(app: &App, id: &str) -> ApiResult<StoredMail> {
    let mail = mailbox(app)?.read(id).await.map_err(|error| ApiProblem::internal(&error))?;
    mail.ok_or_else(|| ApiProblem::not_found("mail"))
}

fn render(app: &App, template: &str, page: impl Serialize) -> ApiResult<Html<String>> {
    app.templates.render(template, page).map(Html).map_err(|error| ApiProblem::internal(&error))
}

fn line(stored: &StoredMail) -> Line {
    let parsed = MessageParser::default().parse(&stored.mime);
    let message = parsed.as_ref();
    let at = jiff::Timestamp::try_from(stored.accepted).unwrap_or_default();
    Line {
        id: stored.id.clone(),
        subject: message.and_then(|message| message.subject()).unwrap_or_default().to_owned(),
        to: address(message.and_then(|message| message.to())),
        at: at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    }
}

fn address(address: Option<&mail_parser::Address<'_>>) -> String {
    let Some(first) = address.and_then(|address| address.first()) else { return String::new() };
    let mailbox = first.address().unwrap_or_default();
    match first.name() {
        Some(name) => format!("{name} <{mailbox}>"),
        None => mailbox.to_owned(),
    }
}

fn raw_headers(message: &mail_parser::Message<'_>) -> Vec<(String, String)> {
    message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

fn attachments(message: &mail_parser::Message<'_>) -> Vec<String> {
    let name = |part: &mail_parser::MessagePart<'_>| {
        let kind = part
            .content_type()
            .map_or_else(String::new, |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        part.attachment_name().map_or(kind, str::to_owned)
    };
    message.attachments().map(name).collect()
}

/// German unless the reader says that English is better.
fn language(headers: &HeaderMap) -> &'static str {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |language: &str| {
        let of = |entry: &str| {
            let mut parts = entry.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            (tag == language || tag.starts_with(&format!("{language}-"))).then_some(weight)
        };
        wanted.split(',').filter_map(of).fold(0.0_f32, f32::max)
    };
    if weight("en") > weight("de") { "en" } else { "de" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_german_unless_the_reader_prefers_english() {
        for (wanted, lang) in [
            ("", "de"),
            ("fr", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("en-GB,en;q=0.9,de;q=0.8", "en"),
            ("fr, en;q=0.3", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(wanted));
            assert_eq!(language(&headers), lang, "{wanted}");
        }
    }
}
