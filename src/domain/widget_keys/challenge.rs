//! Challenges: given to a page before its enquiry, signed instead of stored, good for a while and for one enquiry.

use uuid::Uuid;

use super::work;
use crate::clock::Timestamp;
use crate::ids::new_id;
use crate::links::{LinkKey, WidgetChallenge};

/// How long a challenge is good: somebody may be called away from a form.
pub const GOOD_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(2);
/// Between challenge and enquiry: nobody reads and fills in a form sooner. The widget waits for the rest of it, so that
/// nobody whose browser fills in everything is refused.
pub const LEAST_AGE: jiff::SignedDuration = jiff::SignedDuration::from_secs(3);

/// A challenge as it is handed out.
#[derive(Debug, Clone)]
pub struct Given {
    /// To be sent with the enquiry.
    pub token: String,
    /// What the work is done on.
    pub id: Uuid,
}

/// A challenge for a page with this key.
#[must_use]
pub fn give(links: &LinkKey, key: &str, bits: u8, now: Timestamp) -> Given {
    let challenge = WidgetChallenge { id: new_id(), key: key.to_owned(), bits, at: now.as_second() };
    let id = challenge.id;
    Given { token: links.widget_challenge(challenge, Timestamp(now.0 + GOOD_FOR)), id }
}

/// The challenge, if it was given to this key, is still good and the work is done. Whether an enquiry came with it before
/// is known to whoever keeps enquiries.
#[must_use]
pub fn done(links: &LinkKey, key: &str, token: &str, solution: &[u32], now: Timestamp) -> Option<WidgetChallenge> {
    let challenge = links.read_widget_challenge(token, now).ok()?;
    (challenge.key == key && work::is_done(challenge.id, challenge.bits, solution)).then_some(challenge)
}

/// Whether no human can have filled in the form meanwhile.
#[must_use]
pub fn is_too_quick(challenge: &WidgetChallenge, now: Timestamp) -> bool {
    now.as_second() - challenge.at < LEAST_AGE.as_secs()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    #[test]
    fn a_challenge_is_good_for_its_key_its_time_and_its_work() {
        let links = LinkKey::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let other = LinkKey::new(&SecretString::from("another-secret-of-thirty-two-chars!"));
        let now = at("2026-11-22T08:00:00Z");
        let given = give(&links, "imw_a", 4, now);
        let solution = work::solve(given.id, 4);
        let is_good = |links: &LinkKey, key: &str, solution: &[u32], at: Timestamp| {
            done(links, key, &given.token, solution, at).is_some()
        };
        assert!(is_good(&links, "imw_a", &solution, at("2026-11-22T09:59:59Z")));
        assert!(!is_good(&links, "imw_a", &solution, at("2026-11-22T10:00:00Z")), "too late");
        assert!(!is_good(&links, "imw_b", &solution, now), "another key's");
        assert!(!is_good(&other, "imw_a", &solution, now), "not signed by us");
        assert!(!is_good(&links, "imw_a", &[], now), "no work");

        let challenge = done(&links, "imw_a", &given.token, &solution, now).unwrap();
        assert!(is_too_quick(&challenge, at("2026-11-22T08:00:02.9Z")));
        assert!(!is_too_quick(&challenge, at("2026-11-22T08:00:03Z")));
    }
}
