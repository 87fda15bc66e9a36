//! Every `tests/styles/*.json`: how one portal's mails may look, by every way and in every encoding that holds them.
//!
//! The files are named by portal. What is expected is written once; a way changes nothing of it.

use std::path::Path;

use portal_mail::{Class, Context, Country, understand};
use serde_json::Value;

use crate::encode::ENCODINGS;
use crate::transport::{Sent, TRANSPORTS, mail};

/// Where a lead differs from what is expected of it.
fn differences(expected: &Value, lead: &Value) -> Vec<String> {
    let expected = expected.as_object().expect("expected fields");
    expected
        .iter()
        .filter_map(|(field, wanted)| {
            let found = lead.get(field).or_else(|| lead["reference"].get(field)).unwrap_or(&Value::Null);
            (found != wanted).then(|| format!("{field}: got {found}, expected {wanted}"))
        })
        .collect()
}

#[test]
fn every_style_by_every_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/styles");
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).expect("folder of styles") {
        let path = entry.expect("entry").path();
        let portal = path.file_stem().expect("name").to_string_lossy().into_owned();
        let styles: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).expect("file")).expect("JSON");
        for style in styles {
            let text = |field: &str| style[field].as_str().unwrap_or_default();
            let html = style["html"] == true;
            let sent = Sent {
                from: text("from"),
                subject: text("subject"),
                headers: text("headers"),
                html,
                body: text("body"),
            };
            let ctx = Context {
                country: serde_json::from_value::<Country>(style["country"].clone()).expect("country"),
                team: vec!["makler@agentur.example.com".to_owned(), "muster@in.example.com".to_owned()],
            };
            for (at, transport) in TRANSPORTS.into_iter().enumerate() {
                let held =
                    ENCODINGS.into_iter().filter(|encoding| encoding.holds(sent.body) && encoding.holds(sent.subject));
                // Every way and every encoding, not every pair of them: that is the other matrix.
                for (_, encoding) in held.enumerate().filter(|(index, _)| index % 3 == at % 3) {
                    seen += 1;
                    let understood = understand(&mail(&sent, transport, encoding), &ctx);
                    let name = format!("{portal} {} {transport:?} {encoding:?}", text("about"));
                    let found = understood.portal.map(portal_mail::Portal::as_str);
                    if understood.class != Class::Lead || understood.leads.len() != 1 || found != Some(portal.as_str())
                    {
                        wrong.push(format!("{name}: {:?} {found:?} {:?}", understood.class, understood.reasons));
                        continue;
                    }
                    let lead = serde_json::to_value(&understood.leads[0]).expect("JSON");
                    let differing = differences(&style["expected"], &lead);
                    if !differing.is_empty() {
                        wrong.push(format!("{name}: {}", differing.join("; ")));
                    }
                }
            }
        }
    }
    assert!(seen >= 1_000, "only {seen} cases");
    assert!(wrong.is_empty(), "{} of {seen} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
