//! Against a name server with a zone of its own.

#![allow(clippy::unwrap_used)]

use std::net::IpAddr;
use std::time::Duration;

use sender_auth::testing::Zone;
use sender_auth::{Checker, Findings, Hop, Verdict};

const MAIL: &str = "From: Immowelt <info@immowelt.test>\r\nTo: wien@intake.immivo.test\r\nSubject: Anfrage\r\n\
                    Message-ID: <1@immowelt.test>\r\n\r\nGuten Tag\r\n";

async fn check(zone: &Zone, raw: &str, hop: Option<Hop<'_>>) -> Findings {
    let patience = Duration::from_secs(20);
    Checker::new(&[zone.address()]).unwrap().check(raw.as_bytes(), hop, patience).await
}

fn hop<'a>(ip: &str, mail_from: &'a str) -> Option<Hop<'a>> {
    let ip: IpAddr = ip.parse().unwrap();
    Some(Hop { ip, helo: "mail.immowelt.test", mail_from, receiver: "mx.immivo.test" })
}

#[tokio::test]
async fn a_signature_holds_until_a_byte_is_changed() {
    let zone = Zone::start().await;
    let signed = zone.signer("immowelt.test").sign(MAIL);
    let found = check(&zone, &signed, None).await;
    assert_eq!((found.dkim[0].result, found.dkim[0].domain.as_str()), (Verdict::Pass, "immowelt.test"));
    assert_eq!((&found.spf, &found.arc), (&None, &None));
    let found = check(&zone, &signed.replace("Guten Tag", "Guten Abend"), None).await;
    assert_eq!(found.dkim[0].domain, "immowelt.test");
    assert_ne!(found.dkim[0].result, Verdict::Pass);
    let found = check(&zone, &signed.replace("Subject: Anfrage", "Subject: Rechnung"), None).await;
    assert_ne!(found.dkim[0].result, Verdict::Pass);
}

#[tokio::test]
async fn a_key_that_is_not_published_proves_nothing() {
    let (zone, elsewhere) = (Zone::start().await, Zone::start().await);
    let signed = elsewhere.signer("immowelt.test").sign(MAIL);
    let found = check(&zone, &signed, None).await;
    assert_eq!(found.dkim[0].result, Verdict::PermError);
}

#[tokio::test]
async fn the_envelope_is_compared_with_what_its_domain_published() {
    let zone = Zone::start().await;
    zone.txt("immowelt.test", "v=spf1 ip4:192.0.2.0/24 -all");
    zone.txt("mail.immowelt.test", "v=spf1 ip4:192.0.2.0/24 -all");
    zone.txt("_dmarc.immowelt.test", "v=DMARC1; p=reject");
    let cases = [("192.0.2.9", "a@immowelt.test", Verdict::Pass), ("198.51.100.9", "a@immowelt.test", Verdict::Fail)];
    for (ip, from, expected) in cases {
        let found = check(&zone, MAIL, hop(ip, from)).await;
        let spf = found.spf.unwrap();
        assert_eq!((spf.result, spf.domain.as_str()), (expected, "immowelt.test"));
        let dmarc = found.dmarc.unwrap();
        assert_eq!((dmarc.result, dmarc.policy.as_deref()), (expected, Some("reject")));
    }
    // a bounce has no envelope sender: what the client calls itself stands in
    let spf = check(&zone, MAIL, hop("192.0.2.9", "")).await.spf.unwrap();
    assert_eq!((spf.result, spf.domain.as_str()), (Verdict::Pass, "mail.immowelt.test"));
    let other = check(&zone, MAIL, hop("192.0.2.9", "a@nobody.test")).await;
    assert_eq!(other.spf.unwrap().result, Verdict::None);
    assert_eq!(other.dmarc.unwrap().result, Verdict::Fail);
}

#[tokio::test]
async fn a_forwarder_says_what_the_mail_was_like() {
    let zone = Zone::start().await;
    let forwarder = zone.signer("forwarder.test");
    let signed = zone.signer("immowelt.test").sign(MAIL);
    let passed_on = forwarder.seal(&zone, &signed).await;
    let chain = check(&zone, &passed_on, None).await.arc.unwrap();
    assert_eq!(chain.result, Verdict::Pass);
    assert_eq!((chain.seals.len(), chain.seals[0].domain.as_str()), (1, "forwarder.test"));
    assert_eq!(chain.seals[0].dkim_passed, ["immowelt.test"]);
    let broken = check(&zone, &passed_on.replace("Guten Tag", "Guten Abend"), None).await.arc.unwrap();
    assert_ne!(broken.result, Verdict::Pass);
    let unsigned = forwarder.seal(&zone, MAIL).await;
    assert!(check(&zone, &unsigned, None).await.arc.unwrap().seals[0].dkim_passed.is_empty());
}

#[tokio::test]
async fn name_servers_that_do_not_answer_say_nothing_about_the_mail() {
    let zone = Zone::start().await;
    let signed = zone.signer("immowelt.test").sign(MAIL);
    zone.silence(true);
    let checker = Checker::new(&[zone.address()]).unwrap();
    let patience = Duration::from_millis(200);
    let found = checker.check(signed.as_bytes(), hop("192.0.2.9", "a@immowelt.test"), patience).await;
    assert_eq!(found.dkim[0].result, Verdict::TempError);
    assert_eq!(found.dkim[0].domain, "immowelt.test");
    assert_eq!(found.spf.unwrap().result, Verdict::TempError);
    assert_eq!(found.dmarc.unwrap().result, Verdict::TempError);
}

#[tokio::test]
async fn signatures_beyond_the_tenth_are_not_asked_about() {
    let zone = Zone::start().await;
    let signer = zone.signer("immowelt.test");
    let mut mail = MAIL.to_owned();
    for _ in 0..50 {
        mail = signer.sign(&mail);
    }
    assert_eq!(check(&zone, &mail, None).await.dkim.len(), 10);
}

#[tokio::test]
async fn bytes_that_are_no_mail_have_no_findings() {
    let zone = Zone::start().await;
    for raw in ["", "\r\n", "no header at all", "\0\u{fffd}"] {
        let found = check(&zone, raw, None).await;
        assert!(found.dkim.is_empty() && found.arc.is_none(), "{raw:?}");
    }
}
