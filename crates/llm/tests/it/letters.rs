//! What the built-in engine writes; every letter must pass the guardrail.

use llm::{
    Answer, AnswerKind, AnswerRequest, Builtin, Engine, Fact, FactKind, FactValue, Intent, Language, ListingStatus,
    QuestionTopic, Salutation, StatementRole, Topic, ground, render_text,
};

use crate::support::{facts, letter, local, mail, slots, wants};

async fn write(request: &AnswerRequest) -> (Answer, String) {
    let answer = Builtin.answer(request).await.unwrap().0;
    let text = render_text(&answer, request);
    assert_eq!(ground(&answer, request), Ok(()), "{text}");
    (answer, text)
}

fn ask(topic: Topic, excerpt: &str) -> QuestionTopic {
    QuestionTopic { topic, excerpt: excerpt.into() }
}

#[tokio::test]
async fn a_first_answer_in_german() {
    let mut request = letter(AnswerKind::FirstAnswer);
    request.salutation = Some(Salutation::Ms);
    request.facts = facts();
    request.slots = slots();
    request.booking_url = Some("https://immo.example.org/b/abc".into());
    request.understanding = wants(&[Intent::ViewingRequest, Intent::Question]);
    request.understanding.topics =
        vec![ask(Topic::Pets, "Sind Hunde erlaubt?"), ask(Topic::Parking, "Gibt es einen Stellplatz?")];
    let (answer, text) = write(&request).await;
    assert_eq!(
        text.replace('\u{a0}', " "),
        "Sehr geehrte Frau Probe,\n\n\
         vielen Dank für Ihre Anfrage zu „Helle 3-Zimmer-Wohnung am Park“.\n\n\
         Haustiere sind erlaubt. Die Kaltmiete beträgt 1.290 €. Die Warmmiete beträgt 1.540,50 €. \
         Die Wohnfläche beträgt 68,5 m². Anzahl der Zimmer: 2,5. Verfügbar ab: 1. Januar 2027.\n\n\
         Ihre Frage zu den Stellplätzen kläre ich und melde mich dann bei Ihnen.\n\n\
         Für eine Besichtigung kann ich Ihnen diese Termine anbieten:\n\
         – Dienstag, 24. November 2026, 14:30 Uhr\n\
         – Donnerstag, 26. November 2026, 9:00 Uhr\n\n\
         Hier können Sie einen dieser Termine buchen oder weitere sehen: https://immo.example.org/b/abc\n\n\
         Mit freundlichen Grüßen\nMax Muster\nMuster Immobilien 24\n"
    );
    let open: Vec<_> = answer.unanswered.iter().map(|question| question.topic).collect();
    assert_eq!(open, [Topic::Parking]);
}

#[tokio::test]
async fn every_letter_in_every_language_and_form_of_address_is_grounded() {
    let kinds = [
        AnswerKind::FirstAnswer,
        AnswerKind::Reply,
        AnswerKind::Acknowledge,
        AnswerKind::CallPromised,
        AnswerKind::Close,
        AnswerKind::NeutralProcess,
        AnswerKind::SlotImpossible { wished: local("2026-11-29T18:30") },
        AnswerKind::SlotBooked { start: local("2026-11-24T14:30") },
        AnswerKind::SlotTaken { wished: local("2026-11-25T17:00") },
        AnswerKind::AgentAnswer { text: "Ja, der Hund ist kein Problem.".into() },
    ];
    for language in Language::ALL {
        for formal in [true, false] {
            for kind in &kinds {
                for missing in [true, false] {
                    let mut request = letter(kind.clone());
                    request.language = language;
                    request.formal = formal;
                    request.facts = if missing { Vec::new() } else { facts() };
                    request.slots = slots();
                    request.booking_url = Some("https://immo.example.org/b/abc".into());
                    request.understanding = wants(&[Intent::ViewingRequest]);
                    request.understanding.topics = Topic::ALL.map(|topic| ask(topic, "?")).to_vec();
                    let (answer, text) = write(&request).await;
                    assert!(text.contains("Muster Immobilien 24"));
                    if missing && matches!(kind, AnswerKind::FirstAnswer) {
                        assert!(answer.unanswered.len() >= 18, "{answer:?}");
                        assert!(answer.statements.iter().all(|statement| statement.role != StatementRole::Fact));
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn every_field_has_a_sentence_in_every_language() {
    for language in Language::ALL {
        let mut request = letter(AnswerKind::Reply);
        request.language = language;
        request.facts = facts().into_iter().filter(|fact| fact.kind != FactKind::Text).collect();
        request.understanding.topics = Topic::ALL.map(|topic| ask(topic, "?")).to_vec();
        let answer = write(&request).await.0;
        let stated: Vec<&String> = answer.statements.iter().flat_map(|statement| &statement.sources).collect();
        for fact in request.facts.iter().filter(|fact| !fact.kind.topics().is_empty()) {
            assert!(stated.contains(&&fact.id), "{language:?} {}", fact.id);
        }
    }
}

#[tokio::test]
async fn nobody_is_invited_to_a_flat_that_is_gone() {
    let mut request = letter(AnswerKind::FirstAnswer);
    request.facts = vec![Fact::new("s", FactKind::Availability, FactValue::Status(ListingStatus::Rented))];
    request.slots = slots();
    request.booking_url = Some("https://immo.example.org/b/abc".into());
    request.understanding = wants(&[Intent::ViewingRequest]);
    let (_, text) = write(&request).await;
    assert!(text.contains("bereits vermietet"), "{text}");
    assert!(!text.contains("14:30") && !text.contains("https://"), "{text}");
}

#[tokio::test]
async fn greetings_never_guess_a_gender() {
    for (salutation, formal, expected) in [
        (Some(Salutation::Mr), true, "Sehr geehrter Herr Probe,"),
        (Some(Salutation::Ms), true, "Sehr geehrte Frau Probe,"),
        (Some(Salutation::Diverse), true, "Guten Tag Ida Probe,"),
        (None, true, "Guten Tag Ida Probe,"),
        (Some(Salutation::Ms), false, "Hallo Ida,"),
    ] {
        let mut request = letter(AnswerKind::Acknowledge);
        request.salutation = salutation;
        request.formal = formal;
        assert!(write(&request).await.1.starts_with(expected), "{expected}");
    }
    let mut nameless = letter(AnswerKind::Acknowledge);
    nameless.first_name = None;
    nameless.last_name = None;
    assert!(write(&nameless).await.1.starts_with("Guten Tag,\n"));
}

#[tokio::test]
async fn a_lower_price_is_never_answered_with_the_price() {
    let mut request = letter(AnswerKind::Reply);
    request.facts = facts();
    request.understanding.topics = vec![ask(Topic::Price, "Ist beim Preis noch Spielraum?")];
    let (answer, text) = write(&request).await;
    assert_eq!(answer.unanswered.len(), 1);
    assert!(!text.contains("1.290"), "{text}");
}

#[tokio::test]
async fn a_question_without_topic_is_answered_only_from_words_it_shares() {
    let mut request = letter(AnswerKind::Reply);
    request.facts = facts();
    request.understanding.topics = vec![ask(Topic::Other, "Wo kann ich meine Fahrräder abstellen?")];
    let (answer, text) = write(&request).await;
    assert!(answer.unanswered.is_empty());
    assert!(text.contains("Fahrräder stehen im Hof.") && !text.contains("Rauchen"), "{text}");
    request.understanding.topics = vec![ask(Topic::Other, "Gibt es Glasfaser?")];
    assert_eq!(write(&request).await.0.unanswered.len(), 1);
}

#[tokio::test]
async fn a_wish_for_information_is_not_a_missing_fact() {
    let mut request = letter(AnswerKind::FirstAnswer);
    request.facts = facts().into_iter().filter(|fact| fact.kind != FactKind::ExposeLink).collect();
    let text = "Ich interessiere mich für Ihr Objekt. Bitte senden Sie mir weitere Informationen.";
    request.understanding = Builtin.understand(&mail(text, true)).await.unwrap().0;
    assert_eq!(request.understanding.topics[0].topic, Topic::Expose);
    assert!(write(&request).await.0.unanswered.is_empty());
    let text = "Bitte senden Sie mir das Exposé.";
    request.understanding = Builtin.understand(&mail(text, true)).await.unwrap().0;
    assert_eq!(write(&request).await.0.unanswered.len(), 1);
}
