//! The HTTP API through the production router.

mod api_keys;
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
mod secrets;
mod settings;
mod system;
mod widget;
mod work;
