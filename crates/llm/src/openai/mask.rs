//! Contact data never leaves the house: a model needs neither address nor number to read a mail.

use std::sync::OnceLock;

use regex::Regex;

static PATTERNS: OnceLock<Option<(Regex, Regex)>> = OnceLock::new();

fn compile() -> Result<(Regex, Regex), regex::Error> {
    Ok((
        Regex::new(
            r"(?i)[\p{L}0-9._%+'-]+\s?(?:@|\(at\)|\[at\]|\{at\})\s?[\p{L}0-9.-]+(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?|\s?\(punkt\)\s?)\p{L}{2,}",
        )?,
        // Seven or more digits that begin like a phone number; amounts and dates do not.
        Regex::new(r"(?:\+|\b00|\(0|\b0)[\d(][\d\s()/.\-\u{a0}]{5,}\d")?,
    ))
}

/// The text with mail addresses and phone numbers replaced.
pub(super) fn mask(text: &str) -> String {
    let Some((mail, phone)) = PATTERNS.get_or_init(|| compile().ok()) else {
        // Nothing unmasked may leave.
        return String::new();
    };
    let text = mail.replace_all(text, "[e-mail]");
    phone.replace_all(&text, "[phone]").into_owned()
}

/// A text as it is sent to be embedded. Services refuse an empty one; a space keeps the positions.
pub(super) fn input(text: &str) -> String {
    if text.trim().is_empty() { " ".to_owned() } else { mask(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contact_data_is_masked_and_figures_are_not() {
        assert_eq!(
            mask("Ida Probe, ida.probe@example.org, Tel. 0171 / 555 00 12"),
            "Ida Probe, [e-mail], Tel. [phone]"
        );
        assert_eq!(mask("+43 660 5550012 oder (030) 5550-0123"), "[phone] oder [phone]");
        assert_eq!(mask("ida (at) example.org"), "[e-mail]");
        for kept in ["am 26.11.2026 um 15:30", "1.290,00 EUR kalt", "68,5 m² in 10115 Berlin"] {
            assert_eq!(mask(kept), kept);
        }
    }
}
