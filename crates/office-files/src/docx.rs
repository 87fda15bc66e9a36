//! The text of a DOCX document (ECMA-376, WordprocessingML): its paragraphs and tables, without head, foot and comments.

use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{Limits, Unreadable, archive};

/// Where the text stands.
const BODY: &str = "word/document.xml";

/// The text of a document, a line for each paragraph and a tab between the cells of a table.
///
/// # Errors
/// [`Unreadable`].
pub fn docx_text(bytes: &[u8], limits: &Limits) -> Result<String, Unreadable> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Err(Unreadable::NotDocx);
    }
    let mut archive = archive::open(bytes, limits)?;
    let body = archive.by_name(BODY).map_err(|_| Unreadable::NotDocx)?;
    let mut xml = Reader::from_reader(BufReader::new(body));
    let mut buffer = Vec::new();
    let mut text = String::new();
    let (mut chars, mut is_text) = (0, false);
    loop {
        let event = xml.read_event_into(&mut buffer).map_err(|error| Unreadable::Damaged(error.to_string()))?;
        match event {
            Event::Start(start) => is_text = start.local_name().as_ref() == "t",
            Event::Empty(empty) => match empty.local_name().as_ref() {
                "tab" => text.push('\t'),
                "br" | "cr" => text.push('\n'),
                _ => {}
            },
            Event::End(end) => {
                is_text = false;
                match end.local_name().as_ref() {
                    "p" => text.push('\n'),
                    // The paragraph in the cell has ended its line.
                    "tc" if text.ends_with('\n') => {
                        text.pop();
                        text.push('\t');
                    }
                    "tr" => {
                        text.truncate(text.trim_end_matches('\t').len());
                        text.push('\n');
                    }
                    _ => {}
                }
            }
            Event::Text(part) if is_text => {
                chars += part.chars().count();
                text.push_str(&part);
            }
            // `&amp;` and the like; what a document type would declare is nobody's text.
            Event::GeneralRef(reference) if is_text => {
                let char = match reference.resolve_char_ref() {
                    Ok(Some(char)) => Some(char),
                    _ => match &*reference {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => None,
                    },
                };
                text.extend(char);
            }
            Event::Eof => break,
            _ => {}
        }
        if chars > limits.text_chars {
            return Err(Unreadable::TooLarge(limits.unpacked_bytes));
        }
        buffer.clear();
    }
    Ok(text.trim().to_owned())
}
