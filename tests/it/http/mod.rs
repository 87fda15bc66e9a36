//! The HTTP API through the production router.

mod api_keys;
mod attachments;
mod audit;
mod connections;
mod connections_end;
mod cors;
mod document;
mod events;
pub(crate) mod fences;
mod input;
mod intake_raw;
mod leads;
mod limits;
mod mailbox;
mod once;
mod properties;
mod routing;
mod secrets;
mod settings;
mod system;
mod test_addresses;
mod widget;
mod work;
