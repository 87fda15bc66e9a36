//! By which way a mail came, read from its header and from who handed it over. Pure.
//!
//! What a header says was written by somebody on the way and proves nothing; it helps whoever sets up a forward to see
//! where it goes wrong.

use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::codes::code;
use crate::domain::intake::Door;

code! {
    /// How a mail came to our door.
    Path { /// Straight from the system of whoever wrote it.
        Direct = "DIRECT", /// Straight from a portal.
        Portal = "PORTAL", /// Somebody between passed it on: a mailbox's rule, a group, a forwarding address.
        Forwarded = "FORWARDED" }
}

/// The way of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// In one word.
    pub path: Path,
    /// Our door.
    pub door: Door,
    /// Who handed it over: an IP address, a mailbox, a topic.
    pub peer: String,
    /// The portal it is from, by its looks.
    pub portal: Option<String>,
    /// Which headers say that it was passed on.
    pub forwarded_by: Vec<Trace>,
    /// The systems it went through, the last one first (`Received`).
    pub hops: Vec<Hop>,
    /// What systems before us found about its sender (`Authentication-Results`, RFC 8601), the last one first.
    pub authentication_results: Vec<String>,
    /// What we found about its sender, as a mail's own `authentication` shows it; null where nobody is asked.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub authentication: Option<serde_json::Value>,
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trace {
    /// Name.
    pub header: String,
    /// What it says.
    pub value: String,
}

/// One system on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hop {
    /// Who handed it over, in its own words.
    pub from: Option<String>,
    /// Who took it.
    pub by: Option<String>,
}

/// Who handed a mail over, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct HandedOver<'a> {
    /// By which way.
    pub door: Door,
    /// Who.
    pub peer: &'a str,
    /// Envelope sender.
    pub envelope_from: &'a str,
}

/// Written by systems that pass mail on, and by no others.
const PASSED_ON: [&str; 11] = [
    "x-forwarded-for",
    "x-forwarded-to",
    "resent-from",
    "resent-to",
    "x-original-from",
    "x-original-sender",
    "x-google-original-from",
    "x-google-group-id",
    "x-ms-exchange-inbox-rules-loop",
    "x-ms-exchange-forwardingloop",
    "x-autoforward",
];
/// More of a kind tells nobody more.
const MOST: usize = 20;
/// Longest value, characters.
const MOST_CHARACTERS: usize = 500;

impl Route {
    /// Of a mail with this header.
    #[must_use]
    pub fn of(raw: &[u8], handed_over: HandedOver<'_>, portal: Option<&str>) -> Self {
        let parsed = MessageParser::new().parse_headers(raw);
        let headers: Vec<(String, String)> = parsed
            .iter()
            .flat_map(|mail| mail.headers_raw())
            .map(|(name, value)| (name.to_lowercase(), on_one_line(value)))
            .collect();
        let all = |wanted: &'static str| headers.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value);
        let mut forwarded_by: Vec<Trace> = headers
            .iter()
            .filter(|(name, _)| PASSED_ON.contains(&name.as_str()))
            .map(|(name, value)| Trace { header: name.clone(), value: value.clone() })
            .collect();
        let envelope = handed_over.envelope_from.to_owned();
        let return_paths = std::iter::once(&envelope).chain(all("return-path"));
        if let Some(path) = return_paths.into_iter().find(|path| is_rewritten(path)) {
            forwarded_by.push(Trace { header: "return-path".to_owned(), value: path.clone() });
        }
        forwarded_by.truncate(MOST);
        let path = match (forwarded_by.is_empty(), portal) {
            (false, _) => Path::Forwarded,
            (true, Some(_)) => Path::Portal,
            (true, None) => Path::Direct,
        };
        Self {
            path,
            door: handed_over.door,
            peer: handed_over.peer.to_owned(),
            portal: portal.map(str::to_owned),
            forwarded_by,
            hops: all("received").take(MOST).map(|value| hop(value)).collect(),
            authentication_results: all("authentication-results").take(MOST).cloned().collect(),
            authentication: None,
        }
    }
}

/// `SRS0=hash=tt=domain=local@forwarder`: a forwarder put its own name into the envelope, so that SPF holds.
fn is_rewritten(path: &str) -> bool {
    let path = path.trim_start_matches('<').to_ascii_uppercase();
    ["SRS0=", "SRS0+", "SRS0-", "SRS1=", "SRS1+", "SRS1-"].iter().any(|start| path.starts_with(start))
}

/// `from a (b [1.2.3.4]) by c with ESMTP id …; date` (RFC 5321 §4.4).
fn hop(value: &str) -> Hop {
    let clause = value.split(';').next().unwrap_or_default();
    let after = |word: &str| {
        let words: Vec<&str> = clause.split(' ').collect();
        let at = words.iter().position(|other| other.eq_ignore_ascii_case(word))?;
        words.get(at + 1).map(|name| (*name).to_owned())
    };
    Hop { from: after("from"), by: after("by") }
}

/// A value as one line of bounded length. PostgreSQL's `jsonb` holds every character but one.
fn on_one_line(value: &str) -> String {
    let line = value.replace('\0', "").split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(header: &str, portal: Option<&str>, envelope_from: &str) -> Route {
        let raw = format!("{}\r\nSubject: x\r\n\r\nX-Forwarded-To: body@example.org\r\n", header.replace('\n', "\r\n"));
        Route::of(raw.as_bytes(), HandedOver { door: Door::Smtp, peer: "192.0.2.1", envelope_from }, portal)
    }

    #[test]
    fn a_mail_nobody_passed_on_is_direct_or_a_portals() {
        let direct = route("From: ida@example.org", None, "ida@example.org");
        assert_eq!((direct.path, direct.peer.as_str(), direct.forwarded_by.len()), (Path::Direct, "192.0.2.1", 0));
        assert_eq!(route("From: a@willhaben.at", Some("willhaben"), "").path, Path::Portal);
    }

    #[test]
    fn whoever_passes_mail_on_leaves_a_trace() {
        for (header, envelope, name) in [
            (
                "X-Forwarded-To: wien@intake.test\nX-Forwarded-For: buero@agentur.test wien@intake.test",
                "",
                "x-forwarded-to",
            ),
            ("Resent-From: buero@agentur.test", "", "resent-from"),
            ("X-MS-Exchange-Inbox-Rules-Loop: buero@agentur.test", "", "x-ms-exchange-inbox-rules-loop"),
            ("From: a@b.test", "SRS0=ab=cd=willhaben.at=no-reply@agentur.test", "return-path"),
            ("Return-Path: <srs1=ab=x==cd@agentur.test>", "", "return-path"),
        ] {
            let route = route(header, Some("willhaben"), envelope);
            assert_eq!(route.path, Path::Forwarded, "{header}");
            assert_eq!(route.forwarded_by[0].header, name, "{header}");
            assert_eq!(route.portal.as_deref(), Some("willhaben"));
        }
    }

    #[test]
    fn hops_and_results_are_read_and_bounded() {
        let one = "Received: from mx.portal.test (mx.portal.test [192.0.2.7])\n\tby in.agentur.test (Postfix) with ESMTPS id 1;\n Mon, 23 Nov 2026 08:00:00 +0000";
        let results = "Authentication-Results: in.agentur.test;\n spf=pass smtp.mailfrom=willhaben.at; dkim=pass";
        let read = route(&format!("{one}\nReceived: by local\n{results}"), None, "");
        let hop = |from: Option<&str>, by: &str| Hop { from: from.map(str::to_owned), by: Some(by.to_owned()) };
        assert_eq!(read.hops, [hop(Some("mx.portal.test"), "in.agentur.test"), hop(None, "local")]);
        assert_eq!(read.authentication_results, ["in.agentur.test; spf=pass smtp.mailfrom=willhaben.at; dkim=pass"]);
        let many = route(&[one; 100].join("\n"), None, "");
        assert_eq!(many.hops.len(), MOST);
        let long = route(&format!("X-Forwarded-To: {}", "ä".repeat(10_000)), None, "");
        assert_eq!(long.forwarded_by[0].value.chars().count(), MOST_CHARACTERS);
        assert_eq!(
            Route::of(b"", HandedOver { door: Door::Api, peer: "", envelope_from: "" }, None).path,
            Path::Direct
        );
    }
}
