//! Making one answer: rounds of asking the engine and using the tools it asks for.

use std::sync::Arc;
use std::time::Duration;

use llm::{ChatEngine, ChatMessage as Said, ChatReply, ChatRequest, LlmError, Usage};

use super::calls;
use super::log::Log;
use super::messages::{self, Ending};
use super::model::{ChatId, ChatMessageId, ChatState, Notice, Step};
use super::prompt;
use super::runner::Running;
use crate::app::App;
use crate::db::{Actor, TenantConn};
use crate::domain::budget::{self, Call};
use crate::domain::tenants;
use crate::domain::users::UserId;
use crate::ids::TenantId;

/// What was said is kept at least this often while it is said.
const KEEP: Duration = Duration::from_secs(2);

/// An answer that is to be made.
#[derive(Debug, Clone)]
pub struct Run {
    /// The agency.
    pub tenant: TenantId,
    /// Whose rights hold.
    pub user: UserId,
    /// Who the audit log names.
    pub actor: Actor,
    /// The chat.
    pub chat: ChatId,
    /// The answer.
    pub message: ChatMessageId,
}

impl Run {
    /// A transaction in the user's name.
    pub(super) async fn conn(&self, app: &App) -> Result<TenantConn, sqlx::Error> {
        app.db.tenant_as(self.tenant, &self.actor).await
    }
}

/// Why an answer ended before its end.
#[derive(Debug)]
pub(super) enum Stop {
    Cancelled,
    Interrupted,
    /// The chat was removed, or what it says erased: nothing may be written.
    Gone,
    Engine(LlmError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// What an answer has come to.
pub(super) struct Making<'a> {
    app: &'a App,
    pub(super) run: &'a Run,
    pub(super) running: &'a Running,
    /// Steps in the database that will not change.
    kept: usize,
    tokens: (u32, u32),
    engine: Arc<dyn ChatEngine>,
}

/// Makes an answer to its end, whatever that is.
pub(super) async fn answer(app: &App, run: Run, running: Running) {
    let mut making =
        Making { app, run: &run, running: &running, kept: 0, tokens: (0, 0), engine: app.jarvis.engine().clone() };
    let stopped = making.rounds().await.err();
    let (state, error) = match &stopped {
        None => (ChatState::Done, None),
        Some(Stop::Gone) => return,
        Some(Stop::Cancelled) => (ChatState::Cancelled, None),
        Some(Stop::Interrupted) => (ChatState::Interrupted, None),
        Some(Stop::Engine(error)) => (ChatState::Failed, Some(code(error))),
        Some(Stop::Database(error)) => {
            tracing::error!(%error, message = %run.message, "an answer could not be made");
            (ChatState::Failed, Some("internal"))
        }
    };
    if let Err(error) = making.end(state, error).await {
        // Without a sign of life it will count as interrupted.
        tracing::error!(%error, message = %run.message, "the end of an answer could not be kept");
    }
}

/// In a word for programs.
fn code(error: &LlmError) -> &'static str {
    match error {
        LlmError::Unavailable(_) => "engine-unavailable",
        LlmError::RateLimited { .. } => "engine-busy",
        LlmError::OutOfCredit => "engine-out-of-credit",
        LlmError::Timeout => "engine-too-slow",
        LlmError::InvalidOutput(_) => "engine-unusable",
        LlmError::Refused => "engine-refused",
        LlmError::Misconfigured(_) => "engine-misconfigured",
    }
}

impl Making<'_> {
    async fn rounds(&mut self) -> Result<(), Stop> {
        let settings = &self.app.settings.assistant;
        self.choose_engine().await?;
        let mut request = prompt::request(self).await?;
        for round in 1..=settings.max_rounds {
            if round == settings.max_rounds {
                // The last word is the model's, not a tool's.
                request.tools.clear();
            }
            let reply = self.ask(&request).await?;
            if reply.cut {
                self.running.log.add(Step::Notice { notice: Notice::Cut });
            }
            if reply.calls.is_empty() {
                return Ok(());
            }
            if self.tokens.0.saturating_add(self.tokens.1) >= settings.max_tokens_per_answer {
                self.running.log.add(Step::Notice { notice: Notice::AnswerLimit });
                return Ok(());
            }
            let used = self.guarded(calls::all(self.app, self.run, &self.running.log, round, &reply.calls)).await??;
            self.keep().await?;
            // A card is the user's turn.
            if used.waits {
                return Ok(());
            }
            request.messages.push(Said::Assistant { text: reply.text, calls: reply.calls });
            request.messages.extend(used.results);
        }
        Ok(())
    }

    /// The built-in engine answers an agency whose limit is used up.
    async fn choose_engine(&mut self) -> Result<(), Stop> {
        let mut conn = self.run.conn(self.app).await?;
        let tenant = tenants::current(&mut conn).await?;
        let is_free = self.engine.name() == self.app.jarvis.fallback().name();
        if !is_free && budget::is_spent(&mut conn, &tenant).await? {
            self.step_in(Notice::BudgetSpent);
        }
        Ok(())
    }

    fn step_in(&mut self, notice: Notice) {
        self.engine = self.app.jarvis.fallback().clone();
        self.running.log.add(Step::Notice { notice });
    }

    /// One reply, told as it comes. While nothing was said yet, the built-in engine steps in for one that is down.
    pub(super) async fn ask(&mut self, request: &ChatRequest) -> Result<ChatReply, Stop> {
        let log = self.running.log.clone();
        loop {
            let mut said = false;
            let result = {
                let engine = self.engine.clone();
                let mut tell = |text: &str| {
                    said = true;
                    log.say(text);
                };
                self.while_keeping(engine.chat(request, &mut tell)).await?
            };
            let (usage, outcome) = match &result {
                Ok((_, usage)) => (usage.clone(), "ok".to_owned()),
                Err(error) => (self.nothing_used(), error.to_string()),
            };
            self.note(usage, outcome).await?;
            match result {
                Ok((reply, _)) => return Ok(reply),
                Err(error) => {
                    let is_down = !matches!(error, LlmError::Refused | LlmError::InvalidOutput(_));
                    let other = self.engine.name() != self.app.jarvis.fallback().name();
                    let begins =
                        request.messages.iter().rev().take_while(|said| !matches!(said, Said::User(_))).count() == 0;
                    if !(is_down && other && begins) || said {
                        return Err(Stop::Engine(error));
                    }
                    self.step_in(Notice::EngineDown);
                }
            }
        }
    }

    fn nothing_used(&self) -> Usage {
        let engine = self.engine.name().to_owned();
        Usage { engine, model: "-".to_owned(), input_tokens: 0, output_tokens: 0, duration_ms: 0 }
    }

    /// Writes a call of an engine down: it cost something whatever becomes of the answer.
    async fn note(&mut self, usage: Usage, outcome: String) -> Result<(), sqlx::Error> {
        self.tokens.0 = self.tokens.0.saturating_add(usage.input_tokens);
        self.tokens.1 = self.tokens.1.saturating_add(usage.output_tokens);
        let mut conn = self.run.conn(self.app).await?;
        let call = Call { purpose: "chat", usage, outcome };
        budget::write(&mut conn, &self.app.settings.ai, None, &[call]).await?;
        conn.commit().await
    }

    /// Waits for `work`, keeps what is said meanwhile, and lets go of it when nobody wants it any more.
    async fn while_keeping<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::pin!(work);
        loop {
            let (cancel, interrupt) = (self.running.cancel.clone(), self.running.interrupt.clone());
            tokio::select! {
                done = &mut work => return Ok(done),
                () = cancel.cancelled() => return Err(Stop::Cancelled),
                () = interrupt.cancelled() => return Err(Stop::Interrupted),
                () = tokio::time::sleep(KEEP) => self.keep().await?,
            }
        }
    }

    /// Waits for tools. What they changed was kept by themselves; what was begun is finished.
    async fn guarded<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        if self.running.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        self.while_beating(work).await
    }

    async fn while_beating<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(KEEP) => match self.keep().await {
                    Ok(()) | Err(Stop::Cancelled) => {}
                    Err(stop) => return Err(stop),
                },
            }
        }
    }

    /// Keeps what is new, and gives a sign of life.
    pub(super) async fn keep(&mut self) -> Result<(), Stop> {
        let mut conn = self.run.conn(self.app).await?;
        let cancel = messages::beat(&mut conn, self.run.message).await?.ok_or(Stop::Gone)?;
        let new = self.running.log.from(self.kept);
        messages::keep_steps(&mut conn, self.run.message, self.kept, &new).await?;
        conn.commit().await?;
        let grows = matches!(new.last(), Some(Step::Text { .. }));
        self.kept += new.len() - usize::from(grows);
        if cancel { Err(Stop::Cancelled) } else { Ok(()) }
    }

    async fn end(&mut self, state: ChatState, error: Option<&'static str>) -> Result<(), sqlx::Error> {
        let log: &Log = &self.running.log;
        let mut conn = self.run.conn(self.app).await?;
        if messages::beat(&mut conn, self.run.message).await?.is_none() {
            return Ok(());
        }
        messages::keep_steps(&mut conn, self.run.message, self.kept, &log.from(self.kept)).await?;
        let ending = Ending { state, error, input_tokens: self.tokens.0, output_tokens: self.tokens.1 };
        messages::end(&mut conn, self.run.message, &log.said(), ending).await?;
        conn.commit().await
    }

    pub(super) fn app(&self) -> &App {
        self.app
    }

    /// One reply that nobody hears: what the assistant tells itself.
    pub(super) async fn ask_quietly(&mut self, request: &ChatRequest) -> Result<Option<String>, Stop> {
        let engine = self.engine.clone();
        let mut nobody = |_: &str| {};
        let result = self.while_keeping(engine.chat(request, &mut nobody)).await?;
        let (usage, outcome) = match &result {
            Ok((_, usage)) => (usage.clone(), "ok".to_owned()),
            Err(error) => (self.nothing_used(), error.to_string()),
        };
        self.note(usage, outcome).await?;
        Ok(result.ok().map(|(reply, _)| reply.text))
    }

    /// Whether the engine is the built-in one, which reads only the last question.
    pub(super) fn is_plain(&self) -> bool {
        self.engine.name() == self.app.jarvis.fallback().name()
    }
}
