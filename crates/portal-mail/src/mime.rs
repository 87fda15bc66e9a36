//! Raw bytes to a decoded mail: headers, texts, attachments, nested mails.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use mail_parser::{Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

use crate::charset;
use crate::facts::{AttachmentFacts, Mailbox};
use crate::html;
use crate::segment::{self, Segment};
use crate::sniff;
use crate::tame;
use crate::text::{plain, squeeze};

/// Nested mails beyond this depth are kept as attachments only.
const MAX_DEPTH: usize = 4;
/// Nested mails opened in one mail, whatever their depth.
const MAX_NESTED: usize = 16;
/// Parts described as attachments; more are counted, not described.
const MAX_ATTACHMENTS: usize = 200;
/// MIME parts looked at.
const MAX_PARTS: usize = 20_000;
/// Text kept per mail, in bytes. A person writes less; the rest is an attack or a log.
const MAX_TEXT: usize = 4 << 20;
/// Attached XML considered for reading, in bytes.
const MAX_XML: usize = 2 << 20;

/// A decoded mail.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// Lower-case name and decoded value, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) from: Option<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
    pub(crate) subject: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) in_reply_to: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) date: Option<i64>,
    pub(crate) content_type: String,
    pub(crate) report_type: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) attachments: Vec<AttachmentFacts>,
    /// Texts of attachments that may be portal XML.
    pub(crate) xml: Vec<Vec<u8>>,
    /// `message/delivery-status` and returned header blocks, as text.
    pub(crate) report_parts: Vec<String>,
    /// Attached mails.
    pub(crate) nested: Vec<Mail>,
    text_lines: OnceCell<Rc<Vec<Segment>>>,
    html_lines: OnceCell<Rc<Vec<Segment>>>,
}

impl Mail {
    /// First header of that (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The lines of the text, taken apart once.
    pub(crate) fn text_lines(&self) -> &Rc<Vec<Segment>> {
        self.text_lines.get_or_init(|| Rc::new(self.text.as_deref().map(segment::from_text).unwrap_or_default()))
    }

    /// The lines and cells of the HTML, taken apart once.
    pub(crate) fn html_lines(&self) -> &Rc<Vec<Segment>> {
        self.html_lines.get_or_init(|| Rc::new(self.html.as_deref().map(html::segments).unwrap_or_default()))
    }

    pub(crate) fn header_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Decodes `raw`; an unreadable mail becomes an empty one.
pub(crate) fn decode(raw: &[u8]) -> Mail {
    decode_at(raw, 0, &mut 0)
}

/// The decoded bytes of these parts, in this order; the mail is taken apart once.
pub(crate) fn attachments(raw: &[u8], indexes: &[usize]) -> Vec<Option<Vec<u8>>> {
    let tamed = tame::tame(raw);
    let message = MessageParser::default().parse(tamed.as_ref());
    let part = |index: &usize| message.as_ref()?.parts.get(*index);
    indexes.iter().map(|index| part(index).map(|part| part_bytes(part, tamed.as_ref()))).collect()
}

fn decode_at(raw: &[u8], depth: usize, opened: &mut usize) -> Mail {
    let tamed = tame::tame(raw);
    let tamed = tamed.as_ref();
    let Some(message) = MessageParser::default().parse(tamed) else {
        return Mail::default();
    };
    let mut mail = headers(&message, tamed);
    let mut texts = String::new();
    let mut htmls = String::new();
    let text_ids: HashSet<u32> = message.text_body.iter().copied().collect();
    let html_ids: HashSet<u32> = message.html_body.iter().copied().collect();
    for (index, part) in message.parts.iter().enumerate().take(MAX_PARTS) {
        let id = index as u32;
        let body_text = text_ids.contains(&id) || html_ids.contains(&id);
        match &part.body {
            PartType::Multipart(_) | PartType::Message(_) => {}
            PartType::Text(_) if text_ids.contains(&id) => {
                append(&mut texts, &part_text(part, tamed));
            }
            PartType::Html(_) if body_text => append(&mut htmls, &part_text(part, tamed)),
            PartType::Text(_) if body_text => {}
            _ => leaf(&mut mail, part, index, tamed, depth, opened),
        }
    }
    mail.text = (!texts.trim().is_empty()).then_some(texts);
    mail.html = (!htmls.trim().is_empty()).then_some(htmls);
    // Some senders label HTML as plain text.
    if mail.html.is_none() && mail.text.as_deref().is_some_and(sniff::is_html) {
        mail.html = mail.text.take();
    }
    mail
}

fn append(all: &mut String, more: &str) {
    if all.len() + more.len() <= MAX_TEXT {
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(more);
    } else if all.is_empty() {
        all.push_str(crate::text::cut(more, MAX_TEXT));
    }
}

fn leaf(mail: &mut Mail, part: &MessagePart<'_>, index: usize, raw: &[u8], depth: usize, opened: &mut usize) {
    if mail.attachments.len() >= MAX_ATTACHMENTS {
        return;
    }
    let bytes = part_bytes(part, raw);
    let declared = part.content_type().map(|ct| match ct.subtype() {
        Some(subtype) => tame::untame(&format!("{}/{}", ct.ctype(), subtype)),
        None => ct.ctype().to_owned(),
    });
    let declared = declared.as_deref().unwrap_or("application/octet-stream");
    match declared {
        "message/delivery-status"
        | "text/rfc822-headers"
        | "message/rfc822-headers"
        | "message/disposition-notification"
        | "message/feedback-report" => {
            mail.report_parts.push(charset::guess(&bytes));
            return;
        }
        _ => {}
    }
    let name = part.attachment_name().map(|name| squeeze(name.rsplit(['/', '\\']).next().unwrap_or(name)));
    let is_mail = matches!(declared, "message/rfc822" | "message/global")
        || name.as_deref().is_some_and(|n| n.to_lowercase().ends_with(".eml"));
    if is_mail && depth < MAX_DEPTH && *opened < MAX_NESTED {
        *opened += 1;
        mail.nested.push(decode_at(&bytes, depth + 1, opened));
    }
    if bytes.len() <= MAX_XML && sniff::is_xml(&bytes) {
        mail.xml.push(bytes.clone());
    }
    mail.attachments.push(AttachmentFacts {
        executable: sniff::is_executable(&bytes, name.as_deref()),
        name,
        content_type: sniff::content_type(&bytes, declared),
        size: bytes.len(),
        sha256: hex(&Sha256::digest(&bytes)),
        part_index: index,
    });
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn part_bytes(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
        PartType::Text(text) | PartType::Html(text) => {
            transfer_decoded(part, raw).unwrap_or_else(|| text.as_bytes().to_vec())
        }
        PartType::Message(_) | PartType::Multipart(_) => Vec::new(),
    }
}

/// The part's bytes before charset decoding; the library only offers them decoded by its rules.
fn transfer_decoded(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let body = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        mail_parser::Encoding::None => Some(body.to_vec()),
        mail_parser::Encoding::QuotedPrintable => {
            mail_parser::decoders::quoted_printable::quoted_printable_decode(body)
        }
        mail_parser::Encoding::Base64 => mail_parser::decoders::base64::base64_decode(body),
    }
}

fn part_text<'p>(part: &'p MessagePart<'_>, raw: &[u8]) -> Cow<'p, str> {
    let (PartType::Text(library) | PartType::Html(library)) = &part.body else {
        return Cow::Borrowed("");
    };
    let label = part.content_type().and_then(|ct| ct.attribute("charset"));
    let text = if charset::is_beyond_doubt(library, label) {
        Cow::Borrowed(library.as_ref())
    } else {
        let decoded = transfer_decoded(part, raw).and_then(|bytes| charset::decode(&bytes, label));
        Cow::Owned(decoded.unwrap_or_else(|| library.replace('\0', "")))
    };
    let flowed = part
        .content_type()
        .and_then(|ct| ct.attribute("format"))
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    if flowed { Cow::Owned(crate::text::unflow(&text)) } else { text }
}

fn headers(message: &Message<'_>, raw: &[u8]) -> Mail {
    let mut mail = Mail::default();
    let Some(root) = message.parts.first() else {
        return mail;
    };
    for header in root.headers.iter().take(500) {
        let value = match &header.value {
            HeaderValue::Text(text) => Cow::Borrowed(text.as_ref()),
            _ => raw
                .get(header.offset_start as usize..header.offset_end as usize)
                .map(|written| Cow::Owned(charset::guess(written)))
                .unwrap_or_default(),
        };
        mail.headers.push((header.name.as_str().to_ascii_lowercase(), squeeze(&plain(&value))));
    }
    mail.from = message.from().and_then(|list| boxes(list).into_iter().next());
    mail.reply_to = message.reply_to().map(boxes).unwrap_or_default();
    mail.to = message.all_to().flat_map(boxes).take(200).collect();
    mail.cc = message.all_cc().flat_map(boxes).take(200).collect();
    mail.subject = message.subject().map(|s| squeeze(&plain(s))).filter(|s| !s.is_empty());
    mail.message_id = message.message_id().map(str::to_owned);
    mail.in_reply_to = ids(message.in_reply_to()).into_iter().next();
    mail.references = ids(message.references());
    mail.date = message.date().filter(|date| date.is_valid()).map(|date| date.to_timestamp());
    if let Some(ct) = message.content_type() {
        mail.content_type = format!("{}/{}", ct.ctype(), ct.subtype().unwrap_or_default());
        mail.report_type = ct.attribute("report-type").map(str::to_ascii_lowercase);
    }
    mail
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(list) => list.iter().take(100).map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn boxes(list: &Address<'_>) -> Vec<Mailbox> {
    list.iter()
        .filter_map(|addr| {
            let address = plain(addr.address()?).trim().trim_matches(['<', '>', '\'', '"']).to_lowercase();
            let name = addr.name().map(|name| squeeze(&plain(name)));
            let name = name.map(|n| n.trim_matches(['"', '\'']).trim().to_owned());
            let name = name.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case(&address));
            Some(Mailbox { name, address })
        })
        .take(200)
        .collect()
}
