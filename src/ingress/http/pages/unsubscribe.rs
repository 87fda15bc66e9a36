//! `/p/unsubscribe/{token}`: a prospect does not want to be asked again.
//!
//! Reading changes nothing (mail scanners open every link). The form is sent by the page, or by the prospect's mail program
//! for them (RFC 8058 §3.2: one POST without cookies or origin); sending it twice has the effect of sending it once.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use super::look::Look;
use super::origin::is_foreign;
use super::shell::{self, Language};
use crate::app::App;
use crate::domain::assistant::{self, UnsubscribeError, Unsubscribing};

/// Below `/p/unsubscribe/{token}`.
pub(super) fn router() -> Router<App> {
    Router::new().route("/", get(show).post(end))
}

/// What the page says, in one language.
struct Words {
    ask: (&'static str, &'static str),
    button: &'static str,
    done: (&'static str, &'static str),
    unknown: (&'static str, &'static str),
    broken: (&'static str, &'static str),
}

const GERMAN: Words = Words {
    ask: (
        "Keine Nachfragen mehr?",
        "Sie bekommen dann keine Erinnerungen an Ihre Anfragen mehr. Auf Fragen, die Sie stellen, antworten wir weiterhin.",
    ),
    button: "Keine Nachfragen mehr senden",
    done: (
        "Erledigt",
        "Sie bekommen keine Nachfragen mehr von uns. Antworten Sie einfach auf eine E-Mail, wenn Sie etwas brauchen.",
    ),
    unknown: (
        "Dieser Link gilt nicht mehr",
        "Antworten Sie bitte auf eine unserer E-Mails und schreiben Sie, dass Sie keine Nachfragen möchten.",
    ),
    broken: ("Das hat leider nicht geklappt", "Bitte versuchen Sie es in ein paar Minuten noch einmal."),
};

const ENGLISH: Words = Words {
    ask: (
        "No more reminders?",
        "You will not be reminded of your enquiries any more. What you ask us is still answered.",
    ),
    button: "Send no more reminders",
    done: ("Done", "We will not remind you again. Simply reply to an e-mail if you need anything."),
    unknown: (
        "This link is no longer valid",
        "Please reply to one of our e-mails and tell us that you want no reminders.",
    ),
    broken: ("That did not work", "Please try again in a few minutes."),
};

const fn words(language: Language) -> &'static Words {
    match language {
        Language::German => &GERMAN,
        Language::English => &ENGLISH,
    }
}

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    style: &'a str,
    logo: Option<&'a str>,
    lang: &'static str,
    title: &'static str,
    agency: Option<&'a str>,
    office: Option<String>,
    /// The layout offers the page in another language; this one follows the reader's.
    other: Option<()>,
    text: &'static str,
    /// Where the form goes; none: there is nothing to do.
    form: Option<String>,
    button: &'static str,
}

async fn show(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    answer(&app, &token, &headers, false).await
}

async fn end(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    // Another site's page must not do it; a mail program names no site.
    let really = !is_foreign(&headers, &app.settings.http.public_url);
    answer(&app, &token, &headers, really).await
}

async fn answer(app: &App, token: &str, headers: &HeaderMap, really: bool) -> Response {
    match assistant::unsubscribe(app, token, really).await {
        Ok(who) => {
            let language = Language::choose(None, who.language.as_deref(), headers);
            let words = words(language);
            let form = (!really).then(|| format!("/p/unsubscribe/{token}"));
            page(app, StatusCode::OK, language, Some(&who), if really { words.done } else { words.ask }, form)
        }
        Err(UnsubscribeError::Link) => {
            let language = Language::choose(None, None, headers);
            page(app, StatusCode::NOT_FOUND, language, None, words(language).unknown, None)
        }
        Err(UnsubscribeError::Database(error)) => {
            tracing::error!(%error, "a prospect could not unsubscribe");
            let language = Language::choose(None, None, headers);
            page(app, StatusCode::SERVICE_UNAVAILABLE, language, None, words(language).broken, None)
        }
    }
}

fn page(
    app: &App,
    status: StatusCode,
    language: Language,
    who: Option<&Unsubscribing>,
    (title, text): (&'static str, &'static str),
    form: Option<String>,
) -> Response {
    let look = who.map_or(Look::PLAIN, |who| Look::of(&who.tenant));
    let context = Context {
        style: look.style(),
        logo: look.logo(),
        lang: language.code(),
        title,
        agency: who.map(|who| who.tenant.name.as_str()),
        office: who.and_then(|who| who.tenant.address()).map(|at| format!("{}, {} {}", at.street, at.zip, at.city)),
        other: None,
        text,
        form,
        button: words(language).button,
    };
    shell::page(app, &look, status, "pages/unsubscribe.html", context)
}
