//! The words around an answer: signature, disclosure, and the HTML twin of the text.

use serde::Serialize;

use crate::domain::tenants::Tenant;
use crate::domain::users::Locale;
use crate::templates::{TemplateError, Templates};

/// Both forms of a mail body.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What stands under an answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Footer {
    /// Who signs: a name, or the lines of a signature.
    pub signed_by: Option<String>,
    /// The words above the name; people write their own.
    pub closing: bool,
    /// No human approved this mail: say so, in the agency's words (EU AI Act, Art. 50).
    pub automatic: bool,
    /// Ask for an address of their own; only in a portal's chat.
    pub ask_address: bool,
}

/// How the agency presents itself in a mail.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Letterhead<'a> {
    name: &'a str,
    street: Option<&'a str>,
    zip: Option<&'a str>,
    city: Option<&'a str>,
    logo_url: Option<&'a str>,
    primary_color: Option<&'a str>,
    accent_color: Option<&'a str>,
}

#[derive(Serialize)]
struct Context<'a> {
    paragraphs: Vec<Vec<Piece<'a>>>,
    body: &'a str,
    agency: Letterhead<'a>,
    language: &'a str,
    footer: &'a Footer,
    disclosure: Option<&'a str>,
}

/// Text or a link, so that the template need not look for URLs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Piece<'a> {
    Text(&'a str),
    Link(&'a str),
    Break,
}

/// Renders a mail to a prospect.
///
/// # Errors
/// When a template is broken.
pub fn to_prospect(
    templates: &Templates,
    tenant: &Tenant,
    language: &str,
    body: &str,
    footer: &Footer,
) -> Result<Rendered, TemplateError> {
    let agency = Letterhead {
        name: &tenant.name,
        street: tenant.street.as_deref(),
        zip: tenant.zip.as_deref(),
        city: tenant.city.as_deref(),
        logo_url: tenant.logo_url.as_deref(),
        primary_color: tenant.primary_color.as_deref(),
        accent_color: tenant.accent_color.as_deref(),
    };
    let disclosure = footer.automatic.then(|| tenant.ai_disclosure(language)).flatten();
    render(templates, "message", agency, language, body, (footer, disclosure))
}

/// Renders a message for a portal's chat, which shows the whole mail: the words, no signature, no letterhead. What must
/// be said of automatic answers is said there, too.
///
/// # Errors
/// When a template is broken.
pub fn to_chat(
    templates: &Templates,
    tenant: &Tenant,
    language: &str,
    body: &str,
    footer: &Footer,
) -> Result<Rendered, TemplateError> {
    let agency = Letterhead { name: &tenant.name, ..Letterhead::default() };
    let disclosure = footer.automatic.then(|| tenant.ai_disclosure(language)).flatten();
    let context = Context { paragraphs: Vec::new(), body: body.trim(), agency, language, footer, disclosure };
    Ok(Rendered { text: templates.render("mail/chat.txt", &context)?.trim_end().to_owned(), html: String::new() })
}

/// Renders a notification to one of the agency's own people, in whose language `body` is.
///
/// # Errors
/// When a template is broken.
pub fn notification(
    templates: &Templates,
    agency: &str,
    locale: Locale,
    body: &str,
) -> Result<Rendered, TemplateError> {
    let agency = Letterhead { name: agency, ..Letterhead::default() };
    render(templates, "notification", agency, locale.as_str(), body, (&Footer::default(), None))
}

fn render(
    templates: &Templates,
    name: &str,
    agency: Letterhead<'_>,
    language: &str,
    body: &str,
    (footer, disclosure): (&Footer, Option<&str>),
) -> Result<Rendered, TemplateError> {
    let body = body.trim();
    let paragraphs = body.split("\n\n").map(pieces).collect();
    let context = Context { paragraphs, body, agency, language, footer, disclosure };
    Ok(Rendered {
        text: templates.render(&format!("mail/{name}.txt"), &context)?,
        html: templates.render(&format!("mail/{name}.html"), &context)?,
    })
}

fn pieces(paragraph: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (number, line) in paragraph.lines().enumerate() {
        if number > 0 {
            pieces.push(Piece::Break);
        }
        let mut rest = line;
        while let Some(start) = rest.find("https://").into_iter().chain(rest.find("http://")).min() {
            let (before, link) = rest.split_at(start);
            let end = link.find(char::is_whitespace).unwrap_or(link.len());
            let link = link.get(..end).unwrap_or(link).trim_end_matches(['.', ',', ')', '!', '?']);
            if !before.is_empty() {
                pieces.push(Piece::Text(before));
            }
            pieces.push(Piece::Link(link));
            rest = rest.get(start + link.len()..).unwrap_or_default();
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
    }
    pieces
}
