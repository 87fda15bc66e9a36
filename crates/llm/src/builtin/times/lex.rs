//! A sentence as numbers, words and marks, keeping what dates need: dots, colons, glued letters.

use crate::builtin::text::fold;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// A folded word.
    Word(String),
    /// Any other mark.
    Mark(char),
}

/// Splits letters from digits: `14h30` is three pieces.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let text = text
        .to_lowercase()
        .replace("p.m.", "pm")
        .replace("a.m.", "am")
        .replace("o'clock", "oclock")
        .replace("o’clock", "oclock")
        .replace("drei viertel", "dreiviertel")
        .replace("après-midi", "apresmidi")
        .replace("après midi", "apresmidi")
        .replace("apres-midi", "apresmidi")
        .replace("apres midi", "apresmidi");
    let mut result = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(&c) = characters.peek() {
        if c.is_ascii_digit() {
            let digits = take(&mut characters, |c| c.is_ascii_digit());
            // A number too long for u32 is no date; zero is none either.
            result.push(Piece::Number(digits.parse().unwrap_or(0), digits.len()));
        } else if c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c) {
            let word = take(&mut characters, |c| c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c));
            match compound(&fold(&word)) {
                Some((day, rest)) => result.extend([Piece::Word(day), Piece::Word(rest)]),
                None => result.push(Piece::Word(fold(&word))),
            }
        } else {
            characters.next();
            if !c.is_whitespace() {
                result.push(Piece::Mark(c));
            }
        }
    }
    result
}

/// German writes "Dienstagabend" and "Montagstermin" in one word.
fn compound(word: &str) -> Option<(String, String)> {
    const DAYS: [&str; 8] =
        ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "sonnabend"];
    const PARTS: [&str; 11] = [
        "fruh",
        "morgen",
        "vormittag",
        "mittag",
        "nachmittag",
        "abend",
        "termin",
        "besichtigung",
        "vormittags",
        "nachmittags",
        "abends",
    ];
    let day = DAYS.into_iter().find(|day| word.starts_with(day))?;
    let rest = &word[day.len()..];
    let rest = PARTS.into_iter().find(|part| rest == *part || rest.strip_prefix('s') == Some(part))?;
    Some((day.to_owned(), rest.to_owned()))
}

fn take(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, wanted: impl Fn(char) -> bool) -> String {
    let mut taken = String::new();
    while let Some(c) = characters.next_if(|&c| wanted(c)) {
        taken.push(c);
    }
    taken
}
