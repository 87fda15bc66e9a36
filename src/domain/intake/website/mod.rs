//! The other door: the form on an agency's web pages.
//!
//! Always true: what a visitor sent, what they agreed to and the lead it became are written in one transaction, before they
//! read "received"; the same form sent twice is one enquiry. A form proves nobody's address: whatever could harm somebody
//! whose address was typed in (an appointment cancelled, a flood of mails) is left to a human ([`enquire`]).

mod enquire;
mod form;
mod store;

pub use enquire::{WebEnquiryError, enquire};
pub use form::{Flaw, MOST_MESSAGE, WebEnquiry, WebForm, check};
pub use store::{Agreed, agreed};
