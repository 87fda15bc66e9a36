//! Colours of an agency: dark enough that white text on them, and they as text on white, can be read.

/// Least contrast of text (WCAG 2.2, success criterion 1.4.3).
pub(super) const LEAST_CONTRAST: f64 = 4.5;

/// The three channels of `#rrggbb`; `None` for any other text.
pub(super) fn channels(text: &str) -> Option<[u8; 3]> {
    let digits =
        text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// Contrast with white, 1 to 21 (WCAG 2.2, "contrast ratio").
pub(super) fn contrast_with_white(channels: [u8; 3]) -> f64 {
    let [red, green, blue] = channels.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_guideline_says() {
        let contrast = |text: &str| (contrast_with_white(channels(text).unwrap()) * 100.0).round() / 100.0;
        for (color, expected) in [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#777777", 4.48)] {
            assert!((contrast(color) - expected).abs() < 0.001, "{color} {}", contrast(color));
        }
        assert!(contrast("#FFCC00") < LEAST_CONTRAST && contrast("#0b5cad") > LEAST_CONTRAST);
    }

    #[test]
    fn only_six_digits_behind_a_hash_are_a_colour() {
        for text in ["", "#fff", "0b5cad", "#0b5cag", "#0b5cad ", "#0b5cadff", "red", "#äää", "#+1+1+1"] {
            assert_eq!(channels(text), None, "{text}");
        }
        assert_eq!(channels("#0B5cad"), Some([0x0b, 0x5c, 0xad]));
    }
}
