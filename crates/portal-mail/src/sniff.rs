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

/// Endings of files that a double click runs, on any usual system. The last ending counts: `plan.pdf.exe` is a program.
const RUNS: &str = " exe scr com pif bat cmd msi msp msix appx cpl dll sys js jse mjs vbs vbe vb wsf wsh ws hta ps1 psm1 ps1xml \
    lnk url scf inf reg jar jnlp apk ipa app dmg pkg deb rpm run sh bash command elf bin gadget chm xll docm dotm xlsm xltm xlam \
    pptm potm ppam ppsm iso img vhd vhdx one ";

/// Whether a file is a program, or looks like one to the system it is opened on: by content whatever its name, or by
/// its name whatever its content.
pub(crate) fn is_executable(bytes: &[u8], name: Option<&str>) -> bool {
    const CODE: [&[u8]; 8] = [
        b"MZ",
        b"\x7fELF",
        b"\xcf\xfa\xed\xfe",
        b"\xce\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"#!",
        b"L\0\0\0\x01\x14\x02\0",
        b"dex\n",
    ];
    // Windows ignores dots and blanks at the end of a name.
    let name = name.unwrap_or_default().trim_end_matches(['.', ' ', '\u{a0}']).to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).trim();
    CODE.iter().any(|magic| bytes.starts_with(magic))
        || !ending.is_empty() && RUNS.split_whitespace().any(|e| e == ending)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_by_content_or_name() {
        for (bytes, name) in [
            (b"MZ\x90".as_slice(), "plan.pdf"),
            (b"\x7fELF", "photo"),
            (b"#!/bin/sh", "notes.txt"),
            (b"%PDF-1.7", "expose.pdf.exe"),
            (b"x", "Rechnung.PDF.JS"),
            (b"x", "plan.scr. ."),
            (b"PK\x03\x04", "viewer.jar"),
            (b"PK\x03\x04", "list.xlsm"),
        ] {
            assert!(is_executable(bytes, Some(name)), "{name}");
        }
        for (bytes, name) in
            [(b"%PDF-1.7".as_slice(), "expose.pdf"), (b"PK\x03\x04", "list.xlsx"), (b"Mzuri", "js"), (b"", "a.js.txt")]
        {
            assert!(!is_executable(bytes, Some(name)), "{name}");
        }
        assert!(!is_executable(b"text", None));
    }
}
