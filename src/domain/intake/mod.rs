//! The door for mail: store it, understand it, tie it to a lead.
//!
//! Always true: the raw bytes and the job that reads them are committed together, before anybody is told "accepted".
//! Every mail ends as part of a lead, ignored for a stated reason, or in the tray where a human sorts it; none is
//! dropped. What a mail *is* is decided by the crate `portal-mail`, which knows nothing of tenants; what becomes of it
//! is decided here. To change how portals are read, go there; why a mail is where it is, is said in `cause.rs`.

mod attach;
mod blocks;
mod cause;
mod draft;
mod files;
mod known;
mod layouts;
pub mod mailboxes;
mod model;
mod process;
pub mod radar;
mod receive;
mod replies;
mod reprocess;
mod sort;
mod store;

pub use blocks::{BlockedSender, BlockedSenderId, block, block_sender_of, list_blocked, unblock};
pub use cause::{Cause, Why};
pub use files::{File, read_file};
pub use layouts::{LayoutField, LayoutId, RememberedLayout, forget_layout, list_layouts, remember_layout};
pub use model::{Attachment, Door, IntakeError, IntakeId, IntakeMessage, IntakeState};
pub use process::Process;
pub use receive::{Received, receive};
pub use reprocess::{
    NewReprocess, Reprocess, ReprocessId, ReprocessState, Reprocessing, find_reprocessing, list_reprocessings,
    reprocess_all,
};
pub use sort::{ByHand, Whose, assign, assign_as_read, candidates, discard, reprocess};
pub use store::{attachments, find, list, raw};
