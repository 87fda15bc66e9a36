//! Dates, weekdays and hours of a statement, compared as units: a day of one slot with the hour of another is wrong.

use regex::{Captures, Regex};

use super::{evidence::Evidence, fault::GroundingFault, figures::Patterns};
use crate::{Language, format};

/// Reads day, month and year out of a match; `None` when it is no date.
type Reading<'a> = &'a dyn Fn(&Captures<'_>) -> Option<(u32, u32, Option<i32>)>;

pub(super) fn dates(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    language: Language,
    patterns: &Patterns,
    faults: &mut Vec<GroundingFault>,
) -> String {
    let mut take = |pattern: &Regex, text: &str, read: Reading<'_>| {
        pattern
            .replace_all(text, |found: &Captures<'_>| {
                let Some((day, month, year)) = read(found) else {
                    return found[0].to_owned();
                };
                let known = evidence.dates.iter().any(|date| {
                    date.day().unsigned_abs() as u32 == day
                        && date.month().unsigned_abs() as u32 == month
                        && year
                            .is_none_or(|year| i32::from(date.year()) == year || i32::from(date.year()) % 100 == year)
                });
                if !known && !quoted(evidence, found[0].trim()) {
                    faults.push(GroundingFault::DateTime { statement, found: found[0].trim().to_owned() });
                }
                " ".to_owned()
            })
            .into_owned()
    };
    let group =
        |found: &Captures<'_>, index: usize| found.get(index).and_then(|text| text.as_str().parse::<u32>().ok());
    let text = take(&patterns.iso, text, &|found| {
        Some((group(found, 3)?, group(found, 2)?, i32::try_from(group(found, 1)?).ok()))
    });
    let text = take(&patterns.numeric_date, &text, &|found| {
        let (day, month) = (group(found, 1)?, group(found, 2)?);
        // "2.5." is a number in English and a day elsewhere.
        let decimal = language == Language::En && !found[0].contains('/') && found.get(3).is_none();
        let valid = (1..=31).contains(&day) && (1..=12).contains(&month) && !decimal;
        valid.then(|| (day, month, group(found, 3).and_then(|year| i32::try_from(year).ok())))
    });
    let months = format::month_names(language);
    let names = months.join("|");
    let written = Regex::new(&format!(
        r"(?i)\b(\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?\s+(?:of\s+|de\s+|di\s+)?({names})\b(?:,?\s+(?:de\s+)?(\d{{4}}))?|\b({names})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?"
    ));
    let text = match &written {
        Ok(written) => take(written, &text, &|found| {
            let name = found.get(2).or(found.get(4))?.as_str().to_lowercase();
            let month = months.iter().position(|month| month.to_lowercase() == name)? + 1;
            let day = group(found, 1).or(group(found, 5))?;
            let year = group(found, 3).or(group(found, 6)).and_then(|year| i32::try_from(year).ok());
            Some((day, u32::try_from(month).ok()?, year))
        }),
        Err(_) => text,
    };
    weekdays(statement, &text, evidence, language, faults);
    text
}

/// A weekday must be that of a cited day.
fn weekdays(statement: usize, text: &str, evidence: &Evidence, language: Language, faults: &mut Vec<GroundingFault>) {
    let words: Vec<String> = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
    for (index, name) in (0_i8..).zip(format::weekday_names(language)) {
        let name = name.to_lowercase();
        let known = evidence.dates.iter().any(|date| date.weekday().to_monday_zero_offset() == index);
        if words.contains(&name) && !known && !quoted(evidence, &name) {
            faults.push(GroundingFault::DateTime { statement, found: name });
        }
    }
}

pub(super) fn quoted(evidence: &Evidence, found: &str) -> bool {
    let found = found.to_lowercase();
    evidence.texts.iter().any(|text| text.to_lowercase().contains(&found))
}

pub(super) fn times(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    patterns: &Patterns,
    faults: &mut Vec<GroundingFault>,
) -> String {
    patterns
        .time
        .replace_all(text, |found: &Captures<'_>| {
            let group = |index: usize| found.get(index).and_then(|text| text.as_str().parse::<u32>().ok());
            let (Some(hour), minute) = (group(1), group(2).or(group(4)).or(group(5)).unwrap_or(0)) else {
                return found[0].to_owned();
            };
            let half = found.get(3).or(found.get(6)).map(|text| text.as_str().to_lowercase().replace('.', ""));
            let hour = match half.as_deref() {
                Some("pm") if hour < 12 => hour + 12,
                Some("am") if hour == 12 => 0,
                _ => hour,
            };
            if !evidence.times.contains(&(hour, minute)) && !quoted(evidence, found[0].trim()) {
                faults.push(GroundingFault::DateTime { statement, found: found[0].to_owned() });
            }
            " ".to_owned()
        })
        .into_owned()
}
