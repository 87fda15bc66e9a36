//! Who goes together: the mails of one transaction.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Waiting;

/// Most mails of one commit; more would only make the first wait for the last.
pub(super) const MOST: usize = 128;
/// Bytes after which a commit takes no further mail: they are in memory a second time while they are sent.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How the last transaction went, by which the next one knows whom to expect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) mails: usize,
    pub(super) took: Duration,
    pub(super) ended: Instant,
}

impl Last {
    /// Until when to wait for those who have just heard "stored" and may be about to hand in their next mail.
    fn until(self) -> Instant {
        self.ended + self.took / 2
    }
}

/// The next mails to be stored together; `None` when no more will come.
pub(super) async fn gather(waiting: &mut mpsc::Receiver<Waiting>, last: Option<Last>) -> Option<Vec<Waiting>> {
    loop {
        // Who waits already, and who has just been served.
        let expected = waiting.len() + last.map_or(0, |last| last.mails);
        let mut batch = Batch::of(waiting.recv().await?);
        // Sessions that are ready to hand in do so first; with nobody there this takes no time.
        tokio::task::yield_now().await;
        batch.fill(waiting);
        if let Some(last) = last {
            while batch.mails.len() < expected && batch.has_room() {
                let Ok(Some(next)) = timeout_at(last.until(), waiting.recv()).await else { break };
                batch.add(next);
                batch.fill(waiting);
            }
        }
        // Whoever is gone has told nobody "accepted".
        batch.mails.retain(|waiting| !waiting.stored.is_closed());
        if !batch.mails.is_empty() {
            return Some(batch.mails);
        }
    }
}

/// Mails to be stored together.
struct Batch {
    mails: Vec<Waiting>,
    bytes: usize,
}

impl Batch {
    fn of(first: Waiting) -> Self {
        Self { bytes: first.parcel.raw.len(), mails: vec![first] }
    }

    fn has_room(&self) -> bool {
        self.mails.len() < MOST && self.bytes < MOST_BYTES
    }

    fn add(&mut self, next: Waiting) {
        self.bytes += next.parcel.raw.len();
        self.mails.push(next);
    }

    /// Takes what is there.
    fn fill(&mut self, waiting: &mut mpsc::Receiver<Waiting>) {
        while self.has_room() {
            let Ok(next) = waiting.try_recv() else { break };
            self.add(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::oneshot;

    use super::super::{Outcome, Parcel};
    use super::*;
    use crate::domain::intake::Door;
    use crate::ids::TenantId;

    fn waiting() -> (Waiting, oneshot::Receiver<Outcome>) {
        let (stored, answer) = oneshot::channel();
        let parcel = Parcel {
            tenant: TenantId::new(),
            prefix: "wien".to_owned(),
            door: Door::Smtp,
            peer: String::new(),
            envelope_from: String::new(),
            envelope_to: String::new(),
            authentication: None,
            raw: Arc::new(Vec::new()),
        };
        (Waiting { parcel, stored }, answer)
    }

    /// Hands in a mail after each of these pauses (milliseconds), the last transaction having held `served` mails and taken
    /// 400 ms; tells the group's size and after how many milliseconds it was complete.
    async fn group(served: usize, pauses: &[u64]) -> (usize, u128) {
        let (sender, mut receiver) = mpsc::channel(MOST);
        let begun = Instant::now();
        let last = Last { mails: served, took: Duration::from_millis(400), ended: begun };
        let sending = async {
            let mut answers = Vec::new();
            for &pause in pauses {
                if pause > 0 {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                let (mail, answer) = waiting();
                answers.push(answer);
                assert!(sender.send(mail).await.is_ok());
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
        };
        tokio::select! {
            batch = gather(&mut receiver, Some(last)) => (batch.unwrap().len(), begun.elapsed().as_millis()),
            () = sending => panic!("no group"),
        }
    }

    #[tokio::test]
    async fn those_who_were_served_are_waited_for_but_not_long() {
        // All three come back: the group is complete with the third.
        let (mails, after) = group(3, &[10, 10, 10, 10]).await;
        assert!(mails >= 3 && (30..200).contains(&after), "{mails} after {after} ms");
        // The third stays away: half of the 400 ms, and off.
        let (mails, after) = group(3, &[10, 10, 2000]).await;
        assert!(mails == 2 && (200..1500).contains(&after), "{mails} after {after} ms");
    }

    #[tokio::test]
    async fn who_sends_alone_waits_for_nobody() {
        let (mails, after) = group(1, &[10, 150]).await;
        assert!(mails == 1 && (10..150).contains(&after), "{mails} after {after} ms");
        // A mail long after a busy time.
        let (mails, after) = group(20, &[500, 200]).await;
        assert!(mails == 1 && (500..700).contains(&after), "{mails} after {after} ms");
    }
}
