use super::*;
use crate::domain::tenants::WallClock;

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse().unwrap())
}

fn vienna() -> TimeZone {
    TimeZone::get("Europe/Vienna").unwrap()
}

fn hours() -> Hours {
    Hours {
        weekdays: vec![1, 2, 3, 4, 5],
        from_minute: 540,
        to_minute: 1080,
        slot_minutes: 30,
        buffer_minutes: 15,
        horizon_days: 14,
        lead_time_minutes: 1440,
        zone: vienna(),
    }
}

fn whole_week() -> Hours {
    Hours { weekdays: (1..=7).collect(), from_minute: 0, to_minute: 1440, lead_time_minutes: 0, ..hours() }
}

fn local_times(slots: &[Slot], day: &str) -> Vec<String> {
    slots
        .iter()
        .map(|slot| vienna().to_datetime(slot.start.0))
        .filter(|at| at.date().to_string() == day)
        .map(|at| at.strftime("%H:%M").to_string())
        .collect()
}

#[test]
fn a_working_day_is_cut_into_slots_and_buffers() {
    let slots = free(&hours(), &[], &[], at("2026-11-22T19:00:00Z"));
    assert_eq!(
        local_times(&slots, "2026-11-24"),
        ["09:00", "09:45", "10:30", "11:15", "12:00", "12:45", "13:30", "14:15", "15:00", "15:45", "16:30", "17:15"]
    );
    assert!(local_times(&slots, "2026-11-28").is_empty(), "Saturday");
}

#[test]
fn notice_counts_minutes_and_the_horizon_local_days() {
    let now = at("2026-11-24T09:30:00Z"); // Tuesday 10:30 in Vienna
    let slots = free(&hours(), &[], &[], now);
    assert_eq!(local_times(&slots, "2026-11-25").first().unwrap(), "10:30", "24 hours later, to the minute");
    let last = vienna().to_datetime(slots.last().unwrap().start.0).date();
    assert_eq!(last.to_string(), "2026-12-08");
    // 23:30 UTC is the next day in Vienna already
    let slots = free(&Hours { horizon_days: 1, ..hours() }, &[], &[], at("2026-11-23T23:30:00Z"));
    assert_eq!(vienna().to_datetime(slots.last().unwrap().start.0).date().to_string(), "2026-11-25");
}

#[test]
fn nine_stays_nine_when_the_clocks_change() {
    for (now, before, after) in [
        ("2026-03-26T00:00:00Z", "2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z"),
        ("2026-10-22T00:00:00Z", "2026-10-23T07:00:00Z", "2026-10-26T08:00:00Z"),
    ] {
        let slots = free(&hours(), &[], &[], at(now));
        for start in [before, after] {
            let slot = slots.iter().find(|slot| slot.start == at(start)).unwrap();
            assert_eq!(vienna().to_datetime(slot.start.0).strftime("%H:%M").to_string(), "09:00");
            assert_eq!(slot.end.0.duration_since(slot.start.0).as_mins(), 30);
        }
    }
}

#[test]
fn an_hour_that_does_not_exist_is_not_offered() {
    let slots = free(&whole_week(), &[], &[], at("2026-03-28T12:00:00Z"));
    let night = local_times(&slots, "2026-03-29");
    // 01:30 ends at 03:00 local; 02:15 does not exist
    assert_eq!(night.iter().take(5).collect::<Vec<_>>(), ["00:00", "00:45", "01:30", "03:45", "04:30"]);
}

#[test]
fn an_hour_that_comes_twice_is_not_offered() {
    let slots = free(&whole_week(), &[], &[], at("2026-10-24T12:00:00Z"));
    let night = local_times(&slots, "2026-10-25");
    assert_eq!(night.iter().take(5).collect::<Vec<_>>(), ["00:00", "00:45", "01:30", "03:00", "03:45"]);
}

#[test]
fn what_holds_for_every_list_of_slots() {
    let starts = ["2026-03-27T22:59:00Z", "2026-10-23T22:01:00Z", "2026-02-27T12:00:00Z", "2026-12-30T23:30:00Z"];
    let zones = ["Europe/Vienna", "Europe/Lisbon", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
    for now in starts.map(at) {
        for zone in zones.map(|name| TimeZone::get(name).unwrap()) {
            for (slot, buffer, from, to) in [(30, 15, 0, 1440), (5, 0, 0, 1440), (480, 480, 0, 1440), (45, 7, 61, 1439)]
            {
                let hours = Hours {
                    slot_minutes: slot,
                    buffer_minutes: buffer,
                    from_minute: from,
                    to_minute: to,
                    lead_time_minutes: 90,
                    zone: zone.clone(),
                    ..whole_week()
                };
                let slots = free(&hours, &[], &[], now);
                assert!(!slots.is_empty());
                for pair in slots.windows(2) {
                    assert!(hours.block(pair[0]).end <= pair[1].start, "{pair:?} in {zone:?} overlap");
                }
                for slot in &slots {
                    let start = zone.to_datetime(slot.start.0);
                    let minute = i16::from(start.hour()) * 60 + i16::from(start.minute());
                    assert!(!zone.to_ambiguous_timestamp(start).is_ambiguous(), "{start} is on no clock, or twice");
                    assert_eq!((minute - from) % (hours.slot_minutes + buffer), 0, "{start} is off the grid");
                    assert_eq!(slot.end.0.duration_since(slot.start.0).as_mins(), i64::from(hours.slot_minutes));
                    assert!(slot.start.0.duration_since(now.0).as_mins() >= 90);
                    assert_eq!(bookable(&hours, &[], &[], slot.start, now), Some(*slot));
                    assert!(start.date() <= zone.to_datetime(now.0).date().checked_add(14.days()).unwrap());
                }
            }
        }
    }
}

#[test]
fn busy_time_and_its_buffer_are_left_out() {
    let busy = [Slot { start: at("2026-11-24T09:10:00Z"), end: at("2026-11-24T09:55:00Z") }]; // 10:10 to 10:55 local
    let slots = free(&hours(), &busy, &[], at("2026-11-22T19:00:00Z"));
    assert_eq!(local_times(&slots, "2026-11-24").iter().take(3).collect::<Vec<_>>(), ["09:00", "11:15", "12:00"]);
    // touching is not overlapping
    let busy = [Slot { start: at("2026-11-24T08:45:00Z"), end: at("2026-11-24T09:30:00Z") }];
    let slots = free(&hours(), &busy, &[], at("2026-11-22T19:00:00Z"));
    assert_eq!(local_times(&slots, "2026-11-24").iter().take(3).collect::<Vec<_>>(), ["09:00", "10:30", "11:15"]);
}

#[test]
fn a_viewing_with_a_seat_left_is_offered_though_it_blocks_the_agent() {
    let viewing = Slot { start: at("2026-11-24T09:10:00Z"), end: at("2026-11-24T09:40:00Z") };
    let blocks = Slot { end: at("2026-11-24T09:55:00Z"), ..viewing };
    let too_soon = Slot { start: at("2026-11-22T19:30:00Z"), end: at("2026-11-22T20:00:00Z") };
    let slots = free(&hours(), &[blocks], &[viewing, too_soon], at("2026-11-22T19:00:00Z"));
    assert_eq!(local_times(&slots, "2026-11-24").iter().take(3).collect::<Vec<_>>(), ["09:00", "10:10", "11:15"]);
    assert!(!slots.contains(&too_soon));
}

/// Whether a local time in Vienna can be had, asked on Sunday evening before the 23rd of November.
fn has(local: &str, busy: &[Slot], joinable: &[Slot]) -> bool {
    let start = Timestamp(vienna().to_timestamp(local.parse().unwrap()).unwrap());
    let slot = bookable(&hours(), busy, joinable, start, at("2026-11-22T19:00:00Z"));
    assert!(slot.is_none_or(|slot| slot.start == start));
    slot.is_some()
}

#[test]
fn a_named_time_need_not_be_on_the_grid() {
    for (local, expected) in [
        ("2026-11-24T15:00", true),
        ("2026-11-24T09:15", true),
        ("2026-11-24T09:00", true),
        ("2026-11-24T17:30", true),     // ends with the hours; the buffer may reach beyond
        ("2026-11-24T17:45", false),    // ends after them
        ("2026-11-24T08:45", false),    // before them
        ("2026-11-24T15:05", false),    // nobody means that
        ("2026-11-24T15:00:30", false), // nor that
        ("2026-11-28T15:00", false),    // Saturday
        ("2026-11-23T19:45", false),    // evening, and less than a day ahead
        ("2026-11-23T17:00", false),    // less than a day ahead
        ("2026-12-04T15:00", true),
        ("2026-12-07T15:00", false), // beyond the horizon
    ] {
        assert_eq!(has(local, &[], &[]), expected, "{local}");
    }
}

#[test]
fn a_named_time_keeps_clear_of_what_is_agreed_and_of_its_buffer() {
    let viewing = Slot { start: at("2026-11-24T14:00:00Z"), end: at("2026-11-24T14:30:00Z") }; // 15:00 local
    let blocks = Slot { end: at("2026-11-24T14:45:00Z"), ..viewing };
    for (local, expected) in [
        ("2026-11-24T14:15", true), // its own buffer ends when the other begins
        ("2026-11-24T14:30", false),
        ("2026-11-24T15:00", false),
        ("2026-11-24T15:30", false), // the buffer of the other
        ("2026-11-24T15:45", true),
    ] {
        assert_eq!(has(local, &[blocks], &[]), expected, "{local}");
    }
    assert!(has("2026-11-24T15:00", &[blocks], &[viewing]), "a seat is left");
    assert!(!has("2026-11-24T15:15", &[blocks], &[viewing]));
    let by_agent = Slot { start: at("2026-11-28T18:07:00Z"), end: at("2026-11-28T18:37:00Z") };
    assert!(has("2026-11-28T19:07", &[by_agent], &[by_agent]), "an agent may set an odd time, and it has a seat left");
    let too_soon = Slot { start: at("2026-11-22T20:00:00Z"), end: at("2026-11-22T20:30:00Z") };
    assert!(!has("2026-11-22T21:00", &[too_soon], &[too_soon]));
}

#[test]
fn a_named_time_must_be_on_the_clock_exactly_once() {
    let (march, october) = ("2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z");
    for (now, start, expected) in [
        (march, "2026-03-29T00:45:00Z", true),    // 01:45, ends at 03:15
        (march, "2026-03-29T01:00:00Z", true),    // 03:00
        (october, "2026-10-24T23:45:00Z", true),  // 01:45
        (october, "2026-10-25T00:30:00Z", false), // 02:30
        (october, "2026-10-25T01:30:00Z", false), // 02:30 once more
        (october, "2026-10-25T02:00:00Z", true),  // 03:00
    ] {
        assert_eq!(bookable(&whole_week(), &[], &[], at(start), at(now)).is_some(), expected, "{start}");
    }
    let till_three = Hours { to_minute: 180, ..whole_week() };
    assert_eq!(bookable(&till_three, &[], &[], at("2026-03-29T00:45:00Z"), at(march)), None, "would end at 03:15");
    for (now, start) in
        [("2026-03-26T00:00:00Z", "2026-03-30T13:00:00Z"), ("2026-10-22T00:00:00Z", "2026-10-26T14:00:00Z")]
    {
        let slot = bookable(&hours(), &[], &[], at(start), at(now)).unwrap();
        assert_eq!(vienna().to_datetime(slot.start.0).strftime("%H:%M").to_string(), "15:00");
    }
}

#[test]
fn hours_without_room_give_nothing() {
    let now = at("2026-11-22T19:00:00Z");
    for hours in [
        Hours { weekdays: vec![], ..hours() },
        Hours { from_minute: 540, to_minute: 560, ..hours() },
        Hours { slot_minutes: 0, buffer_minutes: 0, ..hours() },
        Hours { horizon_days: 0, ..hours() },
        Hours { lead_time_minutes: 60 * 24 * 40, ..hours() },
    ] {
        assert_eq!(free(&hours, &[], &[], now), []);
        assert_eq!(bookable(&hours, &[], &[], at("2026-11-24T14:00:00Z"), now), None);
    }
    let all_day = Hours { slot_minutes: 480, buffer_minutes: 480, from_minute: 0, to_minute: 1440, ..hours() };
    assert_eq!(
        local_times(&free(&all_day, &[], &[], now), "2026-11-25"),
        ["16:00"],
        "the evening's buffer reaches into the morning"
    );
}

#[test]
fn an_offer_spreads_over_days_and_times() {
    let slots = free(&hours(), &[], &[], at("2026-11-22T19:00:00Z"));
    let offered: Vec<String> = offer(&slots, &vienna(), 3, &[])
        .iter()
        .map(|slot| vienna().to_datetime(slot.start.0).strftime("%m-%d %H:%M").to_string())
        .collect();
    assert_eq!(offered, ["11-24 10:30", "11-25 12:45", "11-26 15:45"]);
    let one_day: Vec<Slot> = slots.iter().copied().filter(|slot| slot.start.0 < at("2026-11-25T00:00:00Z").0).collect();
    assert_eq!(local_times(&offer(&one_day, &vienna(), 3, &[]), "2026-11-24"), ["10:30", "12:45", "15:45"]);
    assert_eq!(offer(&one_day, &vienna(), 99, &[]).len(), one_day.len());
    assert_eq!(offer(&[], &vienna(), 3, &[]), []);
}

#[test]
fn an_offer_prefers_the_day_and_the_part_of_it_that_was_wished_for() {
    let slots = free(&hours(), &[], &[], at("2026-11-22T19:00:00Z"));
    let offered = |wishes: &[Wish]| -> Vec<String> {
        offer(&slots, &vienna(), 3, wishes)
            .iter()
            .map(|slot| vienna().to_datetime(slot.start.0).strftime("%m-%d %H:%M").to_string())
            .collect()
    };
    let day = |day: i8| jiff::civil::date(2026, 11, day);
    let on = |date, hours| Wish { date, hours };
    let (any, morning, evening) = (0..=23, 0..=11, 17..=23);
    assert_eq!(offered(&[on(day(27), any.clone())]), ["11-27 10:30", "11-27 12:45", "11-27 15:45"]);
    let mornings = offered(&[on(day(27), morning.clone())]);
    assert!(mornings.iter().all(|slot| slot.starts_with("11-27") && slot < &"11-27 12:00".to_owned()), "{mornings:?}");
    let two = offered(&[on(day(25), morning), on(day(27), any)]);
    assert!(two.iter().all(|slot| slot.starts_with("11-25") || slot.starts_with("11-27")), "{two:?}");
    // Where the wish cannot be met: that day at another hour, or the days beside it.
    let late = offered(&[on(day(27), evening)]);
    assert!(late.iter().all(|slot| slot.starts_with("11-27")), "{late:?}");
    let sunday = offered(&[on(day(29), 0..=23)]);
    assert!(sunday.iter().all(|slot| ["11-28", "11-30"].iter().any(|day| slot.starts_with(day))), "{sunday:?}");
}

#[test]
fn ones_own_hours_narrow_those_of_the_agency_and_never_widen_them() {
    let own = |weekdays: &[i16], from: i16, to: i16| ViewingHours {
        weekdays: weekdays.to_vec(),
        from: WallClock(from),
        to: WallClock(to),
    };
    let now = at("2026-11-22T19:00:00Z");
    // Tuesdays and Sundays, of which the agency shows on Tuesdays; from seven to eleven, of which it has from nine.
    let slots = free(&hours().within(&own(&[2, 7], 420, 660)), &[], &[], now);
    let days: Vec<String> = slots.iter().map(|slot| vienna().to_datetime(slot.start.0).date().to_string()).collect();
    assert!(days.iter().all(|day| ["2026-11-24", "2026-12-01"].contains(&day.as_str())), "{days:?}");
    assert_eq!(local_times(&slots, "2026-11-24"), ["09:00", "09:45", "10:30"]);
    // A time between two slots of the grid can be had within one's own hours only.
    let narrow = hours().within(&own(&[2], 600, 660));
    assert!(bookable(&narrow, &[], &[], at("2026-11-24T09:15:00Z"), now).is_some());
    assert!(bookable(&narrow, &[], &[], at("2026-11-24T10:15:00Z"), now).is_none());
    assert!(free(&hours().within(&own(&[7], 0, 1440)), &[], &[], now).is_empty());
    assert!(free(&hours().within(&own(&[2], 1100, 1440)), &[], &[], now).is_empty());
}
