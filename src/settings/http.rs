//! `[http]`, `[limits]`, `[widget]`: what is asked over HTTP.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// How prospects reach us; the start of every link in a mail.
    pub public_url: String,
    /// Where the agencies' people work: the start of links in mails to them.
    pub app_url: String,
    /// Largest request body, bytes.
    pub max_body_bytes: usize,
    /// A request that takes longer is ended with 503, seconds.
    pub timeout_seconds: u64,
    /// A new connection that has not sent the head of a request by then is closed, seconds.
    pub head_seconds: u64,
    /// A connection without a request is kept open for as long, seconds; the next one's head must be there by then.
    pub idle_seconds: u64,
    /// Connections open at once, per process; more wait until one is closed.
    pub max_connections: usize,
    /// Origins (`https://app.example`) whose pages a browser lets call the API.
    pub allowed_origins: Vec<String>,
    /// Networks of our own proxies: what they say in `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Longest silence on the stream of live events, seconds; as often it is asked anew whether its reader may read.
    pub heartbeat_seconds: u64,
}

/// `[limits]`; docs/decisions/0011 says how they hold across processes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Requests of a signed-in tenant.
    pub tenant: RateSettings,
    /// Requests of one address without a sign-in: pages for prospects, the public API.
    pub address: RateSettings,
    /// Refused sign-ins of one address.
    pub failed_sign_in: RateSettings,
    /// Forms of web pages that one address sends.
    pub form_address: RateSettings,
    /// Forms of web pages that one tenant gets.
    pub form_tenant: RateSettings,
    /// Questions that one user asks the assistant.
    pub question: RateSettings,
    /// Streams of live events and of answers at once, per tenant and process.
    pub live_streams: usize,
}

/// A rate: so many a minute, and so many at once after a quiet while.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Requests a minute in the long run.
    pub per_minute: u32,
    /// Requests at once.
    pub burst: u32,
}

/// `[widget]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WidgetSettings {
    /// How hard a browser works before an enquiry is taken: each bit more doubles it.
    pub work_bits: u8,
}
