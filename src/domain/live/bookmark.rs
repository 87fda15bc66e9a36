//! How far somebody has read.

use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;

/// A place in the order of events: everything up to it was read. Opaque to clients, who send it as `Last-Event-ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bookmark {
    /// Transaction.
    pub(super) xid: i64,
    /// Event within it.
    pub(super) id: i64,
    /// When it was read, seconds since 1970.
    pub(super) at: i64,
}

/// Events are kept for a day; the hour between is for clocks that differ and transactions that take long.
const GOOD_FOR_SECONDS: i64 = 23 * 3600;

impl Bookmark {
    /// Whether everything after it is still there.
    pub(super) fn is_fresh(self, now: Timestamp) -> bool {
        now.as_second() - self.at <= GOOD_FOR_SECONDS
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.xid, self.id, self.at)
    }
}

impl FromStr for Bookmark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('-').map(number);
        let mut next = || numbers.next().ok_or(())?;
        let bookmark = Self { xid: next()?, id: next()?, at: next()? };
        if numbers.next().is_none() { Ok(bookmark) } else { Err(()) }
    }
}

/// Digits only, no sign.
fn number(part: &str) -> Result<i64, ()> {
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().map_err(|_| ()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_is_read_as_it_was_written_and_nothing_else_is() {
        let bookmark = Bookmark { xid: 5_000_000_000, id: 7, at: 1_795_000_000 };
        assert_eq!(bookmark.to_string().parse(), Ok(bookmark));
        for text in ["", "1", "1-2", "1-2-3-4", "a-b-c", "1--2", "-1-2-3", "+1-2-3", "99999999999999999999-1-1"] {
            assert_eq!(text.parse::<Bookmark>(), Err(()), "{text}");
        }
    }

    #[test]
    fn it_is_good_for_less_than_events_are_kept() {
        let at = |second| Timestamp(jiff::Timestamp::from_second(second).unwrap());
        let bookmark = Bookmark { xid: 1, id: 1, at: 1_795_000_000 };
        assert!(bookmark.is_fresh(at(1_795_000_000 + 23 * 3600)));
        assert!(!bookmark.is_fresh(at(1_795_000_001 + 23 * 3600)));
    }
}
