//! Which facts a letter states, and what stays unanswered.

use super::phrases::phrases;
use crate::{
    AnswerKind, AnswerRequest, Fact, FactKind, FactValue, Language, ListingStatus, QuestionTopic, Statement,
    StatementRole, Topic,
    builtin::{language, lexicon::lexicon, text},
    format,
};

/// The fields a first answer states without being asked. More would bury the slots.
const CORE: [FactKind; 6] = [
    FactKind::PurchasePrice,
    FactKind::ColdRent,
    FactKind::WarmRent,
    FactKind::LivingArea,
    FactKind::Rooms,
    FactKind::AvailableFrom,
];

/// Statements for what was asked, and the questions the facts do not answer.
pub(super) fn answer(request: &AnswerRequest) -> (Vec<Statement>, Vec<QuestionTopic>) {
    let mut stated: Vec<&str> = Vec::new();
    let mut statements = Vec::new();
    let mut unanswered = Vec::new();
    let first = request.kind == AnswerKind::FirstAnswer;
    let gone = request
        .facts
        .iter()
        .filter(|fact| matches!(&fact.value, FactValue::Status(status) if *status != ListingStatus::Available));
    let core = request.facts.iter().filter(|fact| first && CORE.contains(&fact.kind));

    // Whoever asks about a flat that is gone must read that first.
    let asked = request.understanding.topics.iter();
    let mut found: Vec<(&Fact, Option<Statement>)> = gone.map(|fact| (fact, None)).collect();
    for question in asked {
        let answers = answers(request, question);
        let general = question.topic == Topic::Expose && !names_expose(request, question);
        if answers.is_empty() && !general {
            unanswered.push(question.clone());
        }
        found.extend(answers);
    }
    found.extend(core.map(|fact| (fact, None)));
    for (fact, ready) in found {
        if stated.contains(&fact.id.as_str()) {
            continue;
        }
        if let Some(statement) = ready.or_else(|| statement(request.language, fact)) {
            stated.push(&fact.id);
            statements.push(statement);
        }
    }
    (statements, unanswered)
}

/// "Further information" is answered by the letter itself; a wish for the exposé is not.
fn names_expose(request: &AnswerRequest, question: &QuestionTopic) -> bool {
    let tokens = text::tokens(&question.excerpt);
    Language::ALL
        .into_iter()
        .filter(|language| *language == request.understanding.language)
        .any(|language| !lexicon(language).find("topic.expose", &tokens).is_empty())
}

fn answers<'a>(request: &'a AnswerRequest, question: &QuestionTopic) -> Vec<(&'a Fact, Option<Statement>)> {
    if negotiates(request.understanding.language, &question.excerpt) {
        // The price is no answer to "would you take less"; only the agent may talk about it.
        return Vec::new();
    }
    if question.topic == Topic::Other {
        return request
            .facts
            .iter()
            .filter_map(|fact| Some((fact, Some(overlap(request, fact, question)?))))
            .take(1)
            .collect();
    }
    request
        .facts
        .iter()
        .filter(|fact| fact.answers(question.topic) && statement(request.language, fact).is_some())
        .map(|fact| (fact, None))
        .collect()
}

/// Whether a question asks to lower the price.
pub(crate) fn negotiates(language: Language, excerpt: &str) -> bool {
    !lexicon(language).find("negotiate", &text::tokens(excerpt)).is_empty()
}

/// Words every listing has; they make no two sentences related. Folded.
const COMMON: [&str; 22] = [
    "wohnung",
    "hause",
    "objekt",
    "immobilie",
    "haben",
    "gibt",
    "waren",
    "konnen",
    "konnten",
    "moglich",
    "bitte",
    "apartment",
    "house",
    "property",
    "there",
    "would",
    "appartement",
    "maison",
    "appartamento",
    "vivienda",
    "which",
    "about",
];

/// The sentence of a free text that shares a telling word with a question that fits no topic.
fn overlap(request: &AnswerRequest, fact: &Fact, question: &QuestionTopic) -> Option<Statement> {
    let telling: Vec<String> = text::tokens(&question.excerpt)
        .into_iter()
        .map(|token| token.text)
        .filter(|word| word.len() >= 5 && !COMMON.contains(&word.as_str()))
        .collect();
    let related = |sentence: &text::Sentence| {
        sentence.tokens.iter().any(|token| {
            telling.iter().any(|word| {
                // "Keller" and "Kellerabteil" share a stem; "Keller" and "Kellner" do not share five letters and an end.
                token.text.len() >= 5
                    && (token.text.starts_with(word.as_str()) || word.starts_with(token.text.as_str()))
            })
        })
    };
    match (&fact.value, fact.kind) {
        (FactValue::Text(value), FactKind::Text) => text::sentences(value)
            .iter()
            .find(|sentence| related(sentence))
            .map(|sentence| cited(quote(request.language, &sentence.raw), fact)),
        _ => {
            // Fields without a topic (cellar, year built): asked when their own sentence shares the word.
            let ready = statement(request.language, fact)
                .filter(|_| fact.kind.topics().is_empty() && fact.kind != FactKind::Title)?;
            text::sentences(&ready.text).iter().any(related).then_some(ready)
        }
    }
}

fn cited(text: String, fact: &Fact) -> Statement {
    Statement { text, sources: vec![fact.id.clone()], role: StatementRole::Fact }
}

/// A fact as a sentence; `None` when its value does not fit its field.
pub(crate) fn statement(language: Language, fact: &Fact) -> Option<Statement> {
    let words = phrases(language);
    let text = match (&fact.value, fact.kind) {
        (FactValue::Status(status), FactKind::Availability) => words.status(*status).to_owned(),
        (FactValue::Flag(value), kind) => words.flag(kind, *value)?.to_owned(),
        (FactValue::Text(text), FactKind::Text) => quote(language, text),
        (FactValue::Number(floor), FactKind::Floor) if floor.fract() == 0.0 => {
            words.floor(*floor as i64).replace("{}", &format::number(language, floor.abs()))
        }
        (value, kind) => words.field(kind).replace("{}", &written(language, value)?),
    };
    Some(cited(text, fact))
}

fn written(language: Language, value: &FactValue) -> Option<String> {
    Some(match value {
        FactValue::Money { cents, currency } => format::money(language, *cents, currency),
        FactValue::Area { square_metres } => format::area(language, *square_metres),
        FactValue::Number(value) => format::number(language, *value),
        FactValue::Percent(value) => format::percent(language, *value),
        FactValue::Energy(value) => format!("{}\u{a0}kWh/(m²·a)", format::number(language, *value)),
        FactValue::Text(text) => text.trim().trim_end_matches('.').to_owned(),
        FactValue::Date(date) => format::date(language, *date),
        FactValue::Year(year) => year.to_string(),
        FactValue::Flag(_) | FactValue::Status(_) => return None,
    })
}

/// Free text is quoted as it is; in a letter of another language it is marked as a quotation.
fn quote(language: Language, text: &str) -> String {
    let text = text.trim();
    let (written_in, sure) = language::detect(text, Some(language));
    if sure && written_in != language {
        phrases(language).quoted(text)
    } else if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
