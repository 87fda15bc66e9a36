//! What the booking page's templates are given.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::super::look::Look;
use super::super::shell::{self, Language};
use super::visit::{Request, Visit};
use super::words::Words;
use crate::app::App;
use crate::domain::leads::AddressKind;
use crate::domain::viewings::{Closed, Slot, Standing, when};

/// Which of its faces the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The appointment, or the slots when there is none.
    Main,
    /// The slots to move to.
    Move,
    /// Whether to cancel.
    Cancel,
}

impl Mode {
    /// Where it is shown, below the prospect's page.
    fn path(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Move => "/reschedule",
            Self::Cancel => "/cancel",
        }
    }
}

/// Why a form had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    NothingChosen,
    Taken,
    NotOffered,
    Already,
    TooLate,
}

impl Problem {
    fn text(self, words: &Words) -> &'static str {
        match self {
            Self::NothingChosen => words.nothing_chosen,
            Self::Taken => words.taken,
            Self::NotOffered => words.not_offered,
            Self::Already => words.already,
            Self::TooLate => words.too_late,
        }
    }
}

/// What every page has.
#[derive(Serialize)]
struct Frame<'a> {
    style: &'a str,
    logo: Option<&'a str>,
    lang: &'static str,
    title: &'a str,
    agency: Option<&'a str>,
    /// Where the agency is.
    office: Option<String>,
    /// Code, name and address of the same page in the other language.
    other: Option<(&'static str, &'static str, String)>,
}

#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    t: &'static Words,
    base: String,
    suffix: String,
    listing: &'a str,
    place: Option<String>,
    agent_name: Option<String>,
    agent_phone: Option<&'a str>,
    minutes: i16,
    appointment: Option<Times>,
    changeable: bool,
    movable: bool,
    days: Vec<Day>,
    moving: bool,
    /// The portal hides the reader's address.
    asks_address: bool,
    problem: Option<&'static str>,
    done: Option<&'static str>,
}

#[derive(Serialize)]
struct Times {
    day: String,
    hours: String,
}

#[derive(Serialize)]
struct Day {
    name: String,
    times: Vec<Time>,
}

#[derive(Serialize)]
struct Time {
    value: String,
    from: String,
    hours: String,
}

#[derive(Serialize)]
struct Notice<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    text: &'a str,
    agent_name: Option<String>,
    agent_phone: Option<&'a str>,
    t: &'static Words,
}

/// The page of a prospect.
pub(super) fn standing(
    app: &App,
    request: &Request,
    visit: &Visit,
    standing: &Standing,
    status: StatusCode,
    mode: Mode,
    problem: Option<Problem>,
) -> Response {
    let language = visit.language(request);
    let t = visit.words(language);
    let (tenant, zone) = (&visit.tenant, visit.tenant.zone());
    let ahead = standing.is_ahead();
    let moving = mode == Mode::Move && ahead && standing.closed.is_none();
    let (template, title) = match (&standing.appointment, mode) {
        (Some(_), _) if moving => ("choose", t.move_title),
        (Some(_), Mode::Cancel) if ahead => ("cancel", t.cancel_title),
        (Some(_), _) if ahead => ("appointment", t.booked_title),
        (Some(_), _) => ("appointment", t.past_title),
        (None, _) => ("choose", t.choose_title),
    };
    let look = Look::of(tenant);
    let mut frame = Frame {
        style: look.style(),
        logo: look.logo(),
        lang: language.code(),
        title,
        agency: Some(&tenant.name),
        office: tenant.address().map(|office| format!("{}, {} {}", office.street, office.zip, office.city)),
        other: Some(match language {
            Language::German => ("en", "English", format!("{}{}?lang=en", request.base(), mode.path())),
            Language::English => ("de", "Deutsch", format!("{}{}?lang=de", request.base(), mode.path())),
        }),
    };
    let agent_name = standing.agent.as_ref().map(crate::domain::users::User::name);
    let agent_phone = standing.agent.as_ref().and_then(|agent| agent.phone.as_deref());
    let listing = match (&standing.listing, standing.closed, &standing.appointment) {
        (Some(listing), None, _) | (Some(listing), _, Some(_)) => listing,
        (_, closed, _) => {
            let (title, text) = match closed {
                Some(Closed::Lead) => t.closed_lead,
                Some(Closed::Agent) => t.closed_agent,
                Some(Closed::Listing) | None => t.closed_listing,
            };
            frame.title = title;
            return shell::page(
                app,
                &look,
                status,
                "pages/notice.html",
                Notice { frame, text, agent_name, agent_phone, t },
            );
        }
    };
    let context = Context {
        frame,
        t,
        base: request.base(),
        suffix: request.suffix(),
        listing: &listing.title,
        place: listing.address(listing.address_released || standing.appointment.is_some()),
        agent_name,
        agent_phone,
        minutes: tenant.slot_minutes,
        appointment: standing.appointment.as_ref().map(|appointment| Times {
            day: when::day(language.code(), tenant.country, zone.to_datetime(appointment.starts_at.0).date()),
            hours: when::hours(language.code(), &zone, appointment.slot()),
        }),
        changeable: ahead,
        movable: ahead && standing.closed.is_none(),
        days: days(language, tenant, &standing.slots),
        moving,
        asks_address: visit.lead.address_kind == AddressKind::Relay,
        problem: problem.map(|problem| problem.text(t)),
        done: match (request.done.as_deref(), &standing.appointment) {
            (Some("moved"), Some(_)) => Some(t.moved),
            (Some("cancelled"), None) => Some(t.cancelled),
            _ => None,
        },
    };
    shell::page(app, &look, status, &format!("pages/{template}.html"), context)
}

fn days(language: Language, tenant: &crate::domain::tenants::Tenant, slots: &[Slot]) -> Vec<Day> {
    let zone = tenant.zone();
    let mut days: Vec<Day> = Vec::new();
    for slot in slots {
        let local = zone.to_datetime(slot.start.0);
        let name = when::day(language.code(), tenant.country, local.date());
        let time = Time {
            value: slot.start.to_string(),
            from: when::clock(local),
            hours: when::hours(language.code(), &zone, *slot),
        };
        match days.last_mut() {
            Some(day) if day.name == name => day.times.push(time),
            _ => days.push(Day { name, times: vec![time] }),
        }
    }
    days
}

/// A page that only says something, to somebody of whom nothing is known.
pub(super) fn notice(
    app: &App,
    status: StatusCode,
    language: Language,
    (title, text): (&'static str, &'static str),
) -> Response {
    let t = super::words::words(language, true);
    let look = Look::PLAIN;
    let frame = Frame {
        style: look.style(),
        logo: None,
        lang: language.code(),
        title,
        agency: None,
        office: None,
        other: None,
    };
    shell::page(app, &look, status, "pages/notice.html", Notice { frame, text, agent_name: None, agent_phone: None, t })
}
