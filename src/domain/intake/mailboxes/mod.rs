//! How far a watched mailbox was read.
//!
//! Always true: a mail and the cursor that says "done" are committed together; cursors only move up; whoever works from
//! an outdated idea of the mailbox, or lost the right to watch it ([`Lease`]), can store nothing. The row of the cursor is
//! locked while mails are stored, and since its owner goes upwards from the cursor none is skipped.

mod alarm;
mod health;
mod lease;
mod store;
mod take;

use jiff::SignedDuration;

use crate::clock::Timestamp;

pub use alarm::settle;
pub use health::{Health, HealthState, MailboxChecks, Problem, checks, judge, note_failure, note_success};
pub use lease::{Lease, MailboxName, PollerId, beat, claim, held, release, retire};
pub use store::{begin, cursor, note_unfetched};
pub use take::{is_about_the_mail, leave_at, pass_over, receive_at};

/// How far our clock and the server's may differ.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// How far a mailbox was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxCursor {
    /// Which numbering of the mails this is about; grows with each new one.
    pub epoch: i32,
    /// The server's name for the numbering.
    pub uid_validity: u32,
    /// Mails up to this UID are done.
    pub last_uid: u32,
    /// Mail that arrived before this is not taken.
    pub since: Timestamp,
    /// From when on mail was asked for when this was begun; `None`: from the first look on.
    pub asked_since: Option<Timestamp>,
    /// When the last check that went through began.
    pub last_ok_at: Timestamp,
    /// The mail that could not be fetched, and in how many checks.
    pub failed: Option<(u32, i32)>,
}

/// What the server says of a folder when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenMailbox {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// No mail has a higher UID.
    pub highest_uid: u32,
}

/// Where to begin when the cursor does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginning {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// Only mails with a higher UID.
    pub last_uid: u32,
    /// Only mails that arrived at this time or later.
    pub since: Timestamp,
    /// From when on mail is asked for.
    pub asked_since: Option<Timestamp>,
}

/// Whether to begin anew, and where. `None`: go on at the cursor. `asked` is from when on mail is wanted; without it, from
/// the first look on. An earlier time than before looks at everything again; a later one changes nothing.
///
/// `known` must have been read before the folder was opened: else another process may have moved it past `seen`.
#[must_use]
pub fn beginning(
    known: Option<&MailboxCursor>,
    seen: SeenMailbox,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> Option<Beginning> {
    let SeenMailbox { uid_validity, highest_uid } = seen;
    let Some(known) = known else {
        // Never seen: what is in there was answered by somebody already, unless it is asked for.
        let (last_uid, since) = asked.map_or((highest_uid, earlier(now)), |asked| (0, asked));
        return Some(Beginning { uid_validity, last_uid, since, asked_since: asked });
    };
    if let Some(asked) = asked
        && known.asked_since.is_none_or(|before| asked < before)
        && asked < known.since
    {
        return Some(Beginning { uid_validity, last_uid: 0, since: asked, asked_since: Some(asked) });
    }
    // A server restored from a backup may hand out the same UIDs again without saying so.
    let renumbered = known.uid_validity != uid_validity || highest_uid < known.last_uid;
    // The UIDs mean nothing any more, the times of arrival still do. What is seen twice is recognised by its bytes.
    let since = known.since.max(earlier(known.last_ok_at));
    renumbered.then_some(Beginning { uid_validity, last_uid: 0, since, asked_since: known.asked_since })
}

fn earlier(at: Timestamp) -> Timestamp {
    Timestamp(at.0.saturating_sub(SKEW).unwrap_or(at.0))
}

/// One mail in a mailbox.
#[derive(Debug, Clone, Copy)]
pub struct MailboxPlace<'a> {
    /// user@host/folder.
    pub mailbox: &'a str,
    /// Which numbering.
    pub epoch: i32,
    /// Which mail.
    pub uid: u32,
    /// By what right.
    pub lease: Lease,
}

/// What became of a mail found in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is done, now or by an earlier copy of the same bytes.
    Stored,
    /// It was done before.
    Already,
    /// The mailbox was numbered anew meanwhile; this UID may be another mail.
    Outdated,
    /// Another process watches the mailbox now.
    Lost,
}

/// A mail that stays where it is.
#[derive(Debug, Clone, Copy)]
pub struct LeftMail<'a> {
    /// Envelope recipient.
    pub envelope_to: &'a str,
    /// Its header, if that could be had.
    pub header: &'a [u8],
    /// Why it was not taken, for the human who opens it in the mailbox.
    pub reason: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    fn known() -> MailboxCursor {
        MailboxCursor {
            epoch: 1,
            uid_validity: 7,
            last_uid: 40,
            since: at("2026-03-01T08:00:00Z"),
            asked_since: None,
            last_ok_at: at("2026-03-02T12:00:00Z"),
            failed: None,
        }
    }

    const NOW: &str = "2026-03-02T12:01:00Z";

    fn begins(uid_validity: u32, last_uid: u32, since: &str) -> Beginning {
        Beginning { uid_validity, last_uid, since: at(since), asked_since: None }
    }

    #[test]
    fn mail_from_before_the_first_look_is_taken_when_asked_for() {
        let (seen, asked) = (SeenMailbox { uid_validity: 7, highest_uid: 40 }, Some(at("2026-01-01T00:00:00Z")));
        let from_then = Some(Beginning { asked_since: asked, ..begins(7, 0, "2026-01-01T00:00:00Z") });
        assert_eq!(beginning(None, seen, asked, at(NOW)), from_then);
        // Asked for later, it is looked for once.
        assert_eq!(beginning(Some(&known()), seen, asked, at(NOW)), from_then);
        let begun = MailboxCursor { since: at("2026-01-01T00:00:00Z"), asked_since: asked, ..known() };
        assert_eq!(beginning(Some(&begun), seen, asked, at(NOW)), None);
        // Even after a new numbering, which begins later than what was once asked for.
        let renumbered = MailboxCursor { asked_since: asked, ..known() };
        assert_eq!(beginning(Some(&renumbered), seen, asked, at(NOW)), None);
        // Neither a later time nor none looks again.
        assert_eq!(beginning(Some(&begun), seen, Some(at("2026-02-01T00:00:00Z")), at(NOW)), None);
        assert_eq!(beginning(Some(&begun), seen, None, at(NOW)), None);
    }

    #[test]
    fn mail_from_before_the_first_look_is_not_taken() {
        let begun = beginning(None, SeenMailbox { uid_validity: 7, highest_uid: 40 }, None, at(NOW));
        assert_eq!(begun, Some(begins(7, 40, "2026-03-02T11:01:00Z")));
    }

    #[test]
    fn the_same_numbering_goes_on_at_the_cursor() {
        for highest_uid in [40, 41, 4000] {
            assert_eq!(beginning(Some(&known()), SeenMailbox { uid_validity: 7, highest_uid }, None, at(NOW)), None);
        }
    }

    #[test]
    fn a_new_numbering_begins_at_the_time_of_the_last_good_check() {
        let begun = beginning(Some(&known()), SeenMailbox { uid_validity: 8, highest_uid: 900 }, None, at(NOW));
        assert_eq!(begun, Some(begins(8, 0, "2026-03-02T11:00:00Z")));
    }

    #[test]
    fn uids_that_go_back_are_a_new_numbering() {
        let begun = beginning(Some(&known()), SeenMailbox { uid_validity: 7, highest_uid: 39 }, None, at(NOW));
        assert_eq!(begun, Some(begins(7, 0, "2026-03-02T11:00:00Z")));
    }

    #[test]
    fn a_new_numbering_never_reaches_behind_the_first_look() {
        let known = MailboxCursor { last_ok_at: at("2026-03-01T08:30:00Z"), ..known() };
        let begun = beginning(Some(&known), SeenMailbox { uid_validity: 8, highest_uid: 900 }, None, at(NOW));
        assert_eq!(begun.map(|begun| begun.since), Some(at("2026-03-01T08:00:00Z")));
    }
}
