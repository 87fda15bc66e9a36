//! Contact data never leaves the house: a model needs neither address nor number to read a mail.

use std::sync::OnceLock;

use regex::{Captures, Regex};

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

/// What kind of contact data was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Mail,
    Phone,
}

/// The text with mail addresses and phone numbers replaced.
pub(super) fn mask(text: &str) -> String {
    mask_with(text, |kind, _| {
        match kind {
            Contact::Mail => "[e-mail]",
            Contact::Phone => "[phone]",
        }
        .to_owned()
    })
}

/// The same, with words of the caller's choice for each.
pub(super) fn mask_with(text: &str, mut word: impl FnMut(Contact, &str) -> String) -> String {
    let Some((mail, phone)) = PATTERNS.get_or_init(|| compile().ok()) else {
        // Nothing unmasked may leave.
        return String::new();
    };
    let text = mail.replace_all(text, |found: &Captures<'_>| word(Contact::Mail, &found[0]));
    phone
        .replace_all(&text, |found: &Captures<'_>| match is_date(&found[0]) || is_in_id(&text, found) {
            true => found[0].to_owned(),
            false => word(Contact::Phone, &found[0]),
        })
        .into_owned()
}

/// `01.12.2026`, perhaps with more behind it: digits and dots as in a phone number, and no phone number.
fn is_date(found: &str) -> bool {
    let mut parts = found.split(['.', '/', '-', ' ']);
    let mut number =
        |most: u32| parts.next().and_then(|part| part.parse::<u32>().ok()).is_some_and(|n| (1..=most).contains(&n));
    let of_month = number(31) && number(12);
    let year = parts.next().unwrap_or_default();
    // The end of an ISO date counts too: `2026-01-05 08` is found from its month on.
    of_month && ((year.len() == 4 && year.starts_with("20")) || found.len() < 9)
}

/// Ids are hexadecimal groups, some of which look like the beginning of a phone number.
fn is_in_id(text: &str, found: &Captures<'_>) -> bool {
    let Some(found) = found.get(0) else { return false };
    let in_id = |char: char| char.is_ascii_hexdigit() || char == '-';
    let before = text[..found.start()].chars().rev().take_while(|char| in_id(*char)).count();
    let after = text[found.end()..].chars().take_while(|char| in_id(*char)).count();
    before + found.len() + after == 36
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
        for kept in [
            "am 26.11.2026 um 15:30",
            "am 01.12.2026, 15:30",
            "2026-01-05 08:00",
            "019abcde-0123-7456-8901-0123456789ab",
            "1.290,00 EUR kalt",
            "68,5 m² in 10115 Berlin",
        ] {
            assert_eq!(mask(kept), kept);
        }
    }
}
