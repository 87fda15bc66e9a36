//! Portal × transport × encoding: the same enquiry must come out however it came in.

use crate::encode::ENCODINGS;
use crate::transport::{Sent, TRANSPORTS, mail};
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
    let ctx = Context {
        country: Country::At,
        team: vec!["makler@agentur.example.com".to_owned(), "muster@in.example.com".to_owned()],
    };
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for format in &FORMATS {
        let body = format.body.replace("MSG", MESSAGE);
        let Format { from, subject, html, .. } = *format;
        let sent = Sent { from, subject, headers: "", html, body: &body };
        for transport in TRANSPORTS {
            for encoding in ENCODINGS {
                seen += 1;
                let understood = understand(&mail(&sent, transport, encoding), &ctx);
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
    assert_eq!(seen, FORMATS.len() * TRANSPORTS.len() * ENCODINGS.len());
    assert!(wrong.is_empty(), "{} of {seen} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
