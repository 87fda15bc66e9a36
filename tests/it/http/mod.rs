//! The HTTP API through the production router.

mod attachments;
mod document;
mod fences;
mod input;
mod leads;
mod mailbox;
mod once;
mod properties;
mod system;
mod work;
