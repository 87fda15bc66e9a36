//! Mail by IMAP: each watched folder is compared with the cursor kept in the database.
//!
//! Always true: a folder is opened read-only, and no flag says what was read. Mails are committed together with the
//! cursor that says "done". A check has no memory: whatever it learned and did not commit is found again by the next.
//! Mail that was there before the first look is taken only from the day on that a connection asks for. How the cursor
//! moves, and where a folder that the server numbered anew begins, is decided by `domain::intake::mailboxes`; which
//! process watches which mailbox, too (`poller` carries it out; decision 0021).
//!
//! `watch`: one mailbox, `mailbox`: one check, `take` and `poison`: the mails of it, `session`, `idle` and
//! `connect`: the server.

mod address;
mod connect;
mod error;
mod folder;
mod idle;
mod mailbox;
mod pace;
mod poison;
mod poller;
mod probe;
mod session;
mod take;
mod target;
mod watch;

pub use error::{CheckError, SessionError};
pub use mailbox::Checked;
pub use poller::check;
pub use probe::{Found, probe};
pub use target::Target;

use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Watches this process's share of the mailboxes until `soft`: those of the settings and the agencies' connections, as
/// far as no other process watches them. A mailbox in trouble is tried again and holds up no other.
///
/// # Errors
/// When the settings cannot work; trouble with a mailbox is logged, counted and kept with its cursor.
pub async fn run(app: &App, soft: CancellationToken) -> anyhow::Result<()> {
    let poller = poller::Poller::new(app)?;
    poller::Share::new(app.clone(), poller).keep(soft).await;
    Ok(())
}
