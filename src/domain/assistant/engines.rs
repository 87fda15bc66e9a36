//! Calling an engine: the configured one, and the built-in one when that is down or the agency's budget is spent.

use llm::{Answer, AnswerRequest, GroundingFault, LlmError, UnderstandRequest, Understanding, Usage};

use crate::app::App;
use crate::domain::budget::Call;

/// What happened while an answer was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    pub(super) made: Vec<Call>,
    /// The configured engine cannot be had: it is not asked again for this mail, because each attempt may take as long as
    /// its timeout and somebody waits for an answer. So it is from the start where the agency's budget is spent.
    pub(super) down: bool,
    /// It is down because it failed, so what it would have answered is owed.
    pub(super) is_outage: bool,
}

/// Understands a mail.
///
/// # Errors
/// Only when the built-in engine fails too, which has no outside cause.
pub(super) async fn understand(
    app: &App,
    calls: &mut Calls,
    request: &UnderstandRequest,
) -> Result<Understanding, LlmError> {
    if !calls.down {
        match app.engine.understand(request).await {
            Ok((understanding, usage)) => {
                calls.note("understand", usage, "ok");
                return Ok(understanding);
            }
            Err(error) => calls.failed("understand", app.engine.name(), &error),
        }
    }
    let (understanding, usage) = app.fallback.understand(request).await?;
    calls.note("understand", usage, "ok");
    Ok(understanding)
}

/// Writes an answer in which every sentence has its source. `None`: no engine could write one that stands the check.
///
/// # Errors
/// Only when the built-in engine fails, which has no outside cause.
pub(super) async fn answer(app: &App, calls: &mut Calls, request: &AnswerRequest) -> Result<Option<Answer>, LlmError> {
    let asked = if calls.down { None } else { Some(app.engine.answer(request).await) };
    match asked {
        None => {}
        Some(Ok((answer, usage))) => match llm::mend(&answer, request) {
            Ok(mended) => {
                calls.note("answer", usage, if mended.dropped.is_empty() { "ok" } else { "partly not grounded" });
                not_grounded(app.engine.name(), &mended.dropped);
                return Ok(Some(mended.answer));
            }
            Err(faults) => {
                not_grounded(app.engine.name(), &faults);
                calls.note("answer", usage, "not grounded");
            }
        },
        Some(Err(error)) => calls.failed("answer", app.engine.name(), &error),
    }
    if app.engine.name() == app.fallback.name() && !calls.down {
        return Ok(None);
    }
    let (answer, usage) = app.fallback.answer(request).await?;
    let grounded = llm::ground(&answer, request).is_ok();
    calls.note("answer", usage, if grounded { "ok" } else { "not grounded" });
    Ok(grounded.then_some(answer))
}

fn not_grounded(engine: &'static str, faults: &[GroundingFault]) {
    if faults.is_empty() {
        return;
    }
    tracing::warn!(engine, faults = ?faults.iter().map(GroundingFault::kind).collect::<Vec<_>>(), "not grounded");
    for fault in faults {
        metrics::counter!("immivo_ungrounded_statements_total", "engine" => engine, "fault" => fault.kind())
            .increment(1);
    }
}

impl Calls {
    pub(super) fn note(&mut self, purpose: &'static str, usage: Usage, outcome: &str) {
        self.made.push(Call { purpose, usage, outcome: outcome.to_owned() });
    }

    fn failed(&mut self, purpose: &'static str, engine: &str, error: &LlmError) {
        tracing::warn!(engine, %error, "engine failed, the built-in one steps in");
        metrics::counter!("immivo_engine_failures_total", "engine" => engine.to_owned()).increment(1);
        // What it made of one mail says nothing of the next request; that it did not answer does.
        self.is_outage |= !matches!(error, LlmError::InvalidOutput(_) | LlmError::Refused);
        self.down |= self.is_outage;
        let usage = Usage {
            engine: engine.to_owned(),
            model: "-".to_owned(),
            input_tokens: 0,
            output_tokens: 0,
            duration_ms: 0,
        };
        self.note(purpose, usage, &error.to_string());
    }
}
