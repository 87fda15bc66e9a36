//! Letters from templates.
//!
//! The built-in engine writes whole letters with them. The other engine only words the facts: greeting, next steps,
//! slots, link and closing come from here whatever a model says, so it cannot promise, invite or sign.

mod de;
mod en;
mod es;
mod facts;
mod fr;
mod it;
mod phrases;

use self::phrases::{Phrases, phrases};
use crate::{
    Answer, AnswerKind, AnswerRequest, FactKind, FactValue, Intent, ListingStatus, QuestionTopic, Statement,
    StatementRole, Topic, format, source,
};

/// A whole letter.
pub(crate) fn compose(request: &AnswerRequest) -> Answer {
    let (facts, unanswered) = match request.kind {
        // Whoever wants a call, or another time, has not withdrawn the questions beside it.
        AnswerKind::FirstAnswer
        | AnswerKind::Reply
        | AnswerKind::CallPromised
        | AnswerKind::SlotTaken { .. }
        | AnswerKind::SlotImpossible { .. } => facts::answer(request),
        _ => (Vec::new(), Vec::new()),
    };
    let confidence = request.understanding.confidence;
    letter(request, facts, unanswered, confidence)
}

/// A letter around statements of fact.
pub(crate) fn letter(
    request: &AnswerRequest,
    facts: Vec<Statement>,
    unanswered: Vec<QuestionTopic>,
    confidence: f64,
) -> Answer {
    let words = phrases(request.language);
    let mut statements = vec![Statement {
        text: words.greeting(request),
        sources: vec![source::POLICY_LETTER.to_owned()],
        role: StatementRole::Greeting,
    }];
    body(request, words, facts, &unanswered, &mut statements);
    statements.push(Statement {
        text: closing(request, words),
        sources: vec![source::POLICY_LETTER.to_owned()],
        role: StatementRole::Closing,
    });
    Answer { statements, unanswered, confidence: confidence.clamp(0.0, 1.0) }
}

fn process(text: String, sources: &[&str]) -> Statement {
    Statement { text, sources: sources.iter().map(|&source| source.to_owned()).collect(), role: StatementRole::Process }
}

fn body(
    request: &AnswerRequest,
    words: &dyn Phrases,
    facts: Vec<Statement>,
    unanswered: &[QuestionTopic],
    statements: &mut Vec<Statement>,
) {
    let formal = request.formal;
    match &request.kind {
        AnswerKind::FirstAnswer | AnswerKind::Reply => {
            let first = request.kind == AnswerKind::FirstAnswer;
            statements.push(thanks(request, words, first));
            let nothing_said = facts.is_empty();
            statements.extend(facts);
            clarify(request, words, unanswered, statements);
            let wants_viewing = request.understanding.wants(Intent::ViewingRequest)
                || request.understanding.wants(Intent::RescheduleViewing);
            let offered = (first || wants_viewing) && obtainable(request) && offer(request, words, statements);
            let offered =
                offered || (first || wants_viewing) && obtainable(request) && full(request, words, statements);
            if wants_viewing && !offered && obtainable(request) || !offered && nothing_said && unanswered.is_empty() {
                statements.push(process(words.will_come_back(formal), &[source::POLICY_CLARIFY]));
            }
        }
        AnswerKind::Acknowledge => {
            statements.push(process(words.acknowledge(formal), &[source::POLICY_RECEIVED]));
        }
        AnswerKind::CallPromised => {
            statements.push(process(words.call(formal), &[source::POLICY_CALL]));
            statements.extend(facts);
            clarify(request, words, unanswered, statements);
            // Who wants a call and a viewing need not wait for the call to choose a time.
            if request.understanding.wants(Intent::ViewingRequest) && obtainable(request) {
                offer(request, words, statements);
            }
        }
        AnswerKind::Close => {
            statements.push(process(words.close(formal), &[source::POLICY_CLOSE]));
        }
        AnswerKind::SlotBooked { start } => {
            let when = format::date_time(request.language, *start, &request.zone);
            statements.push(process(words.booked(&when, formal), &[source::BOOKED_START]));
            if let Some(url) = &request.booking_url {
                statements.push(process(words.change(url, formal), &[source::BOOKING_LINK]));
            }
        }
        AnswerKind::NeutralProcess => {
            statements.push(process(words.equal_treatment(formal), &[source::POLICY_EQUAL_TREATMENT]));
        }
        AnswerKind::SlotTaken { wished } | AnswerKind::SlotImpossible { wished } => {
            let when = format::date_time(request.language, *wished, &request.zone);
            let text = match request.kind {
                AnswerKind::SlotTaken { .. } => words.taken(&when, formal),
                _ => words.impossible(&when, formal),
            };
            statements.push(process(text, &[source::WISHED_TIME]));
            statements.extend(facts);
            clarify(request, words, unanswered, statements);
            if !offer(request, words, statements) && !full(request, words, statements) {
                statements.push(process(words.will_come_back(formal), &[source::POLICY_CLARIFY]));
            }
        }
        AnswerKind::AgentAnswer { text } => {
            statements.push(process(text.trim().to_owned(), &[source::AGENT_ANSWER]));
        }
    }
}

/// What nobody knows yet, and the price nobody but the agent speaks about.
fn clarify(
    request: &AnswerRequest,
    words: &dyn Phrases,
    unanswered: &[QuestionTopic],
    statements: &mut Vec<Statement>,
) {
    let (price, open): (Vec<Topic>, Vec<Topic>) =
        unanswered.iter().map(|question| question.topic).partition(|topic| *topic == Topic::PriceNegotiation);
    if !price.is_empty() {
        statements.push(process(words.price_wish(request.formal), &[source::POLICY_PRICE]));
    }
    if !open.is_empty() {
        statements.push(process(words.will_clarify(&open, request.formal), &[source::POLICY_CLARIFY]));
    }
}

fn thanks(request: &AnswerRequest, words: &dyn Phrases, first: bool) -> Statement {
    let title = request.property_title.as_deref().filter(|_| first);
    let text =
        if first { words.thanks_for_enquiry(title, request.formal) } else { words.thanks_for_message(request.formal) };
    let mut sources = vec![source::POLICY_RECEIVED];
    if title.is_some() {
        sources.push(source::PROPERTY_TITLE);
    }
    process(text, &sources)
}

/// Offers slots and the booking page; false when there is neither.
fn offer(request: &AnswerRequest, words: &dyn Phrases, statements: &mut Vec<Statement>) -> bool {
    if !request.slots.is_empty() {
        statements.push(process(words.slots(request.formal), &[source::POLICY_VIEWING]));
        statements.extend(
            request.slots.iter().map(|slot| {
                process(format::date_time(request.language, slot.start, &request.zone), &[slot.id.as_str()])
            }),
        );
    }
    if let Some(url) = &request.booking_url {
        let text = words.booking_link(url, !request.slots.is_empty(), request.formal);
        statements.push(process(text, &[source::BOOKING_LINK]));
    }
    !request.slots.is_empty() || request.booking_url.is_some()
}

/// Says that no more viewings are given away today; false when they are.
fn full(request: &AnswerRequest, words: &dyn Phrases, statements: &mut Vec<Statement>) -> bool {
    if request.full_today {
        statements.push(process(words.full_today(request.formal), &[source::POLICY_VIEWING]));
    }
    request.full_today
}

/// Nobody is invited to a flat that is gone.
fn obtainable(request: &AnswerRequest) -> bool {
    !request.facts.iter().any(|fact| {
        fact.kind == FactKind::Availability
            && matches!(
                fact.value,
                FactValue::Status(ListingStatus::Sold | ListingStatus::Rented | ListingStatus::Withdrawn)
            )
    })
}

fn closing(request: &AnswerRequest, words: &dyn Phrases) -> String {
    let mut lines = vec![words.regards(request.formal).to_owned()];
    lines.extend(request.agent_name.clone());
    lines.push(request.agency_name.clone());
    lines.join("\n")
}
