//! Concrete instants a mail proposes: a small grammar of dates and hours over the tenant's calendar.

mod clock_time;
mod date;
mod lex;
mod scan;
mod words;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use self::scan::{ClockTime, Item, Part, Scanner};
use super::{
    intent::Signals,
    lexicon::lexicon,
    text::{self, Sentence},
};
use crate::Language;

/// Whether a folded word belongs to dates and times in a language, and is long enough to tell languages apart.
pub(super) fn knows(language: Language, text: &str) -> bool {
    text.len() > 2 && words::word(language, text).is_some()
}

/// When and where a mail was written.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    now: Timestamp,
    zone: TimeZone,
    today: Date,
}

impl Clock {
    pub(super) fn new(now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            now,
            zone: zone.clone(),
            today: now.to_zoned(zone.clone()).date(),
        }
    }

    /// The instant, if it exists once, lies ahead and within a year.
    fn instant(&self, date: Date, time: ClockTime) -> Option<Timestamp> {
        let (hour, minute) = (
            i8::try_from(time.hour).ok()?,
            i8::try_from(time.minute).ok()?,
        );
        let local = date.at(hour, minute, 0, 0);
        // An hour that the clock change skips or repeats is not concrete.
        let instant = self.zone.to_ambiguous_timestamp(local).unambiguous().ok()?;
        let last = self.today.checked_add(1.year()).ok()?;
        (instant > self.now && date <= last).then_some(instant)
    }
}

/// What a sentence says about time.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Concrete instants proposed.
    pub(super) wished: Vec<Timestamp>,
    /// Names a day, an hour or a part of a day at all.
    pub(super) names_time: bool,
}

/// What is carried from one sentence to the next: "Passt Dienstag? Um 14 Uhr?"
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    dates: Vec<Date>,
}

/// Reads the times of a sentence.
pub(super) fn read(
    language: Language,
    sentence: &Sentence,
    clock: &Clock,
    signals: Signals,
    carried: &mut Carried,
) -> Times {
    let mut times = Times::default();
    let mut group = Group {
        dates: std::mem::take(&mut carried.dates),
        ..Group::default()
    };
    let mut found: Vec<(usize, Date, ClockTime)> = Vec::new();
    let mut position = 0;
    let mut towards = None;
    let mut agreed = None;
    for clause in clauses(language, &sentence.raw) {
        let pieces = lex::pieces(clause);
        let items = Scanner {
            language,
            today: clock.today,
            pieces: &pieces,
        }
        .items();
        let said = items
            .iter()
            .any(|item| matches!(item, Item::Date(_) | Item::Time(_) | Item::Part(_)));
        times.names_time |= said;
        if said && refused(language, clause, signals) {
            continue;
        }
        let mut skip = false;
        for item in items {
            position += 1;
            match item {
                Item::Instead => skip = true,
                Item::Towards => {
                    skip = false;
                    towards = towards.or(Some(position));
                }
                Item::Appointment => agreed = agreed.or(Some(position)),
                Item::Date(_) | Item::Time(_) if skip => {}
                Item::Date(date) => group.date(date, &mut found, position),
                Item::Time(time) => group.time(time, &mut found, position),
                Item::Part(part) => group.part(part),
                Item::Other => {}
            }
        }
    }
    group.flush(&mut found, position + 1);
    if found.is_empty() {
        carried.dates = group.dates;
    }
    if signals.reschedule {
        drop_agreed(&mut found, towards, agreed);
    }
    times.wished = found
        .into_iter()
        .filter_map(|(_, date, time)| clock.instant(date, time))
        .collect();
    times
}

/// Of "the appointment on Tuesday at 2 to Friday at 10" only Friday is a wish.
fn drop_agreed(
    found: &mut Vec<(usize, Date, ClockTime)>,
    towards: Option<usize>,
    agreed: Option<usize>,
) {
    if let Some(towards) = towards
        && found.iter().any(|(position, ..)| *position > towards)
    {
        found.retain(|(position, ..)| *position > towards);
    } else if found.len() == 1
        && towards.is_none()
        && agreed.is_some_and(|agreed| found[0].0 > agreed && found[0].0 <= agreed + 5)
    {
        found.clear();
    }
}

/// Splits where a refusal ends: "Dienstag kann ich nicht, aber Mittwoch um 10". A comma inside a date
/// ("Dienstag, 24.11., 15 Uhr") parts nothing.
fn clauses(language: Language, raw: &str) -> Vec<&str> {
    const BREAKS: [&str; 11] = [
        " aber ",
        " sondern ",
        " dafür ",
        " but ",
        " mais ",
        " ma ",
        " però ",
        " pero ",
        " sino ",
        "; ",
        ", ",
    ];
    let mut start = 0;
    let mut search = 0;
    let mut result = Vec::new();
    while let Some((at, length)) = BREAKS
        .iter()
        .filter_map(|separator| {
            raw[search..]
                .find(separator)
                .map(|at| (search + at, separator.len()))
        })
        .min()
    {
        search = at + length;
        if !inside_date(language, &raw[start..at]) {
            result.push(&raw[start..at]);
            start = search;
        }
    }
    result.push(&raw[start..]);
    result
}

fn inside_date(language: Language, before: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_digit() || c == '.')
        || text::tokens(before).last().is_some_and(|token| {
            matches!(
                words::word(language, &token.text),
                Some(words::Word::Weekday(_) | words::Word::Month(_))
            )
        })
}

fn refused(language: Language, clause: &str, signals: Signals) -> bool {
    let tokens = text::tokens(clause);
    let has = |section| !lexicon(language).find(section, &tokens).is_empty();
    let refuses = has("refuse") && (signals.refuse || signals.cancel);
    // English and the Romance languages put the negation before the verb it denies; "refuse" is then one word and
    // counts only without a question ("Couldn't we do Monday at 3?" is a wish).
    refuses && !(clause.contains('?') && !has("cancel")) || has("cancel") && !has("reschedule")
}

/// Days and hours that belong together.
#[derive(Debug, Default)]
struct Group {
    dates: Vec<Date>,
    times: Vec<ClockTime>,
    time_first: bool,
    part: Option<Part>,
}

impl Group {
    fn date(&mut self, date: Date, found: &mut Vec<(usize, Date, ClockTime)>, position: usize) {
        if !self.times.is_empty() && !self.dates.is_empty() {
            self.flush(found, position);
        }
        self.time_first |= self.dates.is_empty() && !self.times.is_empty();
        if self.times.is_empty() {
            self.part = None;
        }
        self.dates.push(date);
    }

    fn time(
        &mut self,
        time: ClockTime,
        found: &mut Vec<(usize, Date, ClockTime)>,
        position: usize,
    ) {
        if self.time_first && !self.dates.is_empty() {
            self.flush(found, position);
        }
        self.times.push(settle(time, self.part));
    }

    fn part(&mut self, part: Part) {
        self.part = Some(part);
        if let Some(last) = self.times.last_mut() {
            *last = settle(
                ClockTime {
                    hour: last.hour,
                    ..*last
                },
                Some(part),
            );
        }
    }

    fn flush(&mut self, found: &mut Vec<(usize, Date, ClockTime)>, position: usize) {
        for date in &self.dates {
            for time in &self.times {
                found.push((position - 1, *date, afternoon(*time)));
            }
        }
        if !self.times.is_empty() {
            *self = Self::default();
        }
    }
}

/// Applies "in the evening"; what stays open is decided by [`afternoon`].
fn settle(mut time: ClockTime, part: Option<Part>) -> ClockTime {
    match part {
        _ if time.exact => {}
        Some(Part::Morning) => time.exact = true,
        Some(Part::Afternoon | Part::Evening) => {
            if time.hour < 12 {
                time.hour += 12;
            }
            time.exact = true;
        }
        None => {}
    }
    time
}

/// Nobody views a flat at three in the night: an open 1 to 7 is the afternoon.
fn afternoon(mut time: ClockTime) -> ClockTime {
    if !time.exact && (1..=7).contains(&time.hour) {
        time.hour += 12;
    } else if !time.exact && time.hour == 0 && time.minute > 0 {
        // "halb eins"
        time.hour = 12;
    }
    time
}
