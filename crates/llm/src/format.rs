//! Numbers, money, dates and times as each language writes them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::Language;

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';

/// The separators of thousands and of decimals.
const fn separators(language: Language) -> (char, char) {
    match language {
        Language::De | Language::It | Language::Es => ('.', ','),
        Language::En => (',', '.'),
        Language::Fr => (NBSP, ','),
    }
}

/// A number with up to two decimals, none when it is whole.
pub fn number(language: Language, value: f64) -> String {
    // Facts come from database columns far below the range where this conversion would saturate.
    decimal(language, (value * 100.0).round() as i64, true)
}

fn decimal(language: Language, hundredths: i64, short: bool) -> String {
    let (thousands, point) = separators(language);
    let digits = hundredths.unsigned_abs() / 100;
    let rest = hundredths.unsigned_abs() % 100;
    let mut text = String::new();
    if hundredths < 0 {
        text.push('-');
    }
    let whole = digits.to_string();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    if rest > 0 {
        text.push(point);
        let decimals = format!("{rest:02}");
        text.push_str(if short { decimals.trim_end_matches('0') } else { &decimals });
    }
    text
}

/// `1.290 €`, `€1,290`, `1.290 CHF`.
pub fn money(language: Language, cents: i64, currency: &str) -> String {
    let amount = decimal(language, cents, false);
    match (language, currency) {
        (Language::En, "EUR") => format!("€{amount}"),
        (Language::En, code) => format!("{code}{NBSP}{amount}"),
        (_, "EUR") => format!("{amount}{NBSP}€"),
        (_, code) => format!("{amount}{NBSP}{code}"),
    }
}

/// `68,5 m²`.
pub fn area(language: Language, square_metres: f64) -> String {
    format!("{}{NBSP}m²", number(language, square_metres))
}

/// `3,57 %`, in English `3.57%`.
pub fn percent(language: Language, value: f64) -> String {
    match language {
        Language::En => format!("{}%", number(language, value)),
        _ => format!("{}{NBSP}%", number(language, value)),
    }
}

const MONTHS: [[&str; 12]; 5] = [
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
];

const WEEKDAYS: [[&str; 7]; 5] = [
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
];

pub(crate) fn month_names(language: Language) -> &'static [&'static str; 12] {
    &MONTHS[language as usize]
}

pub(crate) fn weekday_names(language: Language) -> &'static [&'static str; 7] {
    &WEEKDAYS[language as usize]
}

/// `24. November 2026`.
pub fn date(language: Language, date: Date) -> String {
    let month = month_names(language)[usize::from(date.month().unsigned_abs()) - 1];
    let (day, year) = (date.day(), date.year());
    match language {
        Language::De => format!("{day}. {month} {year}"),
        Language::En | Language::It => format!("{day} {month} {year}"),
        Language::Fr => format!("{}{} {month} {year}", day, if day == 1 { "er" } else { "" }),
        Language::Es => format!("{day} de {month} de {year}"),
    }
}

/// `Dienstag, 24. November 2026, 14:30 Uhr`.
pub fn date_time(language: Language, instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    let weekday = weekday_names(language)[local.weekday().to_monday_zero_offset().unsigned_abs() as usize];
    let day = date(language, local.date());
    let (hour, minute) = (local.hour(), local.minute());
    match language {
        Language::De => format!("{weekday}, {day}, {hour}:{minute:02} Uhr"),
        Language::En => {
            let half = if hour < 12 { "am" } else { "pm" };
            format!("{weekday}, {day}, {}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
        Language::Fr => format!("{weekday} {day}, {hour}{NBSP}h{NBSP}{minute:02}"),
        Language::It => format!("{weekday} {day}, ore {hour}:{minute:02}"),
        Language::Es => format!("{weekday}, {day}, {hour}:{minute:02}{NBSP}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_each_country() {
        let written = Language::ALL.map(|language| money(language, 129_000, "EUR"));
        assert_eq!(written, ["1.290\u{a0}€", "€1,290", "1\u{a0}290\u{a0}€", "1.290\u{a0}€", "1.290\u{a0}€"]);
        assert_eq!(money(Language::De, 129_050, "EUR"), "1.290,50\u{a0}€");
        assert_eq!(money(Language::De, 123_456_700, "CHF"), "1.234.567\u{a0}CHF");
        assert_eq!(area(Language::De, 68.5), "68,5\u{a0}m²");
        assert_eq!(area(Language::En, 68.5), "68.5\u{a0}m²");
        assert_eq!(percent(Language::En, 3.57), "3.57%");
    }

    #[test]
    fn times_are_written_in_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let instant: Timestamp = "2026-11-24T13:30:00Z".parse().unwrap();
        let written = Language::ALL.map(|language| date_time(language, instant, &zone));
        assert_eq!(
            written,
            [
                "Dienstag, 24. November 2026, 14:30 Uhr",
                "Tuesday, 24 November 2026, 2:30 pm",
                "mardi 24 novembre 2026, 14\u{a0}h\u{a0}30",
                "martedì 24 novembre 2026, ore 14:30",
                "martes, 24 de noviembre de 2026, 14:30\u{a0}h",
            ]
        );
    }
}
