//! Cutting a text into pieces that are found: whole sentences that belong together, with some of what came before.

/// Length of a piece, characters: a paragraph. Longer ones say too many things for one vector, shorter ones too little.
const PIECE: usize = 600;
/// What is repeated of the piece before, characters: a question may fit the end of one and the beginning of the next.
const OVERLAP: usize = 150;
/// A sentence without end is cut here, at a word.
const SENTENCE: usize = 400;
/// Letters without which a sentence is a scrap: a rule of dashes, a page number.
const LETTERS: usize = 3;

/// The pieces of a text, in its order.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let sentences: Vec<String> = llm::sentences(text)
        .into_iter()
        .filter(|sentence| sentence.chars().filter(|c| c.is_alphabetic()).count() >= LETTERS)
        .flat_map(|sentence| cut(&sentence))
        .collect();
    let mut pieces = Vec::new();
    let mut from = 0;
    while from < sentences.len() {
        let end = from + fitting(&sentences[from..], PIECE).max(1);
        pieces.push(sentences[from..end].join(" "));
        if end == sentences.len() {
            break;
        }
        // The last sentences once more, never so many that nothing new fits.
        let repeated = fitting_from_end(&sentences[from + 1..end], OVERLAP);
        from = end - repeated;
    }
    pieces
}

/// How many sentences from the start have `most` characters together.
fn fitting(sentences: &[String], most: usize) -> usize {
    let mut length = 0;
    sentences
        .iter()
        .take_while(|sentence| {
            length += sentence.chars().count() + 1;
            length <= most
        })
        .count()
}

fn fitting_from_end(sentences: &[String], most: usize) -> usize {
    let mut length = 0;
    sentences
        .iter()
        .rev()
        .take_while(|sentence| {
            length += sentence.chars().count() + 1;
            length <= most
        })
        .count()
}

/// A sentence in parts of at most [`SENTENCE`] characters, cut at blanks where there are any.
fn cut(sentence: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut length = 0;
    for word in sentence.split_inclusive(' ') {
        for part in word.chars().collect::<Vec<_>>().chunks(SENTENCE) {
            if length + part.len() > SENTENCE {
                parts.push(String::new());
                length = 0;
            }
            length += part.len();
            if let Some(last) = parts.last_mut() {
                last.extend(part);
            }
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_one_piece_of_whole_sentences_without_scraps() {
        let text = "Ruhige Lage, ca. 80 qm.  Keller\nvorhanden!\n\n -- \n\n7\n";
        assert_eq!(pieces(text), ["Ruhige Lage, ca. 80 qm. Keller vorhanden!"]);
        assert!(pieces(" \n--\n").is_empty());
    }

    #[test]
    fn pieces_hold_whole_sentences_overlap_and_lose_nothing() {
        let sentences: Vec<String> =
            (0..60).map(|number| format!("Das ist der Satz mit der Nummer {number} von vielen anderen.")).collect();
        let pieces = pieces(&sentences.join(" "));
        assert!(pieces.len() > 5, "{}", pieces.len());
        for piece in &pieces {
            assert!(piece.chars().count() <= PIECE && piece.ends_with('.') && piece.starts_with("Das"), "{piece}");
        }
        for sentence in &sentences {
            assert!(pieces.iter().any(|piece| piece.contains(sentence)), "{sentence}");
        }
        for pair in pieces.windows(2) {
            let last = pair[0].rsplit("Das ").next().unwrap_or_default();
            assert!(pair[1].starts_with(&format!("Das ist der Satz")) && pair[1].contains(last), "{pair:?}");
        }
    }

    #[test]
    fn what_has_no_end_is_cut_at_a_word_or_anywhere() {
        let words = "wort ".repeat(500);
        let long = "x".repeat(3000);
        for text in [&words, &long] {
            let pieces = pieces(text);
            assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.chars().count() <= PIECE), "{pieces:?}");
        }
        assert!(pieces(&words).iter().all(|piece| piece.split(' ').all(|word| word == "wort")));
    }
}
