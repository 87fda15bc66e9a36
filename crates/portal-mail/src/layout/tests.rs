use super::*;

fn mail(subject: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "From: formular@example.org\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{}",
        body.replace('\n', "\r\n")
    )
    .into_bytes()
}

fn values(pairs: &[(LayoutField, &str)]) -> Vec<(LayoutField, String)> {
    pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
}

fn at() -> Context {
    Context { country: crate::model::Country::At, team: Vec::new() }
}

use LayoutField::{Email, ExternalNumber, FirstName, LastName, Message, Name, Phone, PortalObjectId};

#[test]
fn labels_nobody_knows_are_learnt_from_a_text() {
    let first = "Neues aus dem Formular\n\nWer: Ida Probe\nErreichbar unter: ida@example.org\nDraht: 0664 5550123\n\
                 Büro: office@agentur.test\nHaus Nummer: W/17 b\n\nSchreibt:\nGuten Tag,\nist sie frei?\n\nEnde der Übermittlung\nVielen Dank\n";
    let told = values(&[
        (Name, "Ida Probe"),
        (Email, "Ida@example.org"),
        (Phone, "+436645550123"),
        (ExternalNumber, "w-17b"),
        (Message, "Guten Tag, ist sie frei?"),
    ]);
    let layout = infer(&mail("Formular", "plain", first), &told, &at()).unwrap();
    assert!(!serde_json::to_string(&layout).unwrap().to_lowercase().contains("ida"), "places, no values: {layout:?}");
    let next = "Neues aus dem Formular\n\nWer: Udo Muster\nErreichbar unter: udo@example.org\nDraht: \n\
                Büro: office@agentur.test\nHaus Nummer: X-2\n\nSchreibt:\nWann kann ich sie sehen?\n\nDanke!\n\nEnde der Übermittlung\nVielen Dank\n";
    let draft = apply(&mail("Formular", "plain", next), &layout, &at()).unwrap();
    assert_eq!(draft.first_name.as_deref(), Some("Udo"));
    assert_eq!(draft.last_name.as_deref(), Some("Muster"));
    assert_eq!(draft.email.as_deref(), Some("udo@example.org"));
    assert_eq!(draft.phone, None, "nobody's telephone is taken instead");
    assert_eq!(draft.reference.external_number.as_deref(), Some("X-2"));
    assert_eq!(draft.message.as_deref(), Some("Wann kann ich sie sehen?\n\nDanke!"));
}

#[test]
fn the_second_line_of_the_same_label_is_the_second_again() {
    let body = "Makler\nMail: office@agentur.test\nKunde\nMail: ida@example.org\nNummer: 4711\n";
    let told = values(&[(Email, "ida@example.org"), (PortalObjectId, "4711")]);
    let layout = infer(&mail("x", "plain", body), &told, &at()).unwrap();
    let next = apply(&mail("x", "plain", &body.replace("ida@", "udo@").replace("4711", "12")), &layout, &at()).unwrap();
    assert_eq!(
        (next.email.as_deref(), next.reference.portal_object_id.as_deref()),
        (Some("udo@example.org"), Some("12"))
    );
}

#[test]
fn cells_of_a_table_are_label_and_value() {
    let table = |first: &str, last: &str, email: &str, text: &str| {
        let row = |label: &str, value: &str| format!("<tr><td><i>{label}</i></td><td>{value}</td></tr>");
        format!(
            "<html><body><h2>Kontaktformular</h2><table>{}{}{}{}</table><p>Gesendet von der Website</p></body></html>",
            row("Rufzeichen", first),
            row("Sippe", last),
            row("Postfach", email),
            row("Anliegen des Kunden", text),
        )
    };
    let told =
        values(&[(FirstName, "Ida"), (LastName, "Probe"), (Email, "ida@example.org"), (Message, "Ist sie frei?")]);
    let layout =
        infer(&mail("Kontakt", "html", &table("Ida", "Probe", "ida@example.org", "Ist sie frei?")), &told, &at())
            .unwrap();
    let next = mail(
        "Kontakt",
        "html",
        &table("Udo", "Muster", "<a href='mailto:udo@example.org'>udo@example.org</a>", "Wie groß?<br>LG"),
    );
    let draft = apply(&next, &layout, &at()).unwrap();
    assert_eq!(
        (draft.first_name.as_deref(), draft.last_name.as_deref(), draft.email.as_deref(), draft.message.as_deref()),
        (Some("Udo"), Some("Muster"), Some("udo@example.org"), Some("Wie groß?\nLG"))
    );
}

#[test]
fn a_sentence_is_a_layout_too() {
    let body = "Hallo Team,\nIda Probe (ida@example.org, 0664 5550123) fragt nach dem Objekt W-17 auf unserer Seite.\nEuer Portal\n";
    let told = values(&[
        (Name, "Ida Probe"),
        (Email, "ida@example.org"),
        (Phone, "+43 664 5550123"),
        (ExternalNumber, "W-17"),
    ]);
    let layout = infer(&mail("Anfrage", "plain", body), &told, &at()).unwrap();
    assert!(!serde_json::to_string(&layout).unwrap().contains("5550123"), "{layout:?}");
    let next = body
        .replace("Ida Probe", "Dr. Udo von Muster")
        .replace("ida@", "udo@")
        .replace("0664 5550123", "+43 1 5051234")
        .replace("W-17", "A/3");
    let draft = apply(&mail("Anfrage", "plain", &next), &layout, &at()).unwrap();
    assert_eq!(draft.last_name.as_deref(), Some("von Muster"));
    assert_eq!((draft.email.as_deref(), draft.phone.as_deref()), (Some("udo@example.org"), Some("+4315051234")));
    assert_eq!(draft.reference.external_number.as_deref(), Some("A/3"));
}

#[test]
fn the_subject_and_bare_lines_count_as_well() {
    let body = "Ida Probe\nida@example.org\nFragt an.\n";
    let told = values(&[(Name, "Ida Probe"), (Email, "ida@example.org"), (ExternalNumber, "W-17")]);
    let layout = infer(&mail("Lead zu W-17 eingegangen", "plain", body), &told, &at()).unwrap();
    let next =
        mail("Lead zu B-9 eingegangen", "plain", &body.replace("Ida Probe", "Udo Muster").replace("ida@", "udo@"));
    let draft = apply(&next, &layout, &at()).unwrap();
    assert_eq!(draft.last_name.as_deref(), Some("Muster"));
    assert_eq!(
        (draft.email.as_deref(), draft.reference.external_number.as_deref()),
        (Some("udo@example.org"), Some("B-9"))
    );
}

#[test]
fn a_value_that_stands_nowhere_is_named_and_another_mail_is_not_read() {
    let body = "Wer: Ida Probe\nErreichbar unter: ida@example.org\nDraht: 0664 5550123\n";
    let told = values(&[(Email, "ida@example.org"), (Phone, "+43 1 1234567"), (LastName, "Muster")]);
    assert_eq!(infer(&mail("x", "plain", body), &told, &at()).unwrap_err(), [Phone, LastName]);
    let told = values(&[(Name, "Ida Probe"), (Email, "ida@example.org"), (Phone, "0664 5550123")]);
    let layout = infer(&mail("x", "plain", body), &told, &at()).unwrap();
    for other in ["Rechnung Nr. 12\nBitte zahlen.\n", "Kontakt: Ida Probe\nPost: ida@example.org\n", ""] {
        assert_eq!(apply(&mail("x", "plain", other), &layout, &at()), None, "{other}");
    }
    assert!(apply(b"", &layout, &at()).is_none() && apply(&[0xff; 64], &layout, &at()).is_none());
}

#[test]
fn a_layout_reads_back_from_json() {
    let layout = Layout {
        rules: vec![
            Rule { field: Email, place: Place::Below { label: "postfach".to_owned(), nth: 0 } },
            Rule { field: Message, place: Place::Block { label: "text".to_owned(), until: None } },
        ],
    };
    let json = serde_json::to_value(&layout).unwrap();
    assert_eq!(json["rules"][0]["place"]["kind"], "below");
    assert_eq!(serde_json::from_value::<Layout>(json).unwrap(), layout);
}
