//! Public keys of the widget on an agency's web pages.
//!
//! Always true: a key is no secret, everybody can read it in the page. What it is worth something for is its list of
//! origins: a browser says which page asks, and only those pages are answered.

mod model;
mod origin;
mod store;

pub use model::{WidgetConfig, WidgetKey, WidgetKeyError, WidgetKeyId, WidgetKeyInput};
pub use origin::{Origin, OriginProblem};
pub use store::{config, create, find, list, remove, replace};
