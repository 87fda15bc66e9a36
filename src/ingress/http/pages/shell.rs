//! What all pages share: headers, rendering, the reader's language.

use std::sync::LazyLock;

use axum::Extension;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::look::Look;
use crate::app::App;

/// The policy of answers that are no pages of ours.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| Look::PLAIN.policy());

/// Travels with a page to [`protect`].
#[derive(Clone)]
struct Policy(HeaderValue);

/// Adds to every answer, errors included, what keeps the token in the path between the prospect and us.
pub(super) async fn protect(mut response: Response) -> Response {
    let policy = response.extensions_mut().remove::<Policy>().map_or_else(|| POLICY.clone(), |Policy(policy)| policy);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A page from a template. What the template needs beyond `context` is added by `pages/layout.html`'s own names.
pub(super) fn page(app: &App, look: &Look, status: StatusCode, template: &str, context: impl Serialize) -> Response {
    match app.templates.render(template, context) {
        Ok(html) => (status, Extension(Policy(look.policy())), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(template, error = %error, cause = ?std::error::Error::source(&error), "a page cannot be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "Es ist ein Fehler aufgetreten. / Something went wrong.")
                .into_response()
        }
    }
}

/// A language pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    German,
    English,
}

impl Language {
    /// ISO 639-1.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        match code {
            "de" => Some(Self::German),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// What the reader chose, else what they write in, else what their browser prefers, else German. Whoever writes in
    /// a language no page has reads English, unless the browser says otherwise.
    pub(super) fn choose(asked: Option<&str>, writes: Option<&str>, headers: &HeaderMap) -> Self {
        asked
            .and_then(Self::from_code)
            .or_else(|| writes.and_then(Self::from_code))
            .or_else(|| preferred(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?))
            .unwrap_or(if writes.is_some() { Self::English } else { Self::German })
    }
}

/// The first of our languages in an `Accept-Language` (RFC 9110 §12.5.4), by weight.
fn preferred(accepted: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accepted.split(',').take(20) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0));
        let language = Language::from_code(tag.split('-').next().unwrap_or_default());
        if let Some(language) = language
            && weight > best.map_or(0.0, |(weight, _)| weight)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_choice_comes_first_then_their_mail_then_their_browser() {
        let mut headers = HeaderMap::new();
        let choose = |asked, writes, headers: &HeaderMap| Language::choose(asked, writes, headers).code();
        assert_eq!(choose(None, None, &headers), "de");
        assert_eq!(choose(None, Some("fr"), &headers), "en");
        headers.insert(header::ACCEPT_LANGUAGE, "fr-CH, de;q=0.2, en-GB;q=0.9, *;q=0.1".parse().unwrap());
        assert_eq!(choose(None, None, &headers), "en");
        assert_eq!(choose(None, Some("de"), &headers), "de");
        assert_eq!(choose(Some("en"), Some("de"), &headers), "en");
        assert_eq!(choose(Some("<script>"), Some("de"), &headers), "de");
        headers.insert(header::ACCEPT_LANGUAGE, "fr, de;q=0.5".parse().unwrap());
        assert_eq!(choose(None, Some("fr"), &headers), "de");
        headers.insert(header::ACCEPT_LANGUAGE, ";;q=,,de;q=x".parse().unwrap());
        assert_eq!(choose(None, None, &headers), "de");
    }
}
