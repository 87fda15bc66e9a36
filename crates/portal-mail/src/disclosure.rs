//! Self-disclosure (income, household, SCHUFA …) that portals append to a message. It is cut out
//! and stored apart: sensitive, and no part of what the prospect wrote (PORTALS.md §3).

use crate::model::SelfDisclosure;
use crate::text::{filled, key, squeeze};

/// Labels of the questionnaires of ImmoScout24 and immowelt, as keys; prefixes count.
const LABELS: &[&str] = &[
    "nutzungderimmobilie",
    "gewunschtereinzugstermin",
    "einzugstermin",
    "einzugsdatum",
    "haushaltsgrosse",
    "tiereimhaushalt",
    "haustiere",
    "anstellungsverhaltnis",
    "beschaftigungsverhaltnis",
    "haushaltsnettoeinkommen",
    "nettohaushaltseinkommen",
    "eigenkapital",
    "finanzrahmengepruft",
    "finanzierung",
    "schufa",
    "bewerbungsunterlagen",
    "mietruckstande",
    "insolvenzverfahren",
    "raucher",
    "wohnberechtigungsschein",
    "emailalias",
    "profilfoto",
    "geburtsdatum",
    "beschaftigungsstatus",
    "berufoderbranche",
    "beruf",
    "tierfreierhaushalt",
    "personenimhaushalt",
    "anzahlpersonen",
    "anzahlderpersonen",
    "nettoeinkommen",
    "monatlichesnettoeinkommen",
    "einkommen",
    "arbeitgeber",
    "musikinstrumente",
    "kinderimhaushalt",
    "mietschuldenfrei",
    "burgschaft",
    "vorvermieter",
    "familienstand",
    "kreditvermittlung",
    "finanzierungsbestatigung",
    "kaufzeitpunkt",
    "gewunschteranmietzeitpunkt",
    "umzugsgrund",
    "mietdauer",
    "rauchen",
    "haushaltseinkommen",
    "gewerblichenutzung",
    "interessentstatus",
    "selbstauskunft",
    "haustier",
];

/// Splits a message into what the prospect wrote and the questionnaire, if there is one.
pub(crate) fn cut(message: &str) -> (String, Option<SelfDisclosure>) {
    let pieces = pieces(message);
    let heading = pieces.iter().position(|piece| is_heading(piece.text));
    let start = match heading {
        Some(at) => at,
        None => match run(&pieces) {
            Some(at) => at,
            None => return (message.to_owned(), None),
        },
    };
    let mut pairs = Vec::new();
    let mut end = pieces[start].start;
    for (index, piece) in pieces.iter().enumerate().skip(start) {
        let is_head = heading == Some(index);
        let text = if is_head { HEADING.find(piece.text).map_or("", |h| &piece.text[h.end()..]) } else { piece.text };
        let text = if is_head { text.trim_start_matches([':', ' ']) } else { text };
        match pair(text, heading.is_some()) {
            Some(pair) => pairs.push(pair),
            None if is_head || text.trim().is_empty() => {}
            None => break,
        }
        end = piece.end;
    }
    if pairs.is_empty() && heading.is_none() {
        return (message.to_owned(), None);
    }
    let before = &message[..pieces[start].start];
    let after = &message[end.min(message.len())..];
    let kept = format!("{}\n{}", before.trim_end(), after.trim_start_matches([';', ' ', '\n']));
    (kept.trim().to_owned(), (!pairs.is_empty()).then_some(SelfDisclosure(pairs)))
}

/// Whether a label belongs to a questionnaire.
pub(crate) fn is_label(label: &str) -> bool {
    let key = key(label);
    LABELS.iter().any(|known| key.starts_with(known))
}

struct Piece<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// The message cut at line breaks and semicolons, and where the heading or, behind a sentence,
/// a label of a row of semicolons begins: `Ich habe Interesse. Haushaltsgröße: 2; Raucher: nein;`.
fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let ends = message.char_indices().filter(|(_, c)| matches!(c, '\n' | ';')).map(|(at, c)| (at, at + c.len_utf8()));
    for (at, next) in ends.chain([(message.len(), message.len())]) {
        let text = &message[start..at];
        let inner = HEADING.find(text).map(|found| found.start()).or_else(|| label_behind_sentence(text));
        if let Some(split) = inner.filter(|split| *split > 0) {
            pieces.push(Piece { text: &text[..split], start, end: start + split });
            start += split;
        }
        pieces.push(Piece { text: &message[start..at], start, end: next });
        start = next;
    }
    pieces
}

fn label_behind_sentence(text: &str) -> Option<usize> {
    let label_end = text.rfind(':')?;
    let sentence = text[..label_end].rfind(['.', '!', '?'])?;
    let start = sentence + 1 + text[sentence + 1..label_end].find(|c: char| !c.is_whitespace())?;
    (start > sentence + 1 && is_label(&text[start..label_end])).then_some(start)
}

fn is_heading(text: &str) -> bool {
    HEADING.find(text).is_some_and(|found| text[..found.start()].trim_matches([' ', '-', '*', '•', '=']).is_empty())
}

/// The first of at least two neighbouring questionnaire lines; one alone may be the prospect's.
fn run(pieces: &[Piece<'_>]) -> Option<usize> {
    let known: Vec<bool> = pieces.iter().map(|piece| pair(piece.text, false).is_some()).collect();
    let filled: Vec<usize> = (0..pieces.len()).filter(|i| !pieces[*i].text.trim().is_empty()).collect();
    filled.windows(2).find(|two| known[two[0]] && known[two[1]]).map(|two| two[0])
}

fn pair(text: &str, any_label: bool) -> Option<(String, String)> {
    let (label, value) = text.split_once(':')?;
    let label = squeeze(label.trim_start_matches(['-', '•', '*', ' ']));
    let fits = label.len() <= 80 && !label.is_empty() && (any_label || is_label(&label));
    let value = squeeze(value);
    if !fits {
        return None;
    }
    filled(&value).map(|value| (label, value))
}

crate::text::patterns! {
    /// The heading over the block, whatever the portal calls its prospects this year.
    HEADING = r"(?i)\b(?:weitere|zusätzliche|ergänzende) (?:daten|angaben|informationen|infos|auskünfte) (?:zum|zur|zu|des|der|von|über den|über die|ihre[rsm]?) *(?:ihre[rsmn]? )?interessent[\p{L}:*_]*";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_in_a_row_of_semicolons() {
        let (message, disclosure) = cut(
            "Guten Tag, ich habe Interesse.\n\nWeitere Daten zum Interessenten; Haushaltsgröße: 2 Personen; Raucher: nein; Lieblingsfarbe: blau;",
        );
        assert_eq!(message, "Guten Tag, ich habe Interesse.");
        let pairs = disclosure.unwrap().0;
        assert_eq!(pairs[0], ("Haushaltsgröße".to_owned(), "2 Personen".to_owned()));
        assert_eq!(pairs.len(), 3);
    }

    #[test]
    fn block_behind_the_message_on_the_same_line() {
        for text in [
            "Ich komme gern. Weitere Daten zum Interessenten; Haushaltsgröße: 2; Raucher: Nein;",
            "Ich komme gern. Weitere Angaben zu Ihren Interessent:innen: Haushaltsgröße: 2; Raucher: Nein",
            "Ich komme gern. Haushaltsgröße: 2; Raucher: Nein;",
            "Ich komme gern.\nZusätzliche Informationen zur Interessentin:\nHaushaltsgröße: 2\nRaucher: Nein",
        ] {
            let (message, disclosure) = cut(text);
            assert_eq!(message, "Ich komme gern.", "{text}");
            let pairs = disclosure.unwrap_or_default().0;
            assert_eq!(pairs.iter().map(|pair| pair.1.as_str()).collect::<Vec<_>>(), ["2", "Nein"], "{text}");
        }
        let own = "Haben Sie weitere Informationen zur Wohnung? Einzug: gern bald; Garage: nein";
        assert_eq!(cut(own), (own.to_owned(), None));
    }

    #[test]
    fn lines_without_heading() {
        let (message, disclosure) = cut("Hallo!\nHaushaltsgröße: 3\nTierfreier Haushalt: ja\n\nViele Grüße");
        assert_eq!(message, "Hallo!\nViele Grüße");
        assert_eq!(disclosure.unwrap().0.len(), 2);
    }

    #[test]
    fn one_line_is_the_prospects_own() {
        let text = "Kurz zu mir:\nBeruf: Lehrerin\nIch komme gern.";
        assert_eq!(cut(text), (text.to_owned(), None));
    }
}
