//! Dates and times as each language writes them. A language we do not know is written as English.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::slots::Slot;
use crate::domain::tenants::Country;

const WEEKDAYS: [[&str; 7]; 5] = [
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
];

#[rustfmt::skip]
const MONTHS: [[&str; 12]; 5] = [
    ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
];

fn row(language: &str) -> usize {
    ["de", "en", "fr", "it", "es"].iter().position(|known| *known == language).unwrap_or(1)
}

/// "Dienstag, 24. November 2026".
#[must_use]
pub fn day(language: &str, country: Country, date: Date) -> String {
    let row = row(language);
    let pick = |table: &[&'static str], index: i8| {
        usize::try_from(index).ok().and_then(|index| table.get(index).copied()).unwrap_or_default()
    };
    let weekday = pick(WEEKDAYS.get(row).map_or(&[][..], |days| days), date.weekday().to_monday_zero_offset());
    let month = match (language, country, date.month()) {
        ("de", Country::At, 1) => "Jänner",
        (_, _, month) => pick(MONTHS.get(row).map_or(&[][..], |months| months), month - 1),
    };
    let (number, year) = (date.day(), date.year());
    match language {
        "de" => format!("{weekday}, {number}. {month} {year}"),
        "fr" if number == 1 => format!("{weekday} 1er {month} {year}"),
        "fr" | "it" => format!("{weekday} {number} {month} {year}"),
        "es" => format!("{weekday}, {number} de {month} de {year}"),
        _ => format!("{weekday}, {number} {month} {year}"),
    }
}

/// "14:15".
#[must_use]
pub fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// "14:15–14:45 Uhr".
#[must_use]
pub fn hours(language: &str, zone: &TimeZone, slot: Slot) -> String {
    let (from, to) = (clock(zone.to_datetime(slot.start.0)), clock(zone.to_datetime(slot.end.0)));
    match language {
        "de" => format!("{from}–{to} Uhr"),
        "fr" => format!("de {from} à {to}"),
        "it" => format!("dalle {from} alle {to}"),
        "es" => format!("de {from} a {to}"),
        _ => format!("{from}–{to}"),
    }
}

/// Day and hours of an appointment.
#[must_use]
pub fn span(language: &str, country: Country, zone: &TimeZone, slot: Slot) -> String {
    let date = zone.to_datetime(slot.start.0).date();
    format!("{}, {}", day(language, country, date), hours(language, zone, slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn each_language_writes_a_time_its_own_way_and_in_the_tenants_zone() {
        let zone = TimeZone::get("Europe/Vienna").unwrap();
        let at = |text: &str| Timestamp(text.parse().unwrap());
        let slot = Slot { start: at("2027-01-01T13:15:00Z"), end: at("2027-01-01T13:45:00Z") };
        let written = |language| span(language, Country::At, &zone, slot);
        assert_eq!(written("de"), "Freitag, 1. Jänner 2027, 14:15–14:45 Uhr");
        assert_eq!(written("en"), "Friday, 1 January 2027, 14:15–14:45");
        assert_eq!(written("fr"), "vendredi 1er janvier 2027, de 14:15 à 14:45");
        assert_eq!(written("it"), "venerdì 1 gennaio 2027, dalle 14:15 alle 14:45");
        assert_eq!(written("es"), "viernes, 1 de enero de 2027, de 14:15 a 14:45");
        assert_eq!(written("tlh"), written("en"));
        assert_eq!(span("de", Country::De, &zone, slot), "Freitag, 1. Januar 2027, 14:15–14:45 Uhr");
    }
}
