//! When a prospect would like to come, where no instant is named.

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

/// Part of a day, as people name it instead of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// Before noon.
    Morning,
    /// From noon to 5 pm.
    Afternoon,
    /// From 5 pm.
    Evening,
}

impl DayPart {
    /// The part an hour of the day (0 to 23) belongs to.
    pub const fn of_hour(hour: i8) -> Self {
        match hour {
            ..12 => Self::Morning,
            12..17 => Self::Afternoon,
            17.. => Self::Evening,
        }
    }
}

/// A day the prospect would like to come, with the part of it if one was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WishedDay {
    /// In the tenant's zone.
    pub date: Date,
    /// Of a named hour the part it lies in; `None` when any hour would do.
    pub part: Option<DayPart>,
}

impl WishedDay {
    /// Whether a time in the tenant's zone lies on that day, and in the part of it that was named.
    pub fn suits(self, local: DateTime) -> bool {
        local.date() == self.date && self.part.is_none_or(|part| part == DayPart::of_hour(local.hour()))
    }
}

/// Which days of a window are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowDays {
    /// Every day.
    #[default]
    All,
    /// Monday to Friday.
    Weekdays,
    /// Saturday and Sunday.
    Weekend,
}

/// A stretch of days in which the prospect would like to come, with the hours if any were named:
/// "weekday evenings from six", "any time next week", "at the weekend", "week 49, mornings".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WishedWindow {
    /// The first day, in the tenant's zone; today at the earliest.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Which days between the two.
    pub days: WindowDays,
    /// Not before this time of day.
    pub earliest: Option<Time>,
    /// Not after this time of day.
    pub latest: Option<Time>,
}

impl WishedWindow {
    /// Whether a time in the tenant's zone lies in the window.
    pub fn suits(self, local: DateTime) -> bool {
        let weekend = local.weekday().to_monday_zero_offset() >= 5;
        (self.from..=self.to).contains(&local.date())
            && match self.days {
                WindowDays::All => true,
                WindowDays::Weekdays => !weekend,
                WindowDays::Weekend => weekend,
            }
            && self.earliest.is_none_or(|earliest| local.time() >= earliest)
            && self.latest.is_none_or(|latest| local.time() <= latest)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn a_window_is_days_and_hours() {
        let evenings = WishedWindow {
            from: date(2026, 11, 30),
            to: date(2026, 12, 6),
            days: WindowDays::Weekdays,
            earliest: Some(time(18, 0, 0, 0)),
            latest: None,
        };
        assert!(evenings.suits(date(2026, 12, 1).at(18, 0, 0, 0)));
        assert!(!evenings.suits(date(2026, 12, 1).at(17, 30, 0, 0)), "too early");
        assert!(!evenings.suits(date(2026, 12, 5).at(18, 0, 0, 0)), "a Saturday");
        assert!(!evenings.suits(date(2026, 12, 7).at(18, 0, 0, 0)), "the week after");
        let weekend = WishedWindow { days: WindowDays::Weekend, earliest: None, ..evenings };
        assert!(weekend.suits(date(2026, 12, 5).at(9, 0, 0, 0)));
        assert!(!weekend.suits(date(2026, 12, 4).at(9, 0, 0, 0)));
    }
}
