//! Who gets a new lead.
//!
//! Always true: the rules are asked in order, and the first that finds somebody who works today decides; when none does
//! the lead is nobody's and administrators see it. An agency without rules of its own has one: the listing's agent. The
//! decision is a pure function ([`decide`]); the reason stands on the lead's timeline. Whoever assigns a lead by hand is
//! not asked for rules.

mod assign;
pub mod decide;
mod dry_run;
mod model;
mod store;
pub mod turns;
mod validate;

pub use assign::assign;
pub use dry_run::{DryRun, LEADS as DRY_RUN_LEADS, Share, WouldGet, dry_run};
pub use model::{Member, RoutingError, Rule, RuleList};
pub use store::{read, replace};
