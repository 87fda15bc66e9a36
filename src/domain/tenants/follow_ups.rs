//! When prospects who do not answer are asked again.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _, civil};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wall_clock::WallClock;
use crate::clock::Timestamp;

/// Follow-ups: how often and when somebody who does not answer is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FollowUpPolicy {
    /// Whether anybody is asked again. Switched off, those that are planned stop.
    pub enabled: bool,
    /// Days after our last answer, in growing order, 1 to 90; at most three, because each mail has words of its own.
    pub days: Vec<i16>,
    /// The time of day by the agency's clock.
    pub at: WallClock,
    /// Days after the last one at which the lead is closed, 1 to 90.
    pub close_after_days: i16,
}

impl Default for FollowUpPolicy {
    fn default() -> Self {
        Self { enabled: true, days: vec![3, 7, 14], at: WallClock(9 * 60), close_after_days: 3 }
    }
}

impl FollowUpPolicy {
    /// The first step after an answer that was accepted at `base`; `None` when nobody is asked again.
    #[must_use]
    pub fn first(&self, base: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let days = self.days.first().filter(|_| self.enabled)?;
        self.days_after(base, *days, zone)
    }

    /// What comes after mail `number`, which went out at `now`: when, and whether it closes the lead. Late mails push the
    /// following ones back, so that two never come closer together than the agency chose.
    #[must_use]
    pub fn next(&self, number: i16, base: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<(Timestamp, bool)> {
        let sent = usize::try_from(number).ok()?;
        let before = sent.checked_sub(1).and_then(|index| self.days.get(index)).copied();
        match self.days.get(sent) {
            Some(days) => {
                let planned = self.days_after(base, *days, zone)?;
                let spaced = self.days_after(now, *days - before.unwrap_or(0), zone)?;
                Some((planned.max(spaced), false))
            }
            None => Some((self.days_after(now, self.close_after_days, zone)?, true)),
        }
    }

    /// The agency's hour, so many days of its calendar after an instant. An hour that the clock jumps over is the one after
    /// it; of one that comes twice it is the first.
    fn days_after(&self, at: Timestamp, days: i16, zone: &TimeZone) -> Option<Timestamp> {
        let date = zone.to_datetime(at.0).date().checked_add(i64::from(days).days()).ok()?;
        let time = civil::Time::midnight().checked_add(SignedDuration::from_mins(i64::from(self.at.0))).ok()?;
        Some(Timestamp(zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    fn policy(at: &str) -> FollowUpPolicy {
        FollowUpPolicy { at: WallClock::parse(at).unwrap(), ..FollowUpPolicy::default() }
    }

    /// 29 March 2026: 02:00 is followed by 03:00. 25 October 2026: 03:00 is followed by 02:00 once more.
    #[test]
    fn the_hour_is_the_one_on_the_agencys_wall_whatever_the_clock_does() {
        let zone = TimeZone::get("Europe/Vienna").unwrap();
        for (hour, base, expected) in [
            ("09:00", "2026-11-23T08:00:00Z", "2026-11-26T08:00:00Z"),
            ("09:00", "2026-11-23T22:59:59Z", "2026-11-26T08:00:00Z"),
            ("09:00", "2026-11-23T23:00:00Z", "2026-11-27T08:00:00Z"), // Tuesday in Vienna
            ("09:00", "2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z"),
            ("09:00", "2026-10-23T07:00:00Z", "2026-10-26T08:00:00Z"),
            ("02:30", "2026-03-26T08:00:00Z", "2026-03-29T01:30:00Z"), // there is no 02:30: 03:30
            ("02:30", "2026-10-22T08:00:00Z", "2026-10-25T00:30:00Z"), // there are two: the first
            ("00:00", "2026-11-23T08:00:00Z", "2026-11-25T23:00:00Z"),
        ] {
            assert_eq!(policy(hour).first(at(base), &zone), Some(at(expected)), "{hour} {base}");
        }
        assert_eq!(FollowUpPolicy { enabled: false, ..policy("09:00") }.first(at("2026-11-23T08:00:00Z"), &zone), None);
    }

    #[test]
    fn three_mails_and_then_the_end_and_late_ones_keep_their_distance() {
        let (zone, policy) = (TimeZone::get("Europe/Vienna").unwrap(), policy("09:00"));
        let base = at("2026-11-23T10:00:00Z");
        let next = |number, now: &str| policy.next(number, base, at(now), &zone).unwrap();
        assert_eq!(next(1, "2026-11-26T08:00:00Z"), (at("2026-11-30T08:00:00Z"), false));
        assert_eq!(next(2, "2026-11-30T08:04:00Z"), (at("2026-12-07T08:00:00Z"), false));
        assert_eq!(next(3, "2026-12-07T08:00:00Z"), (at("2026-12-10T08:00:00Z"), true));
        // The program stood still for two weeks: not three mails in one morning.
        assert_eq!(next(1, "2026-12-10T12:00:00Z"), (at("2026-12-14T08:00:00Z"), false));
    }
}
