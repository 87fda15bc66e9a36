//! Where the certificate comes from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
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
    /// PEM files, read once at start.
    Files {
        /// The certificate chain, leaf first.
        cert: PathBuf,
        /// The private key (PKCS#8, PKCS#1 or SEC1).
        key: PathBuf,
    },
}

/// An acceptor and the leaf certificate it shows.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) certificate: CertificateDer<'static>,
}

impl TlsMode {
    pub(crate) fn load(&self, hostname: &str) -> io::Result<Option<Tls>> {
        match self {
            Self::Off => Ok(None),
            Self::SelfSigned => {
                let (chain, key) = self_signed(hostname)?;
                build(chain, key).map(Some)
            }
            Self::Files { cert, key } => build(read_chain(cert)?, read_key(key)?).map(Some),
        }
    }
}

fn self_signed(
    hostname: &str,
) -> io::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let names = vec![hostname.to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((vec![made.cert.der().clone()], key.into()))
}

fn read_chain(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable("certificate", path, &error))
}

fn read_key(path: &Path) -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| unreadable("key", path, &error))
}

fn unreadable(what: &str, path: &Path, error: &rustls::pki_types::pem::Error) -> io::Error {
    let text = format!("{what} file {} is unreadable: {error}", path.display());
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn build(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> io::Result<Tls> {
    let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    let Some(certificate) = chain.first().cloned() else {
        return Err(invalid("certificate file holds no certificate".to_owned()));
    };
    // The provider is named so that nothing depends on a process-wide default.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| invalid(format!("certificate and key are unusable: {error}")))?;
    Ok(Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        certificate,
    })
}
