//! Who a mail really comes from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489) and ARC (RFC 8617).
//!
//! What is always true here:
//!
//! * [`Checker::check`] says what was found and decides nothing.
//! * It ends within the time it is given; what was not answered by then is a [`Verdict::TempError`],
//!   which says nothing about the mail and is worth asking again.
//! * No mail costs more than a bounded number of questions to the name servers.
//! * Names are asked of the name servers the checker was made with and of nobody else.
//!
//! The protocols are the crate `mail-auth`. [`Findings`] is what is stored; `check` is where to go to
//! change what is asked.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod arc;
mod check;
mod findings;
#[cfg(feature = "testing")]
pub mod testing;

pub use check::{Checker, Hop, SetupError};
pub use findings::{Chain, Dmarc, Findings, Seal, Signature, Spf, Verdict};
