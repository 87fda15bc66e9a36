//! Names and times as IMAP writes them.

use async_imap::imap_proto::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::SignedDuration;
use jiff::fmt::strtime;

use crate::clock::Timestamp;

/// What decides whether a mail is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MailFacts {
    pub(super) uid: u32,
    /// Bytes.
    pub(super) size: u32,
    /// INTERNALDATE.
    pub(super) arrived: Option<Timestamp>,
}

pub(super) fn facts_of(attributes: &[AttributeValue<'_>]) -> Option<MailFacts> {
    let mut facts = MailFacts { uid: 0, size: 0, arrived: None };
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(uid) => facts.uid = *uid,
            AttributeValue::Rfc822Size(size) => facts.size = *size,
            AttributeValue::InternalDate(text) => facts.arrived = arrival(text),
            _ => {}
        }
    }
    (facts.uid > 0).then_some(facts)
}

fn arrival(text: &str) -> Option<Timestamp> {
    let time = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    time.to_timestamp().ok().map(Timestamp)
}

/// The day to ask a server for with SINCE, so that nothing from `at` on is left out: servers compare days of a time zone
/// of their own (RFC 3501 §6.4.4), so it is the day before.
pub(super) fn day_before(at: Timestamp) -> String {
    let before = at.0.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(at.0);
    before.strftime("%d-%b-%Y").to_string()
}

/// UIDs in order as a set: `1:3,7`.
pub(super) fn set(uids: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*uid) => *last = *uid,
            _ => ranges.push((*uid, *uid)),
        }
    }
    let range = |(first, last): (u32, u32)| if first == last { first.to_string() } else { format!("{first}:{last}") };
    ranges.into_iter().map(range).collect::<Vec<_>>().join(",")
}

/// A folder's name as IMAP wants it: modified UTF-7 (RFC 3501 §5.1.3).
pub(super) fn folder_on_the_wire(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let plain = |c: char| matches!(c, ' '..='~');
        if plain(first) {
            wire.push(first);
            if first == '&' {
                wire.push('-');
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(rest.find(plain).unwrap_or(rest.len()));
        let utf16: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
        wire.push('&');
        wire.push_str(&STANDARD_NO_PAD.encode(utf16).replace('/', ","));
        wire.push('-');
        rest = after;
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_modified_utf_7() {
        assert_eq!(folder_on_the_wire("INBOX"), "INBOX");
        assert_eq!(folder_on_the_wire("Anfragen/Käufer"), "Anfragen/K&AOQ-ufer");
        assert_eq!(folder_on_the_wire("Miete & Kauf"), "Miete &- Kauf");
        // The example of RFC 3501.
        assert_eq!(folder_on_the_wire("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    }

    #[test]
    fn times_of_arrival_are_understood_with_padding_and_zone() {
        let at = |text: &str| arrival(text).map(|at| at.to_string());
        assert_eq!(at("22-Nov-2026 20:08:08 +0100").as_deref(), Some("2026-11-22T19:08:08Z"));
        assert_eq!(at(" 2-Mar-2026 00:00:01 +0000").as_deref(), Some("2026-03-02T00:00:01Z"));
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn a_search_begins_a_day_early() {
        assert_eq!(day_before(Timestamp("2026-03-01T00:30:00Z".parse().unwrap())), "28-Feb-2026");
    }

    #[test]
    fn neighbours_are_written_as_a_range() {
        assert_eq!(set(&[1, 2, 3, 7, 9, 10, u32::MAX]), "1:3,7,9:10,4294967295");
        assert_eq!(set(&[]), "");
    }
}
