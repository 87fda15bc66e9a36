//! What the log says about a transaction, and what it must not say.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use smtp_intake::Reply;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::client::Client;
use super::recorder::Mood;
use super::server::start;

thread_local! {
    /// What the test on this thread has caused: its runtime runs everything on this one thread.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps one text line per event of this crate.
struct Log;

/// Installs the log for the whole test binary, before any server runs. A subscriber of one test
/// alone would not do: `tracing` caches per call site, and a thread without one may win.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
}

fn about(what: &str) -> Vec<String> {
    LINES.with_borrow(|lines| lines.iter().filter(|line| line.contains(what)).cloned().collect())
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("smtp_intake")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn every_transaction_leaves_one_line_without_full_addresses() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<maria.muster@client.example>", "250 ").await;
    client.expect("RCPT TO:<unknown@example.test>", "550 ").await;
    client.expect("RCPT TO:<lead.inbox@example.test>", "250 ").await;
    client.expect("DATA", "354 ").await;
    client.send("Subject: topsecret\r\n.\r\n").await;
    client.expect_reply("250 ").await;
    server.mood(Mood::Refuse(Reply::refused("no maria.muster here")));
    assert!(client.transact("topsecret\r\n.\r\n").await.starts_with("550 "));
    client.begin().await;
    client.send("topsecret").await;
    drop(client);
    server.recorder.until(|seen| seen.closed == 1).await;

    let accepted = about("message accepted");
    assert_eq!(accepted.len(), 1);
    for part in [
        "queue_id=\"Q1\"",
        "code=250",
        "bytes=20",
        "peer=127.0.0.1",
        "ms=",
        "tls=false",
        "from=\"m***@client.example\"",
        "to=\"l***@example.test\"",
        "recipients=1",
    ] {
        assert!(accepted[0].contains(part), "{part} is missing in {}", accepted[0]);
    }
    assert_eq!(about("message refused").len(), 1);
    assert!(about("message refused")[0].contains("code=550 enhanced=(5, 7, 1)"));
    assert_eq!(about("recipient refused").len(), 1);
    assert_eq!(about("nothing delivered").len(), 1);
    for secret in ["maria.muster", "unknown@", "lead.inbox", "topsecret"] {
        assert!(about(secret).is_empty(), "{:?}", about(secret));
    }
}
