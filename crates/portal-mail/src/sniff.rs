//! What bytes really are, whatever the sender calls them.

/// Signatures of the types that arrive as attachments.
const MAGIC: [(&[u8], &str); 9] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"MZ", "application/x-msdownload"),
];

/// The MIME type by signature.
pub(crate) fn signature(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, found)| *found)
}

/// The MIME type by content; `declared` when the content does not tell.
pub(crate) fn content_type(bytes: &[u8], declared: &str) -> String {
    if let Some(found) = signature(bytes) {
        // Office files are zip archives; their declared type says more and is no lie.
        let narrower = found == "application/zip" && declared.contains("openxmlformats")
            || found == "application/x-ole-storage" && declared.starts_with("application/vnd.ms");
        return if narrower { declared.to_owned() } else { found.to_owned() };
    }
    if is_xml(bytes) {
        return "application/xml".to_owned();
    }
    declared.to_ascii_lowercase()
}

/// Whether bytes begin like XML, after any byte order mark and white space. UTF-16 included.
pub(crate) fn is_xml(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes
        .iter()
        .copied()
        .take(400)
        .filter(|b| !matches!(b, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe) && !b.is_ascii_whitespace())
        .take(40)
        .collect();
    let head = String::from_utf8_lossy(&head).to_lowercase();
    ["<?xml", "<openimmo", "<objektanfrage", "<anfrage", "<feedback"].iter().any(|s| head.starts_with(s))
}

/// Whether text labelled as plain is HTML.
pub(crate) fn is_html(text: &str) -> bool {
    let head = crate::text::cut(text.trim_start(), 600).to_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.contains("<body")
        || (head.starts_with('<') && (head.contains("<table") || head.contains("<div") || head.contains("<p>")))
}
