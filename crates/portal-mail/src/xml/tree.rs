//! A small, forgiving XML tree.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::charset;
use crate::text::{filled, patterns, plain, unescape};

const MAX_BYTES: usize = 2 << 20;
const MAX_DEPTH: usize = 24;
const MAX_ELEMENTS: usize = 50_000;
const CDATA: &str = "<![CDATA[";

/// An element: lower-case local name, text directly inside, children in order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Trimmed text of the first child of that name that says something.
    pub(crate) fn text_of(&self, name: &str) -> Option<String> {
        self.all(name).find_map(|child| filled(&child.text))
    }

    /// The first element of that name, this one included, outermost first.
    pub(crate) fn find_self(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find_self(name))
    }
}

/// Attachment bytes to text: byte order mark, then the prolog's encoding, then guessing.
pub(crate) fn decode(bytes: &[u8]) -> String {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return charset::decode(bytes, None).unwrap_or_default();
    }
    let prolog = charset::guess(&bytes[..bytes.len().min(200)]);
    let label = ENCODING.capture(&prolog).filter(|label| !label.to_ascii_lowercase().starts_with("utf-16"));
    charset::decode(bytes, label).unwrap_or_else(|| charset::guess(bytes))
}

/// Parses leniently; unclosed elements end with the document. None when there is no element.
pub(crate) fn parse(xml: &str) -> Option<Element> {
    let xml = bare_ampersands_escaped(crate::text::cut(xml, MAX_BYTES));
    let mut reader = Reader::from_str(&xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut stack = vec![Element::default()];
    let mut elements = 0usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                elements += 1;
                if elements > MAX_ELEMENTS || stack.len() > MAX_DEPTH {
                    break;
                }
                stack.push(named(&start));
            }
            Ok(Event::Empty(start)) => {
                elements += 1;
                if elements > MAX_ELEMENTS {
                    break;
                }
                let element = named(&start);
                attach(&mut stack, element);
            }
            Ok(Event::End(end)) => {
                let name = end.local_name().as_ref().to_ascii_lowercase();
                // An end without its start is ignored; one over unclosed children closes them.
                if stack.iter().skip(1).any(|open| open.name == name) {
                    while let Some(open) = stack.pop() {
                        let done = open.name == name;
                        attach(&mut stack, open);
                        if done {
                            break;
                        }
                    }
                }
            }
            Ok(Event::Text(text)) => push_text(&mut stack, &text),
            Ok(Event::CData(data)) => push_text(&mut stack, &data),
            Ok(Event::GeneralRef(name)) => match resolve_predefined_entity(&name) {
                Some(text) => push_text(&mut stack, text),
                None => push_text(&mut stack, &unescape(&format!("&{};", &*name))),
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    while stack.len() > 1 {
        if let Some(open) = stack.pop() {
            attach(&mut stack, open);
        }
    }
    stack.pop().filter(|root| !root.children.is_empty())
}

fn named(start: &BytesStart<'_>) -> Element {
    Element { name: start.local_name().as_ref().to_ascii_lowercase(), ..Element::default() }
}

fn attach(stack: &mut [Element], element: Element) {
    if let Some(parent) = stack.last_mut() {
        parent.children.push(element);
    }
}

fn push_text(stack: &mut [Element], text: &str) {
    if let Some(open) = stack.last_mut() {
        open.text.push_str(&plain(text));
    }
}

/// `Meier & Co` is no XML, but is sent: an ampersand that opens no reference is escaped.
fn bare_ampersands_escaped(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    // Every character is passed once: a CDATA section is copied whole, outside of it one mark at a time.
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let taken = if tail.starts_with(CDATA) { tail.find("]]>").unwrap_or(tail.len()) } else { 1 };
        match tail.starts_with('&') && !REFERENCE.is_match(crate::text::cut(tail, 40)) {
            true => out.push_str("&amp;"),
            false => out.push_str(&tail[..taken]),
        }
        rest = &tail[taken..];
    }
    out.push_str(rest);
    out
}

patterns! {
    ENCODING = r#"(?i)^[^<]*<\?xml[^>]*encoding\s*=\s*["']([a-z0-9_.:-]+)["']"#;
    REFERENCE = r"^&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgiving() {
        let root = parse("<a><b>M & M &lt;x&gt; &Uuml;</b><c/><B><![CDATA[1 < 2 & 3]]></B><d>open").unwrap();
        let a = &root.children[0];
        assert_eq!(
            a.children.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(),
            ["M & M <x> Ü", "", "1 < 2 & 3", "open"]
        );
    }

    #[test]
    fn bare_ampersands() {
        for (xml, escaped) in [
            ("A & B &amp; C&", "A &amp; B &amp; C&amp;"),
            ("<![CDATA[a & b]]> & <![CDATA[&&]]>&", "<![CDATA[a & b]]> &amp; <![CDATA[&&]]>&amp;"),
            ("& <![CDATA[ open &", "&amp; <![CDATA[ open &"),
            ("&#228; &x &eacute;", "&#228; &amp;x &eacute;"),
        ] {
            assert_eq!(bare_ampersands_escaped(xml), escaped);
        }
    }

    #[test]
    fn own_entities_are_not_read() {
        let root = parse("<!DOCTYPE a [<!ENTITY x \"secret\">]><a><b>&x;</b></a>").unwrap();
        assert!(!format!("{root:?}").contains("secret"));
    }
}
