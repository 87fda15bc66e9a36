//! Calendar entries (RFC 5545), as invitations and cancellations (iTIP, RFC 5546).

use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};

use super::slots::Slot;
use crate::clock::Timestamp;

/// What a calendar entry says.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// Identity; the same for every version of the entry.
    pub(super) uid: &'a str,
    /// Grows with each version.
    pub(super) sequence: i32,
    /// When this version was made.
    pub(super) stamp: Timestamp,
    pub(super) slot: Slot,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) location: Option<String>,
    /// Name and address.
    pub(super) organizer: (&'a str, &'a str),
    /// Name and address.
    pub(super) attendee: (Option<String>, &'a str),
}

/// What the entry is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Made or changed.
    Request,
    /// Does not take place.
    Cancel,
    /// A copy to keep, for a download: names nobody as invited.
    Publish,
}

impl Method {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

/// The iCalendar object and its method, as a mail wants them.
pub(super) fn write(entry: &Entry<'_>, method: Method) -> (String, &'static str) {
    let mut event = Event::new();
    event
        .uid(entry.uid)
        .sequence(u32::try_from(entry.sequence).unwrap_or(0))
        .summary(&clean(&entry.summary))
        .description(&clean(&entry.description))
        .add_property("DTSTAMP", utc(entry.stamp))
        .add_property("DTSTART", utc(entry.slot.start))
        .add_property("DTEND", utc(entry.slot.end))
        .add_property("STATUS", if method == Method::Cancel { "CANCELLED" } else { "CONFIRMED" })
        .add_property("TRANSP", if method == Method::Cancel { "TRANSPARENT" } else { "OPAQUE" });
    if let Some(location) = &entry.location {
        event.location(&clean(location));
    }
    let (name, address) = entry.organizer;
    event.append_property(person("ORGANIZER", Some(name), address));
    if method != Method::Publish {
        let (name, address) = &entry.attendee;
        let mut attendee = person("ATTENDEE", name.as_deref(), address);
        attendee
            .add_parameter("CUTYPE", "INDIVIDUAL")
            .add_parameter("ROLE", "REQ-PARTICIPANT")
            // They chose the time themselves; calendars need not ask.
            .add_parameter("PARTSTAT", "ACCEPTED")
            .add_parameter("RSVP", "FALSE");
        event.append_multi_property(attendee);
    }
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Immivo//Immivo//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", method.as_str()),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.push(event);
    (calendar.to_string(), method.as_str())
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn person(key: &str, name: Option<&str>, address: &str) -> Property {
    let mut property = Property::new(key, format!("mailto:{}", clean(address)));
    // A parameter value may hold neither quotes nor line breaks (RFC 5545 §3.2).
    let name = name.map(|name| clean(name).replace(['"', '\n'], " ").trim().to_owned()).filter(|name| !name.is_empty());
    if let Some(name) = name {
        property.add_parameter("CN", &name);
    }
    property
}

/// Without control characters, which TEXT may not hold (RFC 5545 §3.3.11); line breaks are escaped by the library.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    fn entry() -> Entry<'static> {
        Entry {
            uid: "0199-aa@agentur.test",
            sequence: 3,
            stamp: at("2026-11-22T10:00:00.123456Z"),
            slot: Slot { start: at("2026-11-24T13:15:00Z"), end: at("2026-11-24T13:45:00Z") },
            summary: "Besichtigung: Altbau; hell, ruhig \\ Größe 80 m² mit Blick über die Dächer der Stadt und Garten"
                .into(),
            description: "Zeile 1\r\nZeile 2\nBEGIN:VEVENT".into(),
            location: Some("Gasse 1/2, 1190 Wien".into()),
            organizer: ("Döblinger \"Wohnträume\": GmbH", "buero@agentur.test"),
            attendee: (Some("Ida\r\nATTENDEE:mailto:evil@example.org Größe, MSc".into()), "ida@example.org"),
        }
    }

    /// Content lines, unfolded.
    fn lines(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_invitation_is_what_the_standards_ask_for() {
        let (text, method) = write(&entry(), Method::Request);
        assert_eq!(method, "REQUEST");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "CRLF everywhere");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "folded at 75 octets");
        let lines = lines(&text);
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:REQUEST",
            "UID:0199-aa@agentur.test",
            "SEQUENCE:3",
            "DTSTAMP:20261122T100000Z",
            "DTSTART:20261124T131500Z",
            "DTEND:20261124T134500Z",
            "STATUS:CONFIRMED",
            "LOCATION:Gasse 1/2\\, 1190 Wien",
            "DESCRIPTION:Zeile 1\\nZeile 2\\nBEGIN:VEVENT",
            "ORGANIZER;CN=\"Döblinger  Wohnträume : GmbH\":mailto:buero@agentur.test",
            "ATTENDEE;CN=\"Ida ATTENDEE:mailto:evil@example.org Größe, MSc\";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ida@example.org",
            "END:VCALENDAR",
        ] {
            assert!(lines.iter().any(|other| other == line), "{line} in {lines:#?}");
        }
        assert!(lines.iter().any(|line| line.starts_with("SUMMARY:Besichtigung: Altbau\\; hell\\, ruhig \\\\ Größe")));
        assert_eq!(lines.iter().filter(|line| line.starts_with("BEGIN:VEVENT")).count(), 1);
        assert_eq!(lines.iter().filter(|line| line.starts_with("ATTENDEE")).count(), 1);
    }

    #[test]
    fn a_cancellation_names_the_same_entry() {
        let (text, method) = write(&entry(), Method::Cancel);
        let lines = lines(&text);
        assert_eq!(method, "CANCEL");
        for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "UID:0199-aa@agentur.test", "SEQUENCE:3"] {
            assert!(lines.iter().any(|other| other == line), "{line}");
        }
    }

    #[test]
    fn a_copy_to_keep_invites_nobody() {
        let (text, _) = write(&entry(), Method::Publish);
        assert!(text.contains("METHOD:PUBLISH\r\n") && !lines(&text).iter().any(|line| line.starts_with("ATTENDEE")));
    }
}
