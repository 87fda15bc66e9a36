//! Using the tools a model asked for: each in its own transaction, several at once, with the user's rights as they are now.

use futures::{FutureExt as _, StreamExt as _};
use llm::{ChatMessage as Said, ToolCall};

use super::confirm;
use super::log::Log;
use super::messages;
use super::model::Step;
use super::prompt::fenced;
use super::run::{Run, Stop};
use super::tool::{Desk, Effect, Outcome, ToolError};
use crate::app::App;
use crate::domain::{tenants, users};

/// Tools of one answer at work at once: each has a connection.
const AT_ONCE: usize = 4;
/// A model that asks for more in one round is confused.
const MOST: usize = 16;
/// Letters of a result; the rest is left out and the model is told so.
const LONGEST: usize = 12_000;

/// What came of the tools of one round.
pub(super) struct Used {
    /// For the model, in the order it asked.
    pub(super) results: Vec<Said>,
    /// A card waits for the user.
    pub(super) waits: bool,
}

/// What one call came to.
enum Done {
    Worked(Outcome),
    Waits,
}

/// Uses them.
pub(super) async fn all(app: &App, run: &Run, log: &Log, round: u8, calls: &[ToolCall]) -> Result<Used, Stop> {
    let mut work = Vec::with_capacity(calls.len());
    for (number, call) in calls.iter().enumerate() {
        work.push(one(app, run, log, (round, number), call).boxed());
    }
    let mut done: Vec<(Said, bool)> = Vec::with_capacity(calls.len());
    let mut working = futures::stream::iter(work).buffered(AT_ONCE);
    while let Some(result) = working.next().await {
        done.push(result?);
    }
    let waits = done.iter().any(|(_, waits)| *waits);
    Ok(Used { results: done.into_iter().map(|(said, _)| said).collect(), waits })
}

async fn one(
    app: &App,
    run: &Run,
    log: &Log,
    (round, number): (u8, usize),
    call: &ToolCall,
) -> Result<(Said, bool), Stop> {
    let tool = app.jarvis.tools().get(&call.name);
    let title = tool.map_or("Unbekanntes Werkzeug", |tool| tool.title()).to_owned();
    log.add(Step::ToolStarted {
        call: call.id.clone(),
        round,
        tool: call.name.clone(),
        title,
        arguments: call.arguments.clone(),
    });
    let result = if number < MOST {
        work(app, run, log, call).await
    } else {
        Err(ToolError::Refused("too many tools at once".to_owned()))
    };
    let (ok, summary, content, waits) = match result {
        Ok(Done::Worked(outcome)) => {
            for (path, caption) in outcome.images {
                log.add(Step::Image { path, caption });
            }
            (true, outcome.summary, fenced(&call.name, &cut(outcome.data.to_string())), false)
        }
        Ok(Done::Waits) => {
            let told = "Not done. The user has been shown a card and decides.".to_owned();
            (true, "Wartet auf Ihre Bestätigung".to_owned(), told, true)
        }
        Err(error) => {
            if let ToolError::Internal(cause) = &error {
                tracing::error!(tool = call.name, error = %cause, "a tool failed");
            }
            (false, error.to_string(), fenced(&call.name, &format!("Error: {error}")), false)
        }
    };
    log.add(Step::ToolFinished {
        call: call.id.clone(),
        tool: call.name.clone(),
        ok,
        summary,
        result: content.clone(),
    });
    Ok((Said::Tool { call: call.id.clone(), content }, waits))
}

async fn work(app: &App, run: &Run, log: &Log, call: &ToolCall) -> Result<Done, ToolError> {
    let tool =
        app.jarvis.tools().get(&call.name).ok_or_else(|| ToolError::Refused("there is no such tool".to_owned()))?;
    let mut conn = run.conn(app).await?;
    // Asked anew: whoever is no longer let in, or has another role, counts as that from now on.
    let user = users::active_one(&mut conn, run.user).await?.ok_or(ToolError::NotFound("user"))?;
    let tenant = tenants::current(&mut conn).await?;
    let mut desk = Desk::new(app, &mut conn, &user, &tenant);
    let done = match tool.effect() {
        Effect::Reads | Effect::Changes => Done::Worked(tool.run(&mut desk, &call.arguments).await?),
        Effect::Asks => {
            let card = tool.card(&mut desk, &call.arguments).await?;
            let leads = desk.into_leads();
            let id = confirm::wait(&mut conn, app, run, call, &card).await?;
            messages::note_leads(&mut conn, run.message, &leads).await?;
            conn.commit().await?;
            log.add(Step::Confirmation { call: call.id.clone(), id });
            return Ok(Done::Waits);
        }
    };
    let leads = desk.into_leads();
    messages::note_leads(&mut conn, run.message, &leads).await?;
    conn.commit().await?;
    Ok(done)
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((at, _)) => format!("{} … (cut; ask for less)", &text[..at]),
    }
}
