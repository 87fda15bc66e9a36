//! Finding, merging and reading the settings.

use std::path::Path;

use config::{Config, Environment as Variables, File, FileFormat};

use super::Settings;

/// Why settings could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key is unknown or its value has the wrong form.
    #[error("setting `{path}`: {problem}")]
    Key {
        /// Dotted path of the key.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be read.
    #[error("settings could not be read: {0}")]
    Source(#[from] config::ConfigError),
    /// A combination that is not allowed.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
}

/// The defaults, compiled in, so that the binary runs in an empty folder.
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Variables that everybody calls by these names.
const WELL_KNOWN: [(&str, &str); 7] = [
    ("DATABASE_URL", "database.url"),
    ("OPENAI_API_KEY", "ai.openai.api_key"),
    ("AWS_REGION", "aws.region"),
    ("AWS_ACCESS_KEY_ID", "aws.access_key_id"),
    ("AWS_SECRET_ACCESS_KEY", "aws.secret_access_key"),
    ("AWS_SESSION_TOKEN", "aws.session_token"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "aws.container_credentials"),
];

/// Reads the settings of this process.
///
/// # Errors
/// [`SettingsError`], naming the key.
pub fn load() -> Result<Settings, SettingsError> {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let variables = std::env::vars().collect();
    load_from(Path::new("config"), variables)
}

/// Reads settings from a folder and the given variables.
///
/// # Errors
/// [`SettingsError`], naming the key.
pub fn load_from(
    folder: &Path,
    variables: std::collections::HashMap<String, String>,
) -> Result<Settings, SettingsError> {
    let environment = variables.get("IMMIVO__ENVIRONMENT").cloned().unwrap_or_else(|| "dev".to_owned());
    let mut builder = Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .add_source(File::from(folder.join(format!("{environment}.toml"))).required(false));
    for (name, key) in WELL_KNOWN {
        if let Some(value) = variables.get(name).filter(|value| !value.is_empty()) {
            builder = builder.set_override(key, value.as_str())?;
        }
    }
    let merged = builder
        .add_source(
            Variables::with_prefix("IMMIVO")
                .prefix_separator("__")
                .separator("__")
                .try_parsing(true)
                .ignore_empty(true)
                .list_separator(",")
                .with_list_parse_key("http.allowed_origins")
                .with_list_parse_key("http.trusted_proxies")
                .with_list_parse_key("smtp.proxies")
                .with_list_parse_key("intake.name_servers")
                .with_list_parse_key("auth.client_ids")
                .with_list_parse_key("ses.topics")
                .with_list_parse_key("ses.buckets")
                .source(Some(variables)),
        )
        .build()?;
    let settings: Settings = serde_path_to_error::deserialize(merged).map_err(|error| {
        let path = error.path().to_string();
        SettingsError::Key { path, problem: plain(error.inner()) }
    })?;
    let refusals = super::refusals(&settings);
    if refusals.is_empty() { Ok(settings) } else { Err(SettingsError::Refused(refusals)) }
}

/// The library repeats the key in its own words; the path is said already.
fn plain(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::Type { unexpected, expected, origin, .. } => {
            let origin = origin.as_deref().map(|origin| format!(" (from {origin})")).unwrap_or_default();
            format!("expected {expected}, found {unexpected}{origin}")
        }
        config::ConfigError::At { error, .. } => plain(error),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let variables: HashMap<String, String> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        load_from(Path::new("no-such-folder"), variables)
    }

    #[test]
    fn nothing_configured_is_the_embedded_default() {
        let settings = with(&[]).unwrap();
        assert!(settings.database.url.is_none());
        assert_eq!(settings.smtp.listen.port(), 2525);
    }

    #[test]
    fn variables_override_and_unknown_keys_are_named() {
        let settings = with(&[("IMMIVO__SMTP__LISTEN", "127.0.0.1:2626"), ("DATABASE_URL", "postgres://x")]).unwrap();
        assert_eq!(settings.smtp.listen.port(), 2626);
        assert!(settings.database.url.is_some());
        let error = with(&[("IMMIVO__SMTP__LISTNE", "1")]).unwrap_err().to_string();
        assert!(error.contains("smtp") && error.contains("listne"), "{error}");
        let error = with(&[("IMMIVO__JOBS__CONCURRENCY", "many")]).unwrap_err().to_string();
        assert!(error.contains("jobs.concurrency"), "{error}");
    }

    #[test]
    fn lists_are_written_with_commas() {
        let settings = with(&[
            ("IMMIVO__HTTP__ALLOWED_ORIGINS", "https://app.example.org,http://localhost:3000"),
            ("IMMIVO__HTTP__TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8"),
        ])
        .unwrap();
        assert_eq!(settings.http.allowed_origins, ["https://app.example.org", "http://localhost:3000"]);
        assert_eq!(settings.http.trusted_proxies.len(), 2);
        let error = with(&[("IMMIVO__HTTP__TRUSTED_PROXIES", "10.0.0.0/99")]).unwrap_err().to_string();
        assert!(error.contains("http.trusted_proxies"), "{error}");
    }

    #[test]
    fn origins_and_rates_that_cannot_work_are_refused() {
        for (name, value) in [
            ("IMMIVO__HTTP__ALLOWED_ORIGINS", "https://app.example.org/"),
            ("IMMIVO__HTTP__ALLOWED_ORIGINS", "*"),
            ("IMMIVO__LIMITS__TENANT__BURST", "0"),
            ("IMMIVO__LIMITS__ADDRESS__PER_MINUTE", "0"),
            ("IMMIVO__HTTP__HEARTBEAT_SECONDS", "0"),
            ("IMMIVO__HTTP__HEAD_SECONDS", "0"),
            ("IMMIVO__HTTP__IDLE_SECONDS", "0"),
            ("IMMIVO__HTTP__MAX_CONNECTIONS", "0"),
        ] {
            assert!(matches!(with(&[(name, value)]), Err(SettingsError::Refused(_))), "{name}={value}");
        }
    }

    #[test]
    fn a_model_without_a_price_is_refused() {
        let openai = [("IMMIVO__AI__ENGINE", "openai"), ("OPENAI_API_KEY", "key")];
        assert!(with(&openai).is_ok());
        for model in ["IMMIVO__AI__OPENAI__MODEL", "IMMIVO__AI__OPENAI__EMBEDDING_MODEL"] {
            let error = with(&[openai[0], openai[1], (model, "another")]).unwrap_err().to_string();
            assert!(error.contains("ai.prices"), "{error}");
        }
    }

    #[test]
    fn production_refuses_every_stand_in_by_name() {
        let error = with(&[("IMMIVO__ENVIRONMENT", "prod")]).unwrap_err().to_string();
        for word in [
            "database.url",
            "ai.engine",
            "mail.transport",
            "files.folder",
            "links.secret",
            "keys.wrapper",
            "smtp.tls.mode",
            "auth.issuer",
            "http.app_url",
        ] {
            assert!(error.contains(word), "{word} missing in: {error}");
        }
    }

    #[test]
    fn amazons_usual_variables_are_understood_and_keys_go_in_pairs() {
        let settings =
            with(&[("AWS_REGION", "eu-west-1"), ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")]).unwrap();
        assert_eq!(settings.aws.region, "eu-west-1");
        assert_eq!(settings.aws.container_credentials.as_deref(), Some("/v2/x"));
        let error = with(&[("AWS_ACCESS_KEY_ID", "AK")]).unwrap_err().to_string();
        assert!(error.contains("aws.secret_access_key"), "{error}");
        let error = with(&[("IMMIVO__KEYS__WRAPPER", "kms")]).unwrap_err().to_string();
        assert!(error.contains("keys.kms.key_id"), "{error}");
        with(&[("IMMIVO__KEYS__WRAPPER", "kms"), ("IMMIVO__KEYS__KMS__KEY_ID", "alias/immivo")]).unwrap();
    }

    #[test]
    fn a_mailbox_has_one_password() {
        let folder = tempfile::tempdir().unwrap();
        let load = |passwords: &str| {
            let mailbox = "intake_prefix = \"demo\"\nhost = \"h\"\nport = 993\ntls = true\nusername = \"u\"\n";
            let text = format!("[[imap.mailboxes]]\n{mailbox}{passwords}\n");
            std::fs::write(folder.path().join("dev.toml"), text).unwrap();
            load_from(folder.path(), HashMap::new()).map_err(|error| error.to_string())
        };
        let settings = load("password_secret = \"mailbox-office\"").unwrap();
        assert_eq!(settings.imap.mailboxes[0].password_secret.as_deref(), Some("mailbox-office"));
        load("password = \"geheim\"").unwrap();
        for passwords in ["", "password = \"geheim\"\npassword_secret = \"mailbox-office\""] {
            let error = load(passwords).unwrap_err();
            assert!(error.contains("password_secret") && !error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn the_issuers_tokens_need_clients_and_in_production_https() {
        let issuer = ("IMMIVO__AUTH__ISSUER", "https://issuer.test/pool");
        let error = with(&[issuer]).unwrap_err().to_string();
        assert!(error.contains("auth.client_ids"), "{error}");
        let clients = ("IMMIVO__AUTH__CLIENT_IDS", "one,two");
        let auth = with(&[issuer, clients]).unwrap().auth;
        assert_eq!(auth.client_ids, ["one", "two"]);
        assert_eq!(auth.keys_url().as_deref(), Some("https://issuer.test/pool/.well-known/jwks.json"));

        let prod = ("IMMIVO__ENVIRONMENT", "prod");
        let url = ("IMMIVO__HTTP__APP_URL", "https://app.immivo.test");
        let error = with(&[prod, issuer, clients, url]).unwrap_err().to_string();
        assert!(!error.contains("auth.") && !error.contains("app_url"), "{error}");
        let plain = ("IMMIVO__AUTH__JWKS_URL", "http://issuer.test/keys");
        let error = with(&[prod, issuer, clients, url, plain]).unwrap_err().to_string();
        assert!(error.contains("auth.jwks_url"), "{error}");
        let error = with(&[prod, ("IMMIVO__AUTH__ISSUER", "http://issuer.test"), clients]).unwrap_err().to_string();
        assert!(error.contains("auth.issuer"), "{error}");
    }
}
