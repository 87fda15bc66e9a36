//! What an answer has come to so far, and how a reader follows it.
//!
//! An answer is a list of steps that only grows: new steps come behind, and the text of the last one gets longer. So a
//! place in it (so many steps, so many bytes of the next one) says all a reader has seen, and what is new is a pure function of the steps and the
//! place, whether they are in memory here or come from the database of a process that died.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::model::Step;

/// How far a reader is. As text (`3.120`) it is the id of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Steps read whole.
    step: usize,
    /// Bytes read of the text behind them.
    bytes: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.step, self.bytes)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (step, bytes) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { step: step.parse()?, bytes: bytes.parse()? })
    }
}

/// Something a reader has not seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Fresh {
    /// More of a text.
    Text(String),
    /// A whole step.
    Step(Step),
}

/// What is behind a place, each with the place behind it.
#[must_use]
pub fn fresh(steps: &[Step], from: Place) -> Vec<(Place, Fresh)> {
    let mut found = Vec::new();
    let mut bytes = from.bytes;
    for (number, step) in steps.iter().enumerate().skip(from.step) {
        match step {
            Step::Text { text } => {
                // A place that never was begins the text anew.
                let rest = text.get(bytes..).unwrap_or(text);
                if !rest.is_empty() {
                    // Stays in this step: it may grow.
                    found.push((Place { step: number, bytes: text.len() }, Fresh::Text(rest.to_owned())));
                }
            }
            other => found.push((Place { step: number + 1, bytes: 0 }, Fresh::Step(other.clone()))),
        }
        bytes = 0;
    }
    found
}

/// The steps of an answer that is made in this process.
#[derive(Debug)]
pub struct Log {
    steps: Mutex<Vec<Step>>,
    /// Grows with each change; closed when nothing more comes.
    changes: Mutex<Option<watch::Sender<u64>>>,
    listening: watch::Receiver<u64>,
}

impl Default for Log {
    fn default() -> Self {
        let (sender, listening) = watch::channel(0);
        Self { steps: Mutex::default(), changes: Mutex::new(Some(sender)), listening }
    }
}

impl Log {
    /// What is behind a place.
    #[must_use]
    pub fn fresh(&self, from: Place) -> Vec<(Place, Fresh)> {
        fresh(&self.steps(), from)
    }

    /// Tells of changes from now on; an error means that nothing more comes.
    #[must_use]
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.listening.clone()
    }

    /// More text.
    pub(super) fn say(&self, more: &str) {
        {
            let mut steps = self.steps();
            match steps.last_mut() {
                Some(Step::Text { text }) => text.push_str(more),
                _ => steps.push(Step::Text { text: more.to_owned() }),
            }
        }
        self.changed();
    }

    /// One more step.
    pub(super) fn add(&self, step: Step) {
        self.steps().push(step);
        self.changed();
    }

    /// Nothing more comes.
    pub(super) fn end(&self) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// All steps from a number on.
    pub(super) fn from(&self, number: usize) -> Vec<Step> {
        self.steps().get(number..).map(<[Step]>::to_vec).unwrap_or_default()
    }

    /// What was said.
    pub(super) fn said(&self) -> String {
        super::model::said(&self.steps())
    }

    fn changed(&self) {
        if let Some(sender) = self.changes.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            sender.send_modify(|change| *change += 1);
        }
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::jarvis::model::Notice;

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn a_reader_who_comes_back_gets_the_rest_and_nothing_twice() {
        let log = Log::default();
        let mut seen = String::new();
        let mut at = Place::default();
        let mut read = |log: &Log| {
            for (place, fresh) in log.fresh(at) {
                at = place;
                match fresh {
                    Fresh::Text(text) => seen.push_str(&text),
                    Fresh::Step(_) => seen.push('|'),
                }
            }
        };
        for piece in ["Grü", "ß ", "Gott"] {
            log.say(piece);
            read(&log);
            read(&log);
        }
        log.add(Step::Notice { notice: Notice::Cut });
        log.say("Ende");
        read(&log);
        read(&log);
        assert_eq!(seen, "Grüß Gott|Ende");
        assert_eq!(log.said(), "Grüß Gott\n\nEnde");
    }

    #[test]
    fn a_place_is_text_and_one_that_never_was_loses_nothing() {
        assert_eq!(place("3.120").to_string(), "3.120");
        assert!("x".parse::<Place>().is_err());
        let steps = [Step::Text { text: "ü".to_owned() }];
        assert_eq!(fresh(&steps, place("0.1")), [(place("0.2"), Fresh::Text("ü".to_owned()))]);
        assert_eq!(fresh(&steps, place("9.1")), []);
    }

    #[tokio::test]
    async fn listeners_learn_of_changes_and_of_the_end() {
        let log = Log::default();
        let mut listener = log.listen();
        log.say("x");
        assert!(listener.changed().await.is_ok());
        log.end();
        assert!(listener.changed().await.is_err());
    }
}
