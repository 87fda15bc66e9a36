//! What a human must decide or do.
//!
//! Always true: a task names one thing to do, one owner (or all administrators), and resolving it *executes* it; the
//! executing is in [`crate::domain::assistant`], because it needs everything. One open task of a kind per lead.

mod model;
mod store;

pub use model::{Task, TaskError, TaskId, TaskKind, TaskState};
pub use store::{NewTask, cancel_open, find, hand_over, list, lock, open, open_count, write_resolution};
