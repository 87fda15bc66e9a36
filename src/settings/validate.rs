//! Combinations that must not start, each with what to do instead.

use secrecy::ExposeSecret;

use super::{AiEngine, Environment, ImapMailbox, KeyWrapperKind, MailTransport, Settings, TlsMode};

/// Why these settings must not run; empty when they may.
#[must_use]
pub fn refusals(settings: &Settings) -> Vec<String> {
    let mut refusals = Vec::new();
    let mut refuse = |wrong: bool, text: &str| {
        if wrong {
            refusals.push(text.to_owned());
        }
    };
    refuse(
        settings.ai.engine == AiEngine::Openai && settings.ai.openai.api_key.is_none(),
        "ai.engine = \"openai\" needs a key: set OPENAI_API_KEY",
    );
    let priced = |model: &str| {
        let mut prices = settings.ai.prices.iter().filter(|price| price.model == model);
        prices.any(|price| [price.input, price.output].iter().all(|price| price.is_finite() && *price >= 0.0))
    };
    refuse(
        settings.ai.engine == AiEngine::Openai
            && ![&settings.ai.openai.model, &settings.ai.openai.embedding_model].iter().all(|model| priced(model)),
        "ai.prices needs an entry for ai.openai.model and for ai.openai.embedding_model: budgets are counted with them",
    );
    refuse(
        settings.smtp.tls.mode == TlsMode::Files
            && (settings.smtp.tls.certificate.is_none() || settings.smtp.tls.key.is_none()),
        "smtp.tls.mode = \"files\" needs smtp.tls.certificate and smtp.tls.key",
    );
    refuse(
        // its memory grows by doubling
        settings.smtp.max_buffered_bytes < settings.smtp.max_message_bytes.saturating_mul(2),
        "smtp.max_buffered_bytes must be at least twice smtp.max_message_bytes, or no large message can be received",
    );
    refuse(
        settings.links.secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < 32),
        "links.secret must have at least 32 characters",
    );
    refuse(
        settings.auth.issuer.is_some() && settings.auth.client_ids.iter().all(String::is_empty),
        "auth.issuer needs auth.client_ids: for whom its tokens are",
    );
    refuse(settings.auth.invitation_days == 0, "auth.invitation_days must be at least 1");
    refuse(
        settings.keys.wrapper == KeyWrapperKind::Kms && settings.keys.kms.key_id.is_none(),
        "keys.wrapper = \"kms\" needs keys.kms.key_id",
    );
    refuse(
        settings.aws.access_key_id.is_some() != settings.aws.secret_access_key.is_some(),
        "aws.access_key_id and aws.secret_access_key go together (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
    );
    let one_password = |mailbox: &ImapMailbox| mailbox.password.is_some() != mailbox.password_secret.is_some();
    refuse(
        !settings.imap.mailboxes.iter().all(one_password),
        "each of imap.mailboxes needs either password or password_secret",
    );
    refuse(
        !settings.ses.topics.iter().all(|topic| topic.starts_with("arn:") && topic.split(':').count() == 6),
        "ses.topics must be ARNs such as arn:aws:sns:eu-central-1:123456789012:mail",
    );
    let imap = &settings.imap;
    refuse(!(1..1740).contains(&imap.idle_seconds), "imap.idle_seconds must be less than 1740 (29 minutes) and not 0");
    refuse(imap.poll_seconds == 0, "imap.poll_seconds must be at least 1");
    // It says that it lives every two seconds.
    refuse(imap.dead_after_seconds < 5, "imap.dead_after_seconds must be at least 5");
    refuse(settings.jobs.concurrency == 0, "jobs.concurrency must be at least 1");
    refuse(settings.jobs.poll_seconds == 0, "jobs.poll_seconds must be at least 1");
    // Each running job holds a connection, and so does the queue itself while it listens.
    refuse(settings.database.max_connections < 4, "database.max_connections must be at least 4");
    refuse(
        settings.http.allowed_origins.iter().any(|origin| !is_origin(origin)),
        "http.allowed_origins must be origins such as https://app.example.org: scheme and host, no path, no \"*\"",
    );
    refuse(settings.http.heartbeat_seconds == 0, "http.heartbeat_seconds must be at least 1");
    refuse(
        settings.http.head_seconds == 0 || settings.http.idle_seconds == 0,
        "http.head_seconds and http.idle_seconds must be at least 1",
    );
    refuse(
        !(1..=1_000_000).contains(&settings.http.max_connections),
        "http.max_connections must be between 1 and 1000000",
    );
    let limits = &settings.limits;
    refuse(
        [
            limits.tenant,
            limits.address,
            limits.failed_sign_in,
            limits.form_address,
            limits.form_tenant,
            limits.question,
        ]
        .iter()
        .any(|rate| rate.per_minute == 0 || rate.burst == 0),
        "every per_minute and burst in [limits] must be at least 1",
    );
    let assistant = &settings.assistant;
    refuse(
        assistant.max_rounds == 0 || assistant.max_running == 0 || assistant.confirmation_minutes == 0,
        "assistant.max_rounds, assistant.max_running and assistant.confirmation_minutes must be at least 1",
    );
    refuse(settings.widget.work_bits > 24, "widget.work_bits must be at most 24: a telephone would work for minutes");
    if settings.environment == Environment::Prod {
        let mut stand_in = |wrong: bool, text: &str| {
            if wrong {
                refusals.push(format!("environment = \"prod\": {text}"));
            }
        };
        stand_in(
            settings.database.url.is_none(),
            "the embedded database is for development; set DATABASE_URL (database.url)",
        );
        stand_in(
            settings.ai.engine == AiEngine::Builtin,
            "the built-in engine is for development; set ai.engine = \"openai\" and OPENAI_API_KEY",
        );
        stand_in(
            settings.mail.transport == MailTransport::Development,
            "the development mailbox sends nothing; set mail.transport = \"smtp\" and [mail.smtp]",
        );
        stand_in(
            true,
            "an object store is needed; files.folder keeps files on this machine only, and this version knows no other store yet",
        );
        stand_in(
            settings.auth.issuer.as_deref().is_none_or(|issuer| !issuer.starts_with("https://")),
            "the local token issuer is for development; set auth.issuer (https://…) and auth.client_ids",
        );
        stand_in(
            settings.ses.sns_endpoint.is_some(),
            "ses.sns_endpoint is for development: whoever answers there decides which signatures are good",
        );
        stand_in(
            settings.auth.jwks_url.as_deref().is_some_and(|url| !url.starts_with("https://")),
            "auth.jwks_url must be https",
        );
        stand_in(
            !settings.http.app_url.starts_with("https://"),
            "set http.app_url to the https address at which agencies work",
        );
        stand_in(
            settings.keys.wrapper == KeyWrapperKind::LocalFile,
            "a key file is for development; set keys.wrapper = \"kms\" and keys.kms.key_id",
        );
        stand_in(settings.links.secret.is_none(), "set links.secret, the key that signs booking links");
        stand_in(
            settings.smtp.tls.mode == TlsMode::SelfSigned,
            "smtp.tls.mode = \"self_signed\" is for development; use \"files\" or \"off\"",
        );
    }
    refusals
}

/// Scheme and authority as a browser writes them in `Origin`, and nothing else.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
            })
    })
}
