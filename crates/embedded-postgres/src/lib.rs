//! Runs a private PostgreSQL with pgvector in a folder, for development and tests.
