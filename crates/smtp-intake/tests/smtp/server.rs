//! A running server with a recorder behind it.

use std::net::SocketAddr;
use std::sync::Arc;

use smtp_intake::{Limits, Server, TlsMode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::PATIENCE;
use super::recorder::{Mood, Recorder};

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) certificate: Option<Vec<u8>>,
    pub(crate) soft: CancellationToken,
    pub(crate) hard: CancellationToken,
    serving: JoinHandle<()>,
}

pub(crate) async fn start() -> Running {
    start_with(Limits::default(), TlsMode::Off).await
}

pub(crate) async fn start_with(limits: Limits, tls: TlsMode) -> Running {
    serve(limits, tls, &[]).await
}

/// Behind load balancers in these networks.
pub(crate) async fn start_behind(limits: Limits, proxies: &[&str]) -> Running {
    serve(limits, TlsMode::Off, proxies).await
}

async fn serve(limits: Limits, tls: TlsMode, proxies: &[&str]) -> Running {
    super::logging::install();
    let recorder = Arc::new(Recorder::new());
    let backend = Arc::clone(&recorder);
    let server = Server::bind("127.0.0.1:0", "mx.example.test", limits, tls, backend)
        .await
        .unwrap()
        .with_events(Arc::clone(&recorder) as _)
        .with_proxies(proxies.iter().map(|network| network.parse().unwrap()).collect());
    let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
    Running {
        address: server.local_addr(),
        recorder,
        certificate: server.certificate_der(),
        serving: tokio::spawn(server.serve(soft.clone(), hard.clone())),
        soft,
        hard,
    }
}

impl Running {
    pub(crate) fn mood(&self, mood: Mood) {
        *self.recorder.mood.lock().unwrap() = mood;
    }

    /// Waits for the server to end by itself.
    pub(crate) async fn ended(self) -> Arc<Recorder> {
        tokio::time::timeout(PATIENCE, self.serving).await.expect("serves on").unwrap();
        self.recorder
    }
}
