//! STARTTLS (RFC 3207).

use super::{no_argument, out_of_order};
use crate::Reply;
use crate::session::{Flow, Session};
use crate::tls::Tls;
use crate::wire::Broken;

impl Session {
    pub(crate) fn starttls(&mut self, argument: &str) -> Flow {
        if self.shared.tls.is_none() {
            return Flow::Say(Reply::new(502, (5, 5, 1), "TLS is not available"));
        }
        if self.wire.is_encrypted() {
            return Flow::Say(out_of_order("TLS is already active"));
        }
        if !argument.is_empty() {
            return Flow::Say(no_argument());
        }
        // Bytes after STARTTLS were not protected and perhaps not written by the client. An honest
        // client sends none (section 4), so there is nothing to be lost by hanging up.
        if !self.wire.input().unread().is_empty() {
            tracing::warn!(peer = %self.peer.ip, "commands injected after STARTTLS");
            return Flow::Close(Reply::new(554, (5, 5, 1), "Commands after STARTTLS refused"));
        }
        Flow::Encrypt
    }

    /// Shakes hands and forgets all that was said before (section 4.2). Bytes that arrive in plain
    /// text while `220` is on its way go into the handshake and make it fail.
    pub(crate) async fn encrypt(&mut self) -> Result<(), Broken> {
        let Some(acceptor) = self.shared.tls.as_ref().map(Tls::acceptor) else {
            return Ok(());
        };
        self.helo = None;
        self.transaction = None;
        self.wire.queue("220 2.0.0 Ready to start TLS");
        let shaken = self.wire.encrypt(&acceptor, self.shared.limits.command_timeout).await;
        self.shared.events.tls_handshake(shaken.is_ok());
        if let Err(broken) = shaken {
            tracing::info!(peer = %self.peer.ip, ?broken, "TLS handshake failed");
            // no plain reply after a failed handshake: it would not be understood
            return Err(match broken {
                Broken::TimedOut => Broken::Gone(std::io::ErrorKind::TimedOut.into()),
                gone @ Broken::Gone(_) => gone,
            });
        }
        Ok(())
    }
}
