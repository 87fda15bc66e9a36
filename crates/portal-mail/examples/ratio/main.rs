//! How much reading costs beside taking a mail apart: bytes to lead fields, in bare MIME decodes of the same mails.
//! `benches/parse` runs it.

#![allow(clippy::print_stdout, reason = "a command that measures")]
#![allow(clippy::unwrap_used, reason = "a command that measures")]

mod full_size;
mod growth;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portal_mail::{Class, Context, Country, understand};

/// Turns each set is read in; the shortest counts, so that other work on the machine does not.
const ROUNDS: usize = 50;

fn main() {
    let folder = std::env::args().nth(1).map(PathBuf::from);
    let sets = match &folder {
        Some(folder) => vec![("mails of the folder", in_folder(folder))],
        None => {
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
            vec![
                ("full-size portal mails", full_size::mails(&own.join("styles"))),
                ("fixtures, content only", in_folder(&own.join("mails"))),
            ]
        }
    };
    for (name, mails) in sets {
        let mails: Vec<Vec<u8>> = mails.into_iter().filter(|mail| is_of_portal(mail)).collect();
        if mails.is_empty() {
            println!("{name}: no mail of a portal in it");
            continue;
        }
        compare(name, &mails);
    }
    if folder.is_none() {
        growth::show(&context());
    }
}

fn context() -> Context {
    Context {
        country: Country::At,
        team: vec!["makler@agentur.example.com".to_owned(), "muster@in.example.com".to_owned()],
    }
}

/// Only enquiries by portals are compared: all that is to be read is in them.
fn is_of_portal(mail: &[u8]) -> bool {
    let understood = understand(mail, &context());
    understood.class == Class::Lead && understood.portal.is_some()
}

fn in_folder(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Both in turns, so that a slow moment of the machine is in both.
fn compare(name: &str, mails: &[Vec<u8>]) {
    let ctx = context();
    let parser = mail_parser::MessageParser::default();
    let (mut decode, mut read) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        decode = decode.min(time(|| mails.iter().for_each(|mail| drop(black_box(parser.parse(black_box(mail)))))));
        read = read.min(time(|| mails.iter().for_each(|mail| drop(black_box(understand(black_box(mail), &ctx))))));
    }
    let each = |took: Duration| took.as_secs_f64() * 1e6 / mails.len() as f64;
    let size: usize = mails.iter().map(Vec::len).sum::<usize>() / mails.len();
    println!("{name}: {} mails, {size} bytes on average", mails.len());
    println!("  bare decode          {:8.1} µs a mail", each(decode));
    println!("  bytes to lead fields {:8.1} µs a mail", each(read));
    println!("  ratio                {:8.1}", read.as_secs_f64() / decode.as_secs_f64());
}

pub(crate) fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
