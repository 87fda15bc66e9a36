//! When a portal gives reason to worry. Every portal is measured by its own past: one that sends three enquiries a week is
//! not quiet after two days, one that sends thirty a day is.

use jiff::SignedDuration;

/// The past a portal is measured by.
pub(super) const PAST: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Fewer enquiries in that time are no habit.
const HABIT: i64 = 8;
/// Weekends and holidays are no silence.
const SHORTEST_SILENCE: SignedDuration = SignedDuration::from_hours(72);
/// Mean distances between two enquiries. By chance alone, one silence in 400 is this long (e⁻⁶, if they come independently).
const DISTANCES: i32 = 6;

/// What is looked at lately when fields are counted; the past is the time before it.
pub(super) const LATELY: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Fewer mails say nothing of a share.
const ENOUGH_BEFORE: i64 = 20;
const ENOUGH_LATELY: i64 = 10;
/// A field that was rare before cannot be missed.
const USUAL: f64 = 0.5;
/// It is missed when its share is less than this much of what it was,
const DROP: f64 = 0.5;
/// and there again from this much on.
const RECOVERY: f64 = 0.75;

/// Whether a portal has gone quiet: `before` enquiries in the 28 days up to the last one, none for `silence` since.
pub(super) fn is_quiet(before: i64, silence: SignedDuration) -> bool {
    if before < HABIT {
        return false;
    }
    let distance = SignedDuration::from_secs(PAST.as_secs() / before);
    silence > SHORTEST_SILENCE.max(distance * DISTANCES)
}

/// How many of some mails told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) filled: i64,
    pub(super) of: i64,
}

impl Share {
    #[allow(clippy::cast_precision_loss, reason = "counts of mails")]
    pub(super) fn rate(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.filled as f64 / self.of as f64 }
    }
}

/// Whether a field is told much less often than before.
pub(super) fn has_dropped(before: Share, lately: Share) -> bool {
    before.of >= ENOUGH_BEFORE
        && lately.of >= ENOUGH_LATELY
        && before.rate() >= USUAL
        && lately.rate() < before.rate() * DROP
}

/// Whether a field is told again about as often as when it was missed first.
pub(super) fn has_recovered(was: f64, lately: Share) -> bool {
    lately.of >= ENOUGH_LATELY && lately.rate() >= was * RECOVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_measured_by_the_portals_own_past() {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        for (before, silence, quiet) in [
            (7, 27, false), // no habit
            (8, 20, false), // one in three and a half days: 21 days are needed
            (8, 22, true),
            (28, 6, false), // one a day
            (28, 7, true),
            (840, 3, false), // thirty a day, and a long weekend
            (840, 4, true),
        ] {
            assert_eq!(is_quiet(before, days(silence)), quiet, "{before} before, {silence} days");
        }
    }

    #[test]
    fn a_field_is_missed_only_where_it_was_usual_and_much_is_known() {
        let share = |filled, of| Share { filled, of };
        assert!(has_dropped(share(90, 100), share(2, 20)));
        assert!(!has_dropped(share(90, 100), share(9, 20)), "half of it is no drop");
        assert!(!has_dropped(share(40, 100), share(0, 20)), "it was rare before");
        assert!(!has_dropped(share(19, 19), share(0, 20)) && !has_dropped(share(90, 100), share(0, 9)), "too few");
        assert!(has_recovered(0.9, share(14, 20)) && !has_recovered(0.9, share(13, 20)));
        assert!(!has_recovered(0.9, share(0, 0)));
    }
}
