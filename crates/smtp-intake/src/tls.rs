//! Where the certificate comes from, and how a renewed one is noticed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Whether STARTTLS (RFC 3207) is offered, and with which certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// Not offered.
    Off,
    /// A new self-signed certificate at every start, for development. Senders that encrypt
    /// opportunistically accept it, those with MTA-STS or DANE do not.
    SelfSigned,
    /// PEM files. They must be usable at start; when they change later, the next handshake uses
    /// the new ones, and as long as those are unusable the last usable ones.
    Files {
        /// The certificate chain, leaf first.
        cert: PathBuf,
        /// The private key (PKCS#8, PKCS#1 or SEC1).
        key: PathBuf,
    },
}

/// The certificate in use.
pub(crate) struct Tls {
    files: Option<(PathBuf, PathBuf)>,
    current: Mutex<Current>,
}

#[derive(Clone)]
struct Current {
    acceptor: TlsAcceptor,
    leaf: CertificateDer<'static>,
    /// When the files were written that this was read from.
    written: Option<(SystemTime, SystemTime)>,
}

impl TlsMode {
    pub(crate) fn load(self, hostname: &str) -> io::Result<Option<Tls>> {
        let (files, current) = match self {
            Self::Off => return Ok(None),
            Self::SelfSigned => (None, self_signed(hostname)?),
            Self::Files { cert, key } => {
                let current = from_files(&cert, &key)?;
                (Some((cert, key)), current)
            }
        };
        Ok(Some(Tls { files, current: Mutex::new(current) }))
    }
}

impl Tls {
    /// For the next handshake. Looks at the files' times, which costs microseconds, so that a
    /// renewal needs neither a restart nor a signal.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        // replaced as a whole, so a panic cannot leave it half changed
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((cert, key)) = &self.files
            && written(cert, key).ok() != current.written
        {
            match from_files(cert, key) {
                Ok(renewed) => {
                    tracing::info!("the renewed certificate is in use");
                    *current = renewed;
                }
                // perhaps only one of the two files has been replaced so far
                Err(error) => tracing::warn!(%error, "keeping the certificate read before"),
            }
        }
        current.acceptor.clone()
    }

    pub(crate) fn leaf(&self) -> CertificateDer<'static> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).leaf.clone()
    }
}

fn self_signed(hostname: &str) -> io::Result<Current> {
    let names = vec![hostname.to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    build(vec![made.cert.der().clone()], key.into(), None)
}

fn from_files(cert: &Path, key: &Path) -> io::Result<Current> {
    // taken before reading: a change in between is then seen at the next look
    let written = written(cert, key)?;
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| invalid(format!("certificate file {}: {error}", cert.display())))?;
    let key =
        PrivateKeyDer::from_pem_file(key).map_err(|error| invalid(format!("key file {}: {error}", key.display())))?;
    build(chain, key, Some(written))
}

fn written(cert: &Path, key: &Path) -> io::Result<(SystemTime, SystemTime)> {
    let of = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|data| data.modified())
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    Ok((of(cert)?, of(key)?))
}

fn build(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    written: Option<(SystemTime, SystemTime)>,
) -> io::Result<Current> {
    let Some(leaf) = chain.first().cloned() else {
        return Err(invalid("no certificate".to_owned()));
    };
    // The provider is named so that nothing depends on a process-wide default.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| invalid(format!("certificate and key are unusable: {error}")))?;
    Ok(Current { acceptor: TlsAcceptor::from(Arc::new(config)), leaf, written })
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
