//! A question is answered by what it asks about, or by a person; never by a neighbouring fact.

use llm::{AnswerKind, AnswerRequest, Builtin, Engine, Fact, FactKind, FactValue, Topic, ground, render_text};

use crate::support::{Wrong, letter, local, mail, slots};

/// A listing with few fields and a text cut into sentences, as the search over it returns them.
fn listing() -> Vec<Fact> {
    let euro = |cents| FactValue::Money { cents, currency: "EUR".into() };
    let text = |id: &str, text: &str| Fact {
        topics: llm::topics_in(text),
        ..Fact::new(id, FactKind::Text, FactValue::Text(text.into()))
    };
    vec![
        Fact::new("rent", FactKind::ColdRent, euro(118_000)),
        Fact::new("charge", FactKind::ServiceCharge, euro(21_500)),
        Fact::new("deposit", FactKind::Deposit, euro(418_500)),
        Fact::new("area", FactKind::LivingArea, FactValue::Area { square_metres: 68.5 }),
        Fact::new("rooms", FactKind::Rooms, FactValue::Number(3.0)),
        Fact::new("lift", FactKind::Lift, FactValue::Flag(true)),
        Fact::new("pets", FactKind::Pets, FactValue::Flag(true)),
        Fact::new("heating", FactKind::Heating, FactValue::Text("Fernwärme".into())),
        Fact::new("city", FactKind::City, FactValue::Text("Wien".into())),
        text("text.1", "Ruhige, hofseitige Altbauwohnung mit Flügeltüren und Fischgrätparkett."),
        text("text.2", "Das Haus hat einen Fahrradraum im Hof."),
        text("text.3", "Zur U6 sind es fünf Minuten zu Fuß."),
    ]
}

async fn asked(text: &str) -> (AnswerRequest, llm::Answer, String) {
    let mut request = letter(AnswerKind::Reply);
    request.understanding = Builtin.understand(&mail(text, false)).await.unwrap().0;
    request.language = request.understanding.language;
    request.facts = listing();
    let answer = Builtin.answer(&request).await.unwrap().0;
    let written = render_text(&answer, &request);
    assert_eq!(ground(&answer, &request), Ok(()), "{text}\n{written}");
    (request, answer, written)
}

#[tokio::test]
async fn what_the_listing_does_not_say_is_found_out() {
    let mut wrong = Wrong::default();
    for text in [
        "Gibt es einen Keller?",
        "Gibt es einen Pool?",
        "Wie schnell ist das Internet?",
        "Wie hoch ist die Warmmiete?",
        "hi, was kostet die bude warm?",
        "Was kostet die Wohnung inklusive Betriebskosten?",
        "Ist eine Schule in der Nähe?",
        "Gibt es einen Supermarkt?",
        "Ist die Wohnung barrierefrei?",
        "Wie hoch sind die Heizkosten?",
        "Wie viele Schlafzimmer hat die Wohnung?",
        "Gibt es Fußbodenheizung?",
        "Hat das Bad eine Badewanne?",
        "Gibt es einen Garten?",
        "Wie lautet die genaue Adresse?",
        "Haben Sie einen Hausmeister?",
        "Darf man einen Whirlpool aufstellen?",
        "Ist die Miete steuerlich absetzbar?",
        "Und das Schlafzimmer, wie groß ist das?",
        "Ist die Gegend sicher?",
        "Muss man Ablöse für die Küche zahlen?",
        "Est-ce que les charges sont comprises dans le loyer ?",
        "Y a-t-il une crèche dans le quartier ?",
        "Does it have a dishwasher?",
        "¿Hay guardería o parque cerca?",
        "Is there a school nearby?",
        "Is there a cellar?",
        "Is it wheelchair accessible?",
        "What is the rent including utilities?",
        "Does the flat come with a concierge?",
        "Y a-t-il une école à proximité ?",
        "Quel est le loyer charges comprises ?",
        "Y a-t-il une piscine ?",
        "C'è una cantina?",
        "Quanto costa l'affitto con le spese incluse?",
        "¿Hay un colegio cerca?",
        "¿Tiene piscina?",
    ] {
        let (_, answer, written) = asked(text).await;
        wrong.unless(!answer.unanswered.is_empty(), format!("{text}\n{written}"));
        wrong.unless(
            answer.statements.iter().all(|said| said.role != llm::StatementRole::Fact),
            format!("a neighbour answers {text}\n{written}"),
        );
    }
    wrong.none();
}

#[tokio::test]
async fn what_the_listing_says_is_found() {
    let mut wrong = Wrong::default();
    for (text, expected) in [
        ("Wie weit ist es zur U-Bahn? Gibt es einen Fahrradraum?", &["U6", "Fahrradraum"][..]),
        ("Wie weit ist es zur U6?", &["U6"]),
        ("Wie ist die Anbindung an öffentliche Verkehrsmittel?", &["U6"]),
        ("Ist die Wohnung laut?", &["Ruhige"]),
        ("Gibt es Parkettboden?", &["Fischgrätparkett"]),
        ("Gibt es einen Lift?", &["Aufzug"]),
        ("In welcher Stadt liegt das Objekt, also wo genau ist die Wohnung?", &["Wien"]),
        ("Wie wird geheizt?", &["Fernwärme"]),
        ("Wie hoch ist die Kaltmiete?", &["1.180"]),
        ("Was kostet die Wohnung?", &["1.180"]),
        ("Wie hoch sind die Nebenkosten?", &["215"]),
        ("How far is the underground?", &["U6"]),
        ("Is there somewhere to keep my bike?", &["Fahrradraum"]),
        ("Le métro est-il loin ?", &["U6"]),
        ("La metropolitana è vicina?", &["U6"]),
        ("¿Está cerca el metro?", &["U6"]),
    ] {
        let (_, answer, written) = asked(text).await;
        wrong.unless(answer.unanswered.is_empty(), format!("{text}\n{written}"));
        wrong.unless(expected.iter().all(|word| written.contains(word)), format!("{text}\n{written}"));
    }
    wrong.none();
}

#[tokio::test]
async fn half_an_answer_leaves_the_other_half_open() {
    let (_, answer, written) = asked("Ist die Wohnung barrierefrei und gibt es einen Lift?").await;
    assert!(written.contains("Aufzug ist vorhanden") && answer.unanswered.len() == 1, "{written}");
    let (_, answer, written) = asked("Wie weit ist es zur U-Bahn und zur nächsten Schule?").await;
    assert!(written.contains("U6") && answer.unanswered.len() == 1, "{written}");
}

#[tokio::test]
async fn a_wish_for_another_price_is_passed_on() {
    let mut wrong = Wrong::default();
    for text in [
        "Geht beim Preis noch etwas? Ich würde 1.000 Euro Miete zahlen.",
        "Would you accept 1000 per month?",
        "Le prix est-il négociable ?",
        "Offro 900 euro al mese.",
        "¿El precio es negociable?",
    ] {
        let (_, answer, written) = asked(text).await;
        wrong.unless(
            answer.unanswered.iter().any(|question| question.topic == Topic::PriceNegotiation),
            format!("{text} {written}"),
        );
        wrong.unless(!written.contains("180") && !written.contains("1.000"), written);
    }
    wrong.none();
}

#[tokio::test]
async fn a_question_beside_a_wish_for_a_call_is_answered() {
    let mut request = letter(AnswerKind::CallPromised);
    let text = "Bitte rufen Sie mich an. Wie hoch ist die Kaution? Gibt es einen Keller?";
    request.understanding = Builtin.understand(&mail(text, false)).await.unwrap().0;
    request.facts = listing();
    let answer = Builtin.answer(&request).await.unwrap().0;
    let written = render_text(&answer, &request);
    assert_eq!(ground(&answer, &request), Ok(()), "{written}");
    assert!(written.contains("ruft Sie an") && written.contains("4.185"), "{written}");
    assert_eq!(answer.unanswered.len(), 1, "{written}");
}

#[tokio::test]
async fn a_time_without_viewings_was_never_free() {
    let mut request = letter(AnswerKind::SlotImpossible { wished: local("2026-11-29T18:30") });
    request.slots = slots();
    let written = render_text(&Builtin.answer(&request).await.unwrap().0, &request);
    assert!(written.contains("keine Besichtigungen möglich") && !written.contains("nicht mehr frei"), "{written}");
}
