//! Asking who a mail comes from, and keeping what was said with the mail.
//!
//! Always true: asking happens outside any transaction, and after the mail was accepted, so no sender waits for name
//! servers. A mail is never lost to a name server that does not answer: it is asked again for a while, and then a human
//! sees the mail and the reason. What an answer means is decided in `sender`.

use std::net::IpAddr;
use std::time::Duration;

use portal_mail::{Context, Understood};
use sender_auth::{Findings, Hop};
use serde_json::{Value, json};

use super::model::{Door, IntakeId};
use super::sender::{Claim, Standing, judge};
use crate::app::App;
use crate::db::TenantConn;
use crate::settings::Authentication;

/// Pauses before the name servers are asked again; after the last, a human decides.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(30), Duration::from_secs(120), Duration::from_secs(480), Duration::from_secs(1800)];
/// For all questions about one mail whose answers decide something.
const PATIENCE: Duration = Duration::from_secs(15);
/// The same where they are only noted: nobody's answer should wait for them.
const PATIENCE_TO_RECORD: Duration = Duration::from_secs(2);

/// How a mail came, as far as the sender can be told from it.
#[derive(Debug)]
pub(super) struct Way {
    door: Door,
    peer: String,
    envelope_from: String,
    authentication: Option<Value>,
}

/// What follows for the mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nothing: it is what it says, or nobody wants to know.
    Believe,
    /// A human decides; says why.
    Hold(String),
    /// The name servers are asked again, this much later.
    AskAgain(Duration),
}

/// How a mail came.
pub(super) async fn way(conn: &mut TenantConn, id: IntakeId) -> Result<Option<Way>, sqlx::Error> {
    sqlx::query_as!(
        Way,
        r#"/* intake.way */
         SELECT door AS "door: Door", peer, envelope_from, authentication FROM intake_messages WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await
}

/// Asks about a mail; nothing where nothing is to be asked.
pub(super) async fn ask(app: &App, way: &Way, raw: &[u8]) -> Option<Findings> {
    let checker = app.senders.as_ref()?;
    let patience = match app.settings.authentication() {
        Authentication::Off => return None,
        Authentication::Record => PATIENCE_TO_RECORD,
        Authentication::Hold => PATIENCE,
    };
    let helo = way.authentication.as_ref().and_then(|known| known["door"]["helo"].as_str());
    let hop = match (way.door, way.peer.parse::<IpAddr>(), helo) {
        (Door::Smtp, Ok(ip), Some(helo)) => {
            Some(Hop { ip, helo, mail_from: &way.envelope_from, receiver: &app.settings.smtp.hostname })
        }
        // a mailbox has received it from somebody we do not know
        _ => None,
    };
    Some(Box::pin(checker.check(raw, hop, patience)).await)
}

/// Where a mail that reads like a portal's stands.
pub(super) fn standing(
    findings: &Findings,
    understood: &Understood,
    context: &Context,
    forwarders: &[String],
) -> Option<Standing> {
    let from = understood.mail.from.as_ref().map(|from| from.address.as_str());
    let is_team = from.is_some_and(|from| context.is_team(from));
    let author = from.and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain.to_ascii_lowercase());
    let claim = Claim { portal: understood.portal?, author: author.as_deref(), is_team, forwarders };
    Some(judge(findings, claim))
}

/// What follows from where it stands, when it was asked about `asked` times before.
pub(super) fn consequence(mode: Authentication, standing: Option<&Standing>, asked: usize) -> Consequence {
    match (mode, standing) {
        (Authentication::Off | Authentication::Record, _) | (_, None | Some(Standing::Proven(_))) => {
            Consequence::Believe
        }
        (Authentication::Hold, Some(Standing::Unproven(reason))) => Consequence::Hold(reason.clone()),
        (Authentication::Hold, Some(Standing::Unanswered(reason))) => match PAUSES.get(asked) {
            Some(&pause) => Consequence::AskAgain(pause),
            None => Consequence::Hold(reason.clone()),
        },
    }
}

/// Keeps what was found, beside what the door knew.
pub(super) async fn write(
    conn: &mut TenantConn,
    id: IntakeId,
    findings: &Findings,
    standing: Option<&Standing>,
) -> Result<(), sqlx::Error> {
    let found = json!({"checks": findings, "portal": standing, "checkedAt": conn.now()});
    // A name in a signature may hold the one character PostgreSQL's text does not.
    let found: Value = serde_json::from_str(&found.to_string().replace("\\u0000", "")).unwrap_or_default();
    sqlx::query!(
        "/* intake.write_authentication */
         UPDATE intake_messages SET authentication = coalesce(authentication, '{}') || $3 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        found,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_held_only_where_that_is_wanted_and_asked_about_a_few_times_at_most() {
        let unproven = Standing::Unproven("no".to_owned());
        let unanswered = Standing::Unanswered("who knows".to_owned());
        let proven = Standing::Proven("DKIM".to_owned());
        for mode in [Authentication::Off, Authentication::Record] {
            for standing in [&unproven, &unanswered, &proven] {
                assert_eq!(consequence(mode, Some(standing), 0), Consequence::Believe);
            }
        }
        let hold = |standing, asked| consequence(Authentication::Hold, standing, asked);
        assert_eq!(hold(None, 0), Consequence::Believe);
        assert_eq!(hold(Some(&proven), 0), Consequence::Believe);
        assert_eq!(hold(Some(&unproven), 0), Consequence::Hold("no".to_owned()));
        assert_eq!(hold(Some(&unanswered), 0), Consequence::AskAgain(PAUSES[0]));
        assert_eq!(hold(Some(&unanswered), PAUSES.len()), Consequence::Hold("who knows".to_owned()));
    }
}
