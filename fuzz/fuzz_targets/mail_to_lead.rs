//! Any bytes as a mail: an answer with a reason, whatever they are, and no prospect who is the portal or the team.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portal_mail::{Class, Context, Country, understand};

fuzz_target!(|raw: &[u8]| {
    let ctx = Context { country: Country::At, team: vec!["makler@agentur.example.com".to_owned()] };
    let read = understand(raw, &ctx);
    assert!(!read.reasons.is_empty());
    assert_eq!(read.leads.is_empty(), read.class != Class::Lead);
    for lead in &read.leads {
        assert!(lead.email.as_deref().is_none_or(|email| !ctx.is_team(email) && email.contains('@')));
        assert!(lead.phone.as_deref().is_none_or(|phone| phone.starts_with('+')));
    }
    for file in &read.mail.attachments {
        assert!(portal_mail::attachment_bytes(raw, file.part_index).is_some_and(|bytes| bytes.len() == file.size));
    }
});
