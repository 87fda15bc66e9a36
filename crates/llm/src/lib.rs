//! One trait for language models with two engines: OpenAI and a deterministic built-in one.
