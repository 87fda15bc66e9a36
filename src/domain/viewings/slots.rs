//! Which appointments are free: a pure function of hours, calendar and clock.
//!
//! Hours are wall-clock times in the tenant's zone; everything that leaves here is UTC. A local time that a clock never
//! shows, or shows twice, in the night the clocks change is no appointment: nobody can be sure to meet then.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use crate::clock::Timestamp;
use crate::domain::tenants::Tenant;
use crate::domain::users::{User, ViewingHours};

/// Times people name, minutes.
const QUARTER: i32 = 15;

/// An appointment that can be had, or a stretch of time in which none can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// First instant.
    pub start: Timestamp,
    /// First instant after it.
    pub end: Timestamp,
}

impl Slot {
    fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// When an agent shows a listing: the tenant's hours, as far as they are the agent's too.
#[derive(Debug, Clone)]
pub struct Hours {
    /// ISO weekdays, 1 = Monday.
    pub weekdays: Vec<i16>,
    /// First viewing, minutes after midnight.
    pub from_minute: i16,
    /// End of the last viewing, minutes after midnight; 1440 is the next midnight.
    pub to_minute: i16,
    /// Length of a viewing, minutes.
    pub slot_minutes: i16,
    /// Free time behind a viewing, minutes.
    pub buffer_minutes: i16,
    /// The last day offered is this many local days after today.
    pub horizon_days: i16,
    /// Shortest notice, minutes.
    pub lead_time_minutes: i32,
    /// What "9:00" means.
    pub zone: TimeZone,
}

impl From<&Tenant> for Hours {
    fn from(tenant: &Tenant) -> Self {
        Self {
            weekdays: tenant.viewing_weekdays.clone(),
            from_minute: tenant.viewing_from_minute,
            to_minute: tenant.viewing_to_minute,
            slot_minutes: tenant.slot_minutes,
            buffer_minutes: tenant.buffer_minutes,
            horizon_days: tenant.horizon_days,
            lead_time_minutes: tenant.lead_time_minutes,
            zone: tenant.zone(),
        }
    }
}

impl Hours {
    /// The hours of one of a tenant's people.
    #[must_use]
    pub fn of(tenant: &Tenant, agent: &User) -> Self {
        let hours = Self::from(tenant);
        match agent.viewing_hours() {
            Some(own) => hours.within(&own),
            None => hours,
        }
    }

    /// What is left of them within somebody's own; perhaps nothing, where the two have changed apart.
    #[must_use]
    fn within(mut self, own: &ViewingHours) -> Self {
        self.weekdays.retain(|day| own.weekdays.contains(day));
        self.from_minute = self.from_minute.max(own.from.0);
        self.to_minute = self.to_minute.min(own.to.0);
        self
    }

    /// The instants between which a viewing may begin.
    #[must_use]
    pub fn window(&self, now: Timestamp) -> Slot {
        let start = now.saturating_add(SignedDuration::from_mins(i64::from(self.lead_time_minutes)));
        let end = self
            .today(now)
            .checked_add(i32::from(self.horizon_days).saturating_add(1).days())
            .ok()
            .and_then(|day| self.zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight())).compatible().ok());
        let start = Timestamp(start.unwrap_or(now.0));
        Slot { start, end: end.map_or(start, Timestamp) }
    }

    fn today(&self, now: Timestamp) -> Date {
        self.zone.to_datetime(now.0).date()
    }

    fn block(&self, slot: Slot) -> Slot {
        Slot { start: slot.start, end: after(slot.end, self.buffer_minutes) }
    }

    /// All days up to the horizon, as if nothing were booked.
    fn grid(&self, now: Timestamp) -> Vec<Slot> {
        let today = self.today(now);
        let mut grid: Vec<Slot> = Vec::new();
        for ahead in 0..=self.horizon_days.max(0) {
            let Ok(date) = today.checked_add(i32::from(ahead).days()) else { break };
            for slot in self.day(date) {
                // After a gap, or past midnight, the one before may still be going on.
                if grid.last().is_none_or(|last| self.block(*last).end <= slot.start) {
                    grid.push(slot);
                }
            }
        }
        grid
    }

    /// One local day: from the first hour on, a slot and its buffer at a time.
    fn day(&self, date: Date) -> Vec<Slot> {
        let (Some(step), Some(minutes)) = (self.step(), self.minutes(date)) else { return Vec::new() };
        minutes.step_by(step).filter_map(|minute| self.slot(date, minute)).collect()
    }

    /// From one slot of a day to the next, minutes.
    fn step(&self) -> Option<usize> {
        usize::try_from(i32::from(self.slot_minutes) + i32::from(self.buffer_minutes)).ok().filter(|step| *step > 0)
    }

    /// The minutes after midnight at which a viewing may begin by the clock on the wall; `None` on a day without any.
    fn minutes(&self, date: Date) -> Option<RangeInclusive<i32>> {
        let shown = self.weekdays.contains(&i16::from(date.weekday().to_monday_one_offset()));
        let last = i32::from(self.to_minute.min(1440)) - i32::from(self.slot_minutes);
        (shown && self.slot_minutes > 0).then(|| i32::from(self.from_minute.max(0))..=last)
    }

    /// The slot at this minute of a day, if that minute is on the clock exactly once and the slot ends before closing
    /// time; in the night the clocks change that is not the same as what the minutes say.
    fn slot(&self, date: Date, minute: i32) -> Option<Slot> {
        let closing = local(date, i32::from(self.to_minute))?;
        let closing = self.zone.to_ambiguous_timestamp(closing).compatible().ok()?;
        let start = Timestamp(self.zone.to_ambiguous_timestamp(local(date, minute)?).unambiguous().ok()?);
        let slot = Slot { start, end: after(start, self.slot_minutes) };
        (slot.end.0 <= closing).then_some(slot)
    }

    /// The slot that begins at this instant, on the grid or at a quarter of an hour.
    fn slot_at(&self, start: Timestamp) -> Option<Slot> {
        let at = self.zone.to_datetime(start.0);
        let minute = i32::from(at.hour()) * 60 + i32::from(at.minute());
        let minutes = self.minutes(at.date())?;
        let on_grid = i32::try_from(self.step()?).is_ok_and(|step| (minute - minutes.start()) % step == 0);
        if !minutes.contains(&minute) || !(on_grid || minute % QUARTER == 0) {
            return None;
        }
        // Seconds, and the second pass of an hour that comes twice, give another instant than the one asked for.
        self.slot(at.date(), minute).filter(|slot| slot.start == start)
    }
}

fn after(at: Timestamp, minutes: i16) -> Timestamp {
    Timestamp(at.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(at.0))
}

fn local(date: Date, minute: i32) -> Option<DateTime> {
    date.to_datetime(Time::midnight()).checked_add(minute.minutes()).ok()
}

/// The free slots, soonest first: the grid of each day without what is `busy` for the agent, and the `joinable`
/// viewings of the same listing that have a seat left.
#[must_use]
pub fn free(hours: &Hours, busy: &[Slot], joinable: &[Slot], now: Timestamp) -> Vec<Slot> {
    let window = hours.window(now);
    let grid = hours.grid(now).into_iter().filter(|slot| !busy.iter().any(|taken| taken.overlaps(hours.block(*slot))));
    // Keyed by start: a viewing one can join at the time of a grid slot is the same offer.
    let mut slots: BTreeMap<Timestamp, Slot> = grid.map(|slot| (slot.start, slot)).collect();
    slots.extend(joinable.iter().map(|slot| (slot.start, *slot)));
    slots.into_values().filter(|slot| window.start <= slot.start && slot.start < window.end).collect()
}

/// The slot that begins at `start`, if it can be had: what [`free`] lists, and any other quarter of an hour at which the
/// agent has time within the hours. Somebody who names 15:00 is not to be told that only 14:15 and 15:45 exist.
#[must_use]
pub fn bookable(hours: &Hours, busy: &[Slot], joinable: &[Slot], start: Timestamp, now: Timestamp) -> Option<Slot> {
    let window = hours.window(now);
    if start < window.start || window.end <= start {
        return None;
    }
    if let Some(open) = joinable.iter().find(|open| open.start == start) {
        return Some(*open);
    }
    hours.slot_at(start).filter(|slot| !busy.iter().any(|taken| taken.overlaps(hours.block(*slot))))
}

/// When somebody would like to come, without an hour: a day, perhaps a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// In the tenant's zone.
    pub date: Date,
    /// The hours of the day that suit, 0 to 23; all of them if no part of the day was named.
    pub hours: RangeInclusive<i8>,
}

impl Wish {
    /// How far a slot is from this wish: days first, then whether the hours suit.
    fn distance(&self, local: DateTime) -> (u32, bool) {
        let days = self.date.duration_until(local.date()).as_hours() / 24;
        (u32::try_from(days.abs()).unwrap_or(u32::MAX), !self.hours.contains(&local.hour()))
    }
}

/// Up to `n` slots for a mail, soonest first: those the prospect wished for, and where these are not enough the nearest
/// to the wish. Among slots as good as each other: soon, on different days, at different times of day.
#[must_use]
pub fn offer(slots: &[Slot], zone: &TimeZone, n: usize, wishes: &[Wish]) -> Vec<Slot> {
    let mut nearest: BTreeMap<(u32, bool), Vec<Slot>> = BTreeMap::new();
    for slot in slots {
        let local = zone.to_datetime(slot.start.0);
        let distance = wishes.iter().map(|wish| wish.distance(local)).min().unwrap_or_default();
        nearest.entry(distance).or_default().push(*slot);
    }
    let mut picked = Vec::new();
    for equals in nearest.into_values() {
        picked.extend(spread(&equals, zone, n.saturating_sub(picked.len())));
    }
    picked.sort();
    picked
}

fn spread(slots: &[Slot], zone: &TimeZone, n: usize) -> Vec<Slot> {
    let minute = |slot: &Slot| {
        let time = zone.to_datetime(slot.start.0).time();
        i32::from(time.hour()) * 60 + i32::from(time.minute())
    };
    let mut days: BTreeMap<Date, Vec<Slot>> = BTreeMap::new();
    for slot in slots {
        days.entry(zone.to_datetime(slot.start.0).date()).or_default().push(*slot);
    }
    let (Some(earliest), Some(latest)) = (slots.iter().map(minute).min(), slots.iter().map(minute).max()) else {
        return Vec::new();
    };
    let mut days: Vec<Vec<Slot>> = days.into_values().collect();
    let mut picked = Vec::new();
    let wanted = n.min(slots.len());
    let mut turn = 0;
    while picked.len() < wanted {
        let parts = i32::try_from(wanted).unwrap_or(i32::MAX).saturating_mul(2);
        let part = i32::try_from(picked.len()).unwrap_or(0).saturating_mul(2).saturating_add(1);
        let target = earliest + (latest - earliest).saturating_mul(part) / parts.max(1);
        let index = turn % days.len();
        turn += 1;
        let Some(day) = days.get_mut(index) else { break };
        let nearest = day.iter().enumerate().min_by_key(|(_, slot)| (minute(slot) - target).abs()).map(|(at, _)| at);
        if let Some(at) = nearest {
            picked.push(day.remove(at));
        }
    }
    picked
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
