//! Asking.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, MessageAuthenticator, SpfOutput, SpfResult};
use tokio::time::timeout;

use crate::arc::dkim_passed;
use crate::findings::{Chain, Dmarc, Findings, Seal, Signature, Spf, Verdict};

/// Signatures looked at; each costs a question and a verification. Honest mails have one to three.
const MOST_SIGNATURES: usize = 10;
/// Longest ARC chain looked at; each hop costs a question.
const MOST_HOPS: usize = 10;
/// For one answer of a name server.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks mails. It keeps the answers of the name servers for as long as they say.
#[derive(Clone)]
pub struct Checker {
    dns: MessageAuthenticator,
}

/// Who handed a mail over.
#[derive(Debug, Clone, Copy)]
pub struct Hop<'a> {
    /// Its address.
    pub ip: IpAddr,
    /// What it called itself.
    pub helo: &'a str,
    /// Envelope sender; empty for bounces.
    pub mail_from: &'a str,
    /// What the receiving host calls itself.
    pub receiver: &'a str,
}

/// The name servers cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the name servers cannot be used: {0}")]
pub struct SetupError(String);

impl Checker {
    /// Asks the name servers of this machine (`/etc/resolv.conf`).
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn system() -> Result<Self, SetupError> {
        let (config, options) = read_system_conf().map_err(|error| SetupError(error.to_string()))?;
        Self::build(config, options)
    }

    /// Asks these name servers.
    ///
    /// # Errors
    /// When there are none, or the resolver cannot be built.
    pub fn new(name_servers: &[SocketAddr]) -> Result<Self, SetupError> {
        if name_servers.is_empty() {
            return Err(SetupError("none is given".to_owned()));
        }
        let servers = name_servers.iter().map(|server| {
            let with_port = |mut connection: ConnectionConfig| {
                connection.port = server.port();
                connection
            };
            let connections = vec![with_port(ConnectionConfig::udp()), with_port(ConnectionConfig::tcp())];
            NameServerConfig::new(server.ip(), true, connections)
        });
        Self::build(ResolverConfig::from_parts(None, Vec::new(), servers.collect()), ResolverOpts::default())
    }

    fn build(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, SetupError> {
        options.timeout = ANSWER_TIMEOUT;
        options.attempts = 2;
        let dns = MessageAuthenticator::new(config, options).map_err(|error| SetupError(error.to_string()))?;
        Ok(Self { dns })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn dns(&self) -> &MessageAuthenticator {
        &self.dns
    }

    /// What SPF, DKIM, DMARC and ARC say of a mail. `hop` is who handed it over, as far as known. What is not answered
    /// within `patience` is a [`Verdict::TempError`]. Bytes that are no mail have no findings.
    pub async fn check(&self, raw: &[u8], hop: Option<Hop<'_>>, patience: Duration) -> Findings {
        // strict: a signature over a part of the body only (`l=`) does not speak for the rest
        let Some(mut message) = AuthenticatedMessage::parse_with_opts(raw, None, true) else {
            return Findings::default();
        };
        message.dkim_headers.truncate(MOST_SIGNATURES);
        let (spf, dkim, arc) = tokio::join!(
            async {
                match hop {
                    Some(hop) => Some(
                        timeout(patience, self.spf(hop))
                            .await
                            .unwrap_or_else(|_| SpfOutput::new(domain_of(hop)).with_result(SpfResult::TempError)),
                    ),
                    None => None,
                }
            },
            async { timeout(patience, self.dns.verify_dkim(&message)).await.unwrap_or_else(|_| unanswered(&message)) },
            async { timeout(patience, self.arc(&message)).await.unwrap_or_else(|_| broken_off(&message)) },
        );
        let dmarc = timeout(patience, self.dmarc(&message, &dkim, hop, spf.as_ref())).await;
        Findings {
            spf: spf.map(|spf| Spf { result: spf.result().into(), domain: spf.domain().to_ascii_lowercase() }),
            dmarc: dmarc.unwrap_or_else(|_| {
                author(&message).map(|domain| Dmarc { result: Verdict::TempError, domain, policy: None })
            }),
            dkim: dkim.iter().map(signature).collect(),
            arc,
        }
    }

    async fn spf(&self, hop: Hop<'_>) -> SpfOutput {
        let parameters = match hop.mail_from {
            "" => SpfParameters::verify_ehlo(hop.ip, hop.helo, hop.receiver),
            from => SpfParameters::verify_mail_from(hop.ip, hop.helo, hop.receiver, from),
        };
        self.dns.verify_spf(parameters).await
    }

    async fn arc(&self, message: &AuthenticatedMessage<'_>) -> Option<Chain> {
        if message.as_headers.is_empty() && !message.has_arc_errors {
            return None;
        }
        if message.as_headers.len() > MOST_HOPS {
            return Some(Chain { result: Verdict::PermError, seals: Vec::new() });
        }
        let output = self.dns.verify_arc(message).await;
        let seals = output.sets().iter().map(|set| Seal {
            domain: set.seal.header.d.to_ascii_lowercase(),
            dkim_passed: dkim_passed(set.results.value),
        });
        Some(Chain { result: output.result().into(), seals: seals.collect() })
    }

    async fn dmarc(
        &self,
        message: &AuthenticatedMessage<'_>,
        dkim: &[DkimOutput<'_>],
        hop: Option<Hop<'_>>,
        spf: Option<&SpfOutput>,
    ) -> Option<Dmarc> {
        let author = author(message)?;
        let unknown = SpfOutput::new(String::new()).with_result(SpfResult::None);
        let envelope = hop.map(domain_of).unwrap_or_default();
        let parameters = DmarcParameters::new(message, dkim, &envelope, spf.unwrap_or(&unknown));
        let output = self.dns.verify_dmarc(parameters).await;
        let policy = output.dmarc_record().map(|_| match output.policy() {
            Policy::Reject => "reject",
            Policy::Quarantine => "quarantine",
            Policy::None | Policy::Unspecified => "none",
        });
        Some(Dmarc { result: output.result().into(), domain: author, policy: policy.map(str::to_owned) })
    }
}

/// The domain SPF is about.
fn domain_of(hop: Hop<'_>) -> String {
    hop.mail_from.rsplit_once('@').map_or(hop.helo, |(_, domain)| domain).to_ascii_lowercase()
}

/// The one domain of the author.
fn author(message: &AuthenticatedMessage<'_>) -> Option<String> {
    let mut domains = message.froms().iter().filter_map(|from| from.rsplit_once('@'));
    let domain = domains.next()?.1.to_ascii_lowercase();
    domains.all(|(_, other)| other.eq_ignore_ascii_case(&domain)).then_some(domain)
}

fn signature(output: &DkimOutput<'_>) -> Signature {
    let signed = output.signature();
    Signature {
        result: output.result().into(),
        domain: signed.map(|signed| signed.d.to_ascii_lowercase()).unwrap_or_default(),
        selector: signed.map(|signed| signed.s.clone()).unwrap_or_default(),
    }
}

fn unanswered<'x>(message: &'x AuthenticatedMessage<'x>) -> Vec<DkimOutput<'x>> {
    let late = || mail_auth::Error::Dns(mail_auth::DnsError::Resolver("no answer in time".to_owned()));
    let signatures = message.dkim_headers.iter();
    signatures.map(|header| DkimOutput::temp_err(late()).with_signature(&header.header)).collect()
}

fn broken_off(message: &AuthenticatedMessage<'_>) -> Option<Chain> {
    (!message.as_headers.is_empty()).then(|| Chain { result: Verdict::TempError, seals: Vec::new() })
}
