//! The PROXY protocol, versions 1 and 2: how a load balancer says whose connection it passes on.
//! Source: <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>.
//!
//! The header is read only from balancers the server was told about, and from them it must come: a
//! receiver that guesses could be told any address by anybody (section 2 there).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// First bytes of version 2 (section 2.2).
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const PREFIX_V1: &[u8] = b"PROXY ";
/// Longest header of version 1, with its CRLF (section 2.1).
const MAX_V1: usize = 107;
/// Longest rest of a version 2 header that is taken. Addresses need 36 bytes; what follows them are
/// notes (a TLS certificate's name, say) that are skipped.
const MAX_V2: usize = 4096;

/// Bytes of two IPv4 addresses and two ports.
const V4: usize = 12;
/// Bytes of two IPv6 addresses and two ports.
const V6: usize = 36;

/// What stands at the beginning of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// More bytes have to come.
    Incomplete,
    /// A header of `length` bytes. `client` is `None` when the balancer speaks for itself (a health
    /// check) or does not know.
    Complete { length: usize, client: Option<SocketAddr> },
    /// No header, or one that breaks the rules.
    Invalid,
}

/// Reads the header at the beginning of `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Header {
    if begins_alike(bytes, SIGNATURE) {
        read_v2(bytes).unwrap_or(Header::Invalid)
    } else if begins_alike(bytes, PREFIX_V1) {
        read_v1(bytes).unwrap_or(Header::Invalid)
    } else {
        Header::Invalid
    }
}

fn begins_alike(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.starts_with(wanted) || wanted.starts_with(bytes)
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 56324 25\r\n`, or `PROXY UNKNOWN …\r\n`.
fn read_v1(bytes: &[u8]) -> Option<Header> {
    let Some(end) = bytes.iter().take(MAX_V1).position(|&b| b == b'\n') else {
        return (bytes.len() < MAX_V1).then_some(Header::Incomplete);
    };
    let line = std::str::from_utf8(&bytes[..end]).ok()?.strip_suffix('\r')?;
    let mut words = line.split(' ').skip(1);
    let protocol = words.next()?;
    let client = match protocol {
        "UNKNOWN" => None,
        "TCP4" | "TCP6" => {
            let source: IpAddr = words.next()?.parse().ok()?;
            let target: IpAddr = words.next()?.parse().ok()?;
            let source_port = port(words.next()?)?;
            port(words.next()?)?;
            let is_v4 = protocol == "TCP4";
            if words.next().is_some() || source.is_ipv4() != is_v4 || target.is_ipv4() != is_v4 {
                return None;
            }
            Some(SocketAddr::new(source, source_port))
        }
        _ => return None,
    };
    Some(Header::Complete { length: end + 1, client })
}

/// Digits without a sign or a leading zero (section 2.1).
fn port(text: &str) -> Option<u16> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if plain { text.parse().ok() } else { None }
}

/// Signature, version and command, family, length of the rest, addresses, notes (section 2.2).
fn read_v2(bytes: &[u8]) -> Option<Header> {
    let &[version_command, family, high, low] = bytes.get(12..16).unwrap_or_default() else {
        return Some(Header::Incomplete);
    };
    let rest = usize::from(u16::from_be_bytes([high, low]));
    if version_command >> 4 != 2 || rest > MAX_V2 {
        return None;
    }
    let needed = match (version_command & 0xF, family) {
        // LOCAL is the balancer's own connection, and so is one of an unspecified family
        (0, _) | (1, 0x00) => 0,
        (1, 0x11) => V4,
        (1, 0x21) => V6,
        _ => return None,
    };
    if rest < needed {
        return None;
    }
    let length = 16 + rest;
    let Some(addresses) = bytes.get(16..length) else {
        return Some(Header::Incomplete);
    };
    let client = match needed {
        V4 => {
            let source = Ipv4Addr::from(<[u8; 4]>::try_from(&addresses[..4]).ok()?);
            Some(SocketAddr::new(source.into(), u16::from_be_bytes([addresses[8], addresses[9]])))
        }
        V6 => {
            let source = Ipv6Addr::from(<[u8; 16]>::try_from(&addresses[..16]).ok()?);
            Some(SocketAddr::new(source.into(), u16::from_be_bytes([addresses[32], addresses[33]])))
        }
        _ => None,
    };
    Some(Header::Complete { length, client })
}

#[cfg(test)]
mod tests {
    use super::{Header, MAX_V1, SIGNATURE, read};

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0x20 | command, family]);
        bytes.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
        bytes.extend(rest);
        bytes
    }

    const TCP4: &[u8] = &[192, 0, 2, 1, 10, 0, 0, 1, 0xDC, 0x04, 0, 25];

    fn client(bytes: &[u8]) -> Option<String> {
        match read(bytes) {
            Header::Complete { length, client } => {
                assert_eq!(length, bytes.len());
                Some(client.map(|client| client.to_string()).unwrap_or_default())
            }
            Header::Incomplete | Header::Invalid => None,
        }
    }

    #[test]
    fn both_versions_name_the_client() {
        assert_eq!(client(b"PROXY TCP4 192.0.2.1 10.0.0.1 56324 25\r\n").as_deref(), Some("192.0.2.1:56324"));
        assert_eq!(client(b"PROXY TCP6 2001:db8::1 ::1 1 25\r\n").as_deref(), Some("[2001:db8::1]:1"));
        assert_eq!(client(&v2(1, 0x11, TCP4)).as_deref(), Some("192.0.2.1:56324"));
        let mut six = [0; 36];
        six[0] = 0x20;
        six[15] = 1;
        six[33] = 7;
        assert_eq!(client(&v2(1, 0x21, &six)).as_deref(), Some("[2000::1]:7"));
        let with_notes = [TCP4, &[4, 0, 1, 0]].concat();
        assert_eq!(client(&v2(1, 0x11, &with_notes)).as_deref(), Some("192.0.2.1:56324"));
    }

    #[test]
    fn a_balancer_may_speak_for_itself() {
        for bytes in [b"PROXY UNKNOWN\r\n".to_vec(), v2(0, 0, b""), v2(0, 0x11, TCP4), v2(1, 0, b"")] {
            assert_eq!(client(&bytes).as_deref(), Some(""), "{bytes:?}");
        }
    }

    #[test]
    fn a_header_is_incomplete_at_every_split() {
        for whole in [b"PROXY TCP4 192.0.2.1 10.0.0.1 56324 25\r\n".to_vec(), v2(1, 0x11, TCP4)] {
            for at in 0..whole.len() {
                assert_eq!(read(&whole[..at]), Header::Incomplete, "{:?}", &whole[..at]);
            }
            let length = whole.len();
            let followed = [&whole[..], b"EHLO a\r\n"].concat();
            assert!(matches!(read(&followed), Header::Complete { length: used, .. } if used == length));
        }
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        let long = format!("PROXY UNKNOWN {}", "x".repeat(MAX_V1));
        let texts = [
            "EHLO a\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 56324\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 56324 25 9\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 056 25\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 +56 25\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 65536 25\r\n",
            "PROXY TCP4 2001:db8::1 ::1 1 25\r\n",
            "PROXY TCP6 192.0.2.1 10.0.0.1 1 25\r\n",
            "PROXY UDP4 192.0.2.1 10.0.0.1 1 25\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 1 25\n",
            &long,
        ];
        for text in texts {
            assert_eq!(read(text.as_bytes()), Header::Invalid, "{text}");
        }
        let huge = [&SIGNATURE[..], &[0x21, 0x11, 0xFF, 0xFF]].concat();
        let old = [&SIGNATURE[..], &[0x11, 0x11, 0, 12]].concat();
        for bytes in [v2(1, 0x11, &TCP4[..11]), v2(2, 0x11, TCP4), v2(1, 0x12, TCP4), huge, old] {
            assert_eq!(read(&bytes), Header::Invalid, "{bytes:?}");
        }
    }
}
