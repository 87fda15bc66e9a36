//! How much one caller may ask, counted over all processes together.
//!
//! Always true: the buckets are in the database, and a process takes tokens from them in batches, so that most requests
//! cost no round trip. Tokens are taken before they are used: within any time all processes together let through at most
//! what the bucket gave, plus one batch per process that was taken before. docs/decisions/0011 says why. To count
//! something else: a variant of [`Counted`] and its rate in `[limits]`.

mod lease;
mod store;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::lease::Lease;
use crate::clock::Clock;
use crate::db::Database;
use crate::ids::TenantId;
use crate::links::LinkKey;
use crate::settings::{LimitSettings, RateSettings};

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// A signed-in tenant's.
    Tenant(TenantId),
    /// Those of an address that needs no sign-in.
    Address(IpAddr),
    /// An address's refused sign-ins.
    FailedSignIn(IpAddr),
    /// Forms of web pages that an address sends.
    FormOf(IpAddr),
    /// Forms of web pages that a tenant gets.
    FormFor(TenantId),
    /// Questions that a user asks the assistant.
    QuestionOf(uuid::Uuid),
}

/// Why a request must not go on.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// There were too many.
    #[error("too many requests, again in {} s", .0.as_secs())]
    TooMany(Duration),
    /// The database could not be asked.
    #[error("the rate limit could not be read")]
    Database(#[from] sqlx::Error),
}

/// The limits of this process. Cloning shares them.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    db: Database,
    clock: Clock,
    key: LinkKey,
    settings: LimitSettings,
    leases: Mutex<HashMap<Counted, Arc<tokio::sync::Mutex<Lease>>>>,
}

/// Leases kept before those that say nothing any more are looked for.
const MANY: usize = 50_000;

impl Limits {
    /// Nothing taken yet. `key` makes the names of the buckets, so that no address is kept.
    #[must_use]
    pub fn new(db: Database, clock: Clock, key: LinkKey, settings: LimitSettings) -> Self {
        Self(Arc::new(Inner { db, clock, key, settings, leases: Mutex::default() }))
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`LimitError::TooMany`] when it is one too many.
    pub async fn spend(&self, counted: Counted) -> Result<(), LimitError> {
        let counted = counted.network();
        let rate = self.rate(counted);
        let lease = self.lease(counted);
        // Held while tokens are fetched: whoever comes meanwhile waits for them instead of fetching more.
        let mut lease = lease.lock().await;
        let now = self.0.clock.now();
        if lease.use_one(now, rate) {
            return Ok(());
        }
        if let Some(wait) = lease.closed_for(now) {
            return Err(LimitError::TooMany(wait));
        }
        let name = self.0.key.keyed_hash("limit", counted.name().as_bytes());
        let taken = store::take(&self.0.db, &name, batch(rate), rate).await?;
        lease.renew(now, taken.tokens, taken.wait);
        match lease.use_one(now, rate) {
            true => Ok(()),
            false => Err(LimitError::TooMany(taken.wait)),
        }
    }

    /// How long this process knows that nothing is left. Counts nothing, asks nobody.
    #[must_use]
    pub fn spent(&self, counted: Counted) -> Option<Duration> {
        let leases = self.0.leases.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = leases.get(&counted.network())?.clone();
        drop(leases);
        lease.try_lock().ok()?.closed_for(self.0.clock.now())
    }

    /// Removes buckets that are full again: they say the same as none. Returns how many there were.
    ///
    /// # Errors
    /// When the database cannot do it.
    pub async fn forget_full(&self) -> Result<u64, sqlx::Error> {
        store::forget_full(&self.0.db).await
    }

    fn rate(&self, counted: Counted) -> RateSettings {
        match counted {
            Counted::Tenant(_) => self.0.settings.tenant,
            Counted::Address(_) => self.0.settings.address,
            Counted::FailedSignIn(_) => self.0.settings.failed_sign_in,
            Counted::FormOf(_) => self.0.settings.form_address,
            Counted::FormFor(_) => self.0.settings.form_tenant,
            Counted::QuestionOf(_) => self.0.settings.question,
        }
    }

    fn lease(&self, counted: Counted) -> Arc<tokio::sync::Mutex<Lease>> {
        let mut leases = self.0.leases.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.len() >= MANY && !leases.contains_key(&counted) {
            let now = self.0.clock.now();
            // One that is in use is not idle.
            leases
                .retain(|counted, lease| lease.try_lock().is_ok_and(|lease| !lease.is_idle(now, self.rate(*counted))));
            // Still as many: somebody has very many addresses. Forgetting costs tokens, never gives any.
            if leases.len() >= MANY {
                leases.clear();
            }
        }
        leases.entry(counted).or_default().clone()
    }
}

impl Counted {
    /// Addresses of IPv6 are counted by network (/64): one machine has as many as it likes.
    fn network(self) -> Self {
        let cut = |address: IpAddr| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
            address @ IpAddr::V4(_) => address,
        };
        match self {
            Self::Tenant(tenant) => Self::Tenant(tenant),
            Self::Address(address) => Self::Address(cut(address)),
            Self::FailedSignIn(address) => Self::FailedSignIn(cut(address)),
            Self::FormOf(address) => Self::FormOf(cut(address)),
            Self::FormFor(tenant) => Self::FormFor(tenant),
            Self::QuestionOf(user) => Self::QuestionOf(user),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Tenant(tenant) => format!("tenant {tenant}"),
            Self::Address(address) => format!("address {address}"),
            Self::FailedSignIn(address) => format!("failed sign-in {address}"),
            Self::FormOf(address) => format!("form of {address}"),
            Self::FormFor(tenant) => format!("form for {tenant}"),
            Self::QuestionOf(user) => format!("question of {user}"),
        }
    }
}

/// Tokens taken at once: a tenth of the burst.
fn batch(rate: RateSettings) -> u32 {
    rate.burst.div_ceil(10)
}

impl std::fmt::Debug for Limits {
    /// Which addresses are counted is nobody's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_one_bucket_whatever_address_it_takes() {
        let counted = |text: &str| Counted::Address(text.parse().unwrap()).network();
        assert_eq!(counted("2001:db8:1:2::1"), counted("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:192.0.2.1"), counted("192.0.2.1"));
        assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
        let failed = Counted::FailedSignIn("192.0.2.1".parse().unwrap()).network();
        assert_ne!(counted("192.0.2.1").name(), failed.name());
    }
}
