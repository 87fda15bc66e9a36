//! What a human must decide or do.
//!
//! Always true: a task names one thing to do, one owner (or all administrators), and resolving it *executes* it; the
//! executing is in [`crate::domain::assistant`], because it needs everything. One open task of a kind per lead; what is
//! about no lead, but about a portal or a mailbox, is raised by [`alarm()`].

mod alarm;
mod model;
mod store;

pub use alarm::{NewAlarm, alarm, last_about, settle_about};
pub use model::{Task, TaskError, TaskId, TaskKind, TaskState};
pub use store::{NewTask, cancel_open, find, hand_over, list, lock, open, open_count, write_resolution};
