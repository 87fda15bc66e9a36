//! Every fault the guardrail knows, and that honest letters pass.

use llm::{
    Answer, AnswerKind, AnswerRequest, Fact, FactKind, FactValue, GroundingFault, Language, SlotOffer, Statement,
    StatementRole, ground, source,
};

use crate::support::{letter, local};

pub(crate) fn request() -> AnswerRequest {
    let mut request = letter(AnswerKind::Reply);
    request.facts = vec![
        Fact::new("rent", FactKind::ColdRent, FactValue::Money { cents: 129_000, currency: "EUR".into() }),
        Fact::new("area", FactKind::LivingArea, FactValue::Area { square_metres: 68.5 }),
        Fact::new("rooms", FactKind::Rooms, FactValue::Number(3.0)),
        Fact::new("pets", FactKind::Pets, FactValue::Flag(false)),
        Fact::new("from", FactKind::AvailableFrom, FactValue::Date("2027-01-01".parse().unwrap())),
        Fact::new("note", FactKind::Text, FactValue::Text("Der Keller hat 6 m². Fragen an haus@example.org.".into())),
        Fact::new("expose", FactKind::ExposeLink, FactValue::Text("https://immo.example.org/e/1".into())),
    ];
    request.slots =
        vec![SlotOffer { id: "slot.1".into(), start: local("2026-11-26T15:30"), end: local("2026-11-26T16:00") }];
    request.booking_url = Some("https://immo.example.org/b/abc".into());
    request
}

pub(crate) fn said(text: &str, sources: &[&str], role: StatementRole) -> Answer {
    let sources = sources.iter().map(|source| (*source).to_owned()).collect();
    Answer { statements: vec![Statement { text: text.into(), sources, role }], unanswered: Vec::new(), confidence: 1.0 }
}

pub(crate) fn fact(text: &str, sources: &[&str]) -> Result<(), Vec<GroundingFault>> {
    ground(&said(text, sources, StatementRole::Fact), &request())
}

pub(crate) fn process(text: &str, sources: &[&str]) -> Result<(), Vec<GroundingFault>> {
    ground(&said(text, sources, StatementRole::Process), &request())
}

#[track_caller]
pub(crate) fn one(result: Result<(), Vec<GroundingFault>>, expected: impl Fn(&GroundingFault) -> bool) {
    let faults = result.expect_err("must be refused");
    assert!(faults.iter().any(expected), "{faults:?}");
}

#[test]
fn true_statements_pass() {
    for (text, sources) in [
        ("Die Kaltmiete beträgt 1.290 €.", &["rent"][..]),
        ("Die Kaltmiete beträgt EUR 1.290,00.", &["rent"]),
        ("Die Kaltmiete beträgt 1290 Euro.", &["rent"]),
        ("Die Wohnung hat 3 Zimmer auf 68,5 m².", &["rooms", "area"]),
        ("Die Wohnung hat drei Zimmer.", &["rooms"]),
        ("Haustiere sind nicht erlaubt.", &["pets"]),
        ("Sie ist ab 1. Januar 2027 frei.", &["from"]),
        ("Sie ist ab 01.01.2027 frei.", &["from"]),
        ("Der Keller hat 6 m². Fragen an haus@example.org.", &["note"]),
        ("Das Exposé: https://immo.example.org/e/1", &["expose"]),
    ] {
        assert_eq!(fact(text, sources), Ok(()), "{text}");
    }
    assert_eq!(process("Donnerstag, 26. November 2026, 15:30 Uhr", &["slot.1"]), Ok(()));
    assert_eq!(process("Hier buchen: https://immo.example.org/b/abc", &[source::BOOKING_LINK]), Ok(()));
}

#[test]
fn amounts_of_other_languages_are_compared_by_value() {
    let mut request = request();
    request.language = Language::En;
    for text in ["The rent is €1,290.", "The rent is EUR 1,290.00.", "The rent is 1290 EUR."] {
        assert_eq!(ground(&said(text, &["rent"], StatementRole::Fact), &request), Ok(()), "{text}");
    }
    assert!(ground(&said("The rent is €1,209.", &["rent"], StatementRole::Fact), &request).is_err());
}

#[test]
fn an_empty_answer() {
    let answer = Answer { statements: Vec::new(), unanswered: Vec::new(), confidence: 1.0 };
    assert_eq!(ground(&answer, &request()), Err(vec![GroundingFault::Empty]));
}

#[test]
fn unknown_sources() {
    for id in ["property.garden", "slot.2", "policy.refund", source::BOOKED_START, source::AGENT_ANSWER] {
        one(
            process("Wir melden uns.", &[id]),
            |fault| matches!(fault, GroundingFault::UnknownSource { source_id, .. } if source_id == id),
        );
    }
}

#[test]
fn uncited_statements() {
    let uncited = |fault: &GroundingFault| *fault == GroundingFault::Uncited { statement: 0 };
    one(fact("Die Wohnung ist ruhig.", &[]), uncited);
    one(fact("Die Wohnung ist ruhig.", &[source::POLICY_RECEIVED]), uncited);
    one(process("Wir melden uns.", &[]), uncited);
}

#[test]
fn wrong_numbers_and_units() {
    let number = |fault: &GroundingFault| matches!(fault, GroundingFault::Number { .. });
    for (text, sources) in [
        ("Die Kaltmiete beträgt 1.190 €.", &["rent"][..]),
        ("Die Kaltmiete beträgt 12.900 €.", &["rent"]),
        ("Die Kaltmiete beträgt 68,5 €.", &["area"]),
        ("Die Wohnung hat 1.290 m².", &["rent"]),
        ("Die Wohnung hat 4 Zimmer.", &["rooms"]),
        ("Die Wohnung hat vier Zimmer.", &["rooms"]),
        ("Die Kaltmiete beträgt 1.290 €.", &["area"]),
        ("Die Kaution beträgt zwei Kaltmieten.", &["rent"]),
        ("Die Provision beträgt 3,57 %.", &["rent"]),
    ] {
        one(fact(text, sources), number);
    }
    one(process("Wir melden uns in 2 Stunden.", &[source::POLICY_CLARIFY]), number);
}

#[test]
fn wrong_dates_and_times() {
    let date = |fault: &GroundingFault| matches!(fault, GroundingFault::DateTime { .. });
    for text in [
        "Donnerstag, 26. November 2026, 15:00 Uhr",
        "Freitag, 26. November 2026, 15:30 Uhr",
        "27.11.2026, 15:30 Uhr",
        "26.11.2027, 15:30 Uhr",
        "15.11. um 11:26 Uhr",
        "Donnerstag um 17 Uhr",
        "2026-11-25 15:30",
    ] {
        one(process(text, &["slot.1"]), date);
    }
    one(fact("Sie ist ab 1. Februar 2027 frei.", &["from"]), date);
}

#[test]
fn foreign_links_and_addresses() {
    let link = |fault: &GroundingFault| matches!(fault, GroundingFault::Link { .. });
    one(process("Buchen: https://boese.example.org/b/abc", &[source::BOOKING_LINK]), link);
    one(process("Buchen: https://immo.example.org/b/abc/../x", &[source::BOOKING_LINK]), link);
    one(process("Mehr auf www.boese.test", &[source::POLICY_VIEWING]), link);
    one(process("Mehr auf boese.com", &[source::POLICY_VIEWING]), link);
    one(fact("Fragen an ich@example.org.", &["note"]), link);
}

#[test]
fn yes_where_the_fact_says_no() {
    one(fact("Haustiere sind erlaubt.", &["pets"]), |fault| *fault == GroundingFault::Polarity { statement: 0 });
    let mut allowed = request();
    allowed.facts[3].value = FactValue::Flag(true);
    one(ground(&said("Haustiere sind leider nicht erlaubt.", &["pets"], StatementRole::Fact), &allowed), |fault| {
        *fault == GroundingFault::Polarity { statement: 0 }
    });
}

#[test]
fn names_are_words_and_never_parts_of_links_words_or_dates() {
    for (last, url) in [
        ("Li", "https://immo.example.org/b/eyJhbGLiOiLi.Li-x"),
        ("Ng", "https://immo.example.org/Ng/b"),
        ("Ho", "https://Ho.example.org/b"),
    ] {
        let mut request = request();
        request.last_name = Some(last.into());
        request.booking_url = Some(url.into());
        let text = format!("Frau {last}, hier buchen: {url}");
        assert_eq!(ground(&said(&text, &[source::BOOKING_LINK], StatementRole::Process), &request), Ok(()), "{text}");
    }
    let mut request = request();
    request.last_name = Some("Mai".into());
    request.facts[4].value = FactValue::Date("2027-05-03".parse().unwrap());
    assert_eq!(ground(&said("Sie ist ab 3. Mai 2027 frei.", &["from"], StatementRole::Fact), &request), Ok(()));
    assert!(ground(&said("Sie ist ab 4. Mai 2027 frei.", &["from"], StatementRole::Fact), &request).is_err());
    request.last_name = Some("1290".into());
    assert!(ground(&said("Die Miete ist 1290 Euro.", &["area"], StatementRole::Fact), &request).is_err());
}
