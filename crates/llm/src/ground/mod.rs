//! The guardrail in code: an answer may only say what its sources say.
//!
//! It is a net under a language model, not a proof reader: it compares what can be compared exactly (ids, numbers in
//! figures and in words, units, dates, hours, links, addresses, yes and no, which field a figure is called) and knows the
//! phrases that must never be sent. In doubt it refuses: what a model may not say, a template says ([`crate::mend`]).

mod calendar;
mod claims;
mod evidence;
mod fault;
mod fields;
mod figures;
mod measure;
mod numerals;
mod wording;

use self::evidence::Evidence;
pub use self::fault::GroundingFault;
pub(crate) use self::wording::promises;
use crate::{Answer, AnswerKind, AnswerRequest, FactValue, Statement, StatementRole, builtin::language, source};

/// A whole mail; the longest letter of the templates with ten slots has half of it.
const LONGEST_ANSWER: usize = 4000;
/// One statement. Longer ones are usually a text copied whole.
const LONGEST_STATEMENT: usize = 900;
/// Below this the language of what is left after removing names and quotations cannot be told.
const TELLING_TEXT: usize = 60;
/// The same for one statement. Shorter ones are names of fields and figures, alike in many languages.
const TELLING_STATEMENT: usize = 24;

/// Checks an answer of any engine against the request it answers.
///
/// Returns every fault found, so that a person who looks at the draft sees all of them.
pub fn ground(answer: &Answer, request: &AnswerRequest) -> Result<(), Vec<GroundingFault>> {
    let mut faults = Vec::new();
    if answer.statements.is_empty() {
        faults.push(GroundingFault::Empty);
    }
    for (index, statement) in answer.statements.iter().enumerate() {
        check(index, statement, request, &mut faults);
    }
    let characters: usize = answer.statements.iter().map(|statement| statement.text.chars().count()).sum();
    let passed_on = matches!(request.kind, AnswerKind::AgentAnswer { .. });
    let long = |statement: &Statement| statement.text.chars().count() > LONGEST_STATEMENT;
    // What the agent wrote is the agent's business, in length and language.
    if !passed_on && (characters > LONGEST_ANSWER || answer.statements.iter().any(long)) {
        faults.push(GroundingFault::TooLong { characters });
    }
    if !passed_on && wrong_language(answer, request) {
        faults.push(GroundingFault::WrongLanguage);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check(index: usize, statement: &Statement, request: &AnswerRequest, faults: &mut Vec<GroundingFault>) {
    let mut evidence = Evidence::default();
    for id in &statement.sources {
        if !evidence.add(id, request) {
            faults.push(GroundingFault::UnknownSource { statement: index, source_id: id.clone() });
        }
    }
    if !carried(statement, request) {
        faults.push(GroundingFault::Uncited { statement: index });
    }
    if statement.sources.iter().any(|id| id == source::AGENT_ANSWER) {
        let unchanged =
            matches!(&request.kind, AnswerKind::AgentAnswer { text } if text.trim() == statement.text.trim());
        if !unchanged {
            faults.push(GroundingFault::Uncited { statement: index });
        }
        return;
    }
    let text = evidence::without_names(&statement.text, request);
    figures::check(index, &text, &evidence, request.language, faults);
    if statement.role == StatementRole::Fact {
        fields::check(index, statement, &text, request, &evidence, faults);
        claims::check(index, statement, &text, request, &evidence, faults);
        let own = evidence::without_quotations(&statement.text, request);
        if claims::wrong_address(&own, request) {
            faults.push(GroundingFault::WrongAddress { statement: index });
        }
        let (found, sure) = language::detect(&own, Some(request.language));
        if sure && found != request.language && letters(&own) >= TELLING_STATEMENT {
            faults.push(GroundingFault::MixedLanguage { statement: index });
        }
    }
    if contradicts(statement, request) {
        faults.push(GroundingFault::Polarity { statement: index });
    }
    // Quoting the tenant's own words is not promising on top of them.
    let said = evidence.texts.iter().fold(text, |said, quoted| said.replace(quoted.trim(), " "));
    if wording::promises(&said) {
        faults.push(GroundingFault::LegalPromise { statement: index });
    }
    if wording::negotiates(&said) {
        faults.push(GroundingFault::PriceNegotiation { statement: index });
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// Whether a statement cites a source of the sort its role needs.
fn carried(statement: &Statement, request: &AnswerRequest) -> bool {
    let is_fact = |id: &String| request.facts.iter().any(|fact| fact.id == *id) || *id == source::PROPERTY_TITLE;
    match statement.role {
        StatementRole::Fact => statement.sources.iter().any(is_fact),
        StatementRole::Process | StatementRole::Greeting | StatementRole::Closing => !statement.sources.is_empty(),
    }
}

/// A statement that rests on yes-or-no facts must have their sign; one sentence cannot say yes to one and no to another
/// in a way code could tell.
fn contradicts(statement: &Statement, request: &AnswerRequest) -> bool {
    let flags: Vec<bool> = request
        .facts
        .iter()
        .filter(|fact| statement.sources.contains(&fact.id))
        .filter_map(|fact| match fact.value {
            FactValue::Flag(value) => Some(value),
            _ => None,
        })
        .collect();
    let denies = wording::denies(request.language, &statement.text);
    flags.iter().any(|value| *value == denies)
}

fn wrong_language(answer: &Answer, request: &AnswerRequest) -> bool {
    let mut text = String::new();
    for statement in &answer.statements {
        if matches!(statement.role, StatementRole::Fact | StatementRole::Process) {
            text.push_str(&evidence::without_quotations(&statement.text, request));
            text.push(' ');
        }
    }
    if letters(&text) < TELLING_TEXT {
        return false;
    }
    let (found, sure) = language::detect(&text, Some(request.language));
    sure && found != request.language
}
