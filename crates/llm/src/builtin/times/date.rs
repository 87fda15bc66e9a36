//! Days: written out, by name, or counted from today.

use jiff::{ToSpan, civil::Date};

use super::{lex::Piece, scan::Scanner, weekday, words::Word};
use crate::Language;

/// The day written at `at` and where the text goes on. `None` inside: a weekday that contradicts its date.
pub(super) fn read(scan: &Scanner<'_>, at: usize) -> Option<(Option<Date>, usize)> {
    let day = |(date, next)| (Some(date), next);
    let (date, next) = iso(scan, at)
        .or_else(|| named_month(scan, at))
        .or_else(|| numeric(scan, at))
        .map(day)
        .or_else(|| weekday::read(scan, at))
        .or_else(|| relative(scan, at).or_else(|| day_of_month(scan, at)).map(day))?;
    Some(weeks_from(scan, date, next))
}

/// "heute in einer Woche", "a week from Monday", "demain en huit", "de hoy en una semana": the day moves on.
fn weeks_from(scan: &Scanner<'_>, date: Option<Date>, next: usize) -> (Option<Date>, usize) {
    let later = |weeks: u32| date.and_then(|date| date.checked_add((7 * i64::from(weeks)).days()).ok());
    if scan.language == Language::Fr && scan.text(next) == Some("en") {
        return match scan.word(next + 1) {
            Some(Word::Number(8)) => (later(1), next + 2),
            Some(Word::Number(15)) => (later(2), next + 2),
            _ => (date, next),
        };
    }
    // "today week", "tomorrow fortnight"
    if scan.language == Language::En && matches!(scan.text(next), Some("week" | "fortnight")) {
        return (later(if scan.text(next) == Some("week") { 1 } else { 2 }), next + 1);
    }
    let counted = scan.word(next) == Some(Word::In) && scan.word(next + 2) == Some(Word::Week);
    match count(scan, next + 1).filter(|_| counted) {
        Some(weeks) => (later(weeks), next + 3),
        None => (date, next),
    }
}

/// A number of days or weeks, in digits or words.
fn count(scan: &Scanner<'_>, at: usize) -> Option<u32> {
    match (scan.number(at), scan.word(at), scan.text(at)) {
        (Some((count, _)), ..) => Some(count),
        (_, Some(Word::Number(count)), _) => Some(count),
        (_, _, Some("einer" | "a" | "one" | "une" | "una")) => Some(1),
        _ => None,
    }
}

pub(super) fn iso(scan: &Scanner<'_>, at: usize) -> Option<(Date, usize)> {
    let (year, 4) = scan.number(at)? else {
        return None;
    };
    if !scan.mark(at + 1, &['-']) || !scan.mark(at + 3, &['-']) {
        return None;
    }
    let (month, day) = (scan.number(at + 2)?.0, scan.number(at + 4)?.0);
    Some((make(year, month, day)?, at + 5))
}

fn make(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Without a year the next such day is meant.
fn coming(scan: &Scanner<'_>, month: u32, day: u32, year: Option<u32>) -> Option<Date> {
    if let Some(year) = year {
        return make(if year < 100 { 2000 + year } else { year }, month, day);
    }
    let year = u32::try_from(scan.today.year()).ok()?;
    [year, year + 1].into_iter().filter_map(|year| make(year, month, day)).find(|date| *date >= scan.today)
}

fn year_at(scan: &Scanner<'_>, at: usize) -> Option<u32> {
    scan.number(at).filter(|(value, digits)| *digits == 4 && (2000..2100).contains(value)).map(|found| found.0)
}

/// `26.11.`, `26.11.2026`, `26/11`.
pub(super) fn numeric(scan: &Scanner<'_>, at: usize) -> Option<(Date, usize)> {
    let (mut day, digits) = scan.number(at)?;
    let (mut month, month_digits) = scan.number(at + 2)?;
    let separator = ['.', '/'].into_iter().find(|mark| scan.mark(at + 1, &[*mark]))?;
    if digits > 2 || month_digits > 2 {
        return None;
    }
    // "10.15 Uhr", "um 10.10": a time.
    if separator == '.'
        && (scan.word(at + 3) == Some(Word::Hour) || scan.before(at) == Some(Word::At))
        && !scan.mark(at + 3, &['.'])
    {
        return None;
    }
    // "11/26": only an American writes a 26th month.
    if separator == '/' && scan.language == Language::En && month > 12 {
        std::mem::swap(&mut day, &mut month);
    }
    let mut next = at + 3;
    let mut year = None;
    if scan.mark(next, &[separator]) {
        next += 1;
        if let Some((value, 2 | 4)) = scan.number(next)
            && !scan.mark(next + 1, &[':'])
            && scan.word(next + 1) != Some(Word::Hour)
        {
            year = Some(value);
            next += 1;
        }
    }
    let date = coming(scan, month, day, year);
    // "12/6" by an American is the sixth of December: of the two readings the one that comes sooner is meant.
    let date = match (separator, scan.language, year) {
        ('/', Language::En, None) => [date, coming(scan, day, month, None)].into_iter().flatten().min(),
        _ => date,
    };
    Some((date?, next))
}

/// `26. November`, `the 26th of November`, `November 26`, `26 de noviembre`.
pub(super) fn named_month(scan: &Scanner<'_>, at: usize) -> Option<(Date, usize)> {
    if let Some((day, 1 | 2)) = scan.number(at) {
        let mut next = ordinal(scan, at + 1);
        if scan.word(next) == Some(Word::Of) {
            next += 1;
        }
        let Some(Word::Month(month)) = scan.word(next) else {
            return None;
        };
        next += 1;
        if scan.mark(next, &['.', ',']) && year_at(scan, next + 1).is_some() {
            next += 1;
        }
        if scan.word(next) == Some(Word::Of) && year_at(scan, next + 1).is_some() {
            next += 1;
        }
        let year = year_at(scan, next);
        next += usize::from(year.is_some());
        return Some((coming(scan, u32::try_from(month).ok()?, day, year)?, next));
    }
    let Some(Word::Month(month)) = scan.word(at) else {
        return None;
    };
    let (day, 1 | 2) = scan.number(at + 1)? else {
        return None;
    };
    if scan.mark(at + 2, &[':']) || matches!(scan.word(at + 2), Some(Word::Hour | Word::Am | Word::Pm)) {
        return None;
    }
    let mut next = ordinal(scan, at + 2);
    if scan.mark(next, &[',']) && year_at(scan, next + 1).is_some() {
        next += 1;
    }
    let year = year_at(scan, next);
    next += usize::from(year.is_some());
    Some((coming(scan, u32::try_from(month).ok()?, day, year)?, next))
}

fn ordinal(scan: &Scanner<'_>, at: usize) -> usize {
    let suffix =
        matches!(scan.text(at), Some("st" | "nd" | "rd" | "th" | "er" | "ten")) || scan.mark(at, &['.', '°', 'º']);
    at + usize::from(suffix)
}

fn relative(scan: &Scanner<'_>, at: usize) -> Option<(Date, usize)> {
    let after = |days: i64| scan.today.checked_add(days.days()).ok();
    match scan.word(at)? {
        Word::Day(days) => {
            let led_by = at.checked_sub(1).and_then(|at| scan.text(at));
            let part_of_day = days == 1
                && (matches!(led_by, Some("guten" | "schonen" | "am" | "la" | "heute" | "buna" | "in"))
                    || matches!(scan.before(at), Some(Word::Weekday(_)))
                    || matches!(at.checked_sub(1).map(|at| &scan.pieces[at]), Some(Piece::Mark('.')))
                        && scan.language == Language::De
                        && at >= 2
                        && scan.number(at - 2).is_some());
            if part_of_day {
                return None;
            }
            // "pasado mañana", "après-demain", "day after tomorrow"
            let doubled = days == 1
                && (0..3).any(|back| {
                    at.checked_sub(back + 1)
                        .and_then(|at| scan.text(at))
                        .is_some_and(|text| matches!(text, "pasado" | "apres") || (text == "after" && back == 0))
                });
            Some((after(i64::from(days) + i64::from(doubled))?, at + 1))
        }
        Word::In => {
            let count = count(scan, at + 1)?;
            match scan.word(at + 2)? {
                Word::Days => Some((after(i64::from(count))?, at + 3)),
                Word::Week => Some((after(7 * i64::from(count))?, at + 3)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// "am 26.", "the 26th", "le 26", "el día 26": the next such day of a month.
pub(super) fn day_of_month(scan: &Scanner<'_>, at: usize) -> Option<(Date, usize)> {
    if scan.word(at) != Some(Word::The) {
        return None;
    }
    let at = at + usize::from(scan.word(at + 1) == Some(Word::The));
    let (day, 1 | 2) = scan.number(at + 1)? else {
        return None;
    };
    let next = ordinal(scan, at + 2);
    let marked = next > at + 2;
    let needs_mark = matches!(scan.language, Language::De | Language::En);
    // Spanish "la 3" and Italian "le 15" are hours; in these two languages only a singular article leads a day.
    let hour_article =
        matches!(scan.text(at), Some("le")) && scan.language == Language::It || scan.text(at) == Some("la");
    let followed = scan.mark(next, &[':', '-', '/', '%', '€'])
        || scan.number(next).is_some()
        || matches!(scan.word(next), Some(Word::Hour | Word::Am | Word::Pm | Word::Month(_)));
    if (needs_mark && !marked) || hour_article || followed {
        return None;
    }
    (0..3).find_map(|months: i64| {
        let month = scan.today.first_of_month().checked_add(months.months()).ok()?;
        let date = Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?;
        (date >= scan.today).then_some((date, next))
    })
}
