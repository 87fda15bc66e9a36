//! Phone numbers to E.164, with the tenant's country as the default region.

use std::sync::LazyLock;

use regex::Regex;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, enums::Region};

use crate::model::Country;

/// `+43 (0)664`: the zero in brackets is only dialled inside the country.
static TRUNK_ZERO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(\+|00)\s*(\d{1,3})[\s./-]*\(\s*0\s*\)").ok());

/// The first phone number in `text` as E.164, or none.
///
/// A number without a country code belongs to `country`, the tenant's (PORTALS.md §6): guessing
/// from the portal is what puts +49 in front of Austrian numbers.
pub fn normalise_phone(text: &str, country: Country) -> Option<String> {
    text.split([',', ';', '|', '\n']).take(8).find_map(|candidate| one(candidate, country))
}

fn one(candidate: &str, country: Country) -> Option<String> {
    let kept: String = candidate
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .skip_while(|c| !c.is_ascii_digit() && *c != '+' && *c != '(')
        .take_while(|c| c.is_ascii_digit() || " +()/.-–‑[]".contains(*c))
        .map(|c| if "–‑".contains(c) { '-' } else { c })
        .take(40)
        .collect();
    let mut number = kept.trim().trim_start_matches("(+").replace("[0]", "(0)");
    if kept.trim().starts_with("(+") {
        number = format!("+{}", number.replacen(')', " ", 1));
    }
    if let Some(pattern) = TRUNK_ZERO.as_ref() {
        number = pattern.replace(&number, "$1$2 ").into_owned();
    }
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if !(6..=15).contains(&digits.saturating_sub(usize::from(number.starts_with("00")) * 2)) {
        return None;
    }
    let region = match country {
        Country::At => Region::AT,
        Country::De => Region::DE,
        Country::Ch => Region::CH,
    };
    let parsed = PHONE_NUMBER_UTIL.parse(&number, Some(region)).ok()?;
    // Possible, not only valid: number plans lag behind, and a wrong number costs less than a
    // lost one.
    if !parsed.is_valid() && parsed.is_possible_with_reason().is_err() {
        return None;
    }
    Some(parsed.format_as(PhoneNumberFormat::E164).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_region_is_the_tenants() {
        let cases = [
            ("0664 1234567", Country::At, Some("+436641234567")),
            ("0664/123 45 67", Country::At, Some("+436641234567")),
            ("+43 (0)664 1234567", Country::At, Some("+436641234567")),
            ("+43 (0)664 1234567", Country::De, Some("+436641234567")),
            ("0043-664-1234567", Country::De, Some("+436641234567")),
            ("0151\u{a0}23456789", Country::De, Some("+4915123456789")),
            ("(+49) 151 23456789", Country::At, Some("+4915123456789")),
            ("030/901820", Country::De, Some("+4930901820")),
            ("044 668 18 00", Country::Ch, Some("+41446681800")),
            ("Tel.: +41 79 123 45 67", Country::De, Some("+41791234567")),
            ("tel:+41791234567", Country::De, Some("+41791234567")),
            ("k. A.", Country::De, None),
            ("12", Country::De, None),
            ("", Country::At, None),
        ];
        for (text, country, expected) in cases {
            assert_eq!(normalise_phone(text, country).as_deref(), expected, "{text}");
        }
    }
}
