//! The portal radar: what each portal sends, how well it is read, how fast it becomes a lead; and an alarm when a portal that
//! used to send goes quiet, or stops telling something (it changed its mails, and a reader no longer finds it).
//!
//! Counted in the database, over one index. When something is alarming is said in `rule.rs`, by nothing but numbers. An
//! alarm is a task for administrators, comes once, and goes by itself when there is no reason for it any more.

mod rule;
mod store;
mod watch;

use portal_mail::LeadDraft;

pub use store::{DayOfPortal, FieldRate, PortalRadar, Radar, TimeToLead, radar};
pub use watch::{Nightly, WatchPortals};

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::tasks::{self, TaskKind};

/// A field the radar follows: its name on the wire, and its letter in `intake_messages.filled`.
const FIELDS: [(&str, char); 6] =
    [("email", 'e'), ("phone", 'p'), ("firstName", 'f'), ("lastName", 'l'), ("message", 'm'), ("reference", 'r')];

/// Which fields an enquiry fills, one letter each.
pub(super) fn filled(draft: &LeadDraft) -> String {
    let there = |letter| match letter {
        'e' => draft.email.is_some(),
        'p' => draft.phone.is_some(),
        'f' => draft.first_name.is_some(),
        'l' => draft.last_name.is_some(),
        'm' => draft.message.is_some(),
        _ => !draft.reference.is_empty(),
    };
    FIELDS.iter().map(|(_, letter)| *letter).filter(|letter| there(*letter)).collect()
}

/// An enquiry of this portal came at `at`: it is not quiet. One of long ago that is read only now says nothing of today.
pub(super) async fn heard_from(conn: &mut TenantConn, portal: &str, at: Timestamp) -> Result<(), sqlx::Error> {
    if at.0 < conn.now().0 - jiff::SignedDuration::from_hours(24) {
        return Ok(());
    }
    tasks::settle_about(conn, TaskKind::PortalQuiet, portal).await
}
