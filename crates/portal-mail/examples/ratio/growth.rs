//! How the time grows when hostile mails grow: linear is 16 from the first to the last, quadratic 256.

use std::hint::black_box;
use std::time::Duration;

use portal_mail::{Context, understand};

use crate::time;

const ROUNDS: usize = 5;

/// A mail of a given size, in units of its own.
type Make = fn(usize) -> String;

const CASES: &[(&str, usize, Make)] = &[
    ("a line of quote marks, 64 kB to 1 MB", 64 << 10, |n| mail(&">".repeat(n))),
    ("quoted lines, 4,000 to 64,000", 4_000, |n| mail(&"> a\n".repeat(n))),
    ("headers, 1,000 to 16,000", 1_000, |n| {
        let headers: String = (0..n).map(|i| format!("X-{i}: a b c\r\n")).collect();
        format!("{HEAD}{headers}\r\ntext")
    }),
    ("nested multiparts, 1,000 to 16,000", 1_000, |n| {
        let parts: String =
            (0..n).map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")).collect();
        format!("{HEAD}{parts}\r\ntext")
    }),
    ("nested elements, 4,000 to 64,000", 4_000, |n| html(&"<div>a".repeat(n))),
    ("table rows, 1,000 to 16,000", 1_000, |n| html(&format!("<table>{}", "<tr><td>Name:<td>x".repeat(n)))),
    ("label lines, 3,000 to 48,000", 3_000, |n| mail(&"Name: x\n".repeat(n))),
    ("ampersands in XML, 16 kB to 256 kB", 16 << 10, |n| {
        mail(&format!(
            "<openimmo_feedback><objekt><interessent><email>a@example.org</email><anfrage>{}</anfrage></interessent></objekt></openimmo_feedback>",
            "&".repeat(n)
        ))
    }),
];

const HEAD: &str = "From: noreply@immobilienscout24.de\r\nSubject: Anfrage\r\n";

fn mail(body: &str) -> String {
    format!("{HEAD}\r\n{body}")
}

fn html(body: &str) -> String {
    format!("{HEAD}Content-Type: text/html\r\n\r\n{body}")
}

pub(crate) fn show(ctx: &Context) {
    println!("growth from 1 to 16 times the size:");
    for (name, unit, make) in CASES {
        let took = [1, 4, 16].map(|times| {
            let raw = make(unit * times).into_bytes();
            let rounds = (0..ROUNDS).map(|_| time(|| drop(black_box(understand(black_box(&raw), ctx)))));
            rounds.min().unwrap_or(Duration::ZERO)
        });
        let ms = took.map(|took| took.as_secs_f64() * 1e3);
        println!("  {name:40} {:8.1} {:8.1} {:8.1} ms {:6.1}", ms[0], ms[1], ms[2], ms[2] / ms[0]);
    }
}
