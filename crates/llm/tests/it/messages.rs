//! The built-in reading, measured on invented mails.

use std::collections::BTreeSet;

use jiff::Timestamp;
use llm::{Builtin, Engine, Intent, Language, Topic, Understanding};
use serde::Deserialize;

use crate::support::{local, mail};

#[derive(Deserialize)]
struct Message {
    id: String,
    language: Language,
    first_contact: bool,
    text: String,
    intents: Vec<Intent>,
    topics: Vec<Topic>,
    times: Vec<String>,
}

fn messages() -> Vec<Message> {
    include_str!("../data/messages.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn read(message: &Message) -> Understanding {
    Builtin.understand(&mail(&message.text, message.first_contact)).await.unwrap().0
}

/// The share of messages for which `right` holds, with the wrong ones printed.
async fn share(what: &str, of: impl Fn(&Message) -> bool, right: impl Fn(&Message, &Understanding) -> bool) -> f64 {
    let (mut total, mut good) = (0, 0);
    for message in messages().iter().filter(|message| of(message)) {
        let found = read(message).await;
        total += 1;
        if right(message, &found) {
            good += 1;
        } else {
            let topics: Vec<_> = found.topics.iter().map(|question| question.topic).collect();
            eprintln!(
                "{what} {}: {:?}\n    found {:?} {:?} {topics:?} {:?}",
                message.id, message.text, found.language, found.intents, found.wished_times
            );
        }
    }
    assert!(total > 0, "no message measures {what}");
    let share = f64::from(good) / f64::from(total);
    eprintln!("{what}: {good} of {total}, {:.1} %", share * 100.0);
    share
}

#[test]
fn the_set_is_large_and_varied() {
    let messages = messages();
    assert!(messages.len() >= 150, "{}", messages.len());
    for language in Language::ALL {
        assert!(messages.iter().filter(|message| message.language == language).count() >= 15);
    }
    for intent in Intent::ALL {
        assert!(messages.iter().any(|message| message.intents.contains(&intent)), "{intent:?}");
    }
    let ids: BTreeSet<_> = messages.iter().map(|message| &message.id).collect();
    assert_eq!(ids.len(), messages.len());
}

#[tokio::test]
async fn languages() {
    let right = share("language", |_| true, |message, found| found.language == message.language).await;
    assert!(right >= 0.98, "{right}");
}

#[tokio::test]
async fn intents() {
    let right = share(
        "intent",
        |_| true,
        |message, found| {
            let set = |intents: &[Intent]| intents.iter().copied().collect::<BTreeSet<_>>();
            set(&found.intents) == set(&message.intents)
        },
    )
    .await;
    assert!(right >= 0.92, "{right}");
}

#[tokio::test]
async fn complaints_and_wishes_for_a_person_are_not_missed() {
    for intent in [Intent::Complaint, Intent::HumanRequest] {
        let recall = share("recall", |message| message.intents.contains(&intent), |_, found| found.wants(intent)).await;
        assert!(recall >= 0.97, "{intent:?}: {recall}");
    }
}

#[tokio::test]
async fn topics() {
    let right = share(
        "topic",
        |message| message.intents.contains(&Intent::Question),
        |message, found| {
            let found: BTreeSet<_> = found.topics.iter().map(|question| question.topic).collect();
            found == message.topics.iter().copied().collect()
        },
    )
    .await;
    assert!(right >= 0.92, "{right}");
}

#[tokio::test]
async fn times() {
    let right = share(
        "time",
        |_| true,
        |message, found| {
            let expected: Vec<Timestamp> = message.times.iter().map(|time| local(time)).collect();
            found.wished_times == expected
        },
    )
    .await;
    assert!(right >= 0.95, "{right}");
    let right = share(
        "named time",
        |message| !message.times.is_empty(),
        |message, found| {
            let expected: Vec<Timestamp> = message.times.iter().map(|time| local(time)).collect();
            found.wished_times == expected
        },
    )
    .await;
    assert!(right >= 0.95, "{right}");
}
