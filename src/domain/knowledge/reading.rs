//! Reading an uploaded file: what text is in it, in which language.

use crate::domain::codes::code;

use super::model::KnowledgeError;

/// Most text of one document, characters: a book of 300 pages.
const MOST_TEXT: usize = 600_000;

code! {
    /// What is read.
    DocumentType { /// Plain text.
        Text = "text/plain", /// Markdown.
        Markdown = "text/markdown", /// A page of HTML.
        Html = "text/html" }
}

impl DocumentType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Markdown, Self::Html];

    /// The one a `Content-Type` names, whatever its parameters say.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a file says.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// What it is.
    pub kind: DocumentType,
    /// Bytes of the file.
    pub size: usize,
    /// SHA-256 of them.
    pub sha256: Vec<u8>,
    /// ISO 639-1; German where it cannot be told.
    pub language: String,
    /// The text, paragraphs kept.
    pub text: String,
}

/// Reads a file. Large pages take a while: call it where blocking is allowed.
///
/// # Errors
/// [`KnowledgeError::NoText`], [`KnowledgeError::TooMuchText`].
pub fn read(kind: DocumentType, bytes: &[u8]) -> Result<ReadDocument, KnowledgeError> {
    use sha2::{Digest as _, Sha256};
    let source = portal_mail::decode_text(bytes);
    let text = match kind {
        DocumentType::Text => source,
        DocumentType::Markdown => plain(&source),
        DocumentType::Html => portal_mail::text_of_html(&source),
    };
    let text = text.trim().to_owned();
    if !text.chars().any(char::is_alphabetic) {
        return Err(KnowledgeError::NoText);
    }
    if text.chars().count() > MOST_TEXT {
        return Err(KnowledgeError::TooMuchText);
    }
    Ok(ReadDocument {
        kind,
        size: bytes.len(),
        sha256: Sha256::digest(bytes).to_vec(),
        language: language(&text),
        text,
    })
}

/// The language of a text, ISO 639-1; German where it cannot be told.
pub(super) fn language(text: &str) -> String {
    let head: String = text.chars().take(2000).collect();
    portal_mail::detect_language(&head).map_or("de", |language| language.code()).to_owned()
}

/// Markdown without its marks: headings and list items become lines of their own, links their words.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | ' ')) {
            text.push('\n');
            continue;
        }
        let body = trimmed.trim_start_matches(['#', '>', ' ']);
        let body = ["- ", "* ", "+ "].iter().find_map(|mark| body.strip_prefix(mark)).unwrap_or(body);
        let is_alone = body.len() != trimmed.len();
        text.push_str(if is_alone { "\n" } else { "" });
        text.push_str(&without_marks(body).replace('|', " "));
        text.push_str(if is_alone { "\n\n" } else { "\n" });
    }
    text
}

/// `**fett**`, `` `code` ``, `[Wort](https://…)` and `![Bild](…)` as words.
fn without_marks(line: &str) -> String {
    let mut words = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        let link =
            rest[open..].split_once("](").and_then(|(label, behind)| Some((&label[1..], behind.split_once(')')?.1)));
        let Some((label, behind)) = link.filter(|(label, _)| !label.contains(']')) else { break };
        words.push_str(rest[..open].trim_end_matches('!'));
        words.push_str(label);
        rest = behind;
    }
    words.push_str(rest);
    words.replace("**", "").replace("__", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_read_as_what_a_person_sees() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><h1>Haus</h1><p>Ein <b>Garten</b>.</p><script>alert(1)</script></body></html>";
        let markdown = "# Haus\n\n- Ein **Garten**.\n- [Lage](https://example.org/x): ruhig\n\n---\n";
        let text = |kind, source: &str| read(kind, source.as_bytes()).unwrap().text;
        assert_eq!(text(DocumentType::Text, "  Ein Garten.\n"), "Ein Garten.");
        let shown = text(DocumentType::Html, html);
        assert!(shown.contains("Haus") && shown.contains("Ein Garten.") && !shown.contains("alert"), "{shown}");
        let shown = text(DocumentType::Markdown, markdown);
        assert!(shown.contains("Ein Garten.") && shown.contains("Lage: ruhig"), "{shown}");
        assert!(!shown.contains(['*', '#', '[']) && !shown.contains("https"), "{shown}");
    }

    #[test]
    fn bytes_of_western_europe_are_read_and_language_is_told() {
        let read = read(DocumentType::Text, b"Der Garten ist gro\xdf und sehr sch\xf6n gelegen.").unwrap();
        assert_eq!((read.text.as_str(), read.language.as_str()), ("Der Garten ist groß und sehr schön gelegen.", "de"));
    }

    #[test]
    fn what_has_no_text_or_too_much_is_refused() {
        assert!(matches!(read(DocumentType::Text, b" 1 \n"), Err(KnowledgeError::NoText)));
        assert!(matches!(read(DocumentType::Html, b"<script>x</script>"), Err(KnowledgeError::NoText)));
        let long = "Wort ".repeat(MOST_TEXT / 4);
        assert!(matches!(read(DocumentType::Text, long.as_bytes()), Err(KnowledgeError::TooMuchText)));
    }

    #[test]
    fn a_content_type_is_known_by_its_name() {
        assert_eq!(DocumentType::of("Text/HTML; charset=utf-8"), Some(DocumentType::Html));
        assert_eq!(DocumentType::of("application/pdf"), None);
    }
}
