//! How long the built-in engine takes for a message: `cargo run --release -p llm --example pace`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement that talks")]

use std::time::Instant;

use llm::{Builtin, Engine, eval};

const ROUNDS: u32 = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let file = eval::read_file(include_str!("../tests/data/evaluation/held_out.json")).unwrap();
    let requests: Vec<_> = file.messages.iter().map(|message| message.request(&file)).collect();
    let mut times = Vec::new();
    for round in 0..=ROUNDS {
        for request in &requests {
            let started = Instant::now();
            Builtin.understand(request).await.unwrap();
            // The first round loads the word lists and the statistics of letters.
            if round > 0 {
                times.push(started.elapsed());
            }
        }
    }
    times.sort();
    let mean = times.iter().sum::<std::time::Duration>() / u32::try_from(times.len()).unwrap();
    println!(
        "{} messages, {ROUNDS} rounds: mean {mean:?}, median {:?}, 99 % under {:?}",
        requests.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
    );
}
