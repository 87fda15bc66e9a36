//! How many connections there are, in all and per client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(crate) struct Connections {
    max: usize,
    max_per_client: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    per_client: HashMap<IpAddr, usize>,
}

impl Connections {
    pub(crate) fn new(max: usize, max_per_client: usize) -> Arc<Self> {
        Arc::new(Self { max, max_per_client, open: Mutex::default() })
    }

    /// A place for one more connection, or `None` at a cap.
    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let client = client_of(ip);
        let mut open = self.lock();
        let mine = open.per_client.get(&client).copied().unwrap_or(0);
        if open.total >= self.max || mine >= self.max_per_client {
            return None;
        }
        open.total += 1;
        open.per_client.insert(client, mine + 1);
        Some(Place { connections: Arc::clone(self), client })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // the counts are changed without anything that could panic in between
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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
    client: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.total = open.total.saturating_sub(1);
        if let Some(mine) = open.per_client.get_mut(&self.client) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                open.per_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Connections;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn caps_hold_in_all_and_per_client_and_places_come_back() {
        let connections = Connections::new(3, 2);
        let first = connections.admit(ip("192.0.2.1")).unwrap();
        let _second = connections.admit(ip("::ffff:192.0.2.1")).unwrap();
        assert!(connections.admit(ip("192.0.2.1")).is_none());
        let third = connections.admit(ip("192.0.2.2")).unwrap();
        assert!(connections.admit(ip("192.0.2.3")).is_none());
        drop(first);
        drop(third);
        assert!(connections.admit(ip("192.0.2.1")).is_some());
        assert_eq!(connections.lock().per_client.len(), 1);
    }

    #[test]
    fn one_ipv6_network_is_one_client() {
        let connections = Connections::new(10, 1);
        let _place = connections.admit(ip("2001:db8::1")).unwrap();
        assert!(connections.admit(ip("2001:db8::ffff:1")).is_none());
        assert!(connections.admit(ip("2001:db8:0:1::1")).is_some());
    }
}
