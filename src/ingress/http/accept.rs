//! Taking connections: HTTP/1.1 (keep-alive, no upgrades), so many at once and none that says nothing for long.
//!
//! Always true: a socket whose client does not send the head of a request in time is closed, whether it is the first
//! one or a later one; a connection ends when its task does, and every task ends with [`serve`]. How long a request
//! itself may take is said in `layers`.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::settings::HttpSettings;

/// After a failure to accept that is not one client's doing, such as having no file descriptor left.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `soft`, then lets every connection finish the request it is at; ends all of them at `hard`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &HttpSettings,
    soft: CancellationToken,
    hard: CancellationToken,
) {
    let mut connections = JoinSet::new();
    let seats = Arc::new(Semaphore::new(settings.max_connections));
    loop {
        let (stream, peer, seat) = tokio::select! {
            () = soft.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &seats) => accepted,
        };
        connections.spawn(connection(stream, peer, seat, router.clone(), Times::of(settings), soft.clone()));
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = finished => {}
        () = hard.cancelled() => {}
    }
}

/// The next connection, once there is a seat for it. May be dropped while waiting.
async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(seat) = Arc::clone(seats).acquire_owned().await else { unreachable!("nobody closes the semaphore") };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, seat),
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "HTTP cannot take connections, trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether somebody hung up before they were taken.
fn is_the_clients(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[derive(Clone, Copy)]
struct Times {
    head: Duration,
    idle: Duration,
}

impl Times {
    fn of(settings: &HttpSettings) -> Self {
        Self { head: Duration::from_secs(settings.head_seconds), idle: Duration::from_secs(settings.idle_seconds) }
    }
}

/// One connection, from its first byte to its end. How it ends is its client's affair.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    _seat: OwnedSemaphorePermit,
    router: Router,
    times: Times,
    soft: CancellationToken,
) {
    let began = CancellationToken::new();
    let begins = began.clone();
    let service = router.map_request(move |mut request: Request<Incoming>| {
        begins.cancel();
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    // hyper's one clock runs from the end of a request to the end of the next head, so it is the longer one.
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.idle)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut serving = pin!(serving);
    let mut first_head = pin!(tokio::time::sleep(times.head));
    let (mut is_waiting, mut is_ending) = (true, false);
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = &mut first_head, if is_waiting => {
                if !began.is_cancelled() {
                    return;
                }
                is_waiting = false;
            }
            () = soft.cancelled(), if !is_ending => {
                is_ending = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}
