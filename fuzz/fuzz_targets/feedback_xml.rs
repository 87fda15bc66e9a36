//! Any bytes as the XML a portal attaches.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portal_mail::{Context, Country, understand};

const HEAD: &[u8] =
    b"From: noreply@ivd24.de\r\nTo: makler@agentur.example.com\r\nSubject: Anfrage\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n\
--b\r\nContent-Type: application/xml; name=kontaktanfrage.xml\r\n\r\n<?xml version=\"1.0\"?>";

fuzz_target!(|xml: &[u8]| {
    let ctx = Context { country: Country::De, team: vec!["makler@agentur.example.com".to_owned()] };
    let read = understand(&[HEAD, xml, b"\r\n--b--\r\n"].concat(), &ctx);
    assert!(!read.reasons.is_empty());
});
