//! One connection from greeting to goodbye (RFC 5321, section 3).

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::budget::Budget;
use crate::command::{self, Verb};
use crate::line::Line;
use crate::params::MailParams;
use crate::tls::Tls;
use crate::wire::{Broken, Wire};
use crate::{Backend, Events, Limits, Peer, Reply};

/// What all sessions of a server have in common.
pub(crate) struct Shared {
    pub(crate) hostname: String,
    pub(crate) limits: Limits,
    pub(crate) tls: Option<Tls>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) events: Arc<dyn Events>,
    pub(crate) budget: Arc<Budget>,
    /// Once cancelled, no new transaction begins.
    pub(crate) soft: CancellationToken,
}

/// The state machine. Without `helo` nothing but a greeting is taken; `transaction` is open from
/// MAIL to the end of DATA.
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) wire: Wire,
    pub(crate) peer: Peer,
    pub(crate) helo: Option<String>,
    pub(crate) transaction: Option<Transaction>,
    pub(crate) messages: usize,
    errors: usize,
    ends_at: Instant,
}

/// The buffers of RFC 5321, section 4.1.1.
pub(crate) struct Transaction {
    pub(crate) mail_from: String,
    pub(crate) recipients: Vec<String>,
    /// Some recipient was refused, which decides what DATA without recipients is told.
    pub(crate) refused_some: bool,
    pub(crate) params: MailParams,
}

/// What a verb leads to.
pub(crate) enum Flow {
    Say(Reply),
    /// Lines ready to send, for replies that carry no enhanced code.
    SayLines(Vec<String>),
    /// A last reply.
    Close(Reply),
    /// STARTTLS was granted.
    Encrypt,
    Lost(Broken),
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>, wire: Wire, peer: Peer) -> Self {
        let ends_at = Instant::now() + shared.limits.session_deadline;
        Self { shared, wire, peer, helo: None, transaction: None, messages: 0, errors: 0, ends_at }
    }

    /// Holds the whole conversation.
    pub(crate) async fn run(mut self) {
        let peer = self.peer.ip;
        let conversation = match self.begin().await {
            Ok(None) => self.converse().await,
            Ok(Some(refusal)) => Ok(refusal),
            Err(broken) => Err(broken),
        };
        match conversation {
            Ok(last) => {
                tracing::debug!(%peer, messages = self.messages, code = last.code(), "session over");
                self.wire.queue(&last.to_string());
                self.wire.close().await;
            }
            Err(Broken::TimedOut) => {
                tracing::debug!(%peer, messages = self.messages, "session timed out");
                self.wire.queue("421 4.4.2 Timeout, closing connection");
                self.wire.close().await;
            }
            Err(Broken::Gone(error)) => {
                tracing::debug!(%peer, messages = self.messages, %error, "client is gone");
            }
        }
    }

    /// Greets; or says why not.
    async fn begin(&mut self) -> Result<Option<Reply>, Broken> {
        let pause = self.shared.limits.greeting_delay;
        if !pause.is_zero() {
            let silence = self.wire.stays_silent(Instant::now() + pause);
            let is_silent = tokio::select! {
                biased;
                () = self.shared.soft.cancelled() => return Ok(Some(shutting_down())),
                silence = silence => silence?,
            };
            if !is_silent {
                tracing::info!(peer = %self.peer.ip, code = 554, "spoke before the greeting");
                return Ok(Some(Reply::new(554, (5, 5, 1), "Wait for the greeting")));
            }
        }
        let greeting = format!("220 {} ESMTP", self.shared.hostname);
        self.wire.queue(&greeting);
        Ok(None)
    }

    /// Obeys commands until there is a last reply to say.
    async fn converse(&mut self) -> Result<Reply, Broken> {
        loop {
            let Some(line) = self.next_line().await? else {
                return Ok(shutting_down());
            };
            match self.obey(line).await {
                Flow::Say(reply) if reply.code() == 421 => return Ok(reply),
                Flow::Say(reply) => {
                    self.wire.queue(&reply.to_string());
                    self.errors += usize::from(reply.is_permanent());
                }
                Flow::SayLines(lines) => lines.iter().for_each(|line| self.wire.queue(line)),
                Flow::Close(reply) => return Ok(reply),
                Flow::Encrypt => self.encrypt().await?,
                Flow::Lost(broken) => return Err(broken),
            }
            if self.errors >= self.shared.limits.max_errors {
                return Ok(Reply::new(421, (4, 7, 0), "Too many errors"));
            }
        }
    }

    /// The next command, or `None` when the server stops and no transaction is open.
    async fn next_line(&mut self) -> Result<Option<Line>, Broken> {
        let limits = &self.shared.limits;
        let deadline = (Instant::now() + limits.command_timeout).min(self.ends_at);
        let next = self.wire.line(limits.max_command_line, limits.allow_bare_newlines, deadline);
        tokio::select! {
            biased;
            () = self.shared.soft.cancelled(), if self.transaction.is_none() => Ok(None),
            line = next => line.map(Some),
        }
    }

    async fn obey(&mut self, line: Line) -> Flow {
        let line = match line {
            Line::Command(line) => line,
            Line::TooLong => return Flow::Say(Reply::new(500, (5, 5, 2), "Line too long")),
            Line::Garbage => {
                return Flow::Say(Reply::new(500, (5, 5, 2), "Bare CR or invalid character"));
            }
            // 521 as in RFC 7504: the client is broken in a way that no further command repairs
            Line::BareLf => return Flow::Close(Reply::new(521, (5, 5, 2), "Bare LF in command")),
        };
        let (verb, argument) = command::split(&line);
        match verb {
            Verb::Ehlo => self.ehlo(argument),
            Verb::Helo => self.helo(argument),
            Verb::StartTls => self.starttls(argument),
            Verb::Mail => self.mail(argument),
            Verb::Rcpt => self.rcpt(argument).await,
            Verb::Data => self.data(argument).await,
            Verb::Rset => self.rset(argument),
            Verb::Noop => self.noop(),
            Verb::Quit => self.quit(argument),
            Verb::Vrfy => self.vrfy(argument),
            Verb::Help => self.help(),
            Verb::NotImplemented => self.not_implemented(),
            Verb::Foreign => self.foreign(),
            Verb::Unknown => self.unknown(),
        }
    }
}

fn shutting_down() -> Reply {
    Reply::new(421, (4, 3, 2), "Server is shutting down")
}
