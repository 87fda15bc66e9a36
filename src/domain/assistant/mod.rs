//! The orchestrator: decides what is said to a prospect, and when a human must step in.
//!
//! Always true: a decision is a pure function of what was understood, the lead's state and the tenant's policy
//! ([`decide`]); an answer of any engine is checked against its sources in code before it goes anywhere; engines are
//! called outside transactions, and what they said is used only if nothing newer was written meanwhile. One job per
//! conversation runs at a time.

mod act;
mod appointment;
mod brake;
mod budget_watch;
mod catch_up;
mod contact;
pub mod decide;
mod due;
mod engines;
mod facts;
mod follow_up;
mod material;
mod reply;
mod resolve;
mod send_draft;
mod takeover;
mod tell;
pub mod verdict;

pub use catch_up::CatchUp;
pub use contact::region;
pub use due::{Clock, Due};
pub use follow_up::{FollowUp, UnsubscribeError, Unsubscribing, unsubscribe};
pub use reply::{Reply, answer_soon};
pub use resolve::{Resolution, resolve_task};
pub use send_draft::approve_draft;
pub use takeover::{CloseError, TakeoverError, close, reopen, resume, send_as_agent};
