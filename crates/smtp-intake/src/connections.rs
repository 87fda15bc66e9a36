//! How many connections there are, in all and per client, and how fast a client makes new ones.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Limits;

const MINUTE: Duration = Duration::from_secs(60);
/// Clients remembered before those are looked for that can be forgotten.
const REMEMBERED: usize = 1024;

#[derive(Debug)]
pub(crate) struct Connections {
    max: usize,
    max_per_client: usize,
    /// Time between two connections of a client that keeps to its rate; `None`: any rate.
    pause: Option<Duration>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    clients: HashMap<IpAddr, Client>,
    /// Number of clients at which to forget the next time.
    forget_at: usize,
}

#[derive(Debug)]
struct Client {
    open: usize,
    /// When its connections so far are used up, one `pause` each (GCRA, ITU-T I.371). At most a
    /// minute ahead, so that a minute's worth may come at once.
    used_until: Instant,
}

/// Why a connection is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Too many are open.
    Open,
    /// Too many were opened within a minute.
    TooFast,
}

impl Connections {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let per_minute = u32::try_from(limits.max_new_connections_per_minute_and_ip).unwrap_or(u32::MAX);
        Arc::new(Self {
            max: limits.max_connections,
            max_per_client: limits.max_connections_per_ip,
            pause: MINUTE.checked_div(per_minute),
            open: Mutex::default(),
        })
    }

    /// A place for one more connection, whoever it is from, or `None` at the cap.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.lock();
        if open.total >= self.max {
            return None;
        }
        open.total += 1;
        Some(Place { connections: Arc::clone(self), client: None })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // the counts are changed without anything that could panic in between
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Forgets clients of whom nothing is left to be known, seldom enough to cost nothing.
    fn tidy(&mut self, now: Instant) {
        if self.clients.len() >= self.forget_at {
            self.clients.retain(|_, client| client.open > 0 || client.used_until > now);
            self.forget_at = REMEMBERED.max(self.clients.len() * 2);
        }
    }
}

/// One IPv6 customer owns at least a /64, so single addresses would make the cap meaningless.
fn client_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// Held as long as the connection lives.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    client: Option<IpAddr>,
}

impl Place {
    /// Counts the connection as this client's, once it is known whose it is.
    pub(crate) fn claim(&mut self, ip: IpAddr, now: Instant) -> Result<(), Full> {
        let key = client_of(ip);
        let connections = Arc::clone(&self.connections);
        let mut open = connections.lock();
        open.tidy(now);
        let client = open.clients.entry(key).or_insert(Client { open: 0, used_until: now });
        if client.open >= connections.max_per_client {
            return Err(Full::Open);
        }
        if let Some(pause) = connections.pause {
            let used_until = client.used_until.max(now) + pause;
            if used_until > now + MINUTE {
                return Err(Full::TooFast);
            }
            client.used_until = used_until;
        }
        client.open += 1;
        self.client = Some(key);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.total = open.total.saturating_sub(1);
        if let Some(client) = self.client.and_then(|client| open.clients.get_mut(&client)) {
            client.open = client.open.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Connections, Full, Place, REMEMBERED};
    use crate::Limits;

    fn connections(max: usize, max_per_client: usize, per_minute: usize) -> Arc<Connections> {
        Connections::new(&Limits {
            max_connections: max,
            max_connections_per_ip: max_per_client,
            max_new_connections_per_minute_and_ip: per_minute,
            ..Limits::default()
        })
    }

    fn admit(connections: &Arc<Connections>, ip: &str) -> Result<Place, Option<Full>> {
        admit_at(connections, ip, Instant::now())
    }

    fn admit_at(connections: &Arc<Connections>, ip: &str, now: Instant) -> Result<Place, Option<Full>> {
        let mut place = connections.enter().ok_or(None)?;
        place.claim(ip.parse::<IpAddr>().unwrap(), now)?;
        Ok(place)
    }

    #[test]
    fn caps_hold_in_all_and_per_client_and_places_come_back() {
        let connections = connections(3, 2, 0);
        let first = admit(&connections, "192.0.2.1").unwrap();
        let _second = admit(&connections, "::ffff:192.0.2.1").unwrap();
        assert_eq!(admit(&connections, "192.0.2.1").unwrap_err(), Some(Full::Open));
        let third = admit(&connections, "192.0.2.2").unwrap();
        assert_eq!(admit(&connections, "192.0.2.3").unwrap_err(), None);
        drop(first);
        drop(third);
        assert!(admit(&connections, "192.0.2.1").is_ok());
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let connections = connections(10, 1, 0);
        let _place = admit(&connections, "2001:db8::1").unwrap();
        assert!(admit(&connections, "2001:db8::ffff:1").is_err());
        assert!(admit(&connections, "2001:db8:0:1::1").is_ok());
    }

    #[test]
    fn a_client_gets_a_minutes_worth_at_once_and_then_one_at_a_time() {
        let connections = connections(100, 100, 4);
        let start = Instant::now();
        for _ in 0..4 {
            drop(admit_at(&connections, "192.0.2.1", start).unwrap());
        }
        assert_eq!(admit_at(&connections, "192.0.2.1", start).unwrap_err(), Some(Full::TooFast));
        assert!(admit_at(&connections, "192.0.2.2", start).is_ok());
        let later = start + Duration::from_secs(16);
        assert!(admit_at(&connections, "192.0.2.1", later).is_ok());
        assert_eq!(admit_at(&connections, "192.0.2.1", later).unwrap_err(), Some(Full::TooFast));
    }

    #[test]
    fn clients_are_forgotten_when_nothing_is_left_to_know() {
        let connections = connections(10_000, 10, 1);
        let start = Instant::now();
        for number in 0..4 * REMEMBERED {
            let now = start + Duration::from_millis(100) * u32::try_from(number).unwrap();
            drop(admit_at(&connections, &format!("10.0.{}.{}", number / 256, number % 256), now).unwrap());
        }
        assert!(connections.lock().clients.len() <= 2 * REMEMBERED);
    }
}
