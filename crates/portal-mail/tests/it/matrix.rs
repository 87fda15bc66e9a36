//! Portal × transport × encoding: the same enquiry must come out however it came in.

use crate::encode::{Encoding, entity};
use portal_mail::{Class, Context, Country, LeadDraft, understand};

/// One portal's mail: sender, subject, body, whether HTML, and the portal's name.
struct Format {
    portal: &'static str,
    from: &'static str,
    subject: &'static str,
    html: bool,
    body: &'static str,
}

const MESSAGE: &str = "Grüß Gott, ich möchte die Wohnung gern ansehen. Wäre Samstag möglich?";

const FORMATS: [Format; 8] = [
    Format {
        portal: "immoscout24",
        from: "ImmoScout24 <noreply@immobilienscout24.de>",
        subject: "Anfrage zu Ihrem Objekt (Objekt  4711)",
        html: false,
        body: "Neue Anfrage\n\nVorname:\nJörg\n\nNachname:\nMüßig\n\nE-Mail:\njoerg@example.org\n\nTelefon:\n0664 1234567\n\nNachricht Ihrer Interessent:innen\n\nMSG\n\nNachrichtenverlauf\n\nViele Grüße\nIhr ImmoScout24-Team\n",
    },
    Format {
        portal: "immoscout24",
        from: "service@immobilienscout24.de",
        subject: "Anfrage zu Ihrem Objekt (Objekt  4711)",
        html: true,
        body: "<html><body><table><tr><td>Vorname:</td><td></td><td>Jörg</td></tr><tr><td>Nachname:</td><td></td><td>Müßig</td></tr><tr><td>Telefon:</td><td></td><td>0664 1234567</td></tr><tr><td>E-Mail:</td><td></td><td><a href=\"mailto:joerg@example.org\">joerg@example.org</a></td></tr></table><table><tr><td>Anmerkungen/Fragen des Interessenten</td></tr><tr><td>MSG</td></tr></table><p>Ihr ImmobilienScout24 Team</p></body></html>",
    },
    Format {
        portal: "immowelt",
        from: "immowelt <noreply@immowelt.de>",
        subject: "Anfrage Ref.-Nr. 4711: Wohnung",
        html: true,
        body: "<html><body><table><tr><td><table><tr><td>Name:</td></tr></table></td><td><table><tr><td>Herr Jörg Müßig</td></tr></table></td></tr><tr><td><table><tr><td>Telefon:</td></tr></table></td><td><table><tr><td>0664&nbsp;1234567</td></tr></table></td></tr><tr><td><table><tr><td>E-Mail:</td></tr></table></td><td><table><tr><td><a href=\"mailto:joerg@example.org\">joerg@example.org</a></td></tr></table></td></tr><tr><td><table><tr><td>Nachricht:</td></tr></table></td><td><table><tr><td>MSG</td></tr></table></td></tr></table></body></html>",
    },
    Format {
        portal: "immonet",
        from: "immonet <noreply@immonet.de>",
        subject: "Kontaktanfrage zu Ihrem Angebot, Referenznummer: 4711",
        html: false,
        body: "Anbieter-Objekt-ID: 4711\nVorname: Jörg\nNachname: Müßig\nTelefon-Nummer: 0664 1234567\nE-Mail: joerg@example.org\nAnmerkungen: MSG\n\nMit freundlichen Grüßen\nIhr immonet-Team\n",
    },
    Format {
        portal: "kleinanzeigen",
        from: "\"Jörg Müßig über Kleinanzeigen\" <interessent-9a8b7c6d5e4f@mail.kleinanzeigen.de>",
        subject: "Anfrage zu Ihrer Anzeige",
        html: false,
        body: "Anzeige \"Wohnung\" (Anzeigennummer: 3456283104)\n\nNachricht von Jörg Müßig\n(Tel.: 0664 1234567) MSG\n\nBeantworte diese Nachricht, indem du antwortest.\n",
    },
    Format {
        portal: "homegate",
        from: "interested@homegate.ch",
        subject: "Neue Anfrage",
        html: false,
        body: "Folgende Person ist interessiert:\n\nVorname: Jörg\nName: Müßig\nE-Mail: joerg@example.org\nTelefon: 0664 1234567\n\nDeine Nachricht:\nMSG\n\nObjekt von Interesse:\n\nMusterweg 1\n8001 Zürich\nReferenz: [4711]\n",
    },
    Format {
        portal: "willhaben",
        from: "willhaben <no-reply@willhaben.at>",
        subject: "Anfrage zu Anzeige Wohnung (1234567890)",
        html: false,
        body: "Anfrage von: Jörg Müßig\nE-Mail: joerg@example.org\nTelefon: 0664 1234567\n\nNachricht:\nMSG\n",
    },
    Format {
        portal: "derstandard",
        from: "immobilien@derstandard.at",
        subject: "Neue Anfrage zu Ihrem Objekt",
        html: true,
        body: "<html><body><p>Neue Anfrage</p><p><b>Name:</b> Müßig, Jörg<br><b>E-Mail:</b> joerg@example.org<br><b>Telefon:</b> +43 (0)664 1234567<br><b>Objektnummer:</b> 4711</p><p><b>Nachricht:</b><br>MSG</p><p>Diese E-Mail wurde automatisch erstellt.</p></body></html>",
    },
];

#[derive(Debug, Clone, Copy)]
enum Transport {
    Direct,
    Outlook,
    Gmail,
    Apple,
    Attached,
    Automatic,
}

const TEAM: &str = "From: Max Makler <makler@agentur.example.com>\r\nTo: muster@in.example.com\r\n";

fn mail(format: &Format, transport: Transport, encoding: Encoding) -> Vec<u8> {
    let body = format.body.replace("MSG", MESSAGE);
    let Format { from, subject, html, .. } = *format;
    let own = format!(
        "From: {from}\r\nTo: makler@agentur.example.com\r\nSubject: {subject}\r\nAuto-Submitted: auto-generated\r\n"
    );
    let shown = from.replace('"', "");
    let block = |keys: [&str; 4], end: &str| {
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
        Transport::Direct => entity(&own, html, &body, encoding),
        Transport::Outlook => {
            let text = inside("", block(["Von:", "Gesendet:", "An:", "Betreff:"], "<br>"));
            entity(&format!("{TEAM}Subject: WG: {subject}\r\nReferences: <a@b.example>\r\n"), html, &text, encoding)
        }
        Transport::Gmail => {
            let text =
                inside("---------- Forwarded message ---------", block(["From:", "Date:", "To:", "Subject:"], "<br>"));
            entity(&format!("{TEAM}Subject: Fwd: {subject}\r\n"), html, &text, encoding)
        }
        Transport::Apple => {
            let mut text =
                inside("Anfang der weitergeleiteten Nachricht:", block(["Von:", "Datum:", "An:", "Betreff:"], "<br>"));
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
            [head.into_bytes(), entity(&own, html, &body, encoding), b"\r\n--out--\r\n".to_vec()].concat()
        }
        Transport::Automatic => {
            let rewritten = format!(
                "Return-Path: <SRS0=ab=CD=bounce.example=x@agentur.example.com>\r\nFrom: 'Portal' via Vertrieb <makler@agentur.example.com>\r\nReply-To: makler@agentur.example.com\r\nX-Original-From: {from}\r\nX-Forwarded-For: makler@agentur.example.com muster@in.example.com\r\nTo: makler@agentur.example.com\r\nSubject: {subject}\r\nPrecedence: list\r\n"
            );
            entity(&rewritten, html, &body, encoding)
        }
    }
}

fn check(format: &Format, lead: &LeadDraft) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, found: Option<&str>, expected: &str| {
        if found != Some(expected) {
            wrong.push(format!("{what}: {found:?}, expected {expected:?}"));
        }
    };
    let relay = format.portal == "kleinanzeigen";
    expect("first name", lead.first_name.as_deref(), "Jörg");
    expect("last name", lead.last_name.as_deref(), "Müßig");
    expect("phone", lead.phone.as_deref(), "+436641234567");
    expect(
        "email",
        lead.email.as_deref(),
        if relay { "interessent-9a8b7c6d5e4f@mail.kleinanzeigen.de" } else { "joerg@example.org" },
    );
    expect("message", lead.message.as_deref(), MESSAGE);
    match format.portal {
        "kleinanzeigen" => expect("id", lead.reference.portal_object_id.as_deref(), "3456283104"),
        "willhaben" => expect("id", lead.reference.portal_object_id.as_deref(), "1234567890"),
        _ => expect("number", lead.reference.external_number.as_deref(), "4711"),
    }
    wrong
}

#[test]
fn every_portal_by_every_way_in_every_encoding() {
    use Encoding::{Latin1Quoted, Utf8, Windows1252Base64};
    use Transport::{Apple, Attached, Automatic, Direct, Gmail, Outlook};
    let ctx = Context {
        country: Country::At,
        team: vec!["makler@agentur.example.com".to_owned(), "muster@in.example.com".to_owned()],
    };
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for format in &FORMATS {
        for transport in [Direct, Outlook, Gmail, Apple, Attached, Automatic] {
            for encoding in [Utf8, Latin1Quoted, Windows1252Base64] {
                seen += 1;
                let understood = understand(&mail(format, transport, encoding), &ctx);
                let name = format!("{} html={} {transport:?} {encoding:?}", format.portal, format.html);
                let portal = understood.portal.map(portal_mail::Portal::as_str);
                if understood.class != Class::Lead || understood.leads.len() != 1 || portal != Some(format.portal) {
                    wrong.push(format!("{name}: {:?} {portal:?} {:?}", understood.class, understood.reasons));
                    continue;
                }
                let differing = check(format, &understood.leads[0]);
                if !differing.is_empty() {
                    wrong.push(format!("{name}: {}", differing.join("; ")));
                }
            }
        }
    }
    assert_eq!(seen, 8 * 6 * 3);
    assert!(wrong.is_empty(), "{} of {seen} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
