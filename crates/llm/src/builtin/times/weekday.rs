//! Weekdays: by themselves, with their date, or in a named week.

use jiff::{
    ToSpan,
    civil::{Date, ISOWeekDate, Weekday},
};

use super::{
    date::{day_of_month, iso, named_month, numeric},
    scan::Scanner,
    words::Word,
};

/// A weekday with what stands around it: "nächsten Dienstag", "Dienstag, 24.11.", "mardi prochain".
pub(super) fn read(scan: &Scanner<'_>, at: usize) -> Option<(Option<Date>, usize)> {
    if let Some((skipped, next)) = week_ahead(scan, at) {
        // "nächste Woche Dienstag", "next week on Tuesday"
        let next = next + usize::from(matches!(scan.word(next), Some(Word::The)));
        let Some(Word::Weekday(day)) = scan.word(next) else {
            return None;
        };
        return Some((Some(in_week(scan, skipped, day)?), next + 1));
    }
    let Some(Word::Weekday(day)) = scan.word(at) else {
        return None;
    };
    // "so", "do", "mi", "di", "fr": words of their own unless they stand like a day.
    if scan.text(at).is_some_and(|text| text.len() <= 3) && !stands_like_day(scan, at) {
        return None;
    }
    let mut next = at + 1;
    next += usize::from(scan.mark(next, &['.']));
    let after = next + usize::from(scan.mark(next, &[',']));
    let after = after + usize::from(matches!(scan.word(after), Some(Word::The)));
    if let Some((date, end)) = numbered(scan, after, day) {
        return Some((Some(date), end));
    }
    if let Some((date, end)) = iso(scan, after)
        .or_else(|| named_month(scan, after))
        .or_else(|| numeric(scan, after))
        .or_else(|| day_of_month(scan, after.saturating_sub(1)).filter(|_| after > next))
    {
        // A weekday that contradicts its date is no concrete day; the pair is eaten without a result.
        let agrees = date.weekday().to_monday_zero_offset() == day;
        return Some((agrees.then_some(date), end));
    }
    // "Donnerstag in der KW 49", "Thursday of next week", "jeudi de la semaine prochaine"
    let led =
        (0..3).take_while(|skipped| *skipped == 0 || leads_week(scan, next + skipped - 1)).map(|skip| next + skip);
    if let Some((skipped, end)) = led.into_iter().find_map(|at| week_ahead(scan, at)) {
        return Some((Some(in_week(scan, skipped, day)?), end));
    }
    if scan.word(next) == Some(Word::Next) {
        next += 1;
    } else if scan.text(next) == Some("que") && scan.word(next + 1) == Some(Word::Next) {
        next += 2;
    }
    let far = scan.before(at) == Some(Word::AfterNext);
    let date = following(scan, day)?;
    let date = if far { date.checked_add(7.days()).ok()? } else { date };
    Some((Some(date), next))
}

fn stands_like_day(scan: &Scanner<'_>, at: usize) -> bool {
    let mut next = at + 1;
    while scan.mark(next, &['.', ',', '/']) || scan.word(next) == Some(Word::Or) {
        next += 1;
    }
    let number = scan.number(next).is_some();
    let time = matches!(
        scan.word(next),
        Some(Word::At | Word::Weekday(_) | Word::Half | Word::Morning | Word::Afternoon | Word::Evening)
    );
    let led = matches!(scan.before(at), Some(Word::The | Word::Next | Word::Or));
    (number || time || led) && scan.text(at + 1) != Some("einen")
}

/// "mardi 8", "jueves 10", "Tuesday 8th": a bare number that is a day falling on that weekday, and no hour.
fn numbered(scan: &Scanner<'_>, at: usize, weekday: i8) -> Option<(Date, usize)> {
    let (day, 1 | 2) = scan.number(at)? else {
        return None;
    };
    let hour = scan.mark(at + 1, &[':', '.', '/', '-', '–'])
        || matches!(scan.word(at + 1), Some(Word::Hour | Word::Am | Word::Pm | Word::Month(_) | Word::Of | Word::And));
    if hour {
        return None;
    }
    (0..3).find_map(|months: i64| {
        let month = scan.today.first_of_month().checked_add(months.months()).ok()?;
        let date = Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?;
        let fits = date >= scan.today && date.weekday().to_monday_zero_offset() == weekday;
        fits.then_some((date, at + 1))
    })
}

fn leads_week(scan: &Scanner<'_>, at: usize) -> bool {
    matches!(scan.word(at), Some(Word::In | Word::The | Word::Of))
        || matches!(scan.text(at), Some("der" | "of" | "in" | "de" | "la" | "della" | "dans" | "die" | "diese"))
}

/// "KW 49", "Kalenderwoche 49", "week 49", "semaine 49": how many weeks ahead, and where it ends.
fn calendar_week(scan: &Scanner<'_>, at: usize) -> Option<(i64, usize)> {
    let named = matches!(scan.text(at), Some("kw" | "kalenderwoche" | "wk")) || scan.word(at) == Some(Word::Week);
    let number = at + 1 + usize::from(scan.mark(at + 1, &['.'])) + usize::from(scan.text(at + 1) == Some("nr"));
    let (week, 1 | 2) = scan.number(number).filter(|_| named)? else {
        return None;
    };
    let week = i8::try_from(week).ok()?;
    let this = scan.today.checked_sub(i64::from(scan.today.weekday().to_monday_zero_offset()).days()).ok()?;
    let year = this.iso_week_date().year();
    // A week that is over is that of the next year.
    let monday = [year, year + 1]
        .into_iter()
        .filter_map(|year| ISOWeekDate::new(year, week, Weekday::Monday).ok())
        .map(ISOWeekDate::date)
        .find(|monday| *monday >= this)?;
    let days = i64::from(this.until(monday).ok()?.get_days());
    Some((days / 7, number + 1))
}

/// "nächste Woche", "next week", "la semaine prochaine", "la semana que viene": how many weeks and where it ends.
pub(super) fn week_ahead(scan: &Scanner<'_>, at: usize) -> Option<(i64, usize)> {
    if let Some(found) = calendar_week(scan, at) {
        return Some(found);
    }
    let at = at
        + usize::from(
            scan.text(at) == Some("la") || scan.word(at) == Some(Word::The) && scan.word(at + 1) == Some(Word::Week),
        );
    match (scan.word(at), scan.word(at + 1)) {
        (Some(Word::Next), Some(Word::Week)) | (Some(Word::Week), Some(Word::Next)) => Some((1, at + 2)),
        (Some(Word::AfterNext), Some(Word::Week)) => Some((2, at + 2)),
        (Some(Word::Week), None) if scan.text(at + 1) == Some("que") => Some((1, at + 3)),
        _ => None,
    }
}

fn in_week(scan: &Scanner<'_>, weeks: i64, day: i8) -> Option<Date> {
    let monday = i64::from(scan.today.weekday().to_monday_zero_offset());
    scan.today.checked_add((7 * weeks - monday + i64::from(day)).days()).ok()
}

/// The next such weekday after today: who means today says "today".
fn following(scan: &Scanner<'_>, day: i8) -> Option<Date> {
    let today = scan.today.weekday().to_monday_zero_offset();
    let ahead = (i64::from(day) - i64::from(today)).rem_euclid(7);
    scan.today.checked_add((if ahead == 0 { 7 } else { ahead }).days()).ok()
}
