//! Faults of wording: promises, bargaining, length, language, and the agent's own words.

use llm::{AnswerKind, GroundingFault, Language, StatementRole, ground, source};

use crate::grounding::{one, process, request, said};

#[test]
fn legal_promises() {
    for text in [
        "Die Wohnung gehört Ihnen.",
        "Wir haben die Wohnung für Sie reserviert.",
        "Sie erhalten die Wohnung.",
        "Wir garantieren den Einzug.",
        "The flat is reserved for you.",
        "The flat is yours.",
        "We guarantee it.",
        "L'appartement est réservé pour vous.",
        "Le garantizamos el piso.",
        "Lo garantiamo.",
    ] {
        one(process(text, &[source::POLICY_RECEIVED]), |fault| *fault == GroundingFault::LegalPromise { statement: 0 });
    }
}

#[test]
fn price_negotiation() {
    for text in [
        "Über den Preis können wir verhandeln.",
        "Wir können Ihnen einen Nachlass geben.",
        "There may be a discount.",
        "The price is negotiable.",
        "Le prix est négociable.",
        "Il prezzo è trattabile.",
        "El precio es negociable.",
    ] {
        one(process(text, &[source::POLICY_RECEIVED]), |fault| {
            *fault == GroundingFault::PriceNegotiation { statement: 0 }
        });
    }
}

#[test]
fn too_long() {
    one(process(&"Wir melden uns. ".repeat(80), &[source::POLICY_CLARIFY]), |fault| {
        matches!(fault, GroundingFault::TooLong { .. })
    });
}

#[test]
fn another_language() {
    let text = "Thank you for your message, we will get back to you as soon as we know more about this question.";
    one(process(text, &[source::POLICY_CLARIFY]), |fault| *fault == GroundingFault::WrongLanguage);
    let mut english = request();
    english.language = Language::En;
    assert_eq!(ground(&said(text, &[source::POLICY_CLARIFY], StatementRole::Process), &english), Ok(()));
}

#[test]
fn the_agents_words_pass_unchanged_only() {
    let mut request = request();
    request.kind = AnswerKind::AgentAnswer { text: "The deposit is 3,000 EUR, guaranteed.".into() };
    let passed = said("The deposit is 3,000 EUR, guaranteed.", &[source::AGENT_ANSWER], StatementRole::Process);
    assert_eq!(ground(&passed, &request), Ok(()));
    let changed = said("The deposit is 2,000 EUR, guaranteed.", &[source::AGENT_ANSWER], StatementRole::Process);
    one(ground(&changed, &request), |fault| *fault == GroundingFault::Uncited { statement: 0 });
}
