//! What a person wrote now: quoted history and signature cut away.

use crate::forward::block;
use crate::segment::from_text;
use crate::text::{patterns, plain};

/// Text examined, in bytes; answers are short, histories long.
const MAX_TEXT: usize = 512 << 10;

/// Lines tried as the start of a quote header; more look-alikes than that are an attack.
const MAX_TRIES: usize = 500;

/// A text without what is not new in it, and what that was.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct New {
    pub(crate) text: String,
    pub(crate) history: bool,
    pub(crate) signature: bool,
}

/// The new text of a mail. Answers written between quoted lines are kept.
pub(crate) fn new_text(text: &str) -> String {
    cut(text).text
}

/// The same, with what was cut away.
pub(crate) fn cut(text: &str) -> New {
    let text = plain(crate::text::cut(text, MAX_TEXT));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let (from, to) = history(&lines);
    let mut kept: Vec<&str> = lines[..from].to_vec();
    // Below a quote header, unquoted lines are answers only if the quote itself is marked.
    let rest = &lines[to.min(lines.len())..];
    if rest.iter().any(|line| is_quoted(line)) {
        kept.extend(rest);
    }
    // A line right below a long quoted one is its wrapped end, not an answer.
    let wrapped = |at: usize| at > 0 && is_quoted(kept[at - 1]) && kept[at - 1].len() >= 60;
    let own = |at: &usize| !is_quoted(kept[*at]) && !wrapped(*at);
    let all = kept.len();
    let kept: Vec<&str> = (0..kept.len()).filter(own).map(|at| kept[at]).collect();
    let end = signature(&kept);
    let signed = kept[end..].iter().any(|line| !line.trim().is_empty());
    New { text: tidy(&kept[..end]), history: from < lines.len() || kept.len() < all, signature: signed }
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// First line of the quoted history and first line behind its header; the end when there is none.
fn history(lines: &[&str]) -> (usize, usize) {
    let mut tries = MAX_TRIES;
    for at in 0..lines.len() {
        let line = crate::text::cut(lines[at].trim_start_matches(['>', ' ']), 1_000);
        if line.is_empty() {
            continue;
        }
        if block::is_marker(line) || DASHED.is_match(line) {
            return (at, at + 1);
        }
        if tries > 0 && starts_header(line) {
            tries -= 1;
            let joined = |span: usize| {
                let words =
                    lines[at..at + span].iter().map(|l| crate::text::cut(l.trim_start_matches(['>', ' ']), 400));
                words.collect::<Vec<_>>().join(" ")
            };
            // A header broken over lines ends in its colon; without one it must be a single line.
            let spans = 1..=4.min(lines.len() - at);
            if let Some(span) = spans.into_iter().find(|span| WROTE.is_match(&joined(*span))) {
                return (at, at + span);
            }
            if WROTE_BARE.is_match(line) {
                return (at, at + 1);
            }
        }
        if DATED.is_match(line) {
            return (at, at + 1);
        }
        if tries > 0 && BLOCK_START.is_match(line) {
            tries -= 1;
        } else {
            continue;
        }
        if is_block(lines, at) {
            return (at, lines.len());
        }
    }
    (lines.len(), lines.len())
}

fn starts_header(line: &str) -> bool {
    line.len() < 400 && START.is_match(line)
}

/// An Outlook header block begins here.
fn is_block(lines: &[&str], at: usize) -> bool {
    let window = lines[at..lines.len().min(at + 12)].join("\n");
    block::find(&from_text(&window)).is_some_and(|found| found.start == 0)
}

/// The line where a signature begins; all lines when there is none.
fn signature(lines: &[&str]) -> usize {
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    for (at, whole) in lines.iter().enumerate().take(end) {
        let line = whole.trim();
        let below = end - at - 1;
        if *whole == "-- " || line == "--" && below <= 30 {
            return at;
        }
        if RULE.is_match(line) && below <= 12 && at > 0 {
            return at;
        }
        if SENT_FROM.is_match(line) && line.len() < 160 && below <= 12 {
            return at;
        }
    }
    end
}

fn tidy(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut gap = false;
    for line in lines {
        if line.trim().is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if gap {
            out.push('\n');
        }
        gap = false;
        out.push_str(line.trim_end());
    }
    out
}

patterns! {
    START = r"(?i)^\W{0,3}(?:on|am|le|il|el|in data|il giorno|em|op|den|den\.|vom|w dniu|ma|pe|ke|to|ti|fr|lø|sø|man|tir|ons|tor|fre|lör|sön|dnia|\d{1,4}[./-]|[\p{L} ]{2,40}(?:wrote|schrieb|a écrit|skrev)|\p{L}+,? \d)";
    WROTE = r"(?i)^.*(?:\d|@).*(?:\bwrote|\bschrieb|\ba écrit|\bha scritto|\bescribió|\bescreveu|\bskrev|\bkirjoitti|\bnapisał(?:\(a\))?|\bschreef|написал[а-я]*|\bpíše).{0,200}:\s*[\p{Pf}]?\s*$|^.*(?:\bwrote|\bschrieb|\ba écrit|\bha scritto|\bescribió|\bescreveu|\bskrev|\bkirjoitti|\bnapisał(?:\(a\))?|\bschreef|написал[а-я]*|\bpíše).{0,160}(?:\d|@).{0,160}:\s*$";
    WROTE_BARE = r"(?i)^.*\d{4}.*(?:\bwrote|\bschrieb|\ba écrit|\bha scritto|\bescribió|\bescreveu|\bskrev|\bkirjoitti|\bnapisał(?:\(a\))?|\bschreef|написал[а-я]*|\bpíše)\s*\.{0,3}\s*$";
    DATED = r"\d.{0,120}<[^\s<>]+@[^\s<>]+>\s*:\s*$";
    DASHED = r"(?i)^[-–—_]{2,}\s*(?:original|ursprüngliche?|reply|weitergeleitet|forwarded|message|messaggio|mensaje|opprinnelig|oprindelig|alkuperäinen|ursprungligt)[^-–—_]{0,60}[-–—_]{2,}\s*$|^_{20,}$";
    BLOCK_START = r"(?i)^[>*\s]*(?:von|from|de|da|gesendet|sent|date|datum|envoyé|inviato|enviado|betreff|subject|objet|oggetto|asunto|an|to)\*?\s*:";
    RULE = r"^(?:[-–—_=*]{3,}|—+|––)$";
    SENT_FROM = r"(?i)^\W{0,3}(?:sent (?:from|via|with) (?:my|yahoo|outlook|mail|gmail|proton|samsung|iphone|the|a |android|windows)|gesendet (?:von|mit|aus|über) |von (?:meinem|unterwegs|mein) .{0,40}gesendet|diese nachricht wurde von meinem|get outlook for|outlook für|holen sie sich outlook|envoyé (?:de|depuis|à partir)|télécharg\w+ outlook|inviato (?:da|dal)|enviado (?:desde|de|do)|obtener outlook|scarica outlook|von meinem (?:iphone|ipad|handy|smartphone|mobil))";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_and_signature_go() {
        for (text, expected) in [
            ("Ja, gern!\n\nAm 13.12.2026 um 21:11 schrieb Max Muster <max@example.org>:\n> Termin?", "Ja, gern!"),
            ("Ja.\n\nAm Mo., 3. Aug. 2026 um 21:11 Uhr schrieb Max Muster <\nmax@example.org>:\n\n> Termin?", "Ja."),
            ("Oui.\n\nLe 29 avr. 2026 à 11:11, Max <max@example.org> a écrit :\n> A", "Oui."),
            ("Sì\n\nIl giorno 1 gen 2026, Max <max@example.org> ha scritto:\n> A", "Sì"),
            ("Sí\n\nEl 1 ene 2026, Max <max@example.org> escribió:\n> A", "Sí"),
            ("Ja\n\nVon: Max <max@example.org>\nGesendet: Montag\nAn: Ida\nBetreff: AW: Haus\n\nText", "Ja"),
            ("Ja\n-- \nIda Probe\nTel. 1", "Ja"),
            ("Ja\n\nVon meinem iPhone gesendet", "Ja"),
            ("> Wann?\nMorgen.\n> Wo?\nDort.", "Morgen.\nDort."),
            ("On Monday, Max <max@example.org> wrote:\n> Wann?\n\nMorgen.", "Morgen."),
            ("On Monday we moved.\nIt was fine.", "On Monday we moved.\nIt was fine."),
            ("", ""),
        ] {
            assert_eq!(new_text(text), expected, "{text}");
        }
    }
}
