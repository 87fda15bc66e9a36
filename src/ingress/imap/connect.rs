//! The connection below IMAP, and folder names.

use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::session::SessionError;
use crate::settings::ImapMailbox;

/// What IMAP is spoken over.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Socket for T {}

/// Connects, with TLS unless the server is this machine.
pub(super) async fn connect(mailbox: &ImapMailbox) -> Result<Box<dyn Socket>, SessionError> {
    let host = mailbox.host.as_str();
    if !mailbox.tls && !is_this_machine(host) {
        return Err(SessionError::PlainText);
    }
    let tcp = TcpStream::connect((host, mailbox.port)).await.map_err(|error| SessionError::Connect(error.kind()))?;
    if !mailbox.tls {
        // The name may lead elsewhere than it says.
        let local = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        return if local { Ok(Box::new(tcp)) } else { Err(SessionError::PlainText) };
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|error| SessionError::Tls(error.to_string()))?;
    let connector = TlsConnector::from(Arc::new(tls().map_err(|error| SessionError::Tls(error.to_string()))?));
    let tls = connector.connect(name, tcp).await.map_err(|error| SessionError::Tls(error.to_string()))?;
    Ok(Box::new(tls))
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// A folder's name as IMAP wants it: modified UTF-7 (RFC 3501 §5.1.3).
pub(super) fn folder_on_the_wire(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let plain = |c: char| matches!(c, ' '..='~');
        if plain(first) {
            wire.push(first);
            if first == '&' {
                wire.push('-');
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (run, after) = rest.split_at(rest.find(plain).unwrap_or(rest.len()));
        let utf16: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
        wire.push('&');
        wire.push_str(&STANDARD_NO_PAD.encode(utf16).replace('/', ","));
        wire.push('-');
        rest = after;
    }
    wire
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn folder_names_are_modified_utf_7() {
        assert_eq!(folder_on_the_wire("INBOX"), "INBOX");
        assert_eq!(folder_on_the_wire("Anfragen/Käufer"), "Anfragen/K&AOQ-ufer");
        assert_eq!(folder_on_the_wire("Miete & Kauf"), "Miete &- Kauf");
        // The example of RFC 3501.
        assert_eq!(folder_on_the_wire("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    }

    #[tokio::test]
    async fn a_password_does_not_leave_this_machine_in_the_open() {
        for host in ["imap.agentur.example", "192.0.2.1", "localhost.agentur.example", "127.0.0.1.example"] {
            let mailbox = ImapMailbox {
                intake_prefix: "demo".to_owned(),
                host: host.to_owned(),
                port: 143,
                tls: false,
                username: "info".to_owned(),
                password: Some(SecretString::from("secret")),
                password_secret: None,
                folder: "INBOX".to_owned(),
            };
            assert!(matches!(connect(&mailbox).await, Err(SessionError::PlainText)), "{host}");
        }
    }
}
