//! Outgoing mail: the outbox and how a mail is put together.
//!
//! Always true: a mail's Message-ID is stored before the first attempt and never changes; `SENT` is written only after
//! a provider accepted it. The job that delivers is in [`crate::domain::conversations`], because a delivery changes a
//! lead.

mod compose;
mod outbox;
mod postmaster;
mod render;

pub use compose::{ComposeError, compose};
pub use outbox::{
    Deliver, NewMail, OutboxMail, OutboxState, finish, lock, queue, read, redirect, requeue, system_sender,
};
pub use postmaster::{hand_on, postmaster};
pub use render::{Footer, Rendered, notification, to_chat, to_prospect};
