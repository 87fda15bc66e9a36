//! What a human must decide or do.
//!
//! Always true: a task names one thing to do, one owner (or all administrators), and resolving it *executes* it; the
//! executing is in [`crate::domain::assistant`], because it needs everything. One open task of a kind per lead; what is
//! about no lead, but about a portal or a mailbox, is raised by [`alarm()`]. Whoever owns a task is reminded of it, and after
//! that every administrator is told ([`Remind`]).

mod alarm;
mod change;
mod energy;
mod letter;
mod model;
mod remind;
mod store;

pub use alarm::{NewAlarm, alarm, alarm_once, last_about, settle_about};
pub use change::{TaskChange, change};
pub use energy::{ask_for_energy, waiting_for_energy, watch_energy};
pub use letter::{Letter, to_admins};
pub use model::{ESCALATE_HOURS, REMIND_HOURS, Task, TaskError, TaskFilter, TaskId, TaskKind, TaskState};
pub use remind::{Clock, Remind};
pub use store::{NewTask, cancel_open, find, hand_over, list, lock, open, open_count, settle, write_resolution};
