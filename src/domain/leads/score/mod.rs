//! How promising a lead is: 0 to 100, with the reasons.
//!
//! Always true: the number is a pure function of what is known ([`rule`]), counted anew when any of it changes (triggers of
//! `migrations/0042` enqueue [`Score`]), and says nothing about who somebody is: income and money count, household, health,
//! age and origin never do. Reasons name findings, no figures, so that what somebody disclosed stays where it is kept.

mod job;
mod read;
pub mod rule;

pub use job::Score;
pub use rule::{Aspect, Finding, Reason};
