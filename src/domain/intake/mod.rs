//! The doors: mail is stored, understood and tied to a lead; what comes by form is a lead at once ([`website`]).
//!
//! Always true: the raw bytes and the job that reads them are committed together, before anybody is told "accepted".
//! Every mail ends as part of a lead, ignored for a stated reason, or in the tray where a human sorts it; none is
//! dropped. What a mail *is* is decided by the crate `portal-mail`, which knows nothing of tenants; what becomes of it
//! is decided here. To change how portals are read, go there; why a mail is where it is, is said in `cause.rs`.

mod attach;
mod authenticate;
mod blocks;
mod cause;
mod draft;
mod files;
mod known;
mod layouts;
mod lead_files;
mod leave;
pub mod mailboxes;
mod model;
mod process;
pub mod radar;
mod receive;
mod recipient;
pub mod replay;
mod replies;
mod reprocess;
mod reread;
mod sender;
mod ses;
mod sort;
mod store;
mod together;
pub mod trial;
pub mod website;

pub use crate::integrations::ses::SesError;
pub use blocks::{BlockedSender, BlockedSenderId, block, block_sender_of, list_blocked, unblock};
pub use cause::{Cause, Why};
pub use files::{File, read_file};
pub use layouts::{
    LayoutField, LayoutId, Learnt, RememberedLayout, forget_layout, learn_layout, list_layouts, remember_layout,
};
pub use lead_files::LeadFiles;
pub use model::{Attachment, Door, IntakeError, IntakeId, IntakeMessage, IntakeState};
pub use process::Process;
pub use receive::{Received, is_mail, receive};
pub use recipient::{Recipient, address, prefix_of, recipient};
pub use reprocess::{
    NewReprocess, Reprocess, ReprocessId, ReprocessState, Reprocessing, find_reprocessing, list_reprocessings,
    reprocess_all,
};
pub use reread::{Reread, reread};
pub use ses::{DeliveryError, take_delivery};
pub use sort::{ByHand, Whose, assign, assign_as_read, candidates, discard, reprocess};
pub use store::{attachments, find, list, raw};
pub use together::{Committer, Counter, NotStored, Parcel, counter};
