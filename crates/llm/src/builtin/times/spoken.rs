//! Hours in words: "halb drei", "quarter to five", "tre e mezza".

use super::{
    clock_time::{between, hour_value, time},
    scan::{ClockTime, Scanner},
    words::Word,
};
use crate::Language;

/// What follows "14 Uhr" or "deux heures": minutes, "et demie", "moins le quart".
pub(super) fn after_hour(scan: &Scanner<'_>, at: usize, minutes: Option<u32>) -> (i32, usize) {
    // "14 Uhr 26.11." and "14 Uhr 26. November": the next number is a date. "14h30." only ends the sentence.
    let dated = scan.mark(at + 1, &['.', '/', ':'])
        && (scan.number(at + 2).is_some() || matches!(scan.word(at + 2), Some(Word::Month(_))));
    if let Some(minute) = minutes
        && !dated
        && !matches!(scan.word(at + 1), Some(Word::Month(_) | Word::Hour))
    {
        return (i32::try_from(minute).unwrap_or(0), at + 1);
    }
    match (scan.word(at), scan.word(at + 1)) {
        (Some(Word::And), Some(Word::Half)) => (30, at + 2),
        (Some(Word::And), Some(Word::Quarter)) => (15, at + 2),
        // "cinq heures dix", "cinq heures moins dix"
        (Some(Word::Number(minute)), _) if scan.language == Language::Fr && small(minute) => {
            (i32::try_from(minute).unwrap_or(0), at + 1)
        }
        (Some(Word::Before), Some(Word::Number(minute))) if scan.language == Language::Fr && small(minute) => {
            (-i32::try_from(minute).unwrap_or(0), at + 2)
        }
        (Some(Word::Before), _) if scan.language == Language::Fr => (-15, at + 3),
        _ => (0, at),
    }
}

/// Minutes as people say them before or after a full hour.
fn small(minute: u32) -> bool {
    matches!(minute, 5 | 10 | 20 | 25)
}

/// "zehn nach drei", "fünf vor halb vier", "twenty to five": minutes that stand before their hour.
fn minutes_first(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let digits = scan.number(at).map(|found| found.0);
    let minute = digits.or(match scan.word(at) {
        Some(Word::Number(minute)) => Some(minute),
        _ => None,
    })?;
    let minute = Some(minute).filter(|minute| small(*minute))?;
    let relation = scan.word(at + 1)?;
    // "10 to 4" is a stretch of hours.
    let stretch = scan.language == Language::En && digits.is_some_and(|minute| minute == 10);
    let half = scan.language == Language::De && scan.word(at + 2) == Some(Word::Half);
    let (hour, _) = hour_value(scan, at + 2 + usize::from(half)).filter(|(hour, _)| (1..=12).contains(hour))?;
    let base = if half { hour * 60 - 30 } else { hour * 60 };
    let total = match relation {
        Word::Past => base + minute,
        Word::Before if !stretch => base - minute,
        _ => return None,
    };
    Some((time(total / 60, total % 60, false)?, at + 3 + usize::from(half)))
}

/// "tre e mezza", "tres y media", "tres menos cuarto".
pub(super) fn fraction(scan: &Scanner<'_>, hour: u32, at: usize) -> Option<(ClockTime, usize)> {
    if !matches!(scan.language, Language::It | Language::Es) {
        return None;
    }
    let after = at + 1 + usize::from(scan.text(at + 1) == Some("un"));
    match (scan.word(at)?, scan.word(after)) {
        // "tra le 3 e le 5": no minutes.
        _ if between(scan, at.saturating_sub(1)) => None,
        (Word::And, Some(Word::Half)) => Some((time(hour, 30, false)?, after + 1)),
        (Word::And, Some(Word::Number(minute))) if small(minute) => Some((time(hour, minute, false)?, after + 1)),
        (Word::Before, Some(Word::Number(minute))) if small(minute) => {
            Some((time(hour.checked_sub(1)?, 60 - minute, false)?, after + 1))
        }
        (Word::And, Some(Word::Quarter)) => Some((time(hour, 15, false)?, after + 1)),
        (Word::Before, Some(Word::Quarter)) => Some((time(hour.checked_sub(1)?, 45, false)?, after + 1)),
        (Word::And, None) => {
            let (minute, 2) = scan.number(after)? else {
                return None;
            };
            (hour >= 8 && scan.before(after).is_some()).then_some((time(hour, minute, false)?, after + 1))
        }
        _ => None,
    }
}

/// A time made of words only.
pub(super) fn in_words(scan: &Scanner<'_>, at: usize) -> Option<(ClockTime, usize)> {
    let hour_at = |at: usize| hour_value(scan, at).map(|found| found.0).filter(|hour| (1..=12).contains(hour));
    if matches!(scan.language, Language::De | Language::En)
        && let Some(found) = minutes_first(scan, at)
    {
        return Some(found);
    }
    match (scan.language, scan.word(at)?) {
        (Language::De, Word::Half) => Some((time(hour_at(at + 1)? - 1, 30, false)?, at + 2)),
        (Language::De, Word::ThreeQuarters) => Some((time(hour_at(at + 1)? - 1, 45, false)?, at + 2)),
        (Language::De, Word::Quarter) => match scan.word(at + 1) {
            Some(Word::Past) => Some((time(hour_at(at + 2)?, 15, false)?, at + 3)),
            Some(Word::Before) => Some((time(hour_at(at + 2)? - 1, 45, false)?, at + 3)),
            // "viertel drei" in the south and east: a quarter of the third hour.
            _ => Some((time(hour_at(at + 1)? - 1, 15, false)?, at + 2)),
        },
        (Language::En, Word::Half) => {
            let skip = usize::from(scan.word(at + 1) == Some(Word::Past));
            Some((time(hour_at(at + 1 + skip)?, 30, false)?, at + 2 + skip))
        }
        (Language::En, Word::Quarter) => match scan.word(at + 1)? {
            Word::Past => Some((time(hour_at(at + 2)?, 15, false)?, at + 3)),
            Word::Before => Some((time(hour_at(at + 2)?.checked_sub(1)?, 45, false)?, at + 3)),
            _ => None,
        },
        (_, Word::Number(hour)) => {
            if let Some(found) = fraction(scan, hour, at + 1) {
                return Some(found);
            }
            match scan.word(at + 1)? {
                Word::Hour => {
                    let (minute, next) = after_hour(scan, at + 2, None);
                    let hour = if minute < 0 { hour.checked_sub(1)? } else { hour };
                    Some((time(hour, minute.rem_euclid(60).unsigned_abs(), false)?, next))
                }
                Word::Am | Word::Pm => Some((time(hour, 0, false)?, at + 1)),
                _ => None,
            }
        }
        _ => None,
    }
}
