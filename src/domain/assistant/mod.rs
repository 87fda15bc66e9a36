//! The orchestrator: decides what is said to a prospect, and when a human must step in.
//!
//! Always true: a decision is a pure function of what was understood, the lead's state and the tenant's policy
//! ([`decide`]); an answer of any engine is checked against its sources in code before it goes anywhere; engines are
//! called outside transactions, and what they said is used only if nothing newer was written meanwhile. One job per
//! conversation runs at a time.

mod act;
mod appointment;
mod brake;
mod contact;
pub mod decide;
mod engines;
mod facts;
mod material;
mod reply;
mod resolve;
mod takeover;
mod tell;
pub mod verdict;

pub use contact::region;
pub use reply::{Reply, answer_soon};
pub use resolve::{Resolution, resolve_task};
pub use takeover::{CloseError, TakeoverError, close, reopen, resume, send_as_agent};
