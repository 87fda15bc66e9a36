//! The ways a portal mail takes to us: directly, forwarded by hand with several programs, forwarded by rules.

use crate::encode::{Encoding, entity};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Transport {
    Direct,
    Outlook,
    Gmail,
    Apple,
    Attached,
    Automatic,
    Thunderbird,
    WebMailer,
    Group,
}

pub(crate) const TRANSPORTS: [Transport; 9] = {
    use Transport::{Apple, Attached, Automatic, Direct, Gmail, Group, Outlook, Thunderbird, WebMailer};
    [Direct, Outlook, Gmail, Apple, Attached, Automatic, Thunderbird, WebMailer, Group]
};

const TEAM: &str = "From: Max Makler <makler@agentur.example.com>\r\nTo: muster@in.example.com\r\n";

/// One portal mail before it travels.
pub(crate) struct Sent<'a> {
    pub(crate) from: &'a str,
    pub(crate) subject: &'a str,
    /// Further header lines, each with its line end.
    pub(crate) headers: &'a str,
    pub(crate) html: bool,
    pub(crate) body: &'a str,
}

pub(crate) fn mail(sent: &Sent<'_>, transport: Transport, encoding: Encoding) -> Vec<u8> {
    let Sent { from, subject, headers, html, body } = *sent;
    let own = format!(
        "From: {from}\r\nTo: makler@agentur.example.com\r\nSubject: {subject}\r\nAuto-Submitted: auto-generated\r\n{headers}"
    );
    let shown = from.replace('"', "");
    let block = |keys: [&str; 5], end: &str| {
        let line = |key: &str, value: &str| {
            if html {
                format!("<b>{key}</b> {}{end}\n", value.replace('<', "&lt;"))
            } else {
                format!("{key} {value}\n")
            }
        };
        let order = [
            line(keys[0], &shown),
            line(keys[1], "Montag, 2. März 2026 10:00"),
            line(keys[2], "makler@agentur.example.com"),
            line(keys[3], subject),
            reply_to(headers).map(|to| line(keys[4], to)).unwrap_or_default(),
        ];
        order.concat()
    };
    let inside = |marker: &str, block: String| {
        if html {
            format!("<p>Zur Info, Tel. 0660 7777777</p><div>{marker}</div><div>{block}</div><br>{body}")
        } else {
            format!("Zur Info, Tel. 0660 7777777\n\n{marker}\n{block}\n{body}")
        }
    };
    match transport {
        Transport::Direct => entity(&own, html, body, encoding),
        Transport::Outlook => {
            let text = inside("", block(["Von:", "Gesendet:", "An:", "Betreff:", "Antwort an:"], "<br>"));
            entity(&format!("{TEAM}Subject: WG: {subject}\r\nReferences: <a@b.example>\r\n"), html, &text, encoding)
        }
        Transport::Gmail => {
            let text = inside(
                "---------- Forwarded message ---------",
                block(["From:", "Date:", "To:", "Subject:", "Reply-To:"], "<br>"),
            );
            entity(&format!("{TEAM}Subject: Fwd: {subject}\r\n"), html, &text, encoding)
        }
        Transport::Apple => {
            let mut text = inside(
                "Anfang der weitergeleiteten Nachricht:",
                block(["Von:", "Datum:", "An:", "Betreff:", "Antwort an:"], "<br>"),
            );
            if !html {
                let (own, quote) = text.split_once("Anfang der weitergeleiteten Nachricht:\n").expect("marker");
                let quote: String = quote.lines().map(|line| format!("> {line}\n")).collect();
                text = format!("{own}Anfang der weitergeleiteten Nachricht:\n\n{quote}");
            }
            entity(&format!("{TEAM}Subject: Fwd: {subject}\r\n"), html, &text, encoding)
        }
        Transport::Attached => {
            let head = format!(
                "{TEAM}Subject: Fwd: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\nContent-Type: text/plain\r\n\r\nsiehe Anhang\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n"
            );
            [head.into_bytes(), entity(&own, html, body, encoding), b"\r\n--out--\r\n".to_vec()].concat()
        }
        Transport::Automatic => {
            let own_reply = if headers.contains("Reply-To:") { "" } else { "Reply-To: makler@agentur.example.com\r\n" };
            let rewritten = format!(
                "Return-Path: <SRS0=ab=CD=bounce.example=x@agentur.example.com>\r\nFrom: 'Portal' via Vertrieb <makler@agentur.example.com>\r\n{own_reply}X-Original-From: {from}\r\n{headers}X-Forwarded-For: makler@agentur.example.com muster@in.example.com\r\nTo: makler@agentur.example.com\r\nSubject: {subject}\r\nPrecedence: list\r\n"
            );
            entity(&rewritten, html, body, encoding)
        }
        Transport::Thunderbird => {
            let text = inside(
                "-------- Weitergeleitete Nachricht --------",
                block(["Von:", "Datum:", "An:", "Betreff:", "Antwort an:"], "<br>"),
            );
            entity(&format!("{TEAM}Subject: Fwd: {subject}\r\n"), html, &text, encoding)
        }
        Transport::WebMailer => {
            let text = inside(
                "Gesendet: Montag, 2. März 2026",
                block(["Von:", "Datum:", "An:", "Betreff:", "Antwort an:"], "<br>"),
            );
            entity(&format!("{TEAM}Subject: Fw: {subject}\r\n"), html, &text, encoding)
        }
        // A group keeps the author in another header and puts itself into Reply-To.
        Transport::Group => {
            let sender = from.rsplit(['<', ' ']).next().unwrap_or(from).trim_end_matches('>');
            let own_reply = if headers.contains("Reply-To:") { "" } else { "Reply-To: makler@agentur.example.com\r\n" };
            let rewritten = format!(
                "Return-Path: <makler+bncBDx@agentur.example.com>\r\nFrom: \"Portal\" via Anfragen <makler@agentur.example.com>\r\n\
                 {own_reply}{headers}X-Original-Sender: {sender}\r\nX-Original-From: {from}\r\nList-ID: <anfragen.agentur.example.com>\r\n\
                 Precedence: list\r\nTo: makler@agentur.example.com\r\nSubject: {subject}\r\n"
            );
            entity(&rewritten, html, body, encoding)
        }
    }
}

fn reply_to(headers: &str) -> Option<&str> {
    headers.lines().find_map(|line| line.strip_prefix("Reply-To: "))
}
