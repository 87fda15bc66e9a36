//! `immivo eval`: how well an engine reads, and (`eval_answers.rs`) answers, measured on a file. No database, no agency.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use llm::{
    Builtin, Engine, Intent, OpenAi, Topic, Understanding,
    eval::{self, Reading, Score},
};

use crate::domain::assistant::decide::{Decision, Situation, decide};
use crate::domain::leads::LeadState;

/// Arguments of `eval`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// What an engine reads in messages, and how often that is what was expected.
    Messages(Messages),
    /// Whether what an engine writes rests on the facts it was given.
    Answers(super::eval_answers::Args),
}

#[derive(Debug, Clone, clap::Args)]
struct Messages {
    /// `{"now": …, "zone": …, "messages": [{"id": …, "text": …, "expect": {…}}]}`; `expect` may name language,
    /// intent, topics, slots and decision.
    file: PathBuf,
    /// Which engine reads; openai takes key, model and address from the settings.
    #[arg(long, value_enum, default_value = "builtin")]
    engine: EngineArg,
    /// One JSON object per line and message; tables then go to standard error.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum EngineArg {
    Builtin,
    Openai,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let engine: Box<dyn Engine> = match args.what.engine() {
        EngineArg::Builtin => Box::new(Builtin),
        EngineArg::Openai => Box::new(OpenAi::new(super::wire::openai(&crate::settings::load()?))?),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &args.what {
        What::Messages(args) => runtime.block_on(messages(args, engine.as_ref())),
        What::Answers(args) => runtime.block_on(super::eval_answers::run(args, engine.as_ref())),
    }
}

impl What {
    const fn engine(&self) -> EngineArg {
        match self {
            Self::Messages(args) => args.engine,
            Self::Answers(args) => args.engine,
        }
    }
}

async fn messages(args: &Messages, engine: &dyn Engine) -> anyhow::Result<ExitCode> {
    let path = args.file.display();
    let json = std::fs::read_to_string(&args.file).with_context(|| path.to_string())?;
    let file = eval::read_file(&json).with_context(|| path.to_string())?;
    for problem in &file.problems {
        eprintln!("immivo: {path}: {problem}");
    }
    let mut failed = !file.problems.is_empty();
    let mut score = Score::default();
    let mut output = std::io::stdout().lock();
    for message in &file.messages {
        let read = match engine.understand(&message.request(&file)).await {
            Ok((read, _)) => read,
            // One message nobody could read is no reason to leave the others unread.
            Err(error) => {
                eprintln!("immivo: {path}: {}: text: {error}", message.id);
                failed = true;
                continue;
            }
        };
        let found = Reading::new(&message.id, &read, &file.zone, judged(&read, message.first));
        let wrong = message.expect.as_ref().map(|expected| score.add(expected, &found)).unwrap_or_default();
        let line = if args.json { serde_json::to_string(&found)? } else { plain(&found, &wrong) };
        match writeln!(output, "{line}") {
            // `immivo eval … | head` closes the pipe early; that is no failure.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            result => result?,
        }
    }
    if !score.is_empty() {
        if args.json {
            eprint!("{score}");
        } else {
            write!(output, "\n{score}")?;
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A reading for people, with the fields that were expected otherwise.
fn plain(found: &Reading, wrong: &[&str]) -> String {
    let list = |words: &[&str]| if words.is_empty() { "-".to_owned() } else { words.join(",") };
    let slots: Vec<_> = found.slots.iter().map(String::as_str).collect();
    let wrong = if wrong.is_empty() { String::new() } else { format!("  (wrong: {})", wrong.join(", ")) };
    format!(
        "{}  {}  {}  {}  {}  {}  {:.2}{wrong}",
        found.id,
        found.language.code(),
        list(&found.intent),
        list(&found.topics),
        list(&slots),
        found.decision,
        found.confidence,
    )
}

/// What the facts of the property that is measured with answer: price, charges, areas, floor, lift, energy, parking,
/// pets, availability and commission, and nothing else.
const ANSWERED: [Topic; 11] = [
    Topic::Price,
    Topic::ServiceCharge,
    Topic::Area,
    Topic::Floor,
    Topic::Lift,
    Topic::Energy,
    Topic::Parking,
    Topic::Pets,
    Topic::Availability,
    Topic::AvailableFrom,
    Topic::Commission,
];

/// A new agency's `confidence_threshold`.
const THRESHOLD: f64 = 0.8;

/// What the product would do about a message of a lead that holds no viewing, with the default policy: the matrix of
/// [`decide`], in the words of the files.
fn judged(read: &Understanding, first: bool) -> &'static str {
    let decision = decide(Situation {
        state: LeadState::INITIAL,
        understanding: read,
        first,
        has_property: true,
        held: None,
        threshold: THRESHOLD,
    });
    let known: HashSet<_> = ANSWERED.into_iter().collect();
    let open = read.wants(Intent::Question) && read.topics.iter().any(|question| !known.contains(&question.topic));
    // Who calls a viewing off, or wants another time without naming one, is offered others.
    let offers =
        [Intent::ViewingRequest, Intent::RescheduleViewing, Intent::CancelViewing].into_iter().any(|i| read.wants(i));
    match decision {
        Decision::Silent => "silent",
        Decision::Escalate | Decision::Neutral => "escalated",
        Decision::Draft => "draft",
        Decision::PromiseCall => "call_scheduled",
        Decision::Close => "close",
        // Whatever else is done: what the facts do not answer waits for a person.
        Decision::AskWhich => "needs_review",
        Decision::Book | Decision::Move | Decision::Cancel | Decision::Answer if open => "needs_review",
        Decision::Book | Decision::Move => "book",
        Decision::Cancel => "offer_slots",
        Decision::Answer if offers => "offer_slots",
        Decision::Answer => "answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn judge(text: &str) -> &'static str {
        let file = serde_json::json!({"now": "2026-11-25T09:00", "zone": "Europe/Vienna",
            "messages": [{"id": "a", "text": text}]});
        let file = eval::read_file(&file.to_string()).unwrap();
        judged(&Builtin.understand(&file.messages[0].request(&file)).await.unwrap().0, false)
    }

    #[tokio::test]
    async fn every_decision_has_a_message() {
        for (text, expected) in [
            ("Ist ein Aufzug vorhanden?", "answer"),
            ("Ich würde die Wohnung gerne besichtigen.", "offer_slots"),
            ("Kann ich am Dienstag um 15 Uhr besichtigen?", "book"),
            ("Gibt es einen Keller?", "needs_review"),
            ("Kann ich am Dienstag um 15 Uhr besichtigen? Gibt es einen Keller?", "needs_review"),
            ("Blau.", "draft"),
            ("Bitte rufen Sie mich an.", "call_scheduled"),
            ("Das ist eine Frechheit, ich beschwere mich!", "escalated"),
            ("Gibt es keine Ausländer im Haus?", "escalated"),
            ("Wir haben kein Interesse mehr.", "close"),
            ("Vielen Dank!", "silent"),
        ] {
            assert_eq!(judge(text).await, expected, "{text}");
        }
    }
}
