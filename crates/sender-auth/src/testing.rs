//! A name server with a zone of its own, and mails signed for it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_auth::arc::ArcSealer;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use mail_auth::{AuthenticatedMessage, AuthenticationResults};
use tokio::net::UdpSocket;

/// TXT records by name; every other question is answered with "no such name", unless the zone is silent.
#[derive(Clone)]
pub struct Zone {
    address: SocketAddr,
    records: Arc<Mutex<Records>>,
}

#[derive(Default)]
struct Records {
    txt: HashMap<String, String>,
    silent: bool,
}

/// A domain's key; its public half stands in the zone under the selector `test`.
pub struct Signer {
    domain: String,
    pkcs8: Vec<u8>,
}

const HEADERS: [&str; 4] = ["From", "To", "Subject", "Message-ID"];

impl Zone {
    /// Starts a name server on this machine; it ends with the runtime.
    #[allow(clippy::disallowed_methods, clippy::missing_panics_doc, clippy::unwrap_used, reason = "for tests")]
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let zone = Self { address: socket.local_addr().unwrap(), records: Arc::default() };
        let records = zone.records.clone();
        tokio::spawn(async move {
            let mut question = [0; 1024];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                if let Some(answer) = answer(&records, &question[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        zone
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Publishes a TXT record.
    pub fn txt(&self, name: &str, text: &str) {
        self.records().txt.insert(name.to_ascii_lowercase(), text.to_owned());
    }

    /// Answers nothing from here on; or everything again.
    pub fn silence(&self, silent: bool) {
        self.records().silent = silent;
    }

    /// Makes a key for the domain and publishes it.
    #[must_use]
    #[allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "for tests")]
    pub fn signer(&self, domain: &str) -> Signer {
        let signer = Signer { domain: domain.to_owned(), pkcs8: Ed25519Key::generate_pkcs8().unwrap() };
        let public = STANDARD.encode(signer.key().public_key());
        self.txt(&format!("test._domainkey.{domain}"), &format!("v=DKIM1; k=ed25519; p={public}"));
        signer
    }

    fn records(&self) -> std::sync::MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "for tests")]
impl Signer {
    fn key(&self) -> Ed25519Key {
        Ed25519Key::from_pkcs8_der(&self.pkcs8).unwrap()
    }

    /// The mail with a DKIM signature in front.
    #[must_use]
    pub fn sign(&self, raw: &str) -> String {
        let signer = DkimSigner::from_key(self.key()).domain(&self.domain).selector("test").headers(HEADERS);
        signer.sign(raw.as_bytes()).unwrap().to_header() + raw
    }

    /// The mail with one more ARC set in front, which says what its DKIM signatures were like.
    #[must_use]
    pub async fn seal(&self, zone: &Zone, raw: &str) -> String {
        let checker = crate::Checker::new(&[zone.address()]).unwrap();
        let message = AuthenticatedMessage::parse(raw.as_bytes()).unwrap();
        let chain = checker.dns().verify_arc(&message).await;
        let dkim = checker.dns().verify_dkim(&message).await;
        let said = AuthenticationResults::new("mx.forwarder.test").with_dkim_results(&dkim, message.from());
        let sealer = ArcSealer::from_key(self.key()).domain(&self.domain).selector("test").headers(HEADERS);
        sealer.seal(&message, &said, &chain).unwrap().to_header() + raw
    }
}

/// The answer to one question: a header of 12 bytes, the name as labels, type and class (RFC 1035, section 4).
fn answer(records: &Mutex<Records>, question: &[u8]) -> Option<Vec<u8>> {
    let records = records.lock().unwrap_or_else(PoisonError::into_inner);
    if records.silent {
        return None;
    }
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(question.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let is_txt = question.get(at..at + 2)? == [0, 16];
    let found = records.txt.get(&labels.join(".")).filter(|_| is_txt);
    let mut answer = question.get(..2)?.to_vec();
    // response, recursion desired and available; NXDOMAIN where nothing is found
    answer.extend([0x81, if found.is_some() { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
    answer.extend_from_slice(question.get(12..at + 4)?);
    if let Some(text) = found {
        let strings: Vec<u8> = text
            .as_bytes()
            .chunks(255)
            .flat_map(|chunk| [&[u8::try_from(chunk.len()).unwrap_or(255)], chunk].concat())
            .collect();
        // the name is the question's (a pointer to byte 12); TXT, IN, one minute
        answer.extend([0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(strings.len()).ok()?.to_be_bytes());
        answer.extend(strings);
    }
    Some(answer)
}
