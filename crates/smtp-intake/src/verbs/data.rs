//! DATA (RFC 5321, section 4.1.1.4): receives a message and hands it over.

use std::time::Duration;

use tokio::time::Instant;

use super::{no_argument, out_of_order};
use crate::address::mask;
use crate::budget::Reservation;
use crate::data::DataReceiver;
use crate::guard::guarded;
use crate::session::{Flow, Session, Shared, Transaction};
use crate::wire::Broken;
use crate::{Accepted, Envelope, Limits, Reply};

impl Session {
    pub(crate) async fn data(&mut self, argument: &str) -> Flow {
        if !argument.is_empty() {
            return Flow::Say(no_argument());
        }
        let transaction = match self.transaction.take() {
            None => return Flow::Say(out_of_order("Say MAIL and RCPT first")),
            Some(transaction) if transaction.recipients.is_empty() => {
                let refused_some = transaction.refused_some;
                self.transaction = Some(transaction);
                return Flow::Say(match refused_some {
                    true => Reply::new(554, (5, 5, 1), "No valid recipients"),
                    false => out_of_order("Say RCPT first"),
                });
            }
            Some(transaction) => transaction,
        };
        self.messages += 1;
        self.wire.queue("354 End data with <CR><LF>.<CR><LF>");
        let started = Instant::now();
        let mut room = self.shared.budget.reserve();
        let mut receiver = DataReceiver::new(self.shared.limits.max_message_bytes, self.shared.limits.max_data_line);
        let entry = Entry::new(self, &transaction, started);
        let outcome = match self.receive(&mut receiver, &mut room).await {
            Ok(true) => self.judge(&receiver),
            Ok(false) => Err(Reply::insufficient_storage()),
            Err(broken) => {
                self.shared.events.message_aborted();
                entry.aborted(receiver.size(), &broken);
                return Flow::Lost(broken);
            }
        };
        let bytes = receiver.size();
        let outcome = match outcome {
            Ok(()) => {
                let envelope = self.envelope(transaction);
                deliver(&self.shared, envelope, receiver.into_message()).await
            }
            Err(reply) => Err(reply),
        };
        entry.finished(bytes, &outcome);
        Flow::Say(match outcome {
            Ok(Accepted { queue_id }) => {
                self.shared.events.message_accepted(bytes, started.elapsed());
                Reply::new(250, (2, 0, 0), format!("Ok: queued as {queue_id}"))
            }
            Err(reply) => {
                self.shared.events.message_refused(reply.code());
                reply
            }
        })
    }

    /// Reads to the end of the message; `false` when there was no memory to keep it.
    async fn receive(&mut self, receiver: &mut DataReceiver, room: &mut Reservation) -> Result<bool, Broken> {
        let limits = &self.shared.limits;
        let started = Instant::now();
        let mut kept = true;
        loop {
            let used = receiver.push(self.wire.input().unread());
            self.wire.input().consume(used);
            if kept && !room.grow_to(receiver.held()) {
                kept = false;
                receiver.forget();
                room.release();
            }
            if receiver.is_done() {
                return Ok(kept);
            }
            let silence_ends = Instant::now() + limits.data_idle_timeout;
            self.wire.fill(silence_ends.min(started + patience(limits, receiver.size()))).await?;
        }
    }

    fn judge(&self, receiver: &DataReceiver) -> Result<(), Reply> {
        let faults = receiver.faults();
        if faults.too_big {
            let max = self.shared.limits.max_message_bytes;
            return Err(Reply::new(552, (5, 3, 4), format!("Message exceeds {max} octets")));
        }
        if faults.bare_newline && !self.shared.limits.allow_bare_newlines {
            return Err(Reply::new(550, (5, 6, 0), "Message contains bare CR or LF"));
        }
        if faults.line_too_long {
            return Err(Reply::new(554, (5, 6, 0), "Message contains an overlong line"));
        }
        Ok(())
    }

    fn envelope(&self, transaction: Transaction) -> Envelope {
        Envelope {
            peer: self.peer,
            helo: self.helo.clone().unwrap_or_default(),
            tls: self.wire.is_encrypted(),
            mail_from: transaction.mail_from,
            recipients: transaction.recipients,
            body_8bit: transaction.params.body_8bit,
            smtputf8: transaction.params.smtputf8,
            declared_size: transaction.params.size,
        }
    }
}

/// How long after DATA the next octets must have come, `received` being here.
fn patience(limits: &Limits, received: usize) -> Duration {
    if limits.min_data_rate == 0 {
        return limits.data_timeout;
    }
    let earned =
        Duration::from_millis(u64::try_from(received.saturating_mul(1000) / limits.min_data_rate).unwrap_or(u64::MAX));
    limits.data_grace.max(earned).min(limits.data_timeout)
}

/// Waits for the backend and for nothing else: a client that hangs up after the final dot has
/// handed its message over all the same.
async fn deliver(shared: &Shared, envelope: Envelope, message: Vec<u8>) -> Result<Accepted, Reply> {
    let call = async { shared.backend.deliver(envelope, message).await };
    guarded(shared.limits.backend_timeout, call).await
}

/// The log line of a transaction; addresses masked before anything can go wrong with them.
struct Entry {
    peer: std::net::IpAddr,
    tls: bool,
    from: String,
    to: String,
    recipients: usize,
    started: Instant,
}

impl Entry {
    fn new(session: &Session, transaction: &Transaction, started: Instant) -> Self {
        Self {
            peer: session.peer.ip,
            tls: session.wire.is_encrypted(),
            from: mask(&transaction.mail_from),
            to: transaction.recipients.first().map(|first| mask(first)).unwrap_or_default(),
            recipients: transaction.recipients.len(),
            started,
        }
    }

    fn finished(self, bytes: usize, outcome: &Result<Accepted, Reply>) {
        let Self { peer, tls, from, to, recipients, started } = self;
        let ms = started.elapsed().as_millis();
        match outcome {
            Ok(Accepted { queue_id }) => tracing::info!(
                queue_id, code = 250, bytes, %peer, ms, tls, from, to, recipients,
                "message accepted"
            ),
            Err(reply) => tracing::info!(
                code = reply.code(), enhanced = ?reply.enhanced(), bytes, %peer, ms, tls, from, to, recipients,
                "message refused"
            ),
        }
    }

    fn aborted(self, bytes: usize, broken: &Broken) {
        let Self { peer, tls, from, to, recipients, started } = self;
        let ms = started.elapsed().as_millis();
        let timed_out = matches!(broken, Broken::TimedOut);
        tracing::info!(
            bytes, %peer, ms, tls, from, to, recipients, timed_out,
            "message broken off, nothing delivered"
        );
    }
}
