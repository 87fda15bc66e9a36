//! Concrete instants a mail proposes: a small grammar of dates and hours over the tenant's calendar.

mod clock_time;
mod date;
mod group;
mod lex;
mod romance;
mod scan;
mod spoken;
mod weekday;
mod window;
mod words;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use self::{
    group::{Group, Pair},
    scan::{ClockTime, Item, Scanner},
};
use super::{
    intent::Signals,
    lexicon::lexicon,
    text::{self, Sentence},
};
use crate::{DayPart, Language, WishedDay, WishedWindow};

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
        Self { now, zone: zone.clone(), today: now.to_zoned(zone.clone()).date() }
    }

    /// Whether a day can still be wished for.
    fn ahead(&self, date: Date) -> bool {
        date >= self.today && self.today.checked_add(1.year()).is_ok_and(|last| date <= last)
    }

    /// The instant, if it exists once, lies ahead and within a year.
    fn instant(&self, date: Date, time: ClockTime) -> Option<Timestamp> {
        let (hour, minute) = (i8::try_from(time.hour).ok()?, i8::try_from(time.minute).ok()?);
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
    /// Days proposed, with an hour or without.
    pub(super) days: Vec<WishedDay>,
    /// A wider wish, where no day is named.
    pub(super) window: Option<WishedWindow>,
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
    let mut group = Group::after(std::mem::take(&mut carried.dates));
    let mut named = Vec::new();
    let mut marks = Marks::default();
    let mut position = 0;
    for clause in clauses(language, &sentence.raw) {
        // Far enough that nothing in another clause counts as standing beside it.
        position += 100;
        let pieces = lex::pieces(clause);
        let scan = Scanner { language, today: clock.today, pieces: &pieces };
        let items = scan.items();
        let window = window::read(&scan);
        let said =
            window.is_some() || items.iter().any(|item| matches!(item, Item::Date(_) | Item::Time(_) | Item::Part(_)));
        times.names_time |= said;
        if said && refused(language, clause, signals) {
            continue;
        }
        times.window = times.window.or(window);
        for item in items {
            position += 1;
            match item {
                Item::Date(_) | Item::Time(_) if marks.replaces(&item, position) => {}
                Item::Date(date) => {
                    named.push(date);
                    group.date(date, position);
                }
                Item::Time(time) => group.time(time, position),
                Item::Part(part) => group.part(part),
                other => {
                    if matches!(other, Item::Towards) && signals.reschedule {
                        group.towards();
                    }
                    marks.note(&other, position);
                }
            }
        }
    }
    if !named.is_empty() {
        times.window = None;
    }
    let (mut pairs, mut open) = group.finish();
    // Only to the next sentence: an older day is about something else.
    open.retain(|day| named.contains(&day.date));
    if pairs.is_empty() {
        carried.dates = open.iter().map(|day| day.date).collect();
    }
    if signals.reschedule {
        marks.drop_agreed(&mut pairs);
    }
    times.wished = pairs.iter().filter_map(|pair| clock.instant(pair.date, pair.time)).collect();
    let with_hour = pairs.iter().filter(|pair| clock.instant(pair.date, pair.time).is_some());
    times.days = with_hour
        .map(|pair| WishedDay { date: pair.date, part: i8::try_from(pair.time.hour).ok().map(DayPart::of_hour) })
        .chain(open.into_iter().filter(|day| clock.ahead(day.date)))
        .collect();
    times
}

/// Words that tell an agreed time from a new one.
#[derive(Debug, Default)]
struct Marks {
    /// The day and the hour still to come after "instead of".
    old: (bool, bool),
    /// Where the part of it stands that was found first.
    found: Option<usize>,
    towards: Option<usize>,
    agreed: Option<usize>,
}

impl Marks {
    fn note(&mut self, item: &Item, position: usize) {
        match item {
            Item::Instead => {
                self.old = (true, true);
                self.found = None;
            }
            Item::Towards => {
                self.old = (false, false);
                self.towards = self.towards.or(Some(position));
            }
            Item::Appointment => self.agreed = self.agreed.or(Some(position)),
            _ => {}
        }
    }

    /// Whether a day or hour is the one that "instead of" gives up: the first of each, if they stand together.
    fn replaces(&mut self, item: &Item, position: usize) -> bool {
        if self.found.is_some_and(|found| position > found + 1) {
            self.old = (false, false);
        }
        let open = match item {
            Item::Date(_) => &mut self.old.0,
            _ => &mut self.old.1,
        };
        let replaced = std::mem::take(open);
        if replaced {
            self.found = Some(position);
        }
        replaced
    }

    /// Of "the appointment on Tuesday at 2 to Friday at 10" only Friday is a wish.
    fn drop_agreed(&self, pairs: &mut Vec<Pair>) {
        let after = |mark: Option<usize>, pair: &Pair| mark.is_some_and(|mark| pair.position > mark);
        if pairs.iter().any(|pair| after(self.towards, pair)) {
            pairs.retain(|pair| after(self.towards, pair));
        } else if let [pair] = pairs.as_slice()
            && after(self.agreed, pair)
            && self.agreed.is_some_and(|agreed| pair.position <= agreed + 3)
        {
            pairs.clear();
        }
    }
}

/// Splits where a refusal ends: "Dienstag kann ich nicht, aber Mittwoch um 10". A comma inside a date
/// ("Dienstag, 24.11., 15 Uhr") parts nothing.
fn clauses(language: Language, raw: &str) -> Vec<&str> {
    const BREAKS: [&str; 13] = [
        " aber ",
        " sondern ",
        " dafür ",
        " but ",
        " mais ",
        " ma ",
        " però ",
        " pero ",
        " sino ",
        " – ",
        " — ",
        "; ",
        ", ",
    ];
    let mut start = 0;
    let mut search = 0;
    let mut result = Vec::new();
    while let Some((at, length)) = BREAKS
        .iter()
        .filter_map(|separator| raw[search..].find(separator).map(|at| (search + at, separator.len())))
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
            matches!(words::word(language, &token.text), Some(words::Word::Weekday(_) | words::Word::Month(_)))
        })
}

fn refused(language: Language, clause: &str, signals: Signals) -> bool {
    let tokens = text::tokens(clause);
    let has = |section| !lexicon(language).find(section, &tokens).is_empty();
    let refuses = has("refuse") && (signals.refuse || signals.cancel);
    // English and the Romance languages put the negation before the verb it denies; "refuse" is then one word and
    // counts only without a question ("Couldn't we do Monday at 3?" is a wish).
    refuses && (has("cancel") || !clause.contains('?')) || has("cancel") && !has("reschedule")
}
