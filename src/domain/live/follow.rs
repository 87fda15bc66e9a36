//! One task per process looks which tenants have news, whoever made them, and wakes those who listen here.
//!
//! It looks by the clock instead of being called: `NOTIFY` would make every transaction that changes anything wait for
//! every other one at its commit (docs/decisions/0018).

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Hub, store};
use crate::db::Database;

/// What a change needs at most to be on its way, beside the work itself.
const EVERY: Duration = Duration::from_millis(200);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks until `soft`, then ends every subscription: a stream that nobody ends would keep the process from ending.
/// A database that is away is waited for; what happened meanwhile is found afterwards.
pub async fn follow(db: &Database, hub: &Hub, soft: CancellationToken) {
    let mut seen = None;
    loop {
        let pause = match look(db, hub, seen).await {
            Ok(up_to) => {
                seen = up_to;
                EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "live events cannot be read, trying again");
                PAUSE
            }
        };
        tokio::select! {
            () = soft.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    hub.close();
}

/// Looks once, from where the last look ended, and says how far it saw; `None` while nobody listens.
async fn look(db: &Database, hub: &Hub, seen: Option<i64>) -> Result<Option<i64>, sqlx::Error> {
    if hub.is_empty() {
        return Ok(None);
    }
    let mut conn = db.platform().await?;
    let up_to = store::horizon(conn.sql()).await?;
    let Some(seen) = seen else {
        // Somebody began to listen since: what they have not read yet, nobody has looked for.
        hub.wake_all();
        return Ok(Some(up_to));
    };
    for news in store::news(&mut conn, seen, up_to).await? {
        match news.people {
            true => hub.wake_people(news.tenant),
            false => hub.wake(news.tenant),
        }
    }
    Ok(Some(up_to))
}
