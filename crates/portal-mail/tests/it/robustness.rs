//! Hostile and broken input: no panic, bounded time, an answer with a reason.

use std::time::{Duration, Instant};

use portal_mail::{Class, Context, Country, understand};
use proptest::prelude::*;

fn context() -> Context {
    Context { country: Country::At, team: vec!["makler@agentur.example.com".to_owned()] }
}

/// Generous, because tests share slow machines; quadratic behaviour takes minutes, not seconds.
const LIMIT: Duration = Duration::from_secs(20);

fn answers_in_time(name: &str, raw: &[u8]) -> portal_mail::Understood {
    let start = Instant::now();
    let understood = understand(raw, &context());
    let took = start.elapsed();
    assert!(took < LIMIT, "{name} took {took:?} for {} bytes", raw.len());
    assert!(!understood.reasons.is_empty(), "{name}: no reason given");
    understood
}

const HEAD: &str = "From: a@example.org\r\nTo: makler@agentur.example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

#[test]
fn nothing_and_rubbish_are_unknown() {
    for (name, raw) in [
        ("empty", Vec::new()),
        ("line break", b"\r\n".to_vec()),
        ("no headers", b"just some words\nand more".to_vec()),
        ("nul bytes", vec![0; 100_000]),
        ("0xff", vec![0xff; 100_000]),
        ("only colon", b":".to_vec()),
    ] {
        assert_eq!(answers_in_time(name, &raw).class, Class::Unknown, "{name}");
    }
}

#[test]
fn an_address_typed_into_the_name_is_not_written_to() {
    let mail = |fields: &str| {
        let raw = format!(
            "From: willhaben <no-reply@willhaben.at>\r\nTo: a@b.test\r\nSubject: Anfrage zu Anzeige Altbau (1234567890)\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
             Code: 1234567890\r\n{fields}\r\nNachricht:\r\nIst sie noch frei?\r\n"
        );
        let enquiry = understand(raw.as_bytes(), &context()).leads.remove(0);
        (enquiry.email, enquiry.phone)
    };
    let phone = Some("+436645550123".to_owned());
    let ida = (Some("ida@example.org".to_owned()), phone.clone());
    let name = "Anfrage von: Ida Bcc: eve@attacker.test, 0664 5559999";
    assert_eq!(mail(&format!("{name}\r\nE-Mail: ida@example.org\r\nTelefon: 0664 5550123\r\n")), ida);
    assert_eq!(mail(&format!("E-Mail: ida@example.org\r\nTelefon: 0664 5550123\r\n{name}\r\n")), ida);
    // Where nothing else is told, what stands there is all there is.
    assert_eq!(mail("Kontakt: ida@example.org, 0664 5550123\r\n"), ida);
}

#[test]
fn ten_thousand_parts() {
    let mut raw = format!("{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for i in 0..10_000 {
        raw.push_str(&format!("--b\r\nContent-Type: text/plain\r\n\r\npart {i}\r\n"));
    }
    answers_in_time("parts", raw.as_bytes());
}

#[test]
fn deep_multiparts() {
    let mut raw = HEAD.to_owned();
    for i in 0..5_000 {
        raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"));
    }
    answers_in_time("deep multiparts", raw.as_bytes());
}

#[test]
fn mails_inside_mails_do_not_exhaust_the_stack() {
    for kind in [
        "message/rfc822",
        "Message/RFC822",
        "message/global",
        "message/(x)rfc822",
        "message/ rfc822",
        "multipart/digest; boundary=b",
    ] {
        let mut raw = HEAD.to_owned();
        for _ in 0..20_000 {
            raw.push_str(&format!("Content-Type: {kind}\r\n\r\n"));
            if kind.starts_with("multipart") {
                raw.push_str("--b\r\n\r\n");
            }
        }
        answers_in_time(kind, raw.as_bytes());
    }
}

fn feedback(text: &str) -> String {
    format!(
        "<openimmo_feedback><objekt><interessent><email>a@example.org</email><anfrage>{text}</anfrage></interessent></objekt></openimmo_feedback>"
    )
}

#[test]
fn time_grows_with_the_size_and_not_with_its_square() {
    let took = |size: usize| {
        let raw = format!("From: a@ivd24.de\r\nSubject: Anfrage\r\n\r\n{}", feedback(&"&".repeat(size)));
        let start = Instant::now();
        understand(raw.as_bytes(), &context());
        start.elapsed()
    };
    took(1_000);
    // Eight times the size: eight times the time, sixty-four if every mark looked at all before it.
    let (small, large) = (took(40_000), took(320_000));
    assert!(large < small * 30 + Duration::from_millis(500), "{small:?} for 40 kB, {large:?} for 320 kB");
}

#[test]
fn thousands_of_headers() {
    let lines = |line: &dyn Fn(usize) -> String| (0..10_000).map(line).collect::<String>();
    for (name, headers) in [
        ("any", lines(&|i| format!("X-{i}: a b c\r\n"))),
        ("received", lines(&|_| "Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0100\r\n".to_owned())),
        ("signatures", lines(&|i| format!("DKIM-Signature: v=1; d=b{i}.test; s=x\r\n"))),
        ("from", lines(&|i| format!("From: a{i}@example.org\r\n"))),
        ("references", format!("References: {}\r\n", lines(&|i| format!("<{i}@example.org> ")))),
        ("recipients", format!("To: {}\r\n", lines(&|i| format!("a{i}@example.org, ")))),
    ] {
        for sender in ["makler@agentur.example.com", "noreply@immobilienscout24.de", "ida@example.org"] {
            answers_in_time(name, format!("From: {sender}\r\n{headers}Subject: x\r\n\r\ntext").as_bytes());
        }
    }
}

#[test]
fn a_megabyte_of_quotes_and_worse() {
    let bodies: Vec<(&str, String)> = vec![
        ("quotes", ">".repeat(1 << 20)),
        ("quote lines", ">\n".repeat(1 << 19)),
        ("on wrote", "On Monday\n".repeat(100_000)),
        ("from lines", "Von: a\n".repeat(150_000)),
        ("forward blocks", "Von: a@example.org\nBetreff: b\n".repeat(40_000)),
        ("labels", "Name:\n".repeat(150_000)),
        ("label pairs", "Name: x E-Mail: ".repeat(60_000)),
        ("messages", "Nachricht:\n".repeat(90_000)),
        ("label block in message", format!("Nachricht: a\n{}", "Objektnummer: 1\nprosa prosa\n".repeat(40_000))),
        ("entities", "&eacute;".repeat(120_000)),
        ("ampersands", format!("<openimmo_feedback><objekt>{}", "&".repeat(300_000))),
        ("ampersands in a whole document", feedback(&"&".repeat(1_000_000))),
        ("entities in a whole document", feedback(&"&amp;&eacute;".repeat(40_000))),
        ("opened cdata", feedback(&"<![CDATA[".repeat(80_000))),
        ("quoted document", format!("> {}", feedback(&"x\n> ".repeat(100_000)))),
        ("numbers in a message", format!("Nachricht:\na\n{}", "Telefon: 0664 1234567\nReferenz: 4711\n".repeat(8_000))),
        ("disclosure headings", format!("Nachricht:\n{}", "Weitere Daten zum Interessenten ".repeat(30_000))),
        ("labels behind sentences", format!("Nachricht:\n{}", "a. Haushaltsgröße: 2; ".repeat(40_000))),
        ("signatures", "Danke\nIda Probe\n".repeat(50_000)),
        ("a long name", format!("E-Mail: a@example.org\nName: {}", "a, ".repeat(200_000))),
        ("introductions", format!("E-Mail: a@example.org\n{}", "Frau A hat eine Anfrage\nich\n".repeat(20_000))),
        ("cdata", format!("<openimmo_feedback>{}", "<![CDATA[&]]>".repeat(50_000))),
        ("xml depth", format!("<openimmo_feedback>{}", "<a>".repeat(300_000))),
        ("addresses", "a@".repeat(500_000)),
        ("colons", ":".repeat(1 << 20)),
        ("spaces", " ".repeat(1 << 20)),
        ("semicolons", format!("Nachricht: Weitere Daten zum Interessenten; {}", "a: b; ".repeat(100_000))),
        ("dashes", "-".repeat(1 << 20)),
        ("commas", "a, ".repeat(300_000)),
    ];
    for (name, body) in bodies {
        for sender in ["makler@agentur.example.com", "noreply@immobilienscout24.de"] {
            let raw = format!("From: {sender}\r\nTo: makler@agentur.example.com\r\nSubject: WG: Anfrage\r\n\r\n{body}");
            answers_in_time(&format!("{name} by {sender}"), raw.as_bytes());
        }
    }
}

#[test]
fn hostile_html() {
    let bodies: Vec<(&str, String)> = vec![
        ("divs", "<div>".repeat(60_000)),
        ("divs and p", "<div><p>".repeat(40_000)),
        ("fonts", (0..50_000).map(|i| format!("<font size={i}><p>x")).collect()),
        ("tables", "<table><tr><td>".repeat(50_000)),
        ("cells", format!("<table><tr>{}", "<td>Name:</td><td>x</td>".repeat(40_000))),
        ("unclosed", "<".repeat(300_000)),
        ("attributes", format!("<a {}>", "b=c ".repeat(60_000))),
        ("br", "<br>".repeat(60_000)),
    ];
    for (name, body) in bodies {
        for sender in ["a@example.org", "noreply@immobilienscout24.de"] {
            let raw =
                format!("From: {sender}\r\nSubject: Anfrage\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
            answers_in_time(&format!("{name} by {sender}"), raw.as_bytes());
        }
    }
}

#[test]
fn every_prefix_of_a_mail_is_survived() {
    let raw = include_bytes!("../mails/immoscout24_feedback_attached.eml");
    for end in (0..raw.len()).step_by(7) {
        let understood = understand(&raw[..end], &context());
        assert!(!understood.reasons.is_empty(), "cut at {end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        understand(&raw, &context());
    }

    #[test]
    fn any_text_in_a_portal_mail(body in "(?s).{0,400}", subject in ".{0,80}") {
        for sender in ["noreply@immobilienscout24.de", "token-1@mail.kleinanzeigen.de", "reply@idealista.com", "makler@agentur.example.com"] {
            let raw = format!("From: {sender}\r\nSubject: {subject}\r\n\r\n{body}");
            understand(raw.as_bytes(), &context());
        }
    }

    #[test]
    fn label_like_lines(lines in proptest::collection::vec("(Name|E-Mail|Telefon|Nachricht|Objekt-Nr|PLZ/Ort|Von|Betreff|Datum|An)[: ]{0,2}[a-zäöü0-9@.:;|&<>\" -]{0,30}", 0..30)) {
        for sender in ["noreply@immobilienscout24.de", "makler@agentur.example.com", "ida@example.org"] {
            let raw = format!("From: {sender}\r\nSubject: WG: Anfrage\r\n\r\n{}", lines.join("\n"));
            understand(raw.as_bytes(), &context());
            let html = format!("From: {sender}\r\nSubject: WG: x\r\nContent-Type: text/html\r\n\r\n<table><tr><td>{}", lines.join("</td><td>"));
            understand(html.as_bytes(), &context());
        }
    }

    #[test]
    fn helpers_take_anything(text in "(?s).{0,200}") {
        portal_mail::normalise_phone(&text, Country::Ch);
        portal_mail::normalise_reference(&text);
        portal_mail::split_name(&text);
        portal_mail::split_street(&text);
        portal_mail::split_address(&text);
        portal_mail::expose_ids(&text);
        portal_mail::new_text(&text);
    }
}
