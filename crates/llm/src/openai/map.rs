//! From what the model returned to the types of this crate, trusting nothing.

use jiff::{ToSpan, civil::DateTime};

use super::{
    certain,
    schema::{ReadMail, ReadQuestion, WordedFacts},
};
use crate::{
    Answer, AnswerRequest, EMBEDDING_DIMENSIONS, Intent, LlmError, QuestionTopic, Statement, StatementRole, Topic,
    UnderstandRequest, Understanding, compose,
};

/// A reason without content: the reply may repeat the mail.
fn invalid(error: &serde_json::Error) -> LlmError {
    LlmError::InvalidOutput(format!("{:?} error in line {} column {}", error.classify(), error.line(), error.column()))
}

pub(super) fn understanding(content: &str, request: &UnderstandRequest) -> Result<Understanding, LlmError> {
    let read: ReadMail = serde_json::from_str(content).map_err(|error| invalid(&error))?;
    let mut intents = distinct(read.intents);
    let certain = certain(request);
    // A complaint, a wish for a person or a discriminatory wish that plain words show is never overlooked, whatever the model thinks.
    for pressing in [Intent::HumanRequest, Intent::DiscriminatoryWish, Intent::Complaint] {
        if certain.wants(pressing) && !intents.contains(&pressing) {
            intents.insert(0, pressing);
        }
    }
    if intents.is_empty() {
        return Err(LlmError::InvalidOutput("no intent".to_owned()));
    }
    let today = request.now.to_zoned(request.zone.clone()).date();
    let last = today.saturating_add(1.year());
    let mut wished_times: Vec<_> = read
        .wished_times
        .iter()
        .filter_map(|text| text.parse::<DateTime>().ok())
        .filter(|local| local.date() <= last)
        .filter_map(|local| request.zone.to_ambiguous_timestamp(local).unambiguous().ok())
        .filter(|instant| *instant > request.now)
        .collect();
    let mut kept = Vec::new();
    wished_times.retain(|instant| {
        !kept.contains(instant) && {
            kept.push(*instant);
            true
        }
    });
    Ok(Understanding {
        language: read.language,
        formal: read.formal,
        intents,
        topics: questions(read.questions, &request.text),
        wished_times,
        wished_days: certain.wished_days,
        wished_windows: certain.wished_windows,
        mood: read.mood.max(certain.mood),
        // Either reader's suspicion is enough.
        injection: read.injection || certain.injection,
        confidence: share(read.confidence)?,
    })
}

/// An excerpt that is not in the mail is dropped, the topic stays.
fn questions(read: Vec<ReadQuestion>, text: &str) -> Vec<QuestionTopic> {
    let mut kept: Vec<QuestionTopic> = Vec::new();
    for question in read {
        let repeated = kept.iter().any(|other| other.topic == question.topic && question.topic != Topic::Other);
        if repeated {
            continue;
        }
        let excerpt = question.excerpt.trim();
        let excerpt = if text.contains(excerpt) { excerpt.to_owned() } else { String::new() };
        kept.push(QuestionTopic { topic: question.topic, excerpt });
    }
    kept
}

pub(super) fn answer(content: &str, request: &AnswerRequest) -> Result<Answer, LlmError> {
    let worded: WordedFacts = serde_json::from_str(content).map_err(|error| invalid(&error))?;
    let statements = worded
        .statements
        .into_iter()
        .map(|fact| Statement { text: fact.text.trim().to_owned(), sources: fact.sources, role: StatementRole::Fact })
        .filter(|statement| !statement.text.is_empty())
        .collect();
    // Only what was asked can be unanswered; the excerpt is ours, not the model's copy.
    let asked = &request.understanding.topics;
    let unanswered: Vec<QuestionTopic> = asked
        .iter()
        .filter(|question| worded.unanswered.iter().any(|open| open.topic == question.topic))
        .cloned()
        .collect();
    // The answer is as sure as its less sure half.
    let confidence = share(worded.confidence)?.min(request.understanding.confidence);
    Ok(compose::letter(request, statements, unanswered, confidence))
}

fn share(value: f64) -> Result<f64, LlmError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(LlmError::InvalidOutput("confidence outside 0 to 1".to_owned()))
    }
}

fn distinct(intents: Vec<Intent>) -> Vec<Intent> {
    let mut kept = Vec::new();
    for intent in intents {
        if !kept.contains(&intent) {
            kept.push(intent);
        }
    }
    kept
}

/// Puts vectors in the order of their texts and makes them unit length.
pub(super) fn vectors(found: Vec<(usize, Vec<f32>)>, expected: usize) -> Result<Vec<Vec<f32>>, LlmError> {
    let wrong = |why: &str| LlmError::InvalidOutput(why.to_owned());
    let mut ordered: Vec<Option<Vec<f32>>> = vec![None; expected];
    for (index, mut vector) in found {
        if vector.len() != EMBEDDING_DIMENSIONS {
            return Err(wrong("embedding of another dimension"));
        }
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if !length.is_normal() {
            return Err(wrong("embedding without direction"));
        }
        vector.iter_mut().for_each(|value| *value /= length);
        *ordered.get_mut(index).ok_or_else(|| wrong("embedding of an unknown text"))? = Some(vector);
    }
    ordered.into_iter().collect::<Option<_>>().ok_or_else(|| wrong("missing embedding"))
}
