//! From a mail to what it wants.

use super::{
    injection,
    intent::{self, Context, Signals},
    language,
    lexicon::{Lexicon, lexicon},
    text::{self, Sentence},
    times::{self, Carried, Clock},
    topic,
};
use crate::{Intent, Mood, QuestionTopic, Topic, UnderstandRequest, Understanding};

/// Words of a sentence that is nothing but a proposal.
const SHORT: usize = 8;

pub(super) fn understand(request: &UnderstandRequest) -> Understanding {
    let text = said(request);
    let (language, _) = language::detect(&text, request.language_hint);
    let lexicon = lexicon(language);
    let clock = Clock::new(request.now, &request.zone);
    let sentences = text::sentences(&text);

    let mut all = Signals::default();
    let mut questions: Vec<QuestionTopic> = Vec::new();
    let mut wished_times = Vec::new();
    let mut wished_days = Vec::new();
    let mut wished_windows = Vec::new();
    let mut names_time = false;
    let mut proposes_day = false;
    let mut carried = Carried::default();
    // What the sentence before told about: "We have a cat. Would that be all right?"
    let mut told = Vec::new();
    for sentence in &sentences {
        let signals = Signals::read(lexicon, sentence);
        let times = times::read(language, sentence, &clock, signals, &mut carried);
        // "Until Thursday!" names a day and wishes nothing.
        let leaves = lexicon.has("farewell", sentence);
        let idle = leaves || signals.refuse && times.days.is_empty() && times.window.is_none();
        names_time |= times.names_time && !(idle && times.wished.is_empty());
        let about_viewing = signals.viewing || signals.reschedule || signals.cancel;
        if !signals.complaint {
            let mut found = asked(lexicon, sentence, signals, times.names_time, about_viewing);
            if refers_back(lexicon, sentence, &found) && !about_viewing && !times.names_time && !told.is_empty() {
                found = told.iter().map(|topic| question(*topic, sentence)).collect();
            }
            questions.extend(found);
        }
        told = if sentence.asks { Vec::new() } else { topic::topics(lexicon, &sentence.tokens) };
        wished_times.extend(times.wished);
        // A longer sentence tells of a day ("I called on Tuesday and nobody …") as often as it proposes one.
        proposes_day |= !idle && (!times.days.is_empty() || times.window.is_some()) && sentence.tokens.len() <= SHORT;
        // "Then until Thursday" wishes nothing new, yet shows which day the writer believes in.
        wished_days.extend(times.days);
        wished_windows.extend(times.window.filter(|_| !idle));
        all = all.or(signals);
    }
    if all.complaint {
        // "Is this a joke?" wants no answer about the flat.
        questions.retain(|question| question.topic != Topic::Other);
    }
    once(&mut wished_times);
    once(&mut wished_days);
    once(&mut wished_windows);
    let mut topics = distinct(questions);

    let real = |question: &QuestionTopic| question.topic != Topic::Expose;
    let context = Context {
        first_contact: request.first_contact,
        names_time,
        proposes_day,
        proposes: !wished_times.is_empty(),
        asks: topics.iter().any(real),
        asks_documents: topics.iter().any(|question| !real(question)),
    };
    let (mut intents, mut confidence) = intent::decide(all, context);
    if topics.iter().any(|question| question.topic == Topic::Other) {
        confidence -= 0.05;
    }
    if approves(&request.text) && !request.first_contact {
        (intents, confidence) = (vec![Intent::Acknowledgement], 0.9);
    }
    if confidence < 0.5 && topics.is_empty() {
        // "Wohnung schon vergeben oder noch zu haben": a few words without verb or mark that name a topic ask for it.
        topics = named(lexicon, &sentences);
        if !topics.is_empty() {
            confidence = 0.82;
        }
    }
    if confidence < 0.5 && topics.is_empty() && !request.text.trim().is_empty() {
        return unclear(request, language, &sentences);
    }
    Understanding {
        language,
        formal: language::formal(language, &sentences),
        intents,
        topics,
        wished_times,
        wished_days,
        wished_windows,
        mood: intent::mood(all),
        injection: injection::tries(&text),
        confidence,
    }
}

fn question(topic: Topic, sentence: &Sentence) -> QuestionTopic {
    QuestionTopic { topic, excerpt: sentence.raw.clone() }
}

/// A short question that names nothing itself.
fn refers_back(lexicon: &Lexicon, sentence: &Sentence, found: &[QuestionTopic]) -> bool {
    let unnamed = found.iter().all(|question| question.topic == Topic::Other)
        && topic::topics(lexicon, &sentence.tokens).is_empty()
        && !lexicon.has("topic.missing", sentence);
    sentence.asks && unnamed && sentence.tokens.len() <= SHORT
}

/// The topics a short text names without asking.
fn named(lexicon: &Lexicon, sentences: &[Sentence]) -> Vec<QuestionTopic> {
    let short = |sentence: &&Sentence| sentence.tokens.len() <= SHORT;
    let topics = |sentence: &Sentence| {
        topic::topics(lexicon, &sentence.tokens).into_iter().map(|topic| question(topic, sentence)).collect::<Vec<_>>()
    };
    distinct(sentences.iter().filter(short).flat_map(topics).collect())
}

/// Nothing but a sign of approval: no word, no number, no question mark.
fn approves(text: &str) -> bool {
    let signs = ['👍', '👌', '🙏', '😊', '🙂', '😀', '😃', '😄', '👏', '❤', '✅', '🎉'];
    text.contains(signs) && !text.contains('?') && text::tokens(text).is_empty()
}

/// Keeps the first of equal wishes: the order written is the order of preference.
fn once<T: PartialEq + Copy>(wishes: &mut Vec<T>) {
    let mut kept = Vec::with_capacity(wishes.len());
    for wish in wishes.drain(..) {
        if !kept.contains(&wish) {
            kept.push(wish);
        }
    }
    *wishes = kept;
}

/// The text; with the subject when the text says nothing and the writer chose the subject ("Termin absagen").
fn said(request: &UnderstandRequest) -> String {
    let subject = request.subject.as_deref().unwrap_or("").trim();
    let lower = subject.to_lowercase();
    let ours =
        ["re:", "aw:", "wg:", "fw:", "fwd:", "sv:", "rif:", "tr:"].iter().any(|prefix| lower.starts_with(prefix));
    if ours || request.first_contact || text::tokens(&request.text).len() > 4 {
        request.text.clone()
    } else {
        format!("{subject}\n\n{}", request.text)
    }
}

/// Nothing matched: a person must read it, and the whole text is the question.
fn unclear(request: &UnderstandRequest, language: crate::Language, sentences: &[Sentence]) -> Understanding {
    let excerpt: String = request.text.trim().chars().take(300).collect();
    Understanding {
        language,
        formal: language::formal(language, sentences),
        intents: vec![crate::Intent::Question],
        topics: vec![QuestionTopic { topic: Topic::Other, excerpt }],
        wished_times: Vec::new(),
        wished_days: Vec::new(),
        wished_windows: Vec::new(),
        mood: Mood::Calm,
        injection: injection::tries(&request.text),
        confidence: 0.4,
    }
}

fn asked(
    lexicon: &Lexicon,
    sentence: &Sentence,
    signals: Signals,
    names_time: bool,
    about_viewing: bool,
) -> Vec<QuestionTopic> {
    let asks = topic::asks(lexicon, sentence);
    let requests = lexicon.has("request", sentence);
    let negotiates = lexicon.has("negotiate", sentence);
    if negotiates {
        // Stated or asked: "I would pay 1,000" wants an answer as much as "is the price flexible?"
        return topic::questions(lexicon, sentence);
    }
    if !asks && !requests {
        return Vec::new();
    }
    let mut questions = topic::questions(lexicon, sentence);
    if !asks {
        // "Please" with a word of a topic is a wish for that fact only when no other wish explains the sentence.
        questions.retain(|question| question.topic != Topic::Other);
        if about_viewing || signals.human || signals.not_interested {
            questions.retain(|question| question.topic == Topic::Expose);
        }
    }
    if signals.human {
        // "Is anyone available to call me?" asks for the person, not for the flat.
        questions.retain(|question| !matches!(question.topic, Topic::Other | Topic::Availability));
    }
    if about_viewing || names_time {
        // "Is the flat still free for viewings on Monday?" asks for a time, not for the status.
        questions.retain(|question| !matches!(question.topic, Topic::Other) || lexicon.has("topic.missing", sentence));
    }
    let explained = about_viewing
        || names_time
        || signals.human
        || signals.not_interested
        || signals.interest && !sentence.asks
        || lexicon.has("courtesy", sentence);
    if questions.is_empty() && sentence.asks && !explained && sentence.tokens.len() > 1 {
        questions.push(QuestionTopic { topic: Topic::Other, excerpt: sentence.raw.clone() });
    }
    questions
}

/// Each topic once, in the order asked; only questions without a topic may repeat.
fn distinct(questions: Vec<QuestionTopic>) -> Vec<QuestionTopic> {
    let mut kept: Vec<QuestionTopic> = Vec::new();
    for question in questions {
        let known = kept.iter().any(|other| {
            other.topic == question.topic && (question.topic != Topic::Other || other.excerpt == question.excerpt)
        });
        if !known {
            kept.push(question);
        }
    }
    kept
}
