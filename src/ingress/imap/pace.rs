//! How long to wait before the next check.

use std::time::Duration;

/// A server in trouble is asked at least this often.
const LONGEST: Duration = Duration::from_secs(300);

/// The pause after `failures` failed checks in a row. `luck` in 0..1 spreads the mailboxes, so that a server which comes
/// back is not asked by all of them at the same moment.
pub(super) fn pause(poll: Duration, failures: u32, luck: f64) -> Duration {
    let doubled = poll.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(LONGEST.max(poll)).mul_f64(0.8 + 0.2 * luck.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(failures: u32) -> u64 {
        pause(Duration::from_secs(30), failures, 1.0).as_secs()
    }

    #[test]
    fn pauses_grow_to_five_minutes() {
        assert_eq!([0, 1, 2, 3, 4, 5, 6, u32::MAX].map(seconds), [30, 30, 60, 120, 240, 300, 300, 300]);
    }

    #[test]
    fn luck_shortens_by_a_fifth_at_most() {
        assert_eq!(pause(Duration::from_secs(30), 0, 0.0), Duration::from_secs(24));
    }

    #[test]
    fn a_slow_poll_stays_slow() {
        assert_eq!(pause(Duration::from_secs(900), 9, 1.0), Duration::from_secs(900));
    }
}
