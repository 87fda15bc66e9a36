//! The binary: everything is in the library, so that tests can use it.

use std::process::ExitCode;

/// Answers are made of many small strings; the system's allocator spends a tenth of the time on them (`benches/leads`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    immivo::cli::main()
}
