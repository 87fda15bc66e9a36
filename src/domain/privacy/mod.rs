//! What the agency holds of a person: given out, erased, forgotten after its time.
//!
//! Always true: a person is all leads with the same address or telephone (`person`). An erasure goes on until it is
//! through, whichever process dies (`run`); whoever writes to a lead meanwhile waits for its row and finds it gone, so
//! a mail that comes during an erasure is erased with the rest or makes a new lead, never half of one. A receipt says how
//! much was removed and names nobody. The application deletes through functions of the database that do nothing unless an
//! erasure is running (`migrations/0017_privacy.sql`).
//!
//! To hold something new of a person: hang it on `leads` with `ON DELETE CASCADE` and add it to `held`. Every new table of
//! an agency is given out with it, or withheld for a reason: `whole`.

mod erase;
mod export;
mod held;
mod mention;
mod model;
mod person;
mod receipts;
mod request;
mod retention;
mod run;
mod stop;
mod store;
mod tenant;
mod tenant_export;
mod whole;

pub use export::read_part;
pub use held::HELD;
pub use model::{ErasureReason, PrivacyError, Request, RequestId, RequestKind, RequestState, Step};
pub use receipts::{TenantReceipt, tenant_receipts};
pub use request::{erase, export, export_tenant, retry};
pub use retention::{Nightly, Retain, Retention, retention_of};
pub use run::Run;
pub use store::{find, list};
pub use tenant::{EraseTenant, TenantErasure, erase_tenant, tenant_erasure};
pub use whole::{GIVEN, WITHHELD, Withheld};
