//! Portal mails of the size they really have. What is written in them are the styles of the tests; around it stands what
//! portals send with every mail: a text part, an HTML part of nested tables with inline styles, a logo, buttons behind
//! tracking links, recommendations, legal text, and a pixel.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

/// One mail per style of every portal.
pub(crate) fn mails(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let styles = files.iter().flat_map(|path| {
        let styles: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        styles
    });
    styles.enumerate().map(|(number, style)| mail(number, &style)).collect()
}

fn mail(number: usize, style: &Value) -> Vec<u8> {
    let text = |field: &str| style[field].as_str().unwrap_or_default();
    let body = text("body");
    let mut out = format!(
        "Received: from mx{number}.portal.example (mx{number}.portal.example [192.0.2.7])\r\n\tby in.example.com with ESMTPS; Mon, 2 Mar 2026 10:00:01 +0100\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=portal.example; s=mail;\r\n\tbh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; h=from:to:subject:date;\r\n\
         \tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR{number}\r\n\
         From: {}\r\nTo: makler@agentur.example.com\r\nSubject: {}\r\n{}Message-ID: <{number}.1772442001@portal.example>\r\n\
         Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n",
        text("from"),
        text("subject"),
        text("headers"),
    );
    let html = if style["html"] == true { page(number, inner(body)) } else { page(number, &as_html(body)) };
    if style["html"] == true {
        out.push_str("Content-Type: text/html; charset=utf-8\r\n");
        push_encoded(&mut out, &html, number.is_multiple_of(3));
    } else {
        let _ = write!(
            out,
            "Content-Type: multipart/alternative; boundary=\"=_{number}\"\r\n\r\n--=_{number}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        );
        push_encoded(&mut out, body, false);
        let _ = write!(out, "\r\n--=_{number}\r\nContent-Type: text/html; charset=utf-8\r\n");
        push_encoded(&mut out, &html, number.is_multiple_of(3));
        let _ = write!(out, "\r\n--=_{number}--\r\n");
    }
    out.into_bytes()
}

/// What stands between the tags of the body.
fn inner(html: &str) -> &str {
    let from = html.find("<body>").map_or(0, |at| at + 6);
    &html[from..html.find("</body>").unwrap_or(html.len())]
}

/// The text as portals set it: a row per line, and label and value in cells of their own.
fn as_html(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = match line.split_once(": ") {
            Some((label, value)) if label.len() < 30 => write!(
                out,
                "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:collapse;mso-table-lspace:0pt\"><tr>\n\
                 <td width=\"160\" valign=\"top\" style=\"{FONT}padding:4px 0;font-weight:700;color:#333333\">{label}:</td>\n\
                 <td valign=\"top\" style=\"{FONT}padding:4px 0;color:#333333\">{value}</td>\n</tr></table>\n"
            ),
            _ if line.is_empty() => {
                writeln!(out, "<div style=\"height:16px;line-height:16px;font-size:16px\">&nbsp;</div>")
            }
            _ => writeln!(out, "<div style=\"{FONT}padding:2px 0;color:#333333\">{line}</div>"),
        };
    }
    out
}

const FONT: &str =
    "font-family:Make It Sans,Helvetica Neue,Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;";

fn page(number: usize, content: &str) -> String {
    let mut out = String::from(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><title>Nachricht</title>\n<style type=\"text/css\">\n",
    );
    for width in 1..=60 {
        let _ = writeln!(
            out,
            "@media only screen and (max-width:{}px) {{ .col-{width} {{ width:{width}% !important; padding:0 {width}px !important; }} .hide-{width} {{ display:none !important; }} }}",
            300 + width * 5
        );
    }
    out.push_str("</style>\n<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->\n</head>\n<body style=\"margin:0;padding:0;background-color:#f2f2f2\">\n<div style=\"display:none;max-height:0;overflow:hidden\">");
    out.push_str(&"&#847;&zwnj;&nbsp;".repeat(80));
    out.push_str("</div>\n<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" bgcolor=\"#f2f2f2\"><tr><td align=\"center\" style=\"padding:24px 8px\">\n\
        <table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"max-width:600px;background-color:#ffffff\"><tr><td style=\"padding:24px 32px\">");
    let _ = writeln!(
        out,
        "<a href=\"{}\"><img src=\"https://static.portal.example/logo.png\" width=\"160\" height=\"32\" alt=\"\" style=\"display:block;border:0\"/></a></td></tr>\n<tr><td class=\"col-4\" style=\"{FONT}padding:0 32px 24px\">",
        tracked(number)
    );
    out.push_str(content);
    out.push_str("</td></tr>\n");
    let _ = writeln!(
        out,
        "<tr><td align=\"center\" style=\"padding:16px 32px 32px\"><table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td bgcolor=\"#00ffd0\" style=\"border-radius:8px;padding:12px 24px\"><a href=\"{}\" style=\"{FONT}color:#333333;text-decoration:none\">Jetzt antworten</a></td></tr></table></td></tr>",
        tracked(number + 1)
    );
    for at in 0..number % 12 {
        let _ = writeln!(
            out,
            "<tr><td style=\"padding:0 32px 16px\"><a href=\"{}\"><img src=\"https://static.portal.example/{at}.png\" width=\"24\" height=\"24\" alt=\"\" style=\"display:inline-block;vertical-align:middle;border:0\"/></a></td></tr>",
            tracked(at * 7)
        );
    }
    let _ = writeln!(
        out,
        "</table>\n<table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td style=\"font-family:Arial,sans-serif;font-size:12px;line-height:18px;color:#757575;padding:24px 32px\">Impressum | Datenschutz<br/>\n© 2026 Portal Beispiel GmbH, Musterstraße 1, 10115 Berlin. Alle Rechte vorbehalten.<br/><a href=\"{}\">Abmelden</a></td></tr></table>\n</td></tr></table>\n<img src=\"https://open.portal.example/{number}.gif\" width=\"1\" height=\"1\" alt=\"\"/>\n</body></html>",
        tracked(number + 2)
    );
    out
}

/// A link as mailing services write them: a redirect with some hundred characters of token.
fn tracked(number: usize) -> String {
    let token: String =
        (0..240_usize).map(|at| char::from(b'a' + ((at * 7 + number * 13 + at * at) % 26) as u8)).collect();
    format!("https://click.portal.example/f/a/{token}~~/AAAAARA~/{number}")
}

fn push_encoded(out: &mut String, text: &str, base64: bool) {
    if base64 {
        out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        push_base64(out, text.as_bytes());
    } else {
        out.push_str("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        push_quoted(out, text.as_bytes());
    }
}

fn push_quoted(out: &mut String, bytes: &[u8]) {
    let mut column = 0;
    for &byte in bytes {
        if byte == b'\n' {
            out.push_str("\r\n");
            column = 0;
            continue;
        }
        let escaped = byte == b'=' || !(32..127).contains(&byte);
        if column + if escaped { 3 } else { 1 } > 75 {
            out.push_str("=\r\n");
            column = 0;
        }
        if escaped {
            let _ = write!(out, "={byte:02X}");
            column += 3;
        } else {
            out.push(char::from(byte));
            column += 1;
        }
    }
}

fn push_base64(out: &mut String, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (index, chunk) in bytes.chunks(3).enumerate() {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
        if index % 19 == 18 {
            out.push_str("\r\n");
        }
    }
}
