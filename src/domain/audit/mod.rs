//! Reading the audit log: who changed what, from what to what.
//!
//! Always true: nothing here writes. The log writes itself (`migrations/0010_audit.sql`), the application's role may add
//! and read rows and never change them; what stood in the rows of an erased person is blanked by [`super::privacy`].

mod store;

pub use store::{AuditEvent, AuditFilter, AuditId, list};
