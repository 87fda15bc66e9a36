//! How watching a mailbox goes, in words for the people whose mailbox it is.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::{MailboxPlace, alarm};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::domain::connections::ConnectionId;
use crate::domain::intake::process::storable;

code! {
    /// How a watched mailbox is.
    HealthState { /// Its last checks went through.
        Ok = "OK", /// It was not looked at yet.
        Pending = "PENDING", /// A human has to do something; mail may wait there.
        NeedsAttention = "NEEDS_ATTENTION", /// It is switched off.
        Paused = "PAUSED" }
}

code! {
    /// What is wrong with a watched mailbox.
    Problem { /// Its server cannot be reached or does not answer.
        Unreachable = "UNREACHABLE", /// Its server has an address that mailboxes must not have.
        AddressNotAllowed = "ADDRESS_NOT_ALLOWED", /// The way to the server cannot be kept private.
        TlsFailed = "TLS_FAILED", /// User, password or token are refused.
        LoginRefused = "LOGIN_REFUSED", /// There is no password or token.
        NoSecret = "NO_SECRET", /// The folder cannot be opened.
        FolderMissing = "FOLDER_MISSING", /// The server answers, and what it says cannot be right.
        ServerTrouble = "SERVER_TROUBLE", /// A mail cannot be fetched; it holds up those behind it for a few checks.
        MailUnreadable = "MAIL_UNREADABLE", /// Trouble of our own.
        Internal = "INTERNAL", /// No process watches it.
        NotWatched = "NOT_WATCHED" }
}

impl Problem {
    /// Whether it usually ends by itself. Nobody is bothered with it for the first five minutes.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::Unreachable | Self::ServerTrouble | Self::MailUnreadable | Self::Internal | Self::NotWatched => true,
            Self::AddressNotAllowed | Self::TlsFailed | Self::LoginRefused | Self::NoSecret | Self::FolderMissing => {
                false
            }
        }
    }

    /// What to tell whoever looks after the mailbox, in German and in English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreachable => (
                "Der Mailserver ist nicht erreichbar oder antwortet nicht. Bitte Server und Port prüfen.",
                "The mail server cannot be reached or does not answer. Please check server and port.",
            ),
            Self::AddressNotAllowed => (
                "Der Mailserver hat keine öffentliche Adresse. Bitte den Namen prüfen, unter dem er von außen erreichbar ist.",
                "The mail server has no public address. Please check the name under which it is reached from outside.",
            ),
            Self::TlsFailed => (
                "Die Verbindung lässt sich nicht verschlüsseln: Das Zertifikat des Mailservers passt nicht, oder die Art der Verschlüsselung ist falsch gewählt.",
                "The connection cannot be encrypted: the mail server's certificate does not fit, or another kind of encryption is needed.",
            ),
            Self::LoginRefused => (
                "Der Mailserver lehnt die Anmeldung ab. Bitte Benutzername und Passwort neu eingeben oder das Konto neu verbinden.",
                "The mail server refuses the login. Please enter user name and password again, or connect the account anew.",
            ),
            Self::NoSecret => (
                "Es ist kein Passwort hinterlegt. Bitte das Passwort neu eingeben oder das Konto neu verbinden.",
                "There is no password. Please enter the password again, or connect the account anew.",
            ),
            Self::FolderMissing => (
                "Der Ordner lässt sich nicht öffnen. Bitte prüfen, ob er umbenannt oder gelöscht wurde.",
                "The folder cannot be opened. Please check whether it was renamed or deleted.",
            ),
            Self::ServerTrouble => (
                "Der Mailserver antwortet widersprüchlich. Wir versuchen es weiter; hält es an, hilft der Anbieter des Postfachs.",
                "The mail server contradicts itself. We keep trying; if it lasts, the provider of the mailbox can help.",
            ),
            Self::MailUnreadable => (
                "Eine E-Mail lässt sich nicht abholen. Wir versuchen es noch einige Male und legen dann einen Hinweis in die Ablage.",
                "A mail cannot be fetched. We try a few more times, then leave a note in the tray.",
            ),
            Self::Internal => (
                "Bei uns ist etwas gestört. Wir versuchen es weiter; es geht keine E-Mail verloren.",
                "Something is wrong on our side. We keep trying; no mail is lost.",
            ),
            Self::NotWatched => (
                "Das Postfach wird gerade nicht abgerufen. Wir kümmern uns darum; es geht keine E-Mail verloren.",
                "The mailbox is not being checked at the moment. We look after it; no mail is lost.",
            ),
        }
    }
}

/// Trouble that usually passes becomes a problem after this time.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// What is known of a mailbox's checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxChecks {
    /// When the last check that went through began; the first one counts from its first success on.
    pub last_ok_at: Option<Timestamp>,
    /// The last check, or the last mail taken by one that is under way.
    pub last_checked_at: Option<Timestamp>,
    /// The first of the failed checks since then.
    pub failing_since: Option<Timestamp>,
    /// Why somebody has to do something.
    pub problem: Option<Problem>,
    /// The last failure in technical words; holds nothing of a mail.
    pub last_error: Option<String>,
}

/// How a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// In a word.
    pub state: HealthState,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// Since when it is wrong.
    pub since: Option<Timestamp>,
}

/// How a mailbox is, that is watched since `begun_at` and looked at every `pause` at least.
#[must_use]
pub fn judge(checks: Option<&MailboxChecks>, begun_at: Timestamp, now: Timestamp, pause: SignedDuration) -> Health {
    let problem = checks.and_then(|checks| checks.problem);
    if let (Some(problem), Some(checks)) = (problem, checks) {
        let (state, since) = (HealthState::NeedsAttention, checks.failing_since);
        return Health { state, problem: Some(problem), since };
    }
    let last = checks.and_then(|checks| checks.last_checked_at);
    let seen = last.map_or(begun_at, |last| last.max(begun_at));
    if now.0.duration_since(seen.0) > pause * 2 + PATIENCE {
        let (state, problem) = (HealthState::NeedsAttention, Some(Problem::NotWatched));
        return Health { state, problem, since: Some(seen) };
    }
    let was_ok = checks.is_some_and(|checks| checks.last_ok_at.is_some());
    Health { state: if was_ok { HealthState::Ok } else { HealthState::Pending }, problem: None, since: None }
}

/// What is known of these mailboxes of the agency.
///
/// # Errors
/// When the database cannot be asked.
pub async fn checks(
    conn: &mut TenantConn,
    mailboxes: &[String],
) -> Result<HashMap<String, MailboxChecks>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* intake.checks */
         SELECT mailbox, CASE WHEN last_checked_at IS NOT NULL THEN last_ok_at END AS "last_ok_at: Timestamp", last_checked_at AS "last_checked_at: Timestamp",
                failing_since AS "failing_since: Timestamp", problem AS "problem: Problem", last_error
         FROM imap_cursors WHERE tenant_id = $1 AND mailbox = ANY ($2)"#,
        conn.tenant().0,
        mailboxes,
    )
    .fetch_all(conn.sql())
    .await?;
    let each = rows.into_iter().map(|row| {
        let checks = MailboxChecks {
            last_ok_at: row.last_ok_at,
            last_checked_at: row.last_checked_at,
            failing_since: row.failing_since,
            problem: row.problem,
            last_error: row.last_error,
        };
        (row.mailbox, checks)
    });
    Ok(each.collect())
}

/// Notes that a check which began at `started` went through; nobody needs to look after the mailbox any more.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_success(
    conn: &mut TenantConn,
    place: MailboxPlace<'_>,
    started: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* intake.note_success */
         UPDATE imap_cursors
         SET last_ok_at = greatest(last_ok_at, $6), last_checked_at = $7, last_error = NULL, failing_since = NULL,
             problem = NULL, failed_uid = NULL, failures = 0
         WHERE tenant_id = $1 AND mailbox = $2 AND epoch = $3 AND owner = $4 AND fence = $5",
        conn.tenant().0,
        place.mailbox,
        place.epoch,
        place.lease.owner.0,
        place.lease.fence,
        started as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    super::settle(conn, place.mailbox).await
}

/// Notes why a check failed, and tells the administrators once a human has to do something. The text holds nothing of a
/// mail. `connection` is whose mailbox it is; `None`: the operator's, by the settings.
///
/// # Errors
/// When the database cannot do it.
pub async fn note_failure(
    conn: &mut TenantConn,
    mailbox: &str,
    lease: super::Lease,
    connection: Option<ConnectionId>,
    problem: Problem,
    error: &str,
) -> Result<(), sqlx::Error> {
    let now = conn.now();
    let patient = problem.is_passing().then(|| Timestamp(now.0.saturating_sub(PATIENCE).unwrap_or(now.0)));
    let noted = sqlx::query!(
        r#"/* intake.note_failure */
         UPDATE imap_cursors
         SET last_checked_at = $5, last_error = $6, failing_since = coalesce(failing_since, $5),
             problem = CASE WHEN coalesce(failing_since, $5) > $8 THEN problem ELSE $7 END
         WHERE tenant_id = $1 AND mailbox = $2 AND owner = $3 AND fence = $4
         RETURNING problem AS "problem: Problem", failing_since AS "failing_since: Timestamp""#,
        conn.tenant().0,
        mailbox,
        lease.owner.0,
        lease.fence,
        now as _,
        storable(error),
        problem as _,
        patient as _,
    )
    .fetch_optional(conn.sql())
    .await?;
    match noted.map(|row| (row.problem, row.failing_since)) {
        Some((Some(problem), Some(since))) => alarm::raise(conn, mailbox, connection, problem, since).await,
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse().unwrap())
    }

    fn checks(last_checked_at: &str) -> MailboxChecks {
        let last = Some(at(last_checked_at));
        MailboxChecks { last_ok_at: last, last_checked_at: last, failing_since: None, problem: None, last_error: None }
    }

    fn state(checks: Option<&MailboxChecks>, now: &str) -> (HealthState, Option<Problem>) {
        let health = judge(checks, at("2026-03-01T08:00:00Z"), at(now), SignedDuration::from_mins(5));
        (health.state, health.problem)
    }

    #[test]
    fn a_mailbox_nobody_looks_at_is_told_of() {
        assert_eq!(state(None, "2026-03-01T08:01:00Z"), (HealthState::Pending, None));
        let not_watched = (HealthState::NeedsAttention, Some(Problem::NotWatched));
        assert_eq!(state(None, "2026-03-01T08:16:00Z"), not_watched);
        let ok = checks("2026-03-01T09:00:00Z");
        assert_eq!(state(Some(&ok), "2026-03-01T09:15:00Z"), (HealthState::Ok, None));
        assert_eq!(state(Some(&ok), "2026-03-01T09:15:01Z"), not_watched);
        // Switched on again after a month: it has time for its first check.
        let old = checks("2026-02-01T09:00:00Z");
        assert_eq!(state(Some(&old), "2026-03-01T08:10:00Z"), (HealthState::Ok, None));
    }

    #[test]
    fn a_problem_counts_whatever_the_times_say() {
        let problem = Some(Problem::LoginRefused);
        let failing = MailboxChecks { problem, ..checks("2026-03-01T09:00:00Z") };
        assert_eq!(state(Some(&failing), "2026-03-01T09:00:10Z"), (HealthState::NeedsAttention, problem));
    }

    #[test]
    fn every_problem_has_words_in_both_languages() {
        use Problem::*;
        for problem in [
            Unreachable,
            AddressNotAllowed,
            TlsFailed,
            LoginRefused,
            NoSecret,
            FolderMissing,
            ServerTrouble,
            MailUnreadable,
            Internal,
            NotWatched,
        ] {
            let (german, english) = problem.words();
            assert!(german.ends_with('.') && english.ends_with('.') && german != english, "{problem}");
        }
    }
}
