//! Hours: in digits or words, in every language's way of saying half.

use super::{
    scan::{ClockTime, Scanner},
    spoken::{after_hour, fraction, in_words},
    words::Word,
};
use crate::Language;

/// The time written at `at` and where the text goes on. `None` inside: a time that is no wish ("until 5").
pub(super) fn read(scan: &Scanner<'_>, at: usize) -> Option<(Option<ClockTime>, usize)> {
    match scan.word(at) {
        Some(Word::Until) => read_after(scan, at + 1).map(|(_, next)| (None, next)),
        Some(Word::Before) if scan.language == Language::De => read_after(scan, at + 1).map(|(_, next)| (None, next)),
        Some(Word::Between) => {
            range(scan, at + 1 + usize::from(article(scan, at + 1))).map(|(time, next)| (Some(time), next))
        }
        Some(Word::At | Word::The) => read_after(scan, at).map(|(time, next)| (Some(time), next)),
        Some(Word::Past) if scan.language == Language::De => {
            read_after(scan, at + 1).map(|(time, next)| (Some(time), next))
        }
        Some(Word::Noon) => Some((Some(ClockTime { hour: 12, minute: 0, exact: true }), at + 1)),
        _ => range(scan, at)
            .or_else(|| full(scan, at))
            .or_else(|| listed(scan, at))
            .map(|(time, next)| (Some(time), next)),
    }
}

/// After "at" a bare number is an hour.
fn read_after(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let mut next = at;
    let mut led = false;
    while matches!(scan.word(next), Some(Word::At | Word::The))
        || matches!(scan.text(next), Some("etwa" | "circa" | "ungefahr" | "environ"))
    {
        // "am 3", "the 3": a day or a thing; only a real "at" makes a bare number an hour.
        led |= match scan.word(next) {
            Some(Word::At) => true,
            Some(Word::The) => scan.language == Language::It && scan.text(next) == Some("le"),
            _ => false,
        };
        next += 1;
    }
    if next < at + 1 && scan.number(at).is_none() && scan.word(at).is_none() {
        return None;
    }
    range(scan, next).or_else(|| full(scan, next)).or_else(|| if led || next == at { bare(scan, next) } else { None })
}

/// "tra le 16 e le 18", "entre las 4 y las 6": hours with their article.
fn article(scan: &Scanner<'_>, at: usize) -> bool {
    matches!((scan.language, scan.text(at)), (Language::It, Some("le" | "l")) | (Language::Es, Some("las" | "la")))
}

/// Whether "between" leads the hour at `at`.
pub(super) fn between(scan: &Scanner<'_>, at: usize) -> bool {
    let at = if at > 0 && article(scan, at - 1) { at - 1 } else { at };
    scan.before(at) == Some(Word::Between)
}

/// "14-16 Uhr", "zwischen 14 und 16 Uhr", "von 14 bis 16 Uhr": the beginning counts.
fn range(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let led = between(scan, at);
    let (start, next) = full(scan, at).or_else(|| bare(scan, at))?;
    let joined = scan.mark(next, &['-', '–'])
        || scan.word(next) == Some(Word::Until)
        || led && scan.word(next) == Some(Word::And)
        || scan.language == Language::En && scan.text(next) == Some("to")
        || scan.language == Language::Fr && scan.text(next) == Some("a")
        || scan.language == Language::Es && scan.text(next) == Some("a") && scan.number(next + 1).is_some()
        || scan.language == Language::It && scan.text(next) == Some("alle");
    if !joined {
        return None;
    }
    let after = next + 1 + usize::from(article(scan, next + 1) || scan.word(next + 1) == Some(Word::At));
    // "zwischen 10 und 12": both ends are hours, also without their unit.
    let (end, next) = full(scan, after).or_else(|| if led { bare(scan, after) } else { None })?;
    // "2-4 pm": the end tells which half of the day is meant.
    let afternoon = !start.exact && end.exact && end.hour >= 13 && start.hour < 12 && start.hour + 12 <= end.hour;
    let hour = if afternoon { start.hour + 12 } else { start.hour };
    let exact = start.exact || afternoon || (end.exact && start.hour >= 8);
    Some((ClockTime { hour, exact, ..start }, next))
}

/// "10 oder 14 Uhr": the unit stands only behind the last.
fn listed(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let (time, next) = bare(scan, at)?;
    let joined = matches!(scan.word(next), Some(Word::Or)) || scan.mark(next, &['/']);
    (joined
        && scan.number(at).is_some()
        && (full(scan, next + 1).is_some() || scan.before(at) == Some(Word::At) && bare(scan, next + 1).is_some()))
    .then_some((time, next))
}

pub(super) fn time(hour: u32, minute: u32, exact: bool) -> Option<ClockTime> {
    (hour < 24 && minute < 60).then_some(ClockTime { hour, minute, exact: exact || hour >= 13 })
}

pub(super) fn hour_value(scan: &Scanner<'_>, at: usize) -> Option<(u32, bool)> {
    if let Some((value, digits)) = scan.number(at) {
        return (digits <= 2 && value < 24).then_some((value, digits == 2 && value < 10));
    }
    match scan.word(at)? {
        Word::Number(value) if value <= 12 => Some((value, false)),
        _ => None,
    }
}

/// A number that can only be an hour because of what leads it ("after six").
pub(super) fn bare_hour(scan: &Scanner<'_>, at: usize) -> Option<(Option<ClockTime>, usize)> {
    bare(scan, at).map(|(time, next)| (Some(time), next))
}

fn bare(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let (hour, exact) = hour_value(scan, at)?;
    let unit = [
        "zimmer", "zi", "euro", "eur", "qm", "m", "personen", "monat", "prozent", "jahr", "minut", "tag", "woche",
        "people", "rooms", "bed", "person", "pieces", "chambre", "stanz", "local", "habitac", "mes", "min", "km",
        "weeks", "days", "months", "stock", "etage",
    ];
    let thing = scan.text(at + 1).is_some_and(|text| {
        unit.iter().any(|unit| text.starts_with(unit)) && text != "mit" && text != "morgens" && text != "mittags"
    }) || scan.mark(at + 1, &['€', '%', '+'])
        || scan.mark(at + 1, &['.', ',', '/', ':']) && scan.number(at + 2).is_some()
        || scan.mark(at + 1, &['.']) && matches!(scan.word(at + 2), Some(Word::Month(_)))
        || matches!(scan.word(at + 1), Some(Word::Month(_)));
    if thing { None } else { Some(finish(scan, time(hour, 0, exact)?, at + 1)) }
}

/// A time that shows itself to be one.
fn full(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    digits(scan, at).or_else(|| in_words(scan, at)).map(|(time, next)| finish(scan, time, next))
}

/// Takes "am", "pm", "Uhr" behind a time.
fn finish(scan: &Scanner<'_>, mut time: ClockTime, mut next: usize) -> (ClockTime, usize) {
    if scan.word(next) == Some(Word::Hour) {
        next += 1;
    }
    match scan.word(next) {
        Some(Word::Pm) => {
            if time.hour < 12 {
                time.hour += 12;
            }
            time.exact = true;
            next += 1;
        }
        Some(Word::Am) if scan.language == Language::En => {
            time.hour %= 12;
            time.exact = true;
            next += 1;
        }
        _ => {}
    }
    (time, next)
}

fn part_follows(scan: &Scanner<'_>, at: usize) -> bool {
    (at..at + 4)
        .take_while(|at| scan.text(*at).is_some())
        .any(|at| matches!(scan.word(at), Some(Word::Morning | Word::Afternoon | Word::Evening)))
}

fn digits(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let (hour, exact) = scan.number(at).and_then(|_| hour_value(scan, at))?;
    let minutes =
        |at: usize| scan.number(at).filter(|(value, digits)| *digits == 2 && *value < 60).map(|found| found.0);
    if scan.mark(at + 1, &[':']) {
        return Some((time(hour, minutes(at + 2)?, exact)?, at + 3));
    }
    if scan.mark(at + 1, &['.'])
        && let Some(minute) = minutes(at + 2)
        && (matches!(scan.word(at + 3), Some(Word::Hour | Word::Am | Word::Pm))
            || scan.before(at) == Some(Word::At)
            // "2.30 in the afternoon": there is no thirtieth month.
            || matches!(minute, 15 | 30 | 45) && (1..21).contains(&hour) && part_follows(scan, at + 3))
        && !scan.mark(at + 3, &['.'])
    {
        return Some((time(hour, minute, exact)?, at + 3));
    }
    match scan.word(at + 1) {
        Some(Word::Hour) => {
            let (minute, next) = after_hour(scan, at + 2, minutes(at + 2));
            let hour = if minute < 0 { hour.checked_sub(1)? } else { hour };
            Some((time(hour, minute.rem_euclid(60).unsigned_abs(), exact)?, next))
        }
        Some(Word::Am | Word::Pm) => Some((time(hour, 0, exact)?, at + 1)),
        _ => fraction(scan, hour, at + 1),
    }
}
