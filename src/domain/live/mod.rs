//! Live events: what changed at an agency, for its people who have a page open.
//!
//! Always true: an event is a row, written by a trigger in the transaction of the change (`migrations/0020_events.sql`),
//! so there is one exactly if there was a change. Readers go from a [`Bookmark`] to the next; what wakes them
//! ([`Hub`]) may come twice or late without anything being lost. An event says which thing changed and nothing of it.
//! To tell of another table: a trigger, and a variant of [`Entity`].

mod bookmark;
mod follow;
mod hub;
mod store;

pub use bookmark::Bookmark;
pub use follow::follow;
pub use hub::{Hub, SubscribeError, Subscription, Woken};
pub use store::{Batch, LiveEvent, after, forget_old, here};

use crate::domain::codes::code;

code! {
    /// What kind of thing changed.
    Entity { /// A lead: its state, its fields, whose it is.
        Lead = "LEAD", /// A message of a conversation, or how its delivery went.
        Message = "MESSAGE", /// A task.
        Task = "TASK", /// A draft.
        Draft = "DRAFT", /// A viewing or a seat in it.
        Viewing = "VIEWING", /// The mail of a test address arrived; administrators hear of it.
        TestAddress = "TEST_ADDRESS", /// A connection, or how it goes; told to administrators.
        Connection = "CONNECTION" }
}
