//! The header block mail programs put over a forwarded mail, in five languages.

use crate::segment::Segment;
use crate::text::patterns;

/// A forwarded header block and where the body behind it begins.
#[derive(Debug, Default, Clone)]
pub(crate) struct Block {
    pub(crate) from: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) copies: Vec<String>,
    pub(crate) subject: Option<String>,
    /// Index of the first segment of the block.
    pub(crate) start: usize,
    /// Index of the first body segment.
    pub(crate) body: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    ReplyTo,
    To,
    Date,
    Subject,
    Other,
}

/// Lines examined for a block: an agent's own words before it are few.
const MAX_LINES: usize = 2_000;
/// Lines a block may span.
const MAX_BLOCK: usize = 24;

/// The first header block: a From line with at least two others near it.
pub(crate) fn find(segments: &[Segment]) -> Option<Block> {
    (0..segments.len().min(MAX_LINES)).find_map(|at| read(segments, at))
}

/// Whether a line announces a forward (`Anfang der weitergeleiteten Nachricht`, dashes).
pub(crate) fn is_marker(line: &str) -> bool {
    line.len() < 120 && MARKER.is_match(line)
}

fn read(segments: &[Segment], start: usize) -> Option<Block> {
    let (first, value) = header(&segments[start].text)?;
    if first == Key::Other || first == Key::ReplyTo {
        return None;
    }
    let mut block = Block { start, ..Block::default() };
    let mut kinds: Vec<Key> = Vec::new();
    let mut at = start;
    let mut last = start;
    let mut open: Option<Key> = None;
    let _ = value;
    while at < segments.len() && at < start + MAX_BLOCK {
        let segment = &segments[at];
        let complete = block.from.is_some() && block.subject.is_some() && kinds.len() >= 3;
        if at > start && segment.gap && complete && open.is_none() {
            break;
        }
        if let Some((key, value)) = header(&segment.text) {
            if !kinds.contains(&key) {
                kinds.push(key);
            }
            open = value.is_empty().then_some(key);
            block.store(key, value);
            last = at;
        } else if let Some(key) = open.take() {
            block.store(key, &segment.text);
            last = at;
        } else if !segment.text.is_empty() {
            // A folded list of recipients goes on; anything else is the body.
            let folded =
                segment.text.contains('@') && !segment.gap && matches!(kinds.last(), Some(Key::To | Key::From));
            if folded && kinds.last() == Some(&Key::From) && segment.text.starts_with('<') {
                block.from = block.from.take().map(|name| format!("{name} {}", segment.text));
            }
            if !folded {
                break;
            }
        }
        at += 1;
    }
    block.body = last + 1;
    let others = kinds.iter().filter(|key| !matches!(key, Key::From | Key::Other)).count();
    (block.from.is_some() && others >= 2).then_some(block)
}

impl Block {
    fn store(&mut self, key: Key, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let kept = match key {
            Key::From => &mut self.from,
            Key::Subject => &mut self.subject,
            Key::ReplyTo => &mut self.reply_to,
            Key::To => return self.copies.push(value.to_owned()),
            Key::Date | Key::Other => return,
        };
        kept.get_or_insert_with(|| value.to_owned());
    }
}

fn header(line: &str) -> Option<(Key, &str)> {
    let line = line.trim_start_matches(['>', ' ', '*', '|']);
    if line.len() > 2_000 {
        return None;
    }
    let (name, value) = line.split_once(':')?;
    let name = name.trim().trim_matches('*').to_lowercase();
    let key = match name.as_str() {
        "von" | "from" | "de" | "da" | "expéditeur" | "mittente" | "remitente" | "absender" => Key::From,
        "gesendet" | "datum" | "sent" | "date" | "envoyé" | "envoyé le" | "inviato" | "data" | "enviado"
        | "enviado el" | "fecha" | "gesendet am" => Key::Date,
        "an" | "to" | "à" | "a" | "para" | "cc" | "kopie" | "kopie (cc)" | "copie à" | "destinataire"
        | "destinatario" => Key::To,
        "betreff" | "subject" | "objet" | "oggetto" | "asunto" | "sujet" => Key::Subject,
        "antwort an" | "reply-to" | "reply to" | "répondre à" | "rispondi a" | "responder a" | "antwort-an" => {
            Key::ReplyTo
        }
        "anlagen" | "anhänge" | "attachments" | "pièces jointes" | "allegati" | "adjuntos" | "wichtigkeit"
        | "importance" | "priorität" | "importanza" | "bcc" | "message-id" | "resent-from" | "anhang" => Key::Other,
        _ => return None,
    };
    Some((key, value.trim().trim_start_matches('*').trim()))
}

patterns! {
    MARKER = concat!(
        r"(?i)^[>\s]*[-_–—=]*\s*(?:(?:anfang der )?weitergeleitete(?:n)? nachricht|ursprüngliche nachricht|original-?nachricht|originalnachricht|",
        r"(?:begin )?forwarded message|original message|(?:début du )?message (?:transféré|réexpédié|d'origine|original)|",
        r"(?:inizio )?(?:del )?messaggio (?:inoltrato|originale)|(?:inicio del )?mensaje (?:reenviado|original))\s*[:.]?\s*[-_–—=]*$"
    );
}
