//! The HTTP API through the production router.

mod attachments;
mod audit;
mod cors;
mod document;
mod events;
mod fences;
mod input;
mod leads;
mod limits;
mod mailbox;
mod once;
mod properties;
mod system;
mod work;
