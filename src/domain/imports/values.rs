//! How people write values in spreadsheets of the region: `1.234,50 €`, `1'200.–`, `ja`, `3. OG`, `01.12.2026`.
//!
//! Always true: what can be read two ways is read as people here mean it, and what cannot be read is refused with an
//! example; nothing is guessed. A sheet's own numbers come with a decimal point and never with just three decimals
//! (`office_files::table`), so a point before three digits is a thousands separator somebody typed.

use jiff::civil::Date;
use serde_json::{Value, json};

/// How values of a field are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Money,
    Number,
    Whole,
    Floor,
    Truth,
    Day,
    Kind,
    Marketing,
    Status,
    Country,
}

/// The value as the listing has it; `today` is what "now" means.
pub(super) fn value(form: Form, text: &str, today: Date) -> Result<Value, String> {
    let refuse = |example: &str| format!("“{}” was not understood; write for example {example}", shown(text));
    match form {
        Form::Text => Ok(json!(text)),
        Form::Money => cents(text).map(|cents| json!(cents)).ok_or_else(|| refuse("1.234,50")),
        Form::Number => number(text).map(|number| json!(number)).ok_or_else(|| refuse("85,5")),
        Form::Whole => whole(text).map(|number| json!(number)).ok_or_else(|| refuse("1998")),
        Form::Floor => floor(text).map(|number| json!(number)).ok_or_else(|| refuse("EG, 3 or DG as a number")),
        Form::Truth => truth(text).map(|truth| json!(truth)).ok_or_else(|| refuse("ja or nein")),
        Form::Day => day(text, today).map(|day| json!(day)).ok_or_else(|| refuse("01.12.2026")),
        Form::Kind => word(text, &KINDS).map(|kind| json!(kind)).ok_or_else(|| refuse("Wohnung or Haus")),
        Form::Marketing => word(text, &MARKETINGS).map(|kind| json!(kind)).ok_or_else(|| refuse("Kauf or Miete")),
        Form::Status => word(text, &STATUSES).map(|kind| json!(kind)).ok_or_else(|| refuse("aktiv or archiviert")),
        Form::Country => word(text, &COUNTRIES).map(|kind| json!(kind)).ok_or_else(|| refuse("AT, DE or CH")),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Words that mean a code, as beginnings of the words people write.
type Codes = [(&'static str, &'static [&'static str])];

const KINDS: [(&str, &[&str]); 6] = [
    (
        "APARTMENT",
        &[
            "apartment",
            "wohnung",
            "etagenwohnung",
            "eigentumswohnung",
            "mietwohnung",
            "maisonette",
            "penthouse",
            "loft",
            "flat",
            "studio",
            "dachgeschoss",
            "erdgeschoss",
            "appartement",
            "appartamento",
        ],
    ),
    (
        "HOUSE",
        &[
            "house",
            "haus",
            "einfamilienhaus",
            "reihenhaus",
            "doppelhaus",
            "mehrfamilienhaus",
            "villa",
            "bungalow",
            "maison",
            "casa",
        ],
    ),
    ("LAND", &["land", "grundst", "bauland", "baugrund", "plot", "terrain", "terreno"]),
    (
        "COMMERCIAL",
        &[
            "commercial",
            "gewerbe",
            "büro",
            "buero",
            "laden",
            "geschäft",
            "praxis",
            "lager",
            "halle",
            "gastro",
            "office",
            "bureau",
        ],
    ),
    ("GARAGE", &["garage", "stellplatz", "tiefgarage", "parkplatz", "carport"]),
    ("OTHER", &["other", "sonstig", "andere"]),
];
const MARKETINGS: [(&str, &[&str]); 3] = [
    ("SALE", &["sale", "kauf", "verkauf", "zu verkaufen", "eigentum", "vente", "vendita"]),
    ("RENT", &["rent", "miete", "vermietung", "zu vermieten", "location", "affitto"]),
    ("LEASE", &["lease", "pacht", "verpachtung"]),
];
const STATUSES: [(&str, &[&str]); 6] = [
    ("DRAFT", &["draft", "entwurf", "in vorbereitung", "vorbereitung"]),
    ("ACTIVE", &["active", "aktiv", "online", "verfügbar", "frei", "offen", "in vermarktung"]),
    ("RESERVED", &["reserved", "reserviert"]),
    ("SOLD", &["sold", "verkauft"]),
    ("RENTED", &["rented", "vermietet"]),
    ("ARCHIVED", &["archived", "archiv", "inaktiv", "offline"]),
];
const COUNTRIES: [(&str, &[&str]); 3] = [
    ("AT", &["at", "aut", "österreich", "oesterreich", "austria", "a"]),
    ("DE", &["de", "deu", "deutschland", "germany", "d"]),
    ("CH", &["ch", "che", "schweiz", "suisse", "svizzera", "switzerland"]),
];

/// The code a word means: the word itself, else one of those it begins with.
fn word(text: &str, codes: &Codes) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    let whole = codes.iter().find(|(_, words)| words.contains(&text.as_str()));
    let begun = || {
        // A single letter begins too much.
        codes.iter().find(|(_, words)| words.iter().any(|word| word.len() > 3 && text.starts_with(word)))
    };
    whole.or_else(begun).map(|(code, _)| *code)
}

fn cents(text: &str) -> Option<i64> {
    let amount = number(text)? * 100.0;
    // Beyond it a float does not tell cents apart.
    #[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
    (amount.abs() < 9e15).then(|| amount.round() as i64)
}

/// A number, perhaps with a unit behind it or a currency before it.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let start = text.find(|char: char| char.is_ascii_digit() || char == '-')?;
    let (front, rest) = text.split_at(start);
    if !front.chars().all(|char| char.is_alphabetic() || " .€$".contains(char)) || front.chars().count() > 5 {
        return None;
    }
    let end = rest.find(|char: char| !char.is_ascii_digit() && !" \u{a0}\u{202f}.,'’-–—".contains(char));
    let (digits, unit) = rest.split_at(end.unwrap_or(rest.len()));
    // "85 m²" and "1.200 €/Monat", but not "3 bis 4" nor "12 34 Wien".
    let is_unit = |unit: &str| {
        ["€", "eur", "chf", "m²", "m2", "qm", "kwh", "zimmer", "zi", "%", "fr"]
            .iter()
            .any(|known| unit.to_lowercase().trim_start().starts_with(known))
    };
    if !unit.is_empty() && !is_unit(unit) {
        return None;
    }
    // "1200,-" and "1'200.–"
    let digits = digits.trim_end_matches(|char: char| !char.is_ascii_digit());
    let plain: String = digits.chars().filter(|char| !" \u{a0}\u{202f}'’".contains(*char)).collect();
    let separators: Vec<(usize, char)> = plain.char_indices().filter(|(_, char)| matches!(char, '.' | ',')).collect();
    let decimal = match separators.as_slice() {
        [] => None,
        [(at, sign)] => {
            let after = plain.len() - at - 1;
            // 1.234 and 250,000 are thousands; 0.125 is not.
            (after != 3 || plain[..*at].trim_start_matches('-') == "0" || (*sign == ',' && *at > 3)).then_some(*at)
        }
        [.., (_, first), (at, last)] => (first != last).then_some(*at),
    };
    let machine: String = plain
        .char_indices()
        .filter_map(|(at, char)| match char {
            '.' | ',' if Some(at) == decimal => Some('.'),
            '.' | ',' => None,
            char => Some(char),
        })
        .collect();
    machine.parse().ok().filter(|number: &f64| number.is_finite())
}

fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_suffix(".0").unwrap_or(text);
    digits.parse().ok()
}

fn floor(text: &str) -> Option<i64> {
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "eg" | "erdgeschoss" | "parterre" | "ground floor" | "rez-de-chaussée" => Some(0),
        "ug" | "souterrain" | "untergeschoss" | "keller" => Some(-1),
        "hochparterre" => Some(0),
        _ => {
            let end = lower.find(|char: char| !char.is_ascii_digit() && char != '-').unwrap_or(lower.len());
            let (digits, rest) = lower.split_at(end);
            let rest = rest.trim_start_matches(['.', ' ']);
            let known = ["og", "stock", "etage", "obergeschoss", "floor", "st", "nd", "rd", "th", "0"];
            (rest.is_empty() || known.iter().any(|word| rest.starts_with(word))).then(|| digits.parse().ok())?
        }
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "ja" | "j" | "yes" | "y" | "x" | "1" | "true" | "wahr" | "oui" | "si" | "sì" | "sí" | "vorhanden" | "✓"
        | "erlaubt" => Some(true),
        "nein" | "n" | "no" | "0" | "false" | "falsch" | "non" | "-" | "–" | "keine" | "kein" | "nicht vorhanden"
        | "nicht erlaubt" => Some(false),
        _ => None,
    }
}

fn day(text: &str, today: Date) -> Option<Date> {
    let text = text.trim();
    if matches!(text.to_lowercase().as_str(), "sofort" | "ab sofort" | "per sofort" | "now" | "immediately") {
        return Some(today);
    }
    let text = text.split(['T', ' ']).next().unwrap_or(text);
    if let Ok(day) = text.parse::<Date>() {
        return Some(day);
    }
    let mut parts = text.split(['.', '/']).map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_here_write_them() {
        for (text, expected) in [
            ("1.234,50 €", 1234.5),
            ("1,234.50", 1234.5),
            ("€ 1.234", 1234.0),
            ("EUR 250.000,-", 250_000.0),
            ("1'200.–", 1200.0),
            ("CHF 1’200.50", 1200.5),
            ("250,000", 250_000.0),
            ("1.250.000", 1_250_000.0),
            ("85,5 m²", 85.5),
            ("85.5", 85.5),
            ("85.1230", 85.123),
            ("0.125", 0.125),
            ("3 Zimmer", 3.0),
            ("1 200 €/Monat", 1200.0),
            ("-5", -5.0),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for text in ["auf Anfrage", "3 bis 4", "k.A.", "", "12 Wien", "1.2.3,4,5x"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(cents("1.234,56"), Some(123_456));
    }

    #[test]
    fn words_days_and_floors_are_read() {
        let today = date(2026, 11, 25);
        let read = |form, text| value(form, text, today).ok();
        assert_eq!(read(Form::Kind, "Etagenwohnung"), Some(json!("APARTMENT")));
        assert_eq!(read(Form::Kind, "Grundstück"), Some(json!("LAND")));
        assert_eq!(read(Form::Kind, "Schloss"), None);
        assert_eq!(read(Form::Marketing, "Miete"), Some(json!("RENT")));
        assert_eq!(read(Form::Country, "Schweiz"), Some(json!("CH")));
        assert_eq!(read(Form::Day, "1.12.2026"), Some(json!("2026-12-01")));
        assert_eq!(read(Form::Day, "2026-12-01T00:00"), Some(json!("2026-12-01")));
        assert_eq!(read(Form::Day, "01/12/26"), Some(json!("2026-12-01")));
        assert_eq!(read(Form::Day, "ab sofort"), Some(json!("2026-11-25")));
        assert_eq!(read(Form::Day, "31.02.2026"), None);
        assert_eq!(read(Form::Floor, "3. OG"), Some(json!(3)));
        assert_eq!(read(Form::Floor, "EG"), Some(json!(0)));
        assert_eq!(read(Form::Floor, "3 Zimmer"), None);
        assert_eq!(read(Form::Truth, "x"), Some(json!(true)));
        assert_eq!(read(Form::Truth, "vielleicht"), None);
        assert_eq!(read(Form::Whole, "1998"), Some(json!(1998)));
    }
}
