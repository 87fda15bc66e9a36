//! From the text of a mail to sentences of comparable words.

/// A word or number with what is needed to compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Folded: lower case, no accents, `ä`, `ae` and `a` alike.
    pub(crate) text: String,
    /// Begins a clause: first word, or after a comma, colon or dash.
    pub(crate) clause_start: bool,
}

/// A sentence, or what people write instead of one.
#[derive(Clone, Debug)]
pub(crate) struct Sentence {
    /// As written, trimmed.
    pub(crate) raw: String,
    /// Its words.
    pub(crate) tokens: Vec<Token>,
    /// Ends with a question mark.
    pub(crate) asks: bool,
}

/// Dots after these do not end a sentence.
const ABBREVIATIONS: [&str; 30] = [
    "ca", "z", "b", "zb", "inkl", "exkl", "evtl", "ggf", "bzw", "usw", "str", "nr", "tel", "hr", "fr", "dr", "mr",
    "mrs", "ms", "st", "sig", "ing", "mag", "approx", "no", "av", "avda", "sr", "sra", "p",
];

/// After these a clause begins even without a comma, as people write on a phone. Folded.
const OPENERS: [&str; 26] = [
    "hallo",
    "servus",
    "moin",
    "hi",
    "hey",
    "hello",
    "bonjour",
    "salut",
    "ciao",
    "salve",
    "hola",
    "buongiorno",
    "und",
    "oder",
    "aber",
    "and",
    "or",
    "but",
    "et",
    "mais",
    "e",
    "ma",
    "y",
    "pero",
    "tag",
    "zusammen",
];

/// Splits a mail into sentences.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let characters: Vec<char> = text.chars().collect();
    let mut result = Vec::new();
    let mut current = String::new();
    let mut line_length = 0;
    for (index, &c) in characters.iter().enumerate() {
        let next = characters.get(index + 1).copied();
        let ends = match c {
            '!' | '?' | '¿' | '¡' => !matches!(next, Some('!' | '?')),
            '.' | '…' => ends_sentence(&current, next),
            // A wrapped line goes on; a short one stands alone. 50 is below every usual wrap width.
            '\n' => line_length < 50 || matches!(next, None | Some('\n' | '-' | '*' | '•' | '–')),
            _ => false,
        };
        line_length = if c == '\n' { 0 } else { line_length + 1 };
        // An inverted mark opens the next sentence instead of closing this one.
        if matches!(c, '¿' | '¡') {
            push(&mut result, &mut current);
            continue;
        }
        current.push(c);
        if ends {
            push(&mut result, &mut current);
        }
    }
    push(&mut result, &mut current);
    result
}

fn ends_sentence(before: &str, next: Option<char>) -> bool {
    if !next.is_none_or(char::is_whitespace) {
        return false;
    }
    let word: String = before.chars().rev().take_while(|c| c.is_alphanumeric()).collect();
    let word: String = word.chars().rev().flat_map(char::to_lowercase).collect();
    let number = !word.is_empty() && word.len() <= 2 && word.chars().all(|c| c.is_ascii_digit());
    !number && !ABBREVIATIONS.contains(&word.as_str())
}

fn push(result: &mut Vec<Sentence>, current: &mut String) {
    let raw = current.trim().to_owned();
    current.clear();
    let tokens = tokens(&raw);
    if !tokens.is_empty() {
        let asks = raw.trim_end_matches(['!', ')', '"']).ends_with('?');
        result.push(Sentence { raw, tokens, asks });
    } else if raw.contains('?')
        && let Some(last) = result.last_mut()
    {
        // "Preis ?" and "?!": the mark belongs to what stands before it.
        last.asks = true;
    }
}

/// Whether a telephone number is written in a text: seven digits or more with nothing but blanks and marks between.
pub(crate) fn telephone(text: &str) -> bool {
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits += 1,
            ' ' | '/' | '-' | '(' | ')' | '+' | '\u{a0}' => {}
            _ => digits = 0,
        }
        if digits >= 7 {
            return true;
        }
    }
    false
}

/// The comparable words of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut result: Vec<Token> = Vec::new();
    let mut word = String::new();
    let mut clause_start = true;
    let text = text.replace(['’', '`', '´'], "'").replace("n't", "nt").replace("N'T", "nt");
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let text = fold(&word);
            let opens = OPENERS.contains(&text.as_str());
            result.push(Token { text, clause_start });
            word.clear();
            clause_start = opens;
        }
        if matches!(c, ',' | ':' | ';' | '-' | '–' | '(' | '/' | '\n' | '.' | '!') {
            clause_start = true;
        }
    }
    result
}

/// Lower case without accents; the German `ae`, `oe`, `ue` become what a lost umlaut leaves behind.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => folded.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' => folded.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => folded.push('u'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'í' | 'ì' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ç' => folded.push('c'),
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
    folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raws(text: &str) -> Vec<String> {
        sentences(text).into_iter().map(|sentence| sentence.raw).collect()
    }

    #[test]
    fn umlauts_in_every_spelling_are_one_word() {
        assert_eq!(fold("Möchte"), fold("moechte"));
        assert_eq!(fold("mochte"), fold("Mo\u{308}chte"));
        assert_eq!(fold("Straße"), fold("STRASSE"));
    }

    #[test]
    fn dates_and_abbreviations_do_not_end_a_sentence() {
        assert_eq!(
            raws("Geht es am 26.11. um 15:30? Die Wohnung hat ca. 80 qm. Danke."),
            ["Geht es am 26.11. um 15:30?", "Die Wohnung hat ca. 80 qm.", "Danke."]
        );
    }

    #[test]
    fn wrapped_lines_are_one_sentence_and_short_lines_are_not() {
        let wrapped = "Ich moechte gerne wissen, ob in der Wohnung noch ein Kellerabteil\nfrei ist.";
        assert_eq!(raws(wrapped).len(), 1);
        assert_eq!(raws("Hallo,\nist die Wohnung noch frei").len(), 2);
    }
}
