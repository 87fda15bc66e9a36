//! The built-in reading, measured on invented messages.
//!
//! The development half is what the grammar was built with. The held-out half was written before and is only
//! measured, and so are the fresh messages, written after, each set in another style: what a set reached when it was
//! first read is the honest figure (docs/PERFORMANCE.md); what it must keep is asserted here.

use std::collections::BTreeSet;

use llm::{
    Builtin, Engine, Intent, Language,
    eval::{self, File, Reading, Score, words},
};

const DEVELOPMENT: &str = include_str!("../data/evaluation/development.json");
const HELD_OUT: [&str; 3] = [
    include_str!("../data/evaluation/held_out.json"),
    include_str!("../data/evaluation/held_out_new_year.json"),
    include_str!("../data/evaluation/held_out_clock_change.json"),
];

const FRESH: [&str; 3] = [
    include_str!("../data/evaluation/fresh.json"),
    include_str!("../data/evaluation/fresh_2.json"),
    include_str!("../data/evaluation/fresh_3.json"),
];

fn files(sets: &[&str]) -> Vec<File> {
    let files: Vec<_> = sets.iter().map(|json| eval::read_file(json).unwrap()).collect();
    for file in &files {
        assert!(file.problems.is_empty(), "{:?}", file.problems);
    }
    files
}

/// Reads all messages, as written to an agency nothing else is known of, and prints what went wrong.
async fn measure(sets: &[&str]) -> Score {
    let mut score = Score::default();
    for file in files(sets) {
        for message in &file.messages {
            let read = Builtin.understand(&message.request(&file)).await.unwrap().0;
            let found = Reading::new(&message.id, &read, &file.zone, "");
            let expected = message.expect.as_ref().unwrap();
            // The product decides, not this crate.
            let wrong = score.add(&eval::Expected { decision: None, ..expected.clone() }, &found);
            if !wrong.is_empty() {
                eprintln!("{} {wrong:?}: {:?}\n    {expected:?}\n    {found:?}", message.id, message.text);
            }
        }
    }
    eprintln!("{score}");
    score
}

fn reaches(score: &Score) {
    assert!(score.intent.value() >= 0.92 && score.intents.value() >= 0.92, "{score}");
    assert!(score.language.value() >= 0.98, "{score}");
    assert!(score.slots.value() >= 0.95 && score.named_slots.value() >= 0.95, "{score}");
    assert!(score.complaints.value() >= 0.97 && score.human_requests.value() >= 0.97, "{score}");
}

#[tokio::test]
async fn the_development_half() {
    let score = measure(&[DEVELOPMENT]).await;
    reaches(&score);
    assert!(score.topics.value() >= 0.95, "{score}");
}

#[tokio::test]
async fn the_held_out_half() {
    reaches(&measure(&HELD_OUT).await);
}

#[tokio::test]
async fn the_fresh_messages() {
    for set in FRESH {
        reaches(&measure(&[set]).await);
    }
}

#[test]
fn the_sets_are_large_and_varied() {
    let files = files(&[&[DEVELOPMENT][..], &HELD_OUT].concat());
    let messages: Vec<_> = files.iter().flat_map(|file| &file.messages).collect();
    assert!(messages.len() >= 400, "{}", messages.len());
    let expected: Vec<_> = messages.iter().filter_map(|message| message.expect.as_ref()).collect();
    assert_eq!(expected.len(), messages.len());
    for language in Language::ALL {
        assert!(expected.iter().filter(|expect| expect.language == Some(language)).count() >= 50, "{language:?}");
    }
    for intent in Intent::ALL.into_iter().filter_map(words::intent) {
        let found = expected.iter().filter(|expect| expect.intent.as_ref().is_some_and(|all| all.contains(&intent)));
        assert!(found.count() >= 20, "{intent}");
    }
    for topic in words::TOPICS {
        let found = expected.iter().filter(|expect| expect.topics.as_ref().is_some_and(|all| all.contains(&topic)));
        assert!(found.count() >= 3, "{topic}");
    }
    let ids: BTreeSet<_> = messages.iter().map(|message| &message.id).collect();
    assert_eq!(ids.len(), messages.len());
}
