//! The HTTP API through the production router.

mod attachments;
mod audit;
mod document;
mod fences;
mod input;
mod leads;
mod mailbox;
mod once;
mod properties;
mod routing;
mod settings;
mod system;
mod work;
