//! Who listens in this process, and waking them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::ids::TenantId;

/// The listeners of this process. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    /// `None` once the process ends.
    tenants: Mutex<Option<HashMap<TenantId, watch::Sender<Pulse>>>>,
}

/// How often something happened at a tenant; only whether it grew matters.
#[derive(Debug, Clone, Copy, Default)]
struct Pulse {
    events: u64,
    people: u64,
}

/// Why nobody can listen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The tenant has as many listeners here as it may have.
    #[error("too many listeners")]
    TooMany,
    /// The process ends.
    #[error("the process ends")]
    Ending,
}

/// One who listens, until dropped.
#[derive(Debug)]
pub struct Subscription {
    hub: Hub,
    tenant: TenantId,
    pulses: watch::Receiver<Pulse>,
    people: u64,
}

/// Why a listener was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woken {
    /// Somebody's right to sign in, or role, changed: ask for the listener's own again.
    pub people: bool,
}

impl Hub {
    /// Nobody listens yet; at most `most` of one tenant may.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, tenants: Mutex::new(Some(HashMap::new())) }))
    }

    /// Listens to a tenant's changes from now on.
    ///
    /// # Errors
    /// [`SubscribeError`].
    pub fn subscribe(&self, tenant: TenantId) -> Result<Subscription, SubscribeError> {
        let mut tenants = self.lock();
        let sender = tenants.as_mut().ok_or(SubscribeError::Ending)?.entry(tenant).or_default();
        if sender.receiver_count() >= self.0.most {
            return Err(SubscribeError::TooMany);
        }
        let pulses = sender.subscribe();
        let people = pulses.borrow().people;
        drop(tenants);
        Ok(Subscription { hub: self.clone(), tenant, pulses, people })
    }

    /// Nobody listens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().as_ref().is_none_or(HashMap::is_empty)
    }

    /// Something of the tenant's changed.
    pub fn wake(&self, tenant: TenantId) {
        self.pulse(tenant, |pulse| pulse.events += 1);
    }

    /// Somebody's right to sign in, or role, changed.
    pub fn wake_people(&self, tenant: TenantId) {
        self.pulse(tenant, |pulse| pulse.people += 1);
    }

    /// Anything may have happened.
    pub fn wake_all(&self) {
        for sender in self.lock().iter().flat_map(HashMap::values) {
            sender.send_modify(|pulse| {
                pulse.events += 1;
                pulse.people += 1;
            });
        }
    }

    /// Ends every subscription, and takes no new one.
    pub fn close(&self) {
        *self.lock() = None;
    }

    fn pulse(&self, tenant: TenantId, change: impl FnOnce(&mut Pulse)) {
        if let Some(sender) = self.lock().as_ref().and_then(|tenants| tenants.get(&tenant)) {
            sender.send_modify(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<TenantId, watch::Sender<Pulse>>>> {
        self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Waits until something happened since the last call; several things count as one. `None` when the process ends.
    /// May be dropped while waiting.
    pub async fn woken(&mut self) -> Option<Woken> {
        self.pulses.changed().await.ok()?;
        let people = self.pulses.borrow_and_update().people;
        let woken = Woken { people: people != self.people };
        self.people = people;
        Some(woken)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut tenants = self.hub.lock();
        let Some(tenants) = tenants.as_mut() else { return };
        // This one still counts.
        if tenants.get(&self.tenant).is_some_and(|sender| sender.receiver_count() <= 1) {
            tenants.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_listener_is_woken_for_its_own_tenant_only_and_told_why() {
        let hub = Hub::new(2);
        let (here, there) = (TenantId::new(), TenantId::new());
        let mut listener = hub.subscribe(here).unwrap();
        hub.wake(there);
        assert!(futures::FutureExt::now_or_never(listener.woken()).is_none());
        hub.wake(here);
        hub.wake(here);
        assert_eq!(listener.woken().await, Some(Woken { people: false }));
        assert!(futures::FutureExt::now_or_never(listener.woken()).is_none(), "twice counts as once");
        hub.wake_people(here);
        assert_eq!(listener.woken().await, Some(Woken { people: true }));
        hub.wake_all();
        assert_eq!(listener.woken().await, Some(Woken { people: true }));
        hub.close();
        assert_eq!(listener.woken().await, None);
        assert_eq!(hub.subscribe(here).unwrap_err(), SubscribeError::Ending);
    }

    #[test]
    fn a_tenant_has_so_many_listeners_and_no_more_and_places_become_free() {
        let hub = Hub::new(2);
        let (here, there) = (TenantId::new(), TenantId::new());
        let first = hub.subscribe(here).unwrap();
        let second = hub.subscribe(here).unwrap();
        assert_eq!(hub.subscribe(here).unwrap_err(), SubscribeError::TooMany);
        assert!(hub.subscribe(there).is_ok());
        drop(first);
        assert!(hub.subscribe(here).is_ok());
        drop(second);
        assert!(hub.lock().as_ref().unwrap().is_empty(), "whoever left is forgotten");
    }
}
