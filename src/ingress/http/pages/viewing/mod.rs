//! `/p/viewing/{token}`: a prospect chooses, moves or cancels the viewing.
//!
//! Reading changes nothing (mail scanners open every link); every change is a form and ends in a redirect, so that
//! going back or reloading repeats nothing. Sending the same form twice has the effect of sending it once.

mod view;
mod visit;
mod words;

use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use self::view::{Mode, Problem};
use self::visit::{Request, Visit, failure, stranger};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::{self, Actor, By};
use crate::domain::viewings::{self, BookError, CancelError};

/// The prospect themselves: the token was sent to them alone.
const PROSPECT: By = (Actor::Prospect, None);

/// Below `/p/viewing/{token}`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/", get(show))
        // Whoever reloads the answer to a form by its address gets the page it came from.
        .route("/book", get(back).post(book))
        .route("/reschedule", get(show_move).post(reschedule))
        .route("/cancel", get(show_cancel).post(cancel))
        .route("/calendar.ics", get(calendar))
}

/// The page for whoever asks too often.
pub(super) fn too_many(app: &App, headers: &HeaderMap) -> Response {
    let (language, words) = stranger(None, headers);
    view::notice(app, StatusCode::TOO_MANY_REQUESTS, language, words.too_many)
}

/// The page for when something of ours failed.
pub(super) fn broken(app: &App, headers: &HeaderMap, error: &dyn std::error::Error) -> Response {
    visit::broken(app, stranger(None, headers), error)
}

#[derive(Deserialize)]
struct Choice {
    start: Option<String>,
    /// Where the portal hides it.
    email: Option<String>,
}

impl Choice {
    fn start(&self) -> Option<Timestamp> {
        self.start.as_ref()?.parse().ok().map(Timestamp)
    }
}

async fn show(State(app): State<App>, request: Request) -> Response {
    match Visit::open(&app, &request).await {
        Ok(mut visit) => visit.page(&app, &request, StatusCode::OK, Mode::Main, None).await,
        Err(refused) => refused,
    }
}

async fn back(request: Request) -> Response {
    request.see(None)
}

async fn show_move(State(app): State<App>, request: Request) -> Response {
    match Visit::open(&app, &request).await {
        Ok(mut visit) => visit.page(&app, &request, StatusCode::OK, Mode::Move, None).await,
        Err(refused) => refused,
    }
}

async fn show_cancel(State(app): State<App>, request: Request) -> Response {
    match Visit::open(&app, &request).await {
        Ok(mut visit) => visit.page(&app, &request, StatusCode::OK, Mode::Cancel, None).await,
        Err(refused) => refused,
    }
}

async fn book(
    State(app): State<App>,
    request: Request,
    headers: HeaderMap,
    form: Result<Form<Choice>, FormRejection>,
) -> Response {
    choose(&app, &request, &headers, form, Mode::Main).await
}

async fn reschedule(
    State(app): State<App>,
    request: Request,
    headers: HeaderMap,
    form: Result<Form<Choice>, FormRejection>,
) -> Response {
    choose(&app, &request, &headers, form, Mode::Move).await
}

async fn choose(
    app: &App,
    request: &Request,
    headers: &HeaderMap,
    form: Result<Form<Choice>, FormRejection>,
    mode: Mode,
) -> Response {
    let mut visit = match Visit::open_for_change(app, request, headers).await {
        Ok(visit) => visit,
        Err(refused) => return refused,
    };
    let choice = form.ok().map(|Form(choice)| choice);
    let Some(start) = choice.as_ref().and_then(Choice::start) else {
        return visit.page(app, request, StatusCode::UNPROCESSABLE_ENTITY, mode, Some(Problem::NothingChosen)).await;
    };
    let parts = (&*app.settings, &app.templates, &app.links);
    let Visit { conn, tenant, lead, .. } = &mut visit;
    let (outcome, done) = match mode {
        Mode::Move => (viewings::reschedule(conn, parts, tenant, lead, start, PROSPECT).await, "moved"),
        _ => (viewings::book(conn, parts, tenant, lead, start, PROSPECT).await, "booked"),
    };
    let (status, mode, problem) = match outcome {
        Ok(_) => {
            // The appointment counts, whatever stands in the other field.
            let address = choice.and_then(|choice| choice.email);
            if let Some(address) = address
                && let Err(error) = leads::learn_address(conn, lead, &address).await
            {
                return failure(app, request, &error);
            }
            return visit.commit(app, request, done).await;
        }
        // The same form sent twice.
        Err(BookError::AlreadyBooked(has)) if has.starts_at == start => return request.see(Some("booked")),
        Err(BookError::AlreadyBooked(_)) => (StatusCode::CONFLICT, Mode::Main, Some(Problem::Already)),
        Err(BookError::SlotTaken) => (StatusCode::CONFLICT, mode, Some(Problem::Taken)),
        Err(BookError::NotOffered | BookError::InvalidTime) => (StatusCode::CONFLICT, mode, Some(Problem::NotOffered)),
        Err(BookError::Past) => (StatusCode::CONFLICT, Mode::Main, Some(Problem::TooLate)),
        // The page says why by itself.
        Err(
            BookError::NotBooked
            | BookError::NoProperty
            | BookError::NotAvailable
            | BookError::NoAgent
            | BookError::Lead(_),
        ) => (StatusCode::CONFLICT, Mode::Main, None),
        Err(error @ (BookError::Write(_) | BookError::Database(_))) => return failure(app, request, &error),
    };
    visit.page(app, request, status, mode, problem).await
}

async fn cancel(State(app): State<App>, request: Request, headers: HeaderMap) -> Response {
    let mut visit = match Visit::open_for_change(&app, &request, &headers).await {
        Ok(visit) => visit,
        Err(refused) => return refused,
    };
    let parts = (&*app.settings, &app.templates, &app.links);
    let Visit { conn, tenant, lead, .. } = &mut visit;
    match viewings::cancel_seat(conn, parts, tenant, lead, PROSPECT).await {
        Ok(_) => visit.commit(&app, &request, "cancelled").await,
        // The same form sent twice.
        Err(CancelError::NotFound | CancelError::AlreadyCancelled) => request.see(Some("cancelled")),
        Err(CancelError::Past) => {
            visit.page(&app, &request, StatusCode::CONFLICT, Mode::Main, Some(Problem::TooLate)).await
        }
        Err(error @ (CancelError::Write(_) | CancelError::Database(_))) => failure(&app, &request, &error),
    }
}

async fn calendar(State(app): State<App>, request: Request) -> Response {
    let mut visit = match Visit::open(&app, &request).await {
        Ok(visit) => visit,
        Err(refused) => return refused,
    };
    let standing = match viewings::standing(&mut visit.conn, &visit.tenant, &visit.lead).await {
        Ok(standing) => standing,
        Err(error) => return failure(&app, &request, &error),
    };
    let parts = (&*app.settings, &app.templates, &app.links);
    let Some(file) = viewings::calendar_file(parts, &visit.tenant, &visit.lead, &standing) else {
        return visit::unknown(&app, &request);
    };
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8; method=PUBLISH"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"viewing.ics\""),
    ];
    (headers, file).into_response()
}
