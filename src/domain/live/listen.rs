//! One connection per process hears of changes, whoever made them, and wakes those who listen here.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Hub;
use crate::db::{Database, Heard};
use crate::ids::TenantId;

/// Channels of `migrations/0020_events.sql`; what is announced is a tenant's id.
const EVENTS: &str = "immivo_events";
const PEOPLE: &str = "immivo_people";

/// Listens until `soft`, then ends every subscription: a stream that nobody ends would keep the process from ending.
/// A database that is away is waited for.
pub async fn listen(db: &Database, hub: &Hub, soft: CancellationToken) {
    loop {
        tokio::select! {
            () = soft.cancelled() => break,
            Err(error) = hear(db, hub) => tracing::warn!(%error, "live events: the database cannot be listened to, trying again"),
        }
        tokio::select! {
            () = soft.cancelled() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    hub.close();
}

async fn hear(db: &Database, hub: &Hub) -> Result<std::convert::Infallible, sqlx::Error> {
    let mut listener = db.listen(&[EVENTS, PEOPLE]).await?;
    // What was announced before, while nobody listened, is in the table.
    hub.wake_all();
    loop {
        let Heard::Notice { channel, payload } = listener.next().await? else {
            hub.wake_all();
            continue;
        };
        let Ok(tenant) = payload.parse::<uuid::Uuid>() else { continue };
        match channel.as_str() {
            PEOPLE => hub.wake_people(TenantId(tenant)),
            _ => hub.wake(TenantId(tenant)),
        }
    }
}
