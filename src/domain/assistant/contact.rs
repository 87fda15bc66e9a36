//! Ways to reach a prospect that they name in their own words. An address found here is shown to a human and used only
//! once they confirm it: whom we write to never comes from a mail's text.

use portal_mail::Country as Region;

use crate::domain::tenants::Country;

/// The country whose numbers need no country code, in the words of the mail reader.
#[must_use]
pub fn region(country: Country) -> Region {
    match country {
        Country::At => Region::At,
        Country::De => Region::De,
        Country::Ch => Region::Ch,
    }
}

/// The first phone number in free text, as E.164. It must be written as one (beginning with `0` or `+`), so that rents,
/// dates and hours are none.
pub(super) fn phone_in(text: &str, country: Country) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c.is_whitespace() || "+()/.-–‑[]".contains(c)) || c == '\n')
        .map(|piece| piece.trim_matches(|c: char| !(c.is_ascii_digit() || "+(".contains(c))))
        .filter(|piece| piece.trim_start_matches('(').starts_with(['0', '+']) && !is_date_or_hours(piece))
        .filter(|piece| piece.chars().filter(char::is_ascii_digit).count() >= 9)
        .find_map(|piece| portal_mail::normalise_phone(piece, region(country)))
}

/// "03.12.2026", "09.30 - 10.00".
fn is_date_or_hours(piece: &str) -> bool {
    let mut parts = piece.split('.').map(str::trim);
    let digits = |part: Option<&str>| part.map_or(0, |part| part.chars().take_while(char::is_ascii_digit).count());
    let (first, second) = (parts.next(), parts.next());
    first.is_some_and(|first| first.len() <= 2) && (1..=2).contains(&digits(second))
}

/// The first mail address in free text, lower case.
pub(super) fn address_in(text: &str) -> Option<String> {
    text.split(|c: char| c.is_whitespace() || "<>()[],;\"".contains(c))
        .map(|word| word.trim_start_matches("mailto:").trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains('@') && word.parse::<lettre::Address>().is_ok())
        .map(str::to_lowercase)
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_found_among_other_figures() {
        for (text, expected) in [
            ("Rufen Sie mich bitte um 15 Uhr unter 0664 5550777 an.", Some("+436645550777")),
            ("Am 03.12.2026 um 09.30 - 10.00 bin ich da, sonst: +49 (0)151 23456789!", Some("+4915123456789")),
            ("tel (01) 505 12 34-0", Some("+4315051234")),
            ("0664/555 07 77\n1190 Wien", Some("+436645550777")),
            ("Wir zahlen 1.180,00 EUR für 72,50 m², ab 01.01.2027, Anzeige 1234567890.", None),
            ("Am 03. 12. 2026 oder 04.12.", None),
            ("", None),
        ] {
            let found = phone_in(text, Country::At);
            match expected {
                Some(expected) => {
                    assert!(found.as_deref().is_some_and(|found| found.starts_with(expected)), "{text}: {found:?}")
                }
                None => assert_eq!(found, None, "{text}"),
            }
        }
    }

    #[test]
    fn an_address_is_found_however_it_is_wrapped() {
        assert_eq!(address_in("Gern an Ida.Probe@example.org.").as_deref(), Some("ida.probe@example.org"));
        assert_eq!(address_in("<mailto:ida@example.org>").as_deref(), Some("ida@example.org"));
        assert_eq!(address_in("um 15 @ Uhr, ida(at)example.org"), None);
    }
}
