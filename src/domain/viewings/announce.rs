//! Telling people: the prospect in the thread, the agent by notification, both with the calendar entry.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::error::WriteError;
use super::ics::{self, Entry, Method};
use super::model::{Appointment, Listing};
use super::slots::Slot;
use super::{Parts, link, when};
use crate::db::TenantConn;
use crate::domain::conversations::{self, Answer, MessageId, Origin};
use crate::domain::leads::{Actor, AddressKind, By, Lead, Status};
use crate::domain::mail::{self, NewMail};
use crate::domain::tenants::Tenant;
use crate::domain::users::{Locale, User};

/// What happened to an appointment.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'a> {
    /// It was made.
    Booked,
    /// It was moved.
    Moved {
        /// Its time before.
        from: Slot,
    },
    /// A colleague shows it now.
    HandedOver,
    /// It was given back or called off.
    Cancelled {
        /// What the prospect could take instead; the page behind the link shows all.
        offer: &'a [Slot],
    },
}

impl News<'_> {
    fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved { .. } => "moved",
            Self::HandedOver => "handed_over",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    fn method(self) -> Method {
        if matches!(self, Self::Cancelled { .. }) { Method::Cancel } else { Method::Request }
    }
}

/// What the templates in `templates/viewings` know.
#[derive(Serialize)]
struct Context<'a> {
    news: &'static str,
    by_agency: bool,
    /// Nothing will follow: the prospect does not want the listing any more.
    farewell: bool,
    offer: Vec<String>,
    formal: bool,
    salutation: &'static str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    title: &'a str,
    when: String,
    before: Option<String>,
    address: Option<String>,
    agent_name: Option<String>,
    agent_phone: Option<&'a str>,
    link: Option<&'a str>,
    has_entry: bool,
}

/// Tells both sides. Returns the message to the prospect; `None` when the lead has no address.
pub(super) async fn tell(
    conn: &mut TenantConn,
    parts: Parts<'_>,
    (tenant, listing, agent): (&Tenant, &Listing, Option<&User>),
    lead: &Lead,
    appointment: &Appointment,
    news: News<'_>,
    by: By,
) -> Result<Option<MessageId>, WriteError> {
    let message = tell_prospect(conn, parts, (tenant, listing, agent), lead, appointment, news, by).await?;
    tell_agent(conn, parts, (tenant, listing, agent), lead, appointment, news, by).await?;
    Ok(message)
}

async fn tell_prospect(
    conn: &mut TenantConn,
    (settings, templates, links): Parts<'_>,
    (tenant, listing, agent): (&Tenant, &Listing, Option<&User>),
    lead: &Lead,
    appointment: &Appointment,
    news: News<'_>,
    (actor, _): By,
) -> Result<Option<MessageId>, WriteError> {
    let Some(address) = lead.email.as_deref() else { return Ok(None) };
    let language = tenant.answer_language(lead.language.as_deref());
    let cancelled = matches!(news, News::Cancelled { .. });
    let times = (conn.now(), appointment.ends_at);
    let link = link::appointment_link(links, settings, (tenant.id, lead.id), times);
    // After a cancellation the link leads to the other slots; where there are none it would lead nowhere.
    let link = (!cancelled || (listing.is_open() && lead.status != Status::Lost)).then_some(link);
    let context = Context {
        news: news.word(),
        by_agency: actor == Actor::Agent,
        farewell: cancelled && lead.status == Status::Lost && actor != Actor::Agent,
        offer: match news {
            News::Cancelled { offer } => {
                offer.iter().map(|slot| when::span(language, tenant.country, &tenant.zone(), *slot)).collect()
            }
            News::Booked | News::Moved { .. } | News::HandedOver => Vec::new(),
        },
        formal: lead.formal_address.unwrap_or(tenant.formal_address),
        salutation: lead.salutation.map_or("", |salutation| salutation.as_str()),
        first_name: lead.first_name.as_deref(),
        last_name: lead.last_name.as_deref(),
        title: &listing.title,
        when: when::span(language, tenant.country, &tenant.zone(), appointment.slot()),
        before: before(language, tenant, news),
        // Who comes must know where to.
        address: listing.address(!cancelled || listing.address_released),
        agent_name: agent.map(User::name),
        agent_phone: agent.and_then(|agent| agent.phone.as_deref()),
        link: link.as_deref(),
        has_entry: lead.address_kind != AddressKind::Relay,
    };
    let text = tidy(&templates.render(&format!("viewings/{language}.txt"), &context)?);
    let entry = prospect_entry(tenant, listing, agent, lead, appointment, conn.now(), link.as_deref());
    let entry = Entry { attendee: (lead.name(), address), ..entry };
    let subject = format!("{}: {}", subject_word(language), listing.title);
    let conversation = conversations::open(conn, lead.id, &subject).await?;
    let answer = Answer {
        origin: Origin::System,
        user: None,
        signed_by: agent.map(User::signs),
        subject: None,
        text,
        citations: json!([]),
        language: language.to_owned(),
        revision: conversation.revision,
        // A portal's relay passes on plain text only.
        calendar: (lead.address_kind != AddressKind::Relay).then(|| ics::write(&entry, news.method())),
        // What the system does by itself waits like every automatic answer; who acted themselves waits for this mail.
        delay: if actor == Actor::Ai { tenant.pause_before_sending(conn.now()) } else { Duration::ZERO },
    };
    Ok(Some(conversations::queue_answer(conn, (settings, templates), tenant, lead, &conversation, answer).await?))
}

/// The entry as the prospect's calendar shows it.
pub(super) fn prospect_entry<'a>(
    tenant: &'a Tenant,
    listing: &Listing,
    agent: Option<&User>,
    lead: &Lead,
    appointment: &'a Appointment,
    stamp: crate::clock::Timestamp,
    link: Option<&str>,
) -> Entry<'a> {
    let language = tenant.answer_language(lead.language.as_deref());
    let contact = agent.map(|agent| match &agent.phone {
        Some(phone) => format!("{}, {phone}", agent.name()),
        None => agent.name(),
    });
    let lines = [contact.as_deref(), Some(tenant.name.as_str()), link];
    Entry {
        uid: &appointment.ics_uid,
        sequence: appointment.ics_sequence,
        stamp,
        slot: appointment.slot(),
        summary: format!("{}: {}", subject_word(language), listing.title),
        description: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        location: listing.address(true),
        organizer: (&tenant.mail_from_name, &tenant.mail_from_address),
        attendee: (None, ""),
    }
}

/// Tells the agent, in their language.
pub(super) async fn tell_agent(
    conn: &mut TenantConn,
    (settings, templates, _): Parts<'_>,
    (tenant, listing, agent): (&Tenant, &Listing, Option<&User>),
    lead: &Lead,
    appointment: &Appointment,
    news: News<'_>,
    (actor, _): By,
) -> Result<(), WriteError> {
    let Some(agent) = agent.filter(|agent| agent.active) else { return Ok(()) };
    let locale = agent.locale;
    let visitor = lead.name().unwrap_or_else(|| locale.pick("ohne Namen", "without a name").to_owned());
    let contact = [lead.phone.as_deref(), lead.email.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let time = when::span(locale.as_str(), tenant.country, &tenant.zone(), appointment.slot());
    let (word, happened) = happened(locale, news, actor);
    let moved_from = locale.pick("Bisher", "Before");
    let before = before(locale.as_str(), tenant, news).map(|before| format!("{moved_from}: {before}"));
    let address = listing.address(true);
    let visitor_line = if contact.is_empty() { visitor.clone() } else { format!("{visitor} ({contact})") };
    let facts = [Some(listing.title.as_str()), Some(time.as_str()), before.as_deref(), address.as_deref()];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    let body = format!("{happened}\n\n{facts}\n\n{visitor_line}");
    let rendered = mail::notification(templates, &tenant.name, locale, &body)?;
    let from = mail::system_sender(&settings.mail.system_from);
    let entry = Entry {
        uid: &appointment.ics_uid,
        sequence: appointment.ics_sequence,
        stamp: conn.now(),
        slot: appointment.slot(),
        summary: format!("{}: {} – {visitor}", subject_word(locale.as_str()), listing.title),
        description: visitor_line.clone(),
        location: address.clone(),
        organizer: (&from.0, &from.1),
        attendee: (Some(agent.name()), &agent.email),
    };
    let mail = NewMail {
        lead_id: Some(lead.id.0),
        to: (Some(agent.name()), agent.email.clone()),
        subject: format!("{word}: {time}"),
        text: rendered.text,
        html: Some(rendered.html),
        calendar: Some(ics::write(&entry, news.method())),
        auto_submitted: true,
        // A move must not overtake the booking before it.
        serial: Some(format!("viewing:{}", appointment.seat_id)),
        from: from.clone(),
        ..NewMail::default()
    };
    mail::queue(conn, &mail).await?;
    Ok(())
}

/// What happened, in a word and in a sentence.
fn happened(locale: Locale, news: News<'_>, actor: Actor) -> (&'static str, &'static str) {
    let german = match (news, actor) {
        (News::Booked, Actor::Agent) => ("Besichtigung eingetragen", "Eine Besichtigung wurde eingetragen."),
        (News::Booked, _) => ("Besichtigung gebucht", "Eine Besichtigung wurde gebucht."),
        (News::Moved { .. }, _) => ("Besichtigung verschoben", "Eine Besichtigung wurde verschoben."),
        (News::HandedOver, _) => ("Besichtigung übernommen", "Eine Besichtigung wurde Ihnen übergeben."),
        (News::Cancelled { .. }, Actor::Prospect) => {
            ("Besichtigung abgesagt", "Der Interessent hat die Besichtigung abgesagt; die Zeit ist wieder frei.")
        }
        (News::Cancelled { .. }, _) => {
            ("Besichtigung abgesagt", "Die Besichtigung wurde abgesagt; die Zeit ist wieder frei.")
        }
    };
    let english = match (news, actor) {
        (News::Booked, Actor::Agent) => ("Viewing entered", "A viewing was entered."),
        (News::Booked, _) => ("Viewing booked", "A viewing was booked."),
        (News::Moved { .. }, _) => ("Viewing moved", "A viewing was moved."),
        (News::HandedOver, _) => ("Viewing taken over", "A viewing was handed over to you."),
        (News::Cancelled { .. }, Actor::Prospect) => {
            ("Viewing cancelled", "The prospect has cancelled the viewing; the time is free again.")
        }
        (News::Cancelled { .. }, _) => ("Viewing cancelled", "The viewing was cancelled; the time is free again."),
    };
    locale.pick(german, english)
}

fn before(language: &str, tenant: &Tenant, news: News<'_>) -> Option<String> {
    match news {
        News::Moved { from } => Some(when::span(language, tenant.country, &tenant.zone(), from)),
        _ => None,
    }
}

fn subject_word(language: &str) -> &'static str {
    match language {
        "de" => "Besichtigung",
        "fr" => "Visite",
        "it" => "Visita",
        "es" => "Visita",
        _ => "Viewing",
    }
}

/// Templates may leave blank lines where they said nothing; a mail has one between paragraphs.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && (tidy.is_empty() || tidy.ends_with("\n\n"))) {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim_end().to_owned()
}

#[cfg(test)]
#[path = "announce_tests.rs"]
mod tests;
