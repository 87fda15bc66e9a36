//! What one process holds of a bucket.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::settings::RateSettings;

/// Tokens that were taken and not used yet, or the news that there are none.
#[derive(Debug, Default)]
pub(super) struct Lease {
    tokens: u32,
    /// When it was last used or renewed.
    touched: Option<Timestamp>,
    closed_until: Option<Timestamp>,
}

impl Lease {
    /// Uses a token, if there is one. Tokens older than it takes to fill the bucket are worth nothing: they would come
    /// on top of a full one.
    pub(super) fn use_one(&mut self, now: Timestamp, rate: RateSettings) -> bool {
        if self.is_idle(now, rate) {
            self.tokens = 0;
        }
        let there = self.tokens > 0;
        if there {
            self.tokens -= 1;
            self.touched = Some(now);
        }
        there
    }

    /// How long nothing will be there, as far as this process knows.
    pub(super) fn closed_for(&self, now: Timestamp) -> Option<Duration> {
        let until = self.closed_until?;
        if self.tokens > 0 || until <= now {
            return None;
        }
        Duration::try_from(until.0.duration_since(now.0)).ok()
    }

    /// What the bucket gave; `wait` is when it will have more, if it gave nothing.
    pub(super) fn renew(&mut self, now: Timestamp, tokens: u32, wait: Duration) {
        self.tokens = tokens;
        self.touched = Some(now);
        let later = jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::ZERO);
        self.closed_until = if tokens == 0 { now.0.checked_add(later).ok().map(Timestamp) } else { None };
    }

    /// Nobody asked for as long as it takes to fill the bucket.
    pub(super) fn is_idle(&self, now: Timestamp, rate: RateSettings) -> bool {
        let fills_in = i64::from(rate.burst) * 60 / i64::from(rate.per_minute.max(1)) + 1;
        self.touched.is_none_or(|touched| now.0.duration_since(touched.0).as_secs() >= fills_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: RateSettings = RateSettings { per_minute: 60, burst: 10 };

    fn at(second: i64) -> Timestamp {
        Timestamp(jiff::Timestamp::from_second(1_795_000_000 + second).unwrap())
    }

    #[test]
    fn tokens_are_used_one_by_one_and_not_kept_for_ever() {
        let mut lease = Lease::default();
        assert!(!lease.use_one(at(0), RATE));
        lease.renew(at(0), 3, Duration::ZERO);
        assert!(lease.use_one(at(0), RATE) && lease.use_one(at(5), RATE));
        assert!(!lease.use_one(at(16), RATE), "eleven seconds after the last use the bucket itself is full");
    }

    #[test]
    fn a_closed_lease_asks_again_when_its_time_is_over() {
        let mut lease = Lease::default();
        lease.renew(at(0), 0, Duration::from_secs(2));
        assert_eq!(lease.closed_for(at(1)), Some(Duration::from_secs(1)));
        assert_eq!(lease.closed_for(at(2)), None);
        lease.renew(at(2), 1, Duration::ZERO);
        assert_eq!(lease.closed_for(at(2)), None);
    }
}
