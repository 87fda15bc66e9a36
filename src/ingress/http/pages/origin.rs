//! Whether a form was sent from our own page.
//!
//! The token in the path is what a foreign page would have to know; this is the second fence behind it.

use axum::http::{HeaderMap, header};

/// A browser says that another site sent this form.
pub(super) fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    // Browsers without Sec-Fetch-Site send an origin; ours is `null`, because our pages pass on no referrer.
    match text(header::ORIGIN.as_str()) {
        None | Some("null") => false,
        Some(origin) => {
            let host = origin.split_once("://").map_or(origin, |(_, host)| host);
            !public_url.trim_end_matches('/').eq_ignore_ascii_case(origin) && text(header::HOST.as_str()) != Some(host)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        is_foreign(&headers, "https://book.agentur.test")
    }

    #[test]
    fn only_our_own_pages_send_forms() {
        assert!(!foreign(&[]), "no browser, or one that says nothing");
        assert!(!foreign(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]), "a sister domain is not us");
        assert!(!foreign(&[("origin", "null")]));
        assert!(!foreign(&[("origin", "https://book.agentur.test")]));
        assert!(!foreign(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(foreign(&[("origin", "https://evil.test"), ("host", "book.agentur.test")]));
    }
}
