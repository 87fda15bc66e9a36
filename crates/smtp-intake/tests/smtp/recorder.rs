//! A backend that keeps what it gets, or misbehaves as told, and counts events.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use smtp_intake::{Accepted, Address, Backend, Envelope, Events, Peer, Reply};
use tokio::sync::{Notify, watch};

/// What to do with a message.
#[derive(Clone)]
pub(crate) enum Mood {
    Keep,
    Refuse(Reply),
    Panic,
    Hang,
    /// Keep it once the gate is opened.
    Gate,
}

/// Counted so far.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) opened: usize,
    pub(crate) turned_away: usize,
    pub(crate) closed: usize,
    pub(crate) handshakes: Vec<bool>,
    pub(crate) recipients_refused: Vec<u16>,
    pub(crate) delivering: usize,
    pub(crate) accepted: Vec<usize>,
    pub(crate) refused: Vec<u16>,
    pub(crate) aborted: usize,
}

pub(crate) struct Recorder {
    pub(crate) mood: Mutex<Mood>,
    pub(crate) gate: Notify,
    pub(crate) kept: Mutex<Vec<(Envelope, Vec<u8>)>>,
    pub(crate) asked: Mutex<Vec<String>>,
    seen: watch::Sender<Seen>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            mood: Mutex::new(Mood::Keep),
            gate: Notify::new(),
            kept: Mutex::default(),
            asked: Mutex::default(),
            seen: watch::Sender::default(),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until the counts are as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Seen) -> bool) {
        let mut seen = self.seen.subscribe();
        let waited = tokio::time::timeout(super::client::PATIENCE, seen.wait_for(wanted)).await;
        assert!(waited.is_ok(), "never came: {:?}", self.seen());
    }

    pub(crate) fn messages(&self) -> Vec<Vec<u8>> {
        self.kept.lock().unwrap().iter().map(|(_, message)| message.clone()).collect()
    }

    pub(crate) fn envelope(&self) -> Envelope {
        let kept = self.kept.lock().unwrap();
        assert_eq!(kept.len(), 1);
        kept[0].0.clone()
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        self.seen.send_modify(change);
    }
}

#[async_trait]
impl Backend for Recorder {
    async fn recipient(&self, _peer: &Peer, address: &Address) -> Result<(), Reply> {
        self.asked.lock().unwrap().push(address.to_string());
        match address.local() {
            "unknown" => Err(Reply::unknown_recipient()),
            "busy" => Err(Reply::temporary_failure("database is away")),
            "liar" => Err(Reply::new(250, (2, 1, 5), "ok")),
            "goodbye" => Err(Reply::new(421, (4, 3, 2), "go away")),
            "panic" => panic!("wanted by the test"),
            _ => Ok(()),
        }
    }

    async fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Result<Accepted, Reply> {
        self.note(|seen| seen.delivering += 1);
        let mood = self.mood.lock().unwrap().clone();
        match mood {
            Mood::Keep => {}
            Mood::Refuse(reply) => return Err(reply),
            Mood::Panic => panic!("wanted by the test"),
            Mood::Hang => std::future::pending().await,
            Mood::Gate => self.gate.notified().await,
        }
        let mut kept = self.kept.lock().unwrap();
        kept.push((envelope, message));
        Ok(Accepted { queue_id: format!("Q{}", kept.len()) })
    }
}

impl Events for Recorder {
    fn connection_opened(&self, _: &Peer) {
        self.note(|seen| seen.opened += 1);
    }

    fn connection_refused(&self, _: &Peer) {
        self.note(|seen| seen.turned_away += 1);
    }

    fn connection_closed(&self, _: &Peer) {
        self.note(|seen| seen.closed += 1);
    }

    fn tls_handshake(&self, succeeded: bool) {
        self.note(|seen| seen.handshakes.push(succeeded));
    }

    fn recipient_refused(&self, code: u16) {
        self.note(|seen| seen.recipients_refused.push(code));
    }

    fn message_accepted(&self, bytes: usize, _: Duration) {
        self.note(|seen| seen.accepted.push(bytes));
    }

    fn message_refused(&self, code: u16) {
        self.note(|seen| seen.refused.push(code));
    }

    fn message_aborted(&self) {
        self.note(|seen| seen.aborted += 1);
    }
}
