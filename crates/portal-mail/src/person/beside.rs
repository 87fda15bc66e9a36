//! What stands beside a name in the same field: address, phone number, mailbox.

use super::is_company;
use crate::labels::table;
use crate::text::{patterns, squeeze};

/// `Frau Eva Kern, Hauptstr. 3, 10115 Berlin` without the address; a name has no digits.
pub(crate) fn without_address(full: &str) -> String {
    let pieces: Vec<&str> = full.split(',').map(str::trim).collect();
    let Some(foreign) = pieces.iter().skip(1).position(|piece| is_foreign(piece)).map(|at| at + 1) else {
        return words_of_name(full);
    };
    // `Kern, Am Graben, 1010 Wien`: a street without its number before postal code and town.
    let street = foreign >= 2 && ZIP.is_match(pieces[foreign]) && STREET.is_match(pieces[foreign - 1]);
    let kept = pieces[..foreign - usize::from(street)].join(", ");
    words_of_name(&kept)
}

fn is_foreign(piece: &str) -> bool {
    piece.contains(['@', ':']) || piece.chars().any(|c| c.is_ascii_digit())
}

/// `Eva Kern Hauptstr. 3 10115 Berlin`, `Eva Kern Tel. 0664 1`: the words before the first that is
/// no part of a name, without the street or the label in front of it.
fn words_of_name(full: &str) -> String {
    let words: Vec<&str> = full.split_whitespace().collect();
    let Some(end) = words.iter().skip(1).position(|word| is_foreign(word)).map(|at| at + 1) else {
        return squeeze(full);
    };
    if is_company(full) {
        return squeeze(full);
    }
    let mut kept = &words[..end];
    if let Some(street) = kept.iter().skip(2).position(|word| STREET_WORD.is_match(word)) {
        kept = &kept[..street + 2];
    }
    while let [before @ .., last] = kept
        && !before.is_empty()
        && (STREET.is_match(last) && before.len() >= 2 || table::exact(last).is_some_and(table::Field::is_contact))
    {
        kept = before;
    }
    kept.join(" ").trim_matches(|c: char| ",;-–/ ".contains(c)).to_owned()
}

patterns! {
    ZIP = r"^(?:[A-Z]{1,2}[\s–-]+)?\d{4,5}(?:\s|$)";
    STREET = r"(?i)(?:stra(?:ß|ss)e|str\.?|gasse|g\.|weg|platz|allee|ring|ufer|damm|markt|steig|zeile|kai|promenade|hof|graben)$|^(?:am|an der|an den|auf der|auf dem|im|in der|in den|zum|zur|rue|avenue|av\.|chemin|route|place|boulevard|via|viale|piazza|corso|calle|plaza|avenida|paseo)\b";
    STREET_WORD = r"^(?:Am|An|Auf|Im|In|Zum|Zur|[Rr]ue|[Aa]venue|[Cc]hemin|[Rr]oute|[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]alle|[Pp]laza)$";
}
