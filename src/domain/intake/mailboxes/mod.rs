//! How far a watched mailbox was read.
//!
//! Always true: a mail and the cursor that says "done" are committed together; cursors only move up; whoever works from
//! an outdated idea of the mailbox can store nothing. Several processes may watch the same mailbox: the row of the
//! cursor is locked while a mail is stored, so each mail is stored by one of them, and since each goes upwards from the
//! cursor none is skipped.

mod store;
mod take;

use jiff::SignedDuration;

use super::model::IntakeId;
use crate::clock::Timestamp;

pub use store::{begin, cursor, note_failure, note_success, note_unfetched};
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
}

/// Whether to begin anew, and where. `None`: go on at the cursor.
///
/// `known` must have been read before the folder was opened: else another process may have moved it past `seen`.
#[must_use]
pub fn beginning(known: Option<&MailboxCursor>, seen: SeenMailbox, now: Timestamp) -> Option<Beginning> {
    let SeenMailbox { uid_validity, highest_uid } = seen;
    let Some(known) = known else {
        // Never seen: what is in there was answered by somebody already.
        return Some(Beginning { uid_validity, last_uid: highest_uid, since: earlier(now) });
    };
    // A server restored from a backup may hand out the same UIDs again without saying so.
    let renumbered = known.uid_validity != uid_validity || highest_uid < known.last_uid;
    // The UIDs mean nothing any more, the times of arrival still do. What is seen twice is recognised by its bytes.
    renumbered.then(|| Beginning { uid_validity, last_uid: 0, since: known.since.max(earlier(known.last_ok_at)) })
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
}

/// What became of a mail found in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is stored, now or by an earlier copy of the same bytes.
    Stored(IntakeId),
    /// Another process was faster.
    Already,
    /// The mailbox was numbered anew meanwhile; this UID may be another mail.
    Outdated,
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
            last_ok_at: at("2026-03-02T12:00:00Z"),
            failed: None,
        }
    }

    const NOW: &str = "2026-03-02T12:01:00Z";

    #[test]
    fn mail_from_before_the_first_look_is_not_taken() {
        let begun = beginning(None, SeenMailbox { uid_validity: 7, highest_uid: 40 }, at(NOW));
        assert_eq!(begun, Some(Beginning { uid_validity: 7, last_uid: 40, since: at("2026-03-02T11:01:00Z") }));
    }

    #[test]
    fn the_same_numbering_goes_on_at_the_cursor() {
        for highest_uid in [40, 41, 4000] {
            assert_eq!(beginning(Some(&known()), SeenMailbox { uid_validity: 7, highest_uid }, at(NOW)), None);
        }
    }

    #[test]
    fn a_new_numbering_begins_at_the_time_of_the_last_good_check() {
        let begun = beginning(Some(&known()), SeenMailbox { uid_validity: 8, highest_uid: 900 }, at(NOW));
        assert_eq!(begun, Some(Beginning { uid_validity: 8, last_uid: 0, since: at("2026-03-02T11:00:00Z") }));
    }

    #[test]
    fn uids_that_go_back_are_a_new_numbering() {
        let begun = beginning(Some(&known()), SeenMailbox { uid_validity: 7, highest_uid: 39 }, at(NOW));
        assert_eq!(begun, Some(Beginning { uid_validity: 7, last_uid: 0, since: at("2026-03-02T11:00:00Z") }));
    }

    #[test]
    fn a_new_numbering_never_reaches_behind_the_first_look() {
        let known = MailboxCursor { last_ok_at: at("2026-03-01T08:30:00Z"), ..known() };
        let begun = beginning(Some(&known), SeenMailbox { uid_validity: 8, highest_uid: 900 }, at(NOW));
        assert_eq!(begun.map(|begun| begun.since), Some(at("2026-03-01T08:00:00Z")));
    }
}
