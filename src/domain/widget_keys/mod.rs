//! Public keys of the widget on an agency's web pages, and what its visitors are asked for before they may write.
//!
//! Always true: a key is no secret, everybody can read it in the page. What it is worth something for is its list of
//! origins: a browser says which page asks, and only those pages are answered. A program says whatever it likes, so it has
//! to work first ([`challenge`], [`work`]). What becomes of an enquiry is `domain::intake`'s business.

pub mod challenge;
mod consent;
mod consent_store;
mod model;
mod origin;
mod store;
pub mod work;

pub use consent::{Consent, ConsentError, ConsentText, NewConsent, WIDGET_LANGUAGES};
pub use consent_store::{consent, consents, decide_consent};
pub use model::{WidgetConfig, WidgetKey, WidgetKeyError, WidgetKeyId, WidgetKeyInput};
pub use origin::{Origin, OriginProblem};
pub use store::{config, create, find, list, remove, replace};
