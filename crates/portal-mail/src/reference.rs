//! Which listing: numbers, exposé addresses of the portals, streets.

use crate::text::{filled, patterns, squeeze};

/// An own number in the form in which two spellings of it are equal: lower case, no white space,
/// `/` as `-` (PORTALS.md §4).
pub fn normalise_reference(number: &str) -> String {
    number
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '/' | '\\' | '–' | '—' | '‑') { '-' } else { c })
        .collect()
}

/// A street as people write it, into name and house number: `Musterstr. 12a` → (`Musterstr.`, `12a`).
/// French and Spanish forms with the number first or after a comma are understood.
pub fn split_street(street: &str) -> (Option<String>, Option<String>) {
    let street = squeeze(street);
    let street = street.trim_matches([',', ';', ' ']);
    if let Some(parts) = NUMBER_LAST.captures(street) {
        return (filled(&parts[1]), filled(parts[2].replace(" ", "")));
    }
    if let Some(parts) = NUMBER_FIRST.captures(street) {
        return (filled(&parts[2]), filled(&parts[1]));
    }
    (filled(street), None)
}

/// `1010 Wien`, `D-10115 Berlin`, `CH 8001 Zürich`, `Wien 1010`: postal code and town.
pub fn split_zip_city(text: &str) -> (Option<String>, Option<String>) {
    let text = squeeze(text);
    if let Some(parts) = ZIP_CITY.captures(&text) {
        return (filled(&parts[1]), filled(parts[2].trim_matches([',', ';', '/', ' ', '-'])));
    }
    if let Some(parts) = CITY_ZIP.captures(&text) {
        return (filled(&parts[2]), filled(parts[1].trim_matches([',', ' '])));
    }
    let only_zip = ONLY_ZIP.capture(&text).and_then(filled);
    if only_zip.is_some() { (only_zip, None) } else { (None, filled(text)) }
}

/// `Musterstr. 12a, 1010 Wien` into (street, house number, zip, town).
#[allow(clippy::type_complexity)]
pub fn split_address(text: &str) -> (Option<String>, Option<String>, Option<String>, Option<String>) {
    let text = squeeze(text);
    if let Some(parts) = FULL_ADDRESS.captures(&text) {
        // `Maison, Rue du Lac 3, 1800 Vevey`: a title before the street is not part of it.
        let before = parts[1].trim();
        let before = before
            .rsplit(',')
            .next()
            .filter(|last| last.trim().contains(' ') && last.chars().any(|c| c.is_ascii_digit()))
            .unwrap_or(before);
        let (street, number) = split_street(before.trim());
        let has_street = street.is_some() && (number.is_some() || parts[1].trim().len() > 2);
        let city = filled(parts[3].split([',', '(', '|']).next().unwrap_or_default());
        return (if has_street { street } else { None }, number, filled(&parts[2]), city);
    }
    if let Some(parts) = TOWN_FIRST.captures(&text) {
        let (street, number) = split_street(&parts[3]);
        if number.is_some() {
            return (street, number, filled(&parts[1]), filled(&parts[2]));
        }
    }
    let (zip, city) = split_zip_city(&text);
    if zip.is_some() {
        return (None, None, zip, city);
    }
    match text.rsplit_once(',') {
        Some((left, right)) if left.chars().any(|c| c.is_ascii_digit()) => {
            let (street, number) = split_street(left);
            (street, number, None, filled(right))
        }
        _ => {
            let (street, number) = split_street(&text);
            if number.is_some() { (street, number, None, None) } else { (None, None, None, filled(text)) }
        }
    }
}

/// Whether a line about the property names postal code and town, in this order: `Wohnung 4455`
/// does not, although a lone `Wien 1010` elsewhere is a town.
pub(crate) fn names_town(text: &str) -> bool {
    ZIP_THEN_CITY.is_match(text)
}

/// The portal's object id in the address of an exposé page; none for every other address,
/// tracking links included.
pub fn expose_ids(url: &str) -> Option<String> {
    let (host, path) = host_and_path(url.trim())?;
    let host = host.to_ascii_lowercase();
    let on = |domain: &str| host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    // Tracking services write the longest addresses, and none of them is a portal's page.
    crate::portals::by_domain(&host)?;
    let path = path.to_lowercase();
    let path = path.as_str();
    let found = if on("immobilienscout24.de") || on("immobilienscout24.at") || on("immoscout24.de") {
        SCOUT.capture(path)
    } else if on("immoscout24.ch") || on("homegate.ch") {
        SWISS.capture(path)
    } else if on("willhaben.at") {
        WILLHABEN.capture(path)
    } else if on("kleinanzeigen.de") || on("ebay-kleinanzeigen.de") {
        KLEINANZEIGEN.capture(path)
    } else if on("immowelt.de") || on("immowelt.at") || on("immowelt.ch") {
        IMMOWELT.capture(path)
    } else if on("immonet.de") || on("immonet.at") {
        IMMONET.capture(path)
    } else if on("idealista.com") || on("idealista.pt") || on("idealista.it") {
        IDEALISTA.capture(path)
    } else if OTHERS.iter().any(|domain| on(domain)) {
        LAST_NUMBER.capture(path)
    } else {
        None
    };
    found.map(|id| if on("immowelt.de") { id.to_owned() } else { id.trim_matches('-').to_owned() })
}

const OTHERS: [&str; 15] = [
    "immobilier.ch",
    "derstandard.at",
    "findmyhome.at",
    "immmo.at",
    "kalaydo.de",
    "immozentral.com",
    "immopool.de",
    "1a-immobilienmarkt.de",
    "neubaukompass.de",
    "comparis.ch",
    "newhome.ch",
    "immostreet.ch",
    "flatfox.ch",
    "ivd24immobilien.de",
    "ivd24.de",
];

fn host_and_path(url: &str) -> Option<(&str, &str)> {
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => rest,
        _ => url,
    };
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let host = host.split(':').next()?;
    (host.contains('.') && !host.contains('@')).then_some((host, path))
}

patterns! {
    NUMBER_LAST = r"^(.*?[^\s,\d][^\d]*?)[\s,]*\s(?:Nr\.?\s*|n[°º]\s*)?(\d{1,4}(?:\s?[a-zA-Z])?(?:\s?[-/+–]\s?\d{1,4}\s?[a-zA-Z]?){0,3})$";
    NUMBER_FIRST = r"^(\d{1,4}(?:\s?(?:bis|ter|[a-z]))?)[,\s]+(\D{4,})$";
    ZIP_CITY = r"^(?:[A-Z]{1,2}[\s–-]+)?(\d{4,5})[\s,/–-]+(\p{L}.*)$";
    CITY_ZIP = r"^(\p{L}[^\d]*?)[\s,]+(?:[A-Z]{1,2}-)?(\d{4,5})$";
    ONLY_ZIP = r"^(?:[A-Z]{1,2}[\s-]+)?(\d{4,5})$";
    FULL_ADDRESS = r"^(.+?)\s*[,;|–\n]\s*(?:[A-Z]{1,2}[\s–-]+)?(\d{4,5})\s+(\p{L}.*)$";
    TOWN_FIRST = r"^(?:[A-Z]{1,2}[\s–-]+)?(\d{4,5})\s+(\p{L}[^,\d]{1,40}),\s*([^,]{3,60})$";
    ZIP_THEN_CITY = r"(?:^|[\s,;|–(-])(?:[A-Z]{1,2}[\s–-])?\d{4,5}[\s,/–-]+\p{Lu}\p{L}";
    SCOUT = r"/expose/([0-9a-f]{24}|\d{6,12})(?:[/?#]|$)";
    SWISS = r"/(?:[a-z0-9-]*[-/])?(\d{7,10})(?:[/?#]|$)";
    WILLHABEN = r"(?:[-/]|adid=)(\d{8,10})(?:[/?#&]|$)";
    KLEINANZEIGEN = r"/(\d{9,10})(?:-\d+-\d+)?(?:[/?#]|$)";
    IMMOWELT = r"/(?:expose|projekte/expose)/([0-9a-z-]{5,40})(?:[/?#]|$)";
    IMMONET = r"/(?:angebot|expose)/(\d{6,10})(?:[/?#]|$)";
    IDEALISTA = r"/(?:inmueble|imovel|immobile)/(\d{6,10})(?:[/?#]|$)";
    LAST_NUMBER = r"(?:[-/=])(\d{4,12})(?:\.html?|/)?(?:[?#&]|$)";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: &str, b: &str) -> (Option<String>, Option<String>) {
        (filled(a), filled(b))
    }

    #[test]
    fn streets() {
        for (street, name, number) in [
            ("Musterstr. 12a", "Musterstr.", "12a"),
            ("Musterstraße 12 a", "Musterstraße", "12a"),
            ("Am Alten Markt 3-5", "Am Alten Markt", "3-5"),
            ("Probegasse 7/2/14", "Probegasse", "7/2/14"),
            ("Straße des 17. Juni 135", "Straße des 17. Juni", "135"),
            ("Calle Mayor, 12", "Calle Mayor", "12"),
            ("12, rue de l'Exemple", "rue de l'Exemple", "12"),
            ("Musterweg", "Musterweg", ""),
        ] {
            assert_eq!(split_street(street), pair(name, number), "{street}");
        }
    }

    #[test]
    fn towns() {
        for (text, zip, city) in [
            ("1010 Wien", "1010", "Wien"),
            ("D-10115 Berlin", "10115", "Berlin"),
            ("CH-8001 Zürich", "8001", "Zürich"),
            ("8001", "8001", ""),
            ("Bad Musterstadt", "", "Bad Musterstadt"),
        ] {
            assert_eq!(split_zip_city(text), pair(zip, city), "{text}");
        }
        let (street, number, zip, city) = split_address("Probegasse 7, 1010 Wien");
        assert_eq!((street, number), pair("Probegasse", "7"));
        assert_eq!((zip, city), pair("1010", "Wien"));
    }

    #[test]
    fn equal_references() {
        assert_eq!(normalise_reference(" AB 12/3 "), "ab12-3");
        assert_eq!(normalise_reference("ab12-3"), normalise_reference("AB12/3"));
    }

    #[test]
    fn exposes() {
        for (url, id) in [
            ("https://www.immobilienscout24.de/expose/123456789?x=1", Some("123456789")),
            ("https://www.immobilienscout24.at/expose/5f0123456789abcdef012345", Some("5f0123456789abcdef012345")),
            ("https://www.homegate.ch/rent/4001234567", Some("4001234567")),
            (
                "https://www.willhaben.at/iad/immobilien/d/mietwohnungen/wien/schoene-wohnung-1234567890/",
                Some("1234567890"),
            ),
            ("https://www.kleinanzeigen.de/s-anzeige/schoene-wohnung/3456283104-203-3331", Some("3456283104")),
            ("https://www.immowelt.de/expose/2abc35x", Some("2abc35x")),
            ("https://www.idealista.com/inmueble/101234567/", Some("101234567")),
            ("https://click.immobilienscout24.de/t/abc/12345678", None),
            ("https://example.org/expose/123456789", None),
            ("https://www.immobilienscout24.de/", None),
        ] {
            assert_eq!(expose_ids(url).as_deref(), id, "{url}");
        }
    }
}
