//! How a page looks: the one style sheet, an agency's colours and logo, and the policy that allows just these.

use std::borrow::Cow;

use axum::http::HeaderValue;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::domain::tenants::Tenant;

/// The one style sheet, inside each page: one request is all a page needs.
const STYLE: &str = include_str!("../../../../templates/pages/style.css");

/// Style sheet and logo of one page.
#[derive(Debug, Clone)]
pub(super) struct Look {
    style: Cow<'static, str>,
    logo: Option<String>,
}

impl Look {
    /// Of nobody in particular.
    pub(super) const PLAIN: Self = Self { style: Cow::Borrowed(STYLE), logo: None };

    /// Of an agency. Its colours are dark enough for white text, which the settings see to; on dark paper only what has
    /// such text on it takes them.
    pub(super) fn of(tenant: &Tenant) -> Self {
        let mut style = Cow::Borrowed(STYLE);
        if let Some(color) = &tenant.primary_color {
            style.to_mut().push_str(&format!(
                ":root {{ --fill: {color}; --on-fill: #fff; }}\n@media (prefers-color-scheme: light) {{ :root {{ --main: {color}; }} }}\n"
            ));
        }
        if let Some(color) = &tenant.accent_color {
            style.to_mut().push_str(&format!("body {{ border-top: .375rem solid {color}; }}\n"));
        }
        Self { style, logo: tenant.logo_url.clone() }
    }

    /// For the page's `<style>`.
    pub(super) fn style(&self) -> &str {
        &self.style
    }

    /// Address of the logo.
    pub(super) fn logo(&self) -> Option<&str> {
        self.logo.as_deref()
    }

    /// The style sheet is allowed by its hash, pictures from where the logo is; nothing else is, and no script at all.
    pub(super) fn policy(&self) -> HeaderValue {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(self.style.as_bytes()));
        let logo = self.logo.as_deref().and_then(|logo| url::Url::parse(logo).ok());
        let pictures =
            logo.map(|logo| format!("img-src {}; ", logo.origin().ascii_serialization())).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; {pictures}form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}
