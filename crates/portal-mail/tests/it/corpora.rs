//! Public mail corpora beside the repository, where present; nothing of them is copied here.

// A skipped corpus must be seen in the output of a test run.
#![allow(clippy::print_stderr)]

use std::path::{Path, PathBuf};

use portal_mail::{Class, Context, Country, understand};

fn corpora(name: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "a test finds its data here")]
    let root = std::env::var_os("CORPORA_DIR").map(PathBuf::from);
    let root = root
        .unwrap_or_else(|| Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/corpora")).to_path_buf());
    let fallback = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora")).join(name);
    let folder = [root.join(name), fallback].into_iter().find(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("SKIPPED: corpus {name} is not present; set CORPORA_DIR to run this test");
    }
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn context() -> Context {
    Context { country: Country::De, team: vec!["makler@agentur.example.com".to_owned()] }
}

#[test]
fn bounces_are_recognised() {
    let Some(folder) = corpora("sisimai-bounces/maildir/bsd") else {
        return;
    };
    let files: Vec<PathBuf> =
        files(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "eml")).collect();
    let (mut bounces, mut recipients, mut missed) = (0, 0, Vec::new());
    let mut total = 0;
    for path in &files {
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        // Abuse reports and vacation notes are in the set as well.
        if name.starts_with("arf") || name.starts_with("rfc3834") {
            continue;
        }
        total += 1;
        let understood = understand(&std::fs::read(path).expect("mail"), &context());
        if understood.class == Class::Bounce {
            bounces += 1;
            recipients += usize::from(understood.mail.bounce.is_some_and(|bounce| bounce.recipient.is_some()));
        } else {
            missed.push(format!("{name}: {:?} {:?}", understood.class, understood.reasons));
        }
    }
    eprintln!("bounces {bounces}/{total}, with recipient {recipients}");
    assert!(total > 400, "corpus incomplete: {total}");
    assert!(bounces * 100 >= total * 95, "{bounces}/{total} recognised; missed:\n{}", missed.join("\n"));
    assert!(recipients * 100 >= bounces * 90, "{recipients}/{bounces} with recipient");
}

#[test]
fn vacation_notes_are_automatic_and_ordinary_mail_is_no_bounce() {
    let Some(folder) = corpora("sisimai-bounces/maildir") else {
        return;
    };
    for path in files(&folder) {
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let understood = understand(&std::fs::read(&path).expect("mail"), &context());
        if name.starts_with("rfc3834") {
            assert_eq!(understood.class, Class::AutoReply, "{name}: {:?}", understood.reasons);
        }
        if name.starts_with("is-not-bounce") {
            assert_ne!(understood.class, Class::Bounce, "{name}");
        }
    }
}

#[test]
fn odd_mails_are_survived() {
    let Some(folder) = corpora("mail-parser/resources/eml") else {
        return;
    };
    let mut seen = 0;
    for path in files(&folder) {
        let raw = std::fs::read(&path).expect("mail");
        let understood = understand(&raw, &context());
        assert!(!understood.reasons.is_empty(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 100, "corpus incomplete: {seen}");
}

/// The replies whose new text is the set's standard paragraph: nothing more may stay, nothing less.
#[test]
fn replies_lose_their_history() {
    let Some(folder) = corpora("crisp-replies/test/fixtures") else {
        return;
    };
    let (mut right, mut total, mut wrong) = (0, 0, Vec::new());
    for path in files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("mail")).into_owned();
        let own: Vec<&str> = text.lines().take(5).collect();
        if !text.starts_with("Fusce bibendum") || own.len() < 5 || own[4].trim().is_empty() {
            continue;
        }
        let expected = own.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        total += 1;
        if portal_mail::new_text(&text) == expected {
            right += 1;
        } else {
            wrong.push(path.file_name().expect("name").to_string_lossy().into_owned());
        }
    }
    eprintln!("replies {right}/{total}, differing: {}", wrong.join(" "));
    assert!(total > 20, "corpus incomplete: {total}");
    assert!(right * 100 >= total * 85, "{right}/{total}; differing: {}", wrong.join(" "));
}
