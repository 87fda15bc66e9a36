//! What a text of the listing is about, so that a question finds it.

use super::{language, lexicon::lexicon, text, topic};
use crate::Topic;

/// The topics a text touches, whether it asks or tells; each once, in the order of its words.
pub fn topics_in(text: &str) -> Vec<Topic> {
    let (language, _) = language::detect(text, None);
    let lexicon = lexicon(language);
    let mut found = Vec::new();
    for sentence in text::sentences(text) {
        for topic in topic::topics(lexicon, &sentence.tokens) {
            if !found.contains(&topic) {
                found.push(topic);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_tells_has_topics_too() {
        assert_eq!(topics_in("Ein Stellplatz in der Tiefgarage gehört dazu."), [Topic::Parking]);
        assert!(topics_in("Das ist schön.").is_empty());
    }
}
