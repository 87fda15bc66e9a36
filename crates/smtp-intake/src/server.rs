//! Accepting connections, within caps, until told to stop.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::budget::Budget;
use crate::connections::{Connections, Full, Place};
use crate::events::Silent;
use crate::session::{Session, Shared};
use crate::tls::Tls;
use crate::wire::Wire;
use crate::{Backend, Events, Limits, Peer, Reply, TlsMode};

/// Pause after a failed accept, which is nearly always a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time for a balancer to say whose connection it is; it does so at once or never.
const PROXY_TIMEOUT: Duration = Duration::from_secs(10);

/// A bound listener, ready to serve.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    hostname: String,
    limits: Limits,
    tls: Option<Tls>,
    backend: Arc<dyn Backend>,
    events: Arc<dyn Events>,
    proxies: Vec<IpNet>,
}

impl Server {
    /// Binds and loads the certificate. `hostname` is what the server calls itself in its greeting
    /// (RFC 5321, section 4.2.1).
    pub async fn bind(
        addr: impl ToSocketAddrs,
        hostname: impl Into<String>,
        limits: Limits,
        tls: TlsMode,
        backend: Arc<dyn Backend>,
    ) -> io::Result<Self> {
        let hostname = hostname.into();
        if hostname.is_empty() || !hostname.chars().all(|c| c.is_ascii_graphic()) {
            let text = "the SMTP host name must be visible ASCII without blanks";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let tls = tls.load(&hostname)?;
        let listener = TcpListener::bind(addr).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, hostname, limits, tls, backend, events: Arc::new(Silent), proxies: Vec::new() })
    }

    /// Reports to `events`.
    #[must_use]
    pub fn with_events(mut self, events: Arc<dyn Events>) -> Self {
        self.events = events;
        self
    }

    /// Connections from these networks come through a load balancer, which says by the PROXY
    /// protocol (version 1 or 2) whose they are. One without its header is closed.
    #[must_use]
    pub fn with_proxies(mut self, networks: Vec<IpNet>) -> Self {
        self.proxies = networks;
        self
    }

    /// Where it listens; tells the port when bound to port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The leaf certificate shown after STARTTLS, so that a test can trust a self-signed one.
    pub fn certificate_der(&self) -> Option<Vec<u8>> {
        self.tls.as_ref().map(|tls| tls.leaf().to_vec())
    }

    /// Serves until stopped and returns when every session is over.
    ///
    /// `soft`: no connection is accepted any more, sessions without an open transaction get
    /// `421 4.3.2`, an open one may finish. `hard`: sessions end at once; a message whose `250`
    /// was not sent yet stays with its sender.
    pub async fn serve(self, soft: CancellationToken, hard: CancellationToken) {
        let connections = Connections::new(&self.limits);
        let shared = Arc::new(Shared {
            hostname: self.hostname,
            budget: Budget::new(self.limits.max_buffered_bytes),
            limits: self.limits,
            tls: self.tls,
            backend: self.backend,
            events: self.events,
            soft: soft.clone(),
        });
        let sessions = TaskTracker::new();
        tracing::info!(address = %self.address, "smtp intake listens");
        loop {
            let accepted = tokio::select! {
                biased;
                () = soft.cancelled() => break,
                () = hard.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => {
                    let peer = Peer::from(from);
                    let is_proxy = self.proxies.iter().any(|network| network.contains(&peer.ip));
                    let entered = connections.enter().ok_or(Full::Open).and_then(|mut place| {
                        // whose connection it is says the balancer's header, which is not here yet
                        if !is_proxy {
                            place.claim(peer.ip, Instant::now())?;
                        }
                        Ok(place)
                    });
                    match entered {
                        Ok(place) if is_proxy => {
                            let session = hold_proxied(Arc::clone(&shared), stream, peer, place);
                            sessions.spawn(until(hard.clone(), session));
                        }
                        Ok(place) => {
                            let session = hold(Arc::clone(&shared), wire(stream), peer, place);
                            sessions.spawn(until(hard.clone(), session));
                        }
                        Err(full) => refuse(&shared, stream, &peer, full),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        sessions.close();
        sessions.wait().await;
        tracing::info!(address = %self.address, "smtp intake stopped");
    }
}

async fn until(hard: CancellationToken, session: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        () = hard.cancelled() => {}
        () = session => {}
    }
}

fn wire(stream: TcpStream) -> Wire {
    // replies are small and awaited one by one; a failure only makes them slower
    let _ = stream.set_nodelay(true);
    Wire::new(stream)
}

async fn hold(shared: Arc<Shared>, wire: Wire, peer: Peer, place: Place) {
    let _closed = Closed { shared: Arc::clone(&shared), peer };
    let _place = place;
    shared.events.connection_opened(&peer);
    Box::pin(Session::new(shared, wire, peer).run()).await;
}

/// The same for a connection passed on by `balancer`, whose header comes first.
async fn hold_proxied(shared: Arc<Shared>, stream: TcpStream, balancer: Peer, mut place: Place) {
    let mut wire = wire(stream);
    let named = tokio::select! {
        biased;
        () = shared.soft.cancelled() => return,
        named = wire.proxy_header(Instant::now() + PROXY_TIMEOUT) => named,
    };
    let peer = match named {
        Ok(named) => named.map_or(balancer, Peer::from),
        Err(broken) => {
            // no word to it: whoever it is does not speak what was agreed
            tracing::warn!(balancer = %balancer.ip, ?broken, "no usable PROXY header");
            return;
        }
    };
    match place.claim(peer.ip, Instant::now()) {
        Ok(()) => hold(shared, wire, peer, place).await,
        Err(full) => {
            wire.queue(&refusal(&shared, &peer, full).to_string());
            wire.close().await;
        }
    }
}

/// Reports the end of a session however it ends.
struct Closed {
    shared: Arc<Shared>,
    peer: Peer,
}

impl Drop for Closed {
    fn drop(&mut self) {
        self.shared.events.connection_closed(&self.peer);
    }
}

/// Says 421 without waiting: a client turned away must not take a task or a place. The empty send
/// buffer of a new connection has room for one line.
fn refuse(shared: &Shared, stream: TcpStream, peer: &Peer, full: Full) {
    let line = format!("{}\r\n", refusal(shared, peer, full));
    if let Ok(mut stream) = stream.into_std() {
        // the client sees a closed connection otherwise, which means the same
        let _ = stream.write_all(line.as_bytes());
    }
}

fn refusal(shared: &Shared, peer: &Peer, full: Full) -> Reply {
    shared.events.connection_refused(peer);
    tracing::info!(peer = %peer.ip, code = 421, ?full, "too many connections");
    let (enhanced, text) = match full {
        Full::Open => ((4, 3, 2), "Too many connections, try again later"),
        Full::TooFast => ((4, 7, 0), "Too many new connections, try again later"),
    };
    Reply::new(421, enhanced, format!("{} {text}", shared.hostname))
}
