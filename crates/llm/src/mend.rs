//! An answer without what its sources do not say.
//!
//! A model that is wrong in one sentence is not wrong in all. What it may not say is taken out and said by the templates,
//! so that the question is still answered; what the templates cannot say either is open, and a person is asked.

use crate::{
    Answer, AnswerKind, AnswerRequest, FactKind, GroundingFault, QuestionTopic, Statement, StatementRole, Topic,
    compose, ground, topics_in,
};

/// An answer that stands the check.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended {
    /// The answer.
    pub answer: Answer,
    /// What was wrong with the statements that were taken out; empty when nothing was.
    pub dropped: Vec<GroundingFault>,
}

/// Takes out what [`ground`] objects to and lets the templates say it instead.
///
/// # Errors
/// The faults of an answer that cannot be mended: it is too long, in another language, or the letter itself is at fault.
pub fn mend(answer: &Answer, request: &AnswerRequest) -> Result<Mended, Vec<GroundingFault>> {
    let faults = ground(answer, request).err().unwrap_or_default();
    let local = |fault: &GroundingFault| {
        fault
            .statement()
            .and_then(|index| answer.statements.get(index))
            .is_some_and(|said| said.role == StatementRole::Fact)
    };
    if !faults.iter().all(local) {
        return Err(faults);
    }
    let kept: Vec<Statement> = answer
        .statements
        .iter()
        .enumerate()
        .filter(|(index, said)| {
            said.role == StatementRole::Fact && !faults.iter().any(|fault| fault.statement() == Some(*index))
        })
        .map(|(_, said)| said.clone())
        .collect();
    let silent = silent(answer, &kept, request);
    if faults.is_empty() && silent.is_empty() {
        return Ok(Mended { answer: answer.clone(), dropped: faults });
    }
    let mut composed = compose::compose(request);
    let is_said = |said: &Statement| kept.iter().any(|other| said.sources.iter().any(|id| other.sources.contains(id)));
    let own: Vec<Statement> = composed
        .statements
        .drain(..)
        .filter(|said| said.role == StatementRole::Fact && !is_said(said))
        .filter(|said| {
            faults_cite(answer, &faults, said) || silent.iter().any(|asked| tells(request, said, asked.topic))
        })
        .collect();
    let open = |asked: &&QuestionTopic| {
        let left_open = answer.unanswered.contains(asked);
        let unable = silent.contains(asked) && composed.unanswered.contains(asked);
        let dropped = !faults.is_empty() && composed.unanswered.contains(asked) && !covered(&kept, asked, request);
        left_open || unable || dropped
    };
    let unanswered = request.understanding.topics.iter().filter(open).cloned().collect();
    let mended = compose::letter(request, kept.into_iter().chain(own).collect(), unanswered, answer.confidence);
    ground(&mended, request)?;
    Ok(Mended { answer: mended, dropped: faults })
}

/// The questions the answer says nothing about, neither what it is nor that somebody will find out.
fn silent(answer: &Answer, kept: &[Statement], request: &AnswerRequest) -> Vec<QuestionTopic> {
    // A wish for "further information" is answered by the letter.
    let is_open = |question: &&QuestionTopic| {
        question.topic != Topic::Expose && !answer.unanswered.contains(question) && !covered(kept, question, request)
    };
    let words_facts = matches!(request.kind, AnswerKind::FirstAnswer | AnswerKind::Reply);
    request.understanding.topics.iter().filter(|_| words_facts).filter(is_open).cloned().collect()
}

fn covered(kept: &[Statement], question: &QuestionTopic, request: &AnswerRequest) -> bool {
    kept.iter().any(|said| tells(request, said, question.topic))
}

/// Whether a statement cites something that answers a question on the topic. Of a text, what is
/// said of it decides.
fn tells(request: &AnswerRequest, said: &Statement, topic: Topic) -> bool {
    request.facts.iter().filter(|fact| said.sources.contains(&fact.id)).any(|fact| {
        fact.answers(topic)
            || topic == Topic::Other
            || fact.kind == FactKind::Text && topics_in(&said.text).contains(&topic)
    })
}

/// Whether a statement rests on what a dropped one cited.
fn faults_cite(answer: &Answer, faults: &[GroundingFault], said: &Statement) -> bool {
    faults
        .iter()
        .filter_map(|fault| answer.statements.get(fault.statement()?))
        .any(|dropped| dropped.sources.iter().any(|id| said.sources.contains(id)))
}
