//! The connection below IMAP: which address, TLS, and noticing that the other end is gone.

use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{Response, Status};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::address::is_public;
use super::error::{SessionError, broken, refused};
use super::target::Target;
use crate::domain::connections::ConnectionTls;
use crate::settings::{Environment, Settings};

/// What IMAP is spoken over.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Socket for T {}

/// A command goes out as one packet: the library writes it in pieces.
pub(super) type Pipe = BufWriter<Box<dyn Socket>>;

/// How connections are made; one for a whole process, as the certificates take room.
#[derive(Debug)]
pub(super) struct Connector {
    tls: Arc<ClientConfig>,
    /// Agencies' mailboxes may be in networks that are not public.
    allow_private: bool,
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let imap = &settings.imap;
        let tls = Arc::new(tls(imap.ca_certificates.as_deref())?);
        let allow_private = imap.allow_private_addresses.unwrap_or(settings.environment == Environment::Dev);
        Ok(Self { tls, allow_private })
    }

    /// Connects, with TLS unless the server is this machine, and hears the greeting.
    pub(super) async fn connect(&self, target: &Target) -> Result<Client<Pipe>, SessionError> {
        let tcp = self.dial(target).await?;
        let mut client = match target.tls {
            ConnectionTls::Tls => Client::new(self.encrypt(target, tcp).await?),
            ConnectionTls::StartTls => {
                let mut client = Client::new(pipe(tcp));
                greeting(&mut client).await?;
                start_tls(&mut client).await?;
                // What was sent before the encryption and not read yet stays behind in the library's buffer: somebody on
                // the way may have put it there.
                return Ok(Client::new(self.encrypt(target, client.into_inner().into_inner()).await?));
            }
            ConnectionTls::None => Client::new(pipe(tcp)),
        };
        greeting(&mut client).await?;
        Ok(client)
    }

    async fn dial(&self, target: &Target) -> Result<TcpStream, SessionError> {
        let host = target.host.as_str();
        let plain = target.tls == ConnectionTls::None;
        if plain && !is_this_machine(host) {
            return Err(SessionError::PlainText);
        }
        let error = |error: std::io::Error| SessionError::Connect(error.kind());
        let addresses: Vec<SocketAddr> = lookup_host((host, target.port)).await.map_err(error)?.collect();
        let mut last = SessionError::Connect(std::io::ErrorKind::NotFound);
        for address in addresses {
            // The address that is connected to is the one that was looked at: a name may lead elsewhere the next time.
            if target.is_agencys() && !self.allow_private && !is_public(address.ip()) {
                last = SessionError::Private;
            } else if plain && !address.ip().is_loopback() {
                last = SessionError::PlainText;
            } else {
                match TcpStream::connect(address).await {
                    Ok(tcp) => {
                        notice_silence(&tcp).map_err(error)?;
                        return Ok(tcp);
                    }
                    Err(failure) => last = error(failure),
                }
            }
        }
        Err(last)
    }

    async fn encrypt(&self, target: &Target, socket: impl Socket + 'static) -> Result<Pipe, SessionError> {
        let failed = |error: String| SessionError::Tls(error);
        let name = ServerName::try_from(target.host.clone()).map_err(|error| failed(error.to_string()))?;
        let connector = TlsConnector::from(self.tls.clone());
        Ok(pipe(connector.connect(name, socket).await.map_err(|error| failed(error.to_string()))?))
    }
}

fn pipe(socket: impl Socket + 'static) -> Pipe {
    BufWriter::with_capacity(1024, Box::new(socket))
}

/// A connection whose other end vanished (a router forgot it, a machine lost its power) sends nothing, for ever. The
/// system asks after a minute without a word, and ends it when three questions stay without an answer.
fn notice_silence(tcp: &TcpStream) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    SockRef::from(tcp).set_tcp_keepalive(&keepalive.with_retries(3))
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The library does not wait for the greeting by itself, and then takes it for the answer to the first command.
async fn greeting(client: &mut Client<Pipe>) -> Result<(), SessionError> {
    const STEP: &str = "the greeting";
    let greeting = client.read_response().await.map_err(|error| broken(STEP, &error))?;
    match greeting.as_ref().map(|response| response.parsed()) {
        Some(Response::Data { status: Status::Ok, .. }) => Ok(()),
        Some(Response::Data { outcome, .. }) => Err(refused(STEP, outcome.information.as_deref())),
        Some(_) | None => Err(SessionError::NoAnswer(STEP)),
    }
}

async fn start_tls(client: &mut Client<Pipe>) -> Result<(), SessionError> {
    let done = client.run_command_and_check_ok("STARTTLS", None).await;
    done.map_err(|error| match error {
        async_imap::error::Error::Io(error) => broken("STARTTLS", &error),
        async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => {
            SessionError::Tls("the server does not offer STARTTLS".to_owned())
        }
        _ => SessionError::NoAnswer("STARTTLS"),
    })
}

fn tls(own: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = own {
        let problem = |error: String| anyhow::anyhow!("imap.ca_certificates: {}: {error}", file.display());
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| problem(error.to_string()))? {
            let certificate = certificate.map_err(|error| problem(error.to_string()))?;
            roots.add(certificate).map_err(|error| problem(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
