//! Where a request comes from.
//!
//! Anybody can write anything into `X-Forwarded-For`; it is read from the right, and only as far as our own proxies
//! wrote it (`http.trusted_proxies`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client: the last hop that is none of our proxies. A connection without an address (there is none
/// in production) counts as `0.0.0.0`.
pub(super) fn client(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let mut client = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let hops: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().flat_map(|value| value.to_str().unwrap_or("?").split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(client) {
            break;
        }
        // What cannot be read was not written by a proxy of ours.
        let Some(address) = address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// An address, with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    let plain = hop.parse::<IpAddr>().or_else(|_| hop.trim_matches(['[', ']']).parse());
    let address = plain.ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        client(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn strangers_cannot_say_who_they_are() {
        assert_eq!(of("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(of("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(of("192.0.2.1", &["203.0.113.9, 10.0.0.1"]), "192.0.2.1");
    }

    #[test]
    fn the_last_hop_that_is_not_ours_counts() {
        assert_eq!(of("10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["203.0.113.9, 192.0.2.1"]), "192.0.2.1", "the client wrote the first one");
        assert_eq!(
            of("10.0.0.1", &["203.0.113.9", "192.0.2.1, 10.9.9.9"]),
            "192.0.2.1",
            "several headers, two proxies"
        );
        assert_eq!(of("fd00::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(of("::ffff:10.0.0.1", &["192.0.2.1:5678"]), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(of("10.0.0.1", &["10.0.0.2"]), "10.0.0.2", "one of our own machines asks");
    }

    #[test]
    fn what_cannot_be_read_ends_the_search() {
        assert_eq!(of("10.0.0.1", &["192.0.2.1, unknown"]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(client(&Extensions::new(), &HeaderMap::new(), &[]).to_string(), "0.0.0.0");
    }
}
