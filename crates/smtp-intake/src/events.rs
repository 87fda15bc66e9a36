//! Hooks for counting.

use std::time::Duration;

use crate::Peer;

/// Told what happens, for metrics. Called from the sessions, so implementations return at once.
pub trait Events: Send + Sync + 'static {
    /// A connection was accepted and will be greeted.
    fn connection_opened(&self, _peer: &Peer) {}
    /// A connection was turned away at a cap.
    fn connection_refused(&self, _peer: &Peer) {}
    /// An accepted connection is over.
    fn connection_closed(&self, _peer: &Peer) {}
    /// A STARTTLS handshake ended.
    fn tls_handshake(&self, _succeeded: bool) {}
    /// A recipient was refused with this reply code.
    fn recipient_refused(&self, _code: u16) {}
    /// A message was accepted; `took` runs from DATA to the backend's answer.
    fn message_accepted(&self, _bytes: usize, _took: Duration) {}
    /// A message was refused after DATA with this reply code.
    fn message_refused(&self, _code: u16) {}
    /// The client vanished or timed out in the middle of DATA; nothing was delivered.
    fn message_aborted(&self) {}
}

/// Counts nothing.
pub(crate) struct Silent;

impl Events for Silent {}
