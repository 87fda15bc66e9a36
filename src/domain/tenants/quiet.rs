//! Quiet hours: when no automatic answer goes out.

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan as _, civil};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wall_clock::WallClock;
use crate::clock::Timestamp;

/// From one time of every day up to, but without, another, by the clock in the agency's zone; `from` later than `to`
/// spans midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuietHours {
    /// First quiet minute.
    pub from: WallClock,
    /// First minute that is not quiet any more.
    pub to: WallClock,
}

impl QuietHours {
    /// When the quiet hours that hold at `at` end; `None` when they do not hold. What counts is the clock on the wall in
    /// `zone`: an hour that is left out or comes twice makes the night shorter or longer.
    #[must_use]
    pub fn end(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(at.0);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let (from, to) = (self.from.0, self.to.0);
        let days = match (from < to, minute >= from, minute < to) {
            (true, true, true) | (false, _, true) => 0,
            (false, true, false) => 1,
            _ => return None,
        };
        let date = local.date().checked_add(days.days()).ok()?;
        let time = civil::Time::midnight().checked_add(SignedDuration::from_mins(i64::from(to))).ok()?;
        Some(Timestamp(first_after(at.0, date.to_datetime(time), zone)?))
    }
}

/// The first instant after `at` at which the clock shows `local`, or has jumped over it.
fn first_after(at: jiff::Timestamp, local: civil::DateTime, zone: &TimeZone) -> Option<jiff::Timestamp> {
    let shown = zone.to_ambiguous_timestamp(local);
    let earlier = shown.earlier().ok()?;
    match shown.offset() {
        // The clock jumps from before `local` to after it: the jump is the instant.
        AmbiguousOffset::Gap { .. } => Some(zone.following(earlier).next()?.timestamp()),
        // The clock shows it twice; the first time may be over.
        AmbiguousOffset::Fold { .. } if earlier <= at => shown.later().ok(),
        AmbiguousOffset::Fold { .. } | AmbiguousOffset::Unambiguous { .. } => Some(earlier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vienna() -> TimeZone {
        TimeZone::get("Europe/Vienna").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    fn end(hours: (&str, &str), now: &str) -> Option<String> {
        let hours = QuietHours { from: WallClock::parse(hours.0).unwrap(), to: WallClock::parse(hours.1).unwrap() };
        hours.end(at(now), &vienna()).map(|end| end.to_string())
    }

    #[test]
    fn a_night_ends_in_the_morning_of_the_agencys_zone() {
        let night = ("21:00", "07:30");
        for (now, expected) in [
            ("2026-11-23T19:59:59Z", None),
            ("2026-11-23T20:00:00Z", Some("2026-11-24T06:30:00Z")),
            ("2026-11-23T23:30:00Z", Some("2026-11-24T06:30:00Z")),
            ("2026-11-24T06:29:59Z", Some("2026-11-24T06:30:00Z")),
            ("2026-11-24T06:30:00Z", None),
        ] {
            assert_eq!(end(night, now).as_deref(), expected, "{now}");
        }
        let noon = ("12:00", "13:00");
        assert_eq!(end(noon, "2026-07-01T10:30:00Z").as_deref(), Some("2026-07-01T11:00:00Z"));
        assert_eq!(end(noon, "2026-07-01T11:00:00Z"), None);
        assert_eq!(end(("22:00", "00:00"), "2026-11-23T22:00:00Z").as_deref(), Some("2026-11-23T23:00:00Z"));
    }

    /// 29 March 2026: 02:00 is followed by 03:00. 25 October 2026: 03:00 is followed by 02:00 once more.
    #[test]
    fn the_nights_when_the_clock_changes_end_by_the_clock_on_the_wall() {
        for (hours, now, expected) in [
            (("21:00", "07:00"), "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
            (("21:00", "07:00"), "2026-10-24T22:00:00Z", Some("2026-10-25T06:00:00Z")),
            // The end is left out: over as soon as the clock has jumped past it.
            (("22:00", "02:30"), "2026-03-29T00:30:00Z", Some("2026-03-29T01:00:00Z")),
            (("22:00", "02:30"), "2026-03-29T01:00:00Z", None),
            // The end comes twice. At a quarter to three it is over; then the clock goes back, and it is quiet again.
            (("22:00", "02:30"), "2026-10-25T00:15:00Z", Some("2026-10-25T00:30:00Z")),
            (("22:00", "02:30"), "2026-10-25T00:45:00Z", None),
            (("22:00", "02:30"), "2026-10-25T01:15:00Z", Some("2026-10-25T01:30:00Z")),
            (("22:00", "02:30"), "2026-10-25T01:30:00Z", None),
        ] {
            assert_eq!(end(hours, now).as_deref(), expected, "{hours:?} {now}");
        }
    }

    /// Whatever the hours and whenever one looks: the end comes within a day and an hour, at the end it is not quiet,
    /// and a minute before it still is.
    #[test]
    fn an_end_is_the_first_minute_that_is_not_quiet() {
        let zone = vienna();
        let days = ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-06-30T12:00:00Z"];
        for (from, to) in [(0, 1), (1260, 450), (1320, 150), (90, 150), (150, 90), (720, 780), (1, 0), (121, 179)] {
            let hours = QuietHours { from: WallClock(from), to: WallClock(to) };
            for day in days {
                for minute in 0..(36 * 60) {
                    let now = Timestamp(at(day).0 + SignedDuration::from_mins(minute));
                    let Some(end) = hours.end(now, &zone) else { continue };
                    let minutes = end.duration_since(now.0).as_mins();
                    assert!((1..=25 * 60).contains(&minutes), "{hours:?} {now} {end}");
                    assert_eq!(hours.end(end, &zone), None, "{hours:?} {now}");
                    let last = Timestamp(end.0 - SignedDuration::from_mins(1));
                    assert_eq!(hours.end(last, &zone), Some(end), "{hours:?} {now}");
                }
            }
        }
    }
}
