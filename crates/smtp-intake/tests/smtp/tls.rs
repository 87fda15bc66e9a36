//! STARTTLS with a real handshake.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use smtp_intake::{Limits, Server, TlsMode};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::client::Client;
use super::recorder::Recorder;
use super::server::{Running, start_with};

async fn encrypted(mut client: Client, certificate: &[u8]) -> Client<TlsStream<TcpStream>> {
    client.expect("STARTTLS", "220 2.0.0 ").await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("mx.example.test").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    Client::over(connector.connect(name, client.stream).await.unwrap())
}

async fn start() -> Running {
    start_with(Limits::default(), TlsMode::SelfSigned).await
}

async fn deliver_over_tls(server: &Running) {
    let client = Client::ready(server.address).await;
    let mut client = encrypted(client, server.certificate.as_ref().unwrap()).await;
    client.expect("EHLO client.example", "250").await;
    assert!(client.transact("secret\r\n.\r\n").await.starts_with("250 "));
    client.expect("QUIT", "221 ").await;
    client.expect_closed().await;
    assert!(server.recorder.envelope().tls);
    assert_eq!(server.recorder.messages(), [b"secret\r\n"]);
    assert_eq!(server.recorder.seen().handshakes, [true]);
}

#[tokio::test]
async fn a_message_is_delivered_over_tls_with_a_self_signed_certificate() {
    deliver_over_tls(&start().await).await;
}

/// Writes a new certificate and key, dated so that every generation differs.
fn renew(cert: &Path, key: &Path, generation: u64) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(["mx.example.test".to_owned()]).unwrap();
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(generation);
    for (path, text) in [(cert, made.cert.pem()), (key, made.signing_key.serialize_pem())] {
        std::fs::write(path, text).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(date).unwrap();
    }
    made.cert.der().to_vec()
}

#[tokio::test]
async fn certificates_come_from_files_and_are_renewed_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let first = renew(&cert, &key, 1);
    let tls = TlsMode::Files { cert: cert.clone(), key: key.clone() };
    let server = start_with(Limits::default(), tls).await;
    assert_eq!(server.certificate.as_ref(), Some(&first));
    deliver_over_tls(&server).await;
    std::fs::write(&key, "half written").unwrap();
    encrypted(Client::ready(server.address).await, &first).await;
    let second = renew(&cert, &key, 2);
    encrypted(Client::ready(server.address).await, &second).await;
}

#[tokio::test]
async fn unusable_certificate_files_stop_the_start_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, "no certificate").unwrap();
    std::fs::write(&key, "no key").unwrap();
    let tls = TlsMode::Files { cert, key };
    let recorder = Arc::new(Recorder::new());
    let bound = Server::bind("127.0.0.1:0", "mx", Limits::default(), tls, recorder).await;
    let text = bound.err().unwrap().to_string();
    assert!(text.contains("cert.pem"), "{text}");
}

#[tokio::test]
async fn starttls_is_offered_only_before_it_and_resets_the_session() {
    let server = start().await;
    let mut client = Client::connect(server.address).await;
    assert!(client.command("EHLO client.example").await.contains("\n250-STARTTLS\n"));
    client.expect("MAIL FROM:<a@b.example>", "250 ").await;
    client.expect("STARTTLS now", "501 5.5.4 ").await;
    let mut client = encrypted(client, server.certificate.as_ref().unwrap()).await;
    client.expect("RCPT TO:<b@example.test>", "503 5.5.1 ").await;
    client.expect("MAIL FROM:<a@b.example>", "503 5.5.1 ").await;
    let offer = client.command("EHLO client.example").await;
    assert!(offer.contains("250-PIPELINING") && !offer.contains("STARTTLS"), "{offer}");
    client.expect("STARTTLS", "503 5.5.1 ").await;
}

#[tokio::test]
async fn commands_injected_behind_starttls_are_refused() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.send("STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.example>\r\n").await;
    client.expect_reply("554 5.5.1 ").await;
    client.expect_closed().await;
    assert!(server.recorder.seen().handshakes.is_empty());
}

#[tokio::test]
async fn half_a_command_injected_behind_starttls_is_refused_too() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.send("STARTTLS\r\nMAIL FR").await;
    client.expect_reply("554 5.5.1 ").await;
    client.expect_closed().await;
}

#[tokio::test]
async fn plain_text_instead_of_a_handshake_is_never_obeyed() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("STARTTLS", "220 2.0.0 ").await;
    client.send("RSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<b@example.test>\r\n").await;
    server.recorder.until(|seen| seen.closed == 1).await;
    assert_eq!(server.recorder.seen().handshakes, [false]);
    assert!(server.recorder.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handshake_has_a_time_limit() {
    let limits = Limits { command_timeout: Duration::from_millis(100), ..Limits::default() };
    let server = start_with(limits, TlsMode::SelfSigned).await;
    let mut client = Client::ready(server.address).await;
    client.expect("STARTTLS", "220 2.0.0 ").await;
    client.expect_closed().await;
    server.recorder.until(|seen| seen.closed == 1).await;
    assert_eq!(server.recorder.seen().handshakes, [false]);
}

#[tokio::test]
async fn a_large_message_crosses_tls_unchanged() {
    let server = start().await;
    let client = Client::ready(server.address).await;
    let mut client = encrypted(client, server.certificate.as_ref().unwrap()).await;
    client.expect("EHLO client.example", "250").await;
    let message = "0123456789\r\n".repeat(100_000);
    assert!(client.transact(format!("{message}.\r\n")).await.starts_with("250 "));
    assert!(server.recorder.messages() == [message.as_bytes()]);
}
