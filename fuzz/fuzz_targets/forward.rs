//! Any text as what somebody of the agency forwards: nobody of the agency becomes a prospect.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portal_mail::{Context, Country, understand};

const HEAD: &[u8] = b"From: Max <makler@agentur.example.com>\r\nTo: in@agentur.example.com\r\nSubject: WG: Anfrage\r\n\
Content-Type: text/plain; charset=utf-8\r\n\r\n";

fuzz_target!(|body: &[u8]| {
    let team = vec!["makler@agentur.example.com".to_owned(), "in@agentur.example.com".to_owned()];
    let ctx = Context { country: Country::Ch, team };
    let read = understand(&[HEAD, body].concat(), &ctx);
    for lead in &read.leads {
        assert!(lead.email.as_deref().is_none_or(|email| !ctx.is_team(email)));
    }
    let _ = portal_mail::new_text(&String::from_utf8_lossy(body));
});
