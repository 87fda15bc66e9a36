//! Wider wishes: "any time next week", "weekday evenings from six", "at the weekend".
//!
//! They propose no instant; what is offered should lie in them.

use jiff::{
    ToSpan,
    civil::{Date, Time},
};

use super::{
    clock_time,
    group::{afternoon, settle},
    scan::{ClockTime, Item, Scanner},
    weekday,
    words::Word,
};
use crate::{DayPart, WindowDays, WishedWindow};

/// How far ahead a wish without an end is understood.
const WEEKS: i64 = 4;

const WEEKENDS: [&str; 6] = ["wochenende", "wochenenden", "weekend", "weekends", "wochenend", "wochend"];
const WEEKDAYS: [&str; 9] =
    ["werktags", "wochentags", "werktag", "werktagen", "wochentagen", "weekday", "weekdays", "feriali", "laborables"];
const ANY_TIME: [&str; 8] =
    ["jederzeit", "anytime", "flexibel", "flexible", "flexibles", "flessibile", "flessibili", "whenever"];
const ANY_PHRASES: [&[&str]; 10] = [
    &["any", "time"],
    &["any", "day"],
    &["any", "evening"],
    &["any", "afternoon"],
    &["qualsiasi", "momento"],
    &["qualsiasi", "giorno"],
    &["cualquier", "dia"],
    &["cualquier", "tarde"],
    &["cualquier", "momento"],
    &["n", "importe", "quand"],
];
/// Before these an hour is the earliest one.
const FROM: [&str; 11] =
    ["ab", "nach", "after", "from", "partir", "apres", "dopo", "dalle", "desde", "past", "despues"];

/// The window a clause names, if it names one.
pub(super) fn read(scan: &Scanner<'_>) -> Option<WishedWindow> {
    let (from, to, days) = stretch(scan).or_else(|| open(scan))?;
    let part = scan.items().into_iter().find_map(|item| match item {
        Item::Part(part) => Some(part),
        _ => None,
    });
    let (mut earliest, latest) = match part {
        Some(DayPart::Morning) => (None, Some(clock(12))),
        Some(DayPart::Afternoon) => (Some(clock(12)), Some(clock(17))),
        Some(DayPart::Evening) => (Some(clock(17)), None),
        None => (None, None),
    };
    if let Some(hour) = first_hour(scan, part) {
        earliest = Some(hour);
    }
    Some(WishedWindow {
        from,
        to,
        days,
        earliest,
        latest: latest.filter(|latest| earliest.is_none_or(|e| e < *latest)),
    })
}

const fn clock(hour: i8) -> Time {
    Time::constant(hour, 0, 0, 0)
}

/// "nach 18 Uhr", "after six", "à partir de 18h".
fn first_hour(scan: &Scanner<'_>, part: Option<DayPart>) -> Option<Time> {
    (0..scan.pieces.len()).find_map(|at| {
        if !scan.text(at).is_some_and(|text| FROM.contains(&text)) {
            return None;
        }
        let skip = usize::from(matches!(scan.text(at + 1), Some("de" | "le" | "las" | "les" | "the")));
        let (time, _) = (at + 1..=at + 1 + skip)
            .rev()
            .find_map(|at| clock_time::read(scan, at).or_else(|| clock_time::bare_hour(scan, at)))?;
        let ClockTime { hour, minute, .. } = afternoon(settle(time?, part));
        Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
    })
}

/// A named week, weekend or kind of day.
fn stretch(scan: &Scanner<'_>) -> Option<(Date, Date, WindowDays)> {
    let today = scan.today;
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
    let plus = |date: Date, days: i64| date.checked_add(days.days()).ok();
    let named =
        |words: &[&str]| (0..scan.pieces.len()).any(|at| scan.text(at).is_some_and(|text| words.contains(&text)));
    let week = (0..scan.pieces.len()).find_map(|at| weekday::week_ahead(scan, at)).map(|found| found.0);
    let weekend = named(&WEEKENDS)
        || phrase(scan, &["week", "-", "end"])
        || phrase(scan, &["week", "end"])
        || phrase(scan, &["fine", "settimana"])
        || phrase(scan, &["fin", "de", "semana"])
        || phrase(scan, &["fines", "de", "semana"]);
    // "Schönes Wochenende!", "bon week-end": a farewell.
    let weekend =
        weekend && !named(&["schones", "schons", "nice", "lovely", "great", "good", "bon", "buon", "buen", "feliz"]);
    let weekdays = named(&WEEKDAYS)
        || phrase(scan, &["unter", "der", "woche"])
        || phrase(scan, &["en", "semaine"])
        || phrase(scan, &["in", "settimana"])
        || phrase(scan, &["entre", "semana"])
        || phrase(scan, &["during", "the", "week"]);
    let days = match (weekend, weekdays) {
        (true, false) => WindowDays::Weekend,
        (false, true) => WindowDays::Weekdays,
        _ => WindowDays::All,
    };
    if let Some(weeks) = week {
        let from = plus(monday, 7 * weeks)?;
        return Some((from.max(today), plus(from, 6)?, days));
    }
    if weekend {
        let plural = named(&["wochenenden", "weekends"]) || phrase(scan, &["fines", "de", "semana"]) || weekdays;
        let next = (0..scan.pieces.len()).any(|at| scan.word(at) == Some(Word::Next));
        // On a weekend "next weekend" is the following one.
        let begun = today.weekday().to_monday_zero_offset() >= 5;
        let from = plus(monday, if next && begun { 12 } else { 5 })?;
        let to = if plural { plus(today, 7 * WEEKS)? } else { plus(from, 1)? };
        return Some((from.max(today), to, days));
    }
    if weekdays {
        return Some((today, plus(today, 7 * WEEKS)?, days));
    }
    let this_week = phrase(scan, &["diese", "woche"])
        || phrase(scan, &["this", "week"])
        || phrase(scan, &["cette", "semaine"])
        || phrase(scan, &["questa", "settimana"])
        || phrase(scan, &["esta", "semana"]);
    this_week.then_some(()).and_then(|()| Some((today, plus(monday, 6)?, WindowDays::All)))
}

/// "jederzeit", "after six": any day of the coming weeks.
fn open(scan: &Scanner<'_>) -> Option<(Date, Date, WindowDays)> {
    let any = (0..scan.pieces.len()).any(|at| scan.text(at).is_some_and(|text| ANY_TIME.contains(&text)))
        || ANY_PHRASES.iter().any(|words| phrase(scan, words));
    (any || first_hour(scan, None).is_some())
        .then(|| scan.today.checked_add((7 * WEEKS).days()).ok())
        .flatten()
        .map(|to| (scan.today, to, WindowDays::All))
}

fn phrase(scan: &Scanner<'_>, words: &[&str]) -> bool {
    let is = |at: usize, word: &str| match word {
        "-" => scan.mark(at, &['-']),
        word => scan.text(at) == Some(word),
    };
    (0..scan.pieces.len()).any(|start| words.iter().enumerate().all(|(offset, word)| is(start + offset, word)))
}
