//! `immivo eval answers`: whether what an engine writes rests on the facts it was given. No database, no agency.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use llm::{
    Answer, AnswerKind, AnswerRequest, Builtin, Engine, Fact, Language, Statement, StatementRole, UnderstandRequest,
    ground, mend,
};
use serde::{Deserialize, Serialize};

use super::eval::EngineArg;

/// The scenarios we come with.
const BUILTIN_SET: &str = include_str!("../../crates/llm/evaluation/answers.json");

#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// `{"scenarios": [{"id", "question", "facts", "language"?, "formal"?, "answer"?, "unsupported"?}]}`. Without an
    /// `answer` (`[{"text", "sources"}]`) the engine writes one; `unsupported` names the statements, counted from 0, that
    /// the check must object to.
    #[arg(required_unless_present = "builtin_set", conflicts_with = "builtin_set")]
    file: Option<PathBuf>,
    /// The scenarios that come with the program.
    #[arg(long)]
    builtin_set: bool,
    /// Which engine writes the answers that a scenario does not bring.
    #[arg(long, value_enum, default_value = "builtin")]
    pub(super) engine: EngineArg,
    /// One JSON object per line and scenario; the summary then goes to standard error.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenarios {
    scenarios: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    id: String,
    question: String,
    facts: Vec<Fact>,
    #[serde(default)]
    language: Option<Language>,
    #[serde(default = "yes")]
    formal: bool,
    #[serde(default)]
    answer: Option<Vec<Said>>,
    #[serde(default)]
    unsupported: Option<Vec<usize>>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    sources: Vec<String>,
}

/// What came of a scenario.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    id: String,
    /// Sentences of fact that were written.
    statements: usize,
    /// Those that say what their sources do not.
    unsupported: Vec<Unsupported>,
    /// The sentences of fact that would be sent.
    sent: Vec<String>,
    /// Topics left to a person.
    unanswered: Vec<llm::Topic>,
    /// Whether the check objected to what was expected; absent where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_expected: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Unsupported {
    statement: usize,
    text: String,
    faults: Vec<&'static str>,
}

pub(super) async fn run(args: &Args, engine: &dyn Engine) -> anyhow::Result<ExitCode> {
    let text = match &args.file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?,
        None => BUILTIN_SET.to_owned(),
    };
    let scenarios: Scenarios = serde_json::from_str(&text).context("the file holds no scenarios")?;
    let mut output = std::io::stdout().lock();
    let (mut total, mut statements, mut unsupported, mut sent, mut unexpected, mut leaked) = (0, 0, 0, 0, 0, 0);
    for scenario in scenarios.scenarios {
        let outcome = judge(scenario, engine).await?;
        total += 1;
        statements += outcome.statements;
        unsupported += outcome.unsupported.len();
        sent += outcome.sent.len();
        unexpected += usize::from(outcome.as_expected == Some(false));
        leaked += outcome.unsupported.iter().filter(|bad| outcome.sent.contains(&bad.text)).count();
        let line = if args.json { serde_json::to_string(&outcome)? } else { shown(&outcome) };
        match writeln!(output, "{line}") {
            // `immivo eval answers … | head` closes the pipe early; that is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            result => result?,
        }
    }
    let summary = format!(
        "{total} scenarios: {statements} statements written, {unsupported} unsupported, {leaked} of them sent; {sent} sent in \
         all; {unexpected} scenarios not as expected"
    );
    if args.json {
        eprintln!("{summary}")
    } else {
        println!("{summary}")
    }
    Ok(if leaked == 0 && unexpected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shown(outcome: &Outcome) -> String {
    let mut line = format!("{}: {} written, {} sent", outcome.id, outcome.statements, outcome.sent.len());
    if outcome.as_expected == Some(false) {
        line.push_str(", NOT AS EXPECTED");
    }
    for bad in &outcome.unsupported {
        line.push_str(&format!("\n  unsupported ({}): {}", bad.faults.join(", "), bad.text));
    }
    line
}

async fn judge(scenario: Scenario, engine: &dyn Engine) -> anyhow::Result<Outcome> {
    let request = request(&scenario).await?;
    let answer = match scenario.answer {
        Some(said) => Answer {
            statements: said
                .into_iter()
                .map(|said| Statement { text: said.text, sources: said.sources, role: StatementRole::Fact })
                .collect(),
            unanswered: Vec::new(),
            confidence: 1.0,
        },
        None => engine.answer(&request).await?.0,
    };
    let faults = ground(&answer, &request).err().unwrap_or_default();
    let unsupported: Vec<Unsupported> = answer
        .statements
        .iter()
        .enumerate()
        .map(|(statement, said)| Unsupported {
            statement,
            text: said.text.clone(),
            faults: faults
                .iter()
                .filter(|fault| fault.statement() == Some(statement))
                .map(llm::GroundingFault::kind)
                .collect(),
        })
        .filter(|one| !one.faults.is_empty())
        .collect();
    let found: Vec<usize> = unsupported.iter().map(|one| one.statement).collect();
    let mended = mend(&answer, &request).ok().map(|mended| mended.answer);
    let of_fact = |answer: &Answer| -> Vec<String> {
        let facts = answer.statements.iter().filter(|said| said.role == StatementRole::Fact);
        facts.map(|said| said.text.clone()).collect()
    };
    let open = mended.iter().flat_map(|answer| &answer.unanswered).map(|question| question.topic).collect();
    Ok(Outcome {
        id: scenario.id,
        statements: of_fact(&answer).len(),
        sent: mended.as_ref().map(of_fact).unwrap_or_default(),
        unanswered: open,
        as_expected: scenario.unsupported.map(|expected| expected == found),
        unsupported,
    })
}

/// The question as the built-in engine reads it, with the scenario's facts.
async fn request(scenario: &Scenario) -> anyhow::Result<AnswerRequest> {
    let read = UnderstandRequest {
        subject: None,
        text: scenario.question.clone(),
        now: Timestamp::UNIX_EPOCH,
        zone: TimeZone::UTC,
        language_hint: scenario.language,
        first_contact: false,
    };
    let understanding = Builtin.understand(&read).await?.0;
    Ok(AnswerRequest {
        kind: AnswerKind::Reply,
        language: scenario.language.unwrap_or(understanding.language),
        formal: scenario.formal,
        salutation: None,
        last_name: None,
        first_name: None,
        understanding,
        prospect_text: scenario.question.clone(),
        property_title: None,
        facts: scenario.facts.clone(),
        examples: Vec::new(),
        slots: Vec::new(),
        booking_url: None,
        full_today: false,
        zone: TimeZone::UTC,
        agency_name: "Immivo".to_owned(),
        agent_name: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_set_is_judged_as_it_says() {
        let scenarios: Scenarios = serde_json::from_str(BUILTIN_SET).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for scenario in scenarios.scenarios {
            let outcome = runtime.block_on(judge(scenario, &Builtin)).unwrap();
            assert_ne!(outcome.as_expected, Some(false), "{outcome:?}");
            assert!(outcome.unsupported.iter().all(|bad| !outcome.sent.contains(&bad.text)), "{outcome:?}");
            assert!(outcome.as_expected.is_some() || outcome.unsupported.is_empty(), "{outcome:?}");
        }
    }
}
