//! Deterministic embeddings by feature hashing.
//!
//! Words and character trigrams are hashed into signed buckets and the vector is normalised. Texts sharing words or
//! word parts lie close to each other; synonyms and other languages do not. It stands in for a model's embedding where
//! none may be asked, and is never mixed with one.

use super::text;
use crate::EMBEDDING_DIMENSIONS;

/// A vector of [`EMBEDDING_DIMENSIONS`] and length 1, also for a text without words.
pub(super) fn embed(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; EMBEDDING_DIMENSIONS];
    for token in text::tokens(text) {
        add(&mut vector, &token.text, 2.0);
        let padded: Vec<char> = format!(" {} ", token.text).chars().collect();
        for trigram in padded.windows(3) {
            add(&mut vector, &trigram.iter().collect::<String>(), 1.0);
        }
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    } else {
        // A zero vector has no direction and would make a cosine distance undefined.
        vector[0] = 1.0;
    }
    vector
}

fn add(vector: &mut [f32], feature: &str, weight: f32) {
    let hash = fnv1a(feature);
    // The lowest bit is the sign, so that colliding features cancel instead of adding up.
    let sign = if hash & 1 == 0 { weight } else { -weight };
    let buckets = vector.len() as u64;
    vector[((hash >> 1) % buckets) as usize] += sign;
}

/// FNV-1a: stable across versions and machines, which the standard library's hasher does not promise.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(left: &str, right: &str) -> f32 {
        embed(left).iter().zip(embed(right)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn vectors_are_unit_length_and_repeatable() {
        for text in ["", "Haustiere sind erlaubt", "?"] {
            let length: f32 = embed(text).iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{text}: {length}");
            assert_eq!(embed(text).len(), EMBEDDING_DIMENSIONS);
            assert_eq!(embed(text), embed(text));
        }
    }

    #[test]
    fn related_texts_are_closer_than_unrelated_ones() {
        let question = "Sind Haustiere in der Wohnung erlaubt?";
        assert!(cosine(question, "Haustiere sind erlaubt.") > cosine(question, "Die Kaution beträgt 3000 Euro.") + 0.2);
    }
}
