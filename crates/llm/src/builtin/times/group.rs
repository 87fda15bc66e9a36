//! Days and hours that belong together: "Mittwoch oder Donnerstag ab 16 Uhr".

use jiff::civil::Date;

use super::scan::ClockTime;
use crate::{DayPart, WishedDay};

/// A day with an hour and where in the sentence it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) position: usize,
    pub(super) date: Date,
    pub(super) time: ClockTime,
}

/// Collects days and hours in the order written and pairs them.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) pairs: Vec<Pair>,
    dates: Vec<WishedDay>,
    /// Days no hour belongs to.
    open: Vec<WishedDay>,
    times: Vec<ClockTime>,
    time_first: bool,
    part: Option<DayPart>,
    /// So many of `dates` stand before "to": given up if a day follows.
    given_up: usize,
    start: Option<usize>,
}

impl Group {
    /// Begins with days a sentence before has named.
    pub(super) fn after(dates: Vec<Date>) -> Self {
        let dates = dates.into_iter().map(|date| WishedDay { date, part: None }).collect();
        Self { dates, ..Self::default() }
    }

    /// "from Tuesday to Thursday": the days so far are those that were agreed, if another follows.
    pub(super) fn towards(&mut self) {
        self.given_up = if self.times.is_empty() { self.dates.len() } else { 0 };
    }

    pub(super) fn date(&mut self, date: Date, position: usize) {
        if self.given_up > 0 {
            self.dates.drain(..self.given_up);
            self.given_up = 0;
            self.start = None;
        }
        if !self.times.is_empty() && !self.dates.is_empty() {
            self.pair();
        }
        self.time_first |= self.dates.is_empty() && !self.times.is_empty();
        // "Tuesday morning or Wednesday" says nothing about Wednesday; "in the morning on Tuesday" is about Tuesday.
        let part = self.part.filter(|_| self.dates.is_empty() && self.times.is_empty());
        if self.times.is_empty() && !self.dates.is_empty() {
            self.part = None;
        }
        self.dates.push(WishedDay { date, part });
        self.start.get_or_insert(position);
    }

    pub(super) fn time(&mut self, time: ClockTime, position: usize) {
        // "15 Uhr am Dienstag oder 16 Uhr am Mittwoch": the second hour opens a new pair.
        if self.time_first && !self.dates.is_empty() {
            self.pair();
        }
        self.times.push(settle(time, self.part));
        self.start.get_or_insert(position);
    }

    pub(super) fn part(&mut self, part: DayPart) {
        self.part = Some(part);
        // "Mittwoch oder Donnerstag nachmittags": of both.
        self.dates.iter_mut().rev().take_while(|day| day.part.is_none()).for_each(|day| day.part = Some(part));
        if let Some(last) = self.times.last_mut() {
            *last = settle(*last, Some(part));
        }
    }

    /// Everything paired, and the days no hour belongs to.
    pub(super) fn finish(mut self) -> (Vec<Pair>, Vec<WishedDay>) {
        self.pair();
        self.open.extend(self.dates);
        (self.pairs, self.open)
    }

    fn pair(&mut self) {
        let position = self.start.unwrap_or(0);
        // "Saturday morning or Monday at half past five": the hour is Monday's.
        let last = self.dates.last().and_then(|day| day.part);
        let alone = |day: &WishedDay| !self.times.is_empty() && day.part.is_some() && day.part != last;
        let (open, dated): (Vec<_>, Vec<_>) = self.dates.iter().partition(|day| alone(day));
        for &WishedDay { date, .. } in &dated {
            for &time in &self.times {
                self.pairs.push(Pair { position, date, time: afternoon(time) });
            }
        }
        if !self.times.is_empty() {
            self.open.extend(open);
            *self = Self {
                pairs: std::mem::take(&mut self.pairs),
                open: std::mem::take(&mut self.open),
                ..Self::default()
            };
        }
    }
}

/// Applies "in the evening"; what stays open is decided by [`afternoon`].
pub(super) fn settle(mut time: ClockTime, part: Option<DayPart>) -> ClockTime {
    if let (false, Some(part)) = (time.exact, part) {
        if part != DayPart::Morning && time.hour < 12 {
            time.hour += 12;
        }
        time.exact = true;
    }
    time
}

/// Nobody views a flat at three in the night: an open 1 to 7 is the afternoon.
pub(super) fn afternoon(mut time: ClockTime) -> ClockTime {
    if !time.exact && (1..=7).contains(&time.hour) {
        time.hour += 12;
    } else if !time.exact && time.hour == 0 && time.minute > 0 {
        // "halb eins"
        time.hour = 12;
    }
    time
}
