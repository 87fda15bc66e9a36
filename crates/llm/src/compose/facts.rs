//! Which facts a letter states, and what stays unanswered.

use super::phrases::phrases;
use crate::{
    AnswerKind, AnswerRequest, Fact, FactKind, FactValue, Language, ListingStatus, QuestionTopic, Statement,
    StatementRole, Topic,
    builtin::{
        language,
        lexicon::lexicon,
        text,
        things::{self, Thing},
    },
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
        let (answers, complete) = answers(request, question);
        let general = question.topic == Topic::Expose && !names_expose(request, question);
        if !complete && !general {
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

/// The sources that answer a question, and whether they answer all of it.
fn answers<'a>(request: &'a AnswerRequest, question: &QuestionTopic) -> (Vec<(&'a Fact, Option<Statement>)>, bool) {
    // A model may file "would you take less" under the price.
    let about_money = matches!(question.topic, Topic::Price | Topic::Deposit | Topic::Commission);
    let negotiates = about_money
        && !lexicon(request.understanding.language).find("negotiate", &text::tokens(&question.excerpt)).is_empty();
    if question.topic == Topic::PriceNegotiation || negotiates {
        // The price is no answer to "would you take less"; only the agent may talk about it.
        return (Vec::new(), false);
    }
    let mut asked = things::asked(&text::tokens(&question.excerpt));
    asked.retain(|thing| things::topic(thing) == question.topic);
    let mut open = asked.clone();
    let mut found = Vec::new();
    for fact in &request.facts {
        let Some((said, told)) = answer_of(request, fact, question, &asked) else { continue };
        open.retain(|thing| !told.contains(thing));
        found.push((fact, said));
    }
    if question.topic == Topic::Other {
        found.truncate(1 + asked.len());
    }
    let complete = !found.is_empty() && open.is_empty();
    (found, complete)
}

/// What a fact says to a question, ready when it is a part of a text, and which of the things asked it tells.
fn answer_of(
    request: &AnswerRequest,
    fact: &Fact,
    question: &QuestionTopic,
    asked: &[Thing],
) -> Option<(Option<Statement>, Vec<Thing>)> {
    if let (FactValue::Text(value), FactKind::Text) = (&fact.value, fact.kind) {
        return passage(request, fact, value, question, asked);
    }
    let ready = statement(request.language, fact)?;
    let mut told = things::of_field(fact.kind).to_vec();
    if let FactValue::Text(value) = &fact.value {
        told.extend(things::told(value));
    }
    if asked.is_empty() {
        let fits = question.topic != Topic::Other && fact.answers(question.topic);
        return fits.then_some((None, told));
    }
    let fits = fact.answers(question.topic) || question.topic == Topic::Other;
    (fits && asked.iter().any(|thing| told.contains(thing))).then_some((Some(ready), told))
}

/// The sentences of a free text that name what is asked; never a neighbouring one.
fn passage(
    request: &AnswerRequest,
    fact: &Fact,
    value: &str,
    question: &QuestionTopic,
    asked: &[Thing],
) -> Option<(Option<Statement>, Vec<Thing>)> {
    if asked.is_empty() && !things::divides(question.topic) {
        return fact.answers(question.topic).then_some((None, Vec::new()));
    }
    let telling = telling(request.understanding.language, &question.excerpt);
    let mut said = Vec::new();
    let mut told = Vec::new();
    for sentence in text::sentences(value) {
        let names = things::told(&sentence.raw);
        let fits = if asked.is_empty() {
            question.topic == Topic::Other && shares_all(&telling, &sentence)
        } else {
            asked.iter().any(|thing| names.contains(thing))
        };
        if fits {
            told.extend(names);
            said.push(sentence.raw);
        }
    }
    (!said.is_empty()).then(|| (Some(cited(quote(request.language, &said.join(" ")), fact)), told))
}

/// Words every listing has; they make no two sentences related. Folded.
const COMMON: [&str; 34] = [
    "wohnung",
    "hauses",
    "objekt",
    "immobilie",
    "haben",
    "gibt",
    "moglich",
    "bitte",
    "jemand",
    "etwas",
    "meine",
    "unsere",
    "apartment",
    "property",
    "building",
    "there",
    "would",
    "anything",
    "immeuble",
    "appartement",
    "maison",
    "logement",
    "palazzo",
    "appartamento",
    "edificio",
    "vivienda",
    "inmueble",
    "frage",
    "question",
    "domanda",
    "pregunta",
    "vorhanden",
    "erlaubt",
    "allowed",
];

/// The words of a question that say what it is about: the nouns where a language writes them large, else every
/// word that is not a function word.
fn telling(language: Language, excerpt: &str) -> Vec<String> {
    let meaningful = |text: &str| {
        let tokens = text::tokens(text);
        tokens
            .iter()
            .filter(|token| token.text.len() >= 4 && !COMMON.contains(&token.text.as_str()))
            .filter(|token| lexicon(language).find("stop", std::slice::from_ref(token)).is_empty())
            .map(|token| token.text.clone())
            .collect::<Vec<_>>()
    };
    if language == Language::De {
        let large: Vec<&str> = excerpt
            .split_whitespace()
            .skip(1)
            .filter(|word| word.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase))
            .collect();
        let nouns = meaningful(&large.join(" "));
        if !nouns.is_empty() {
            return nouns;
        }
    }
    meaningful(excerpt)
}

/// Whether a sentence has every telling word, in any inflection.
fn shares_all(telling: &[String], sentence: &text::Sentence) -> bool {
    !telling.is_empty()
        && telling.iter().all(|word| {
            sentence.tokens.iter().any(|token| {
                // "Sauna" is in "Saunabereich", but "Hausmeister" is not in "Haus"; two letters of an ending may differ.
                let shared = word.bytes().zip(token.text.bytes()).take_while(|(a, b)| a == b).count();
                shared >= 4 && shared + 2 >= word.len()
            })
        })
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
