//! Who changes rows: carried by the transaction, so that the audit log can write itself (`migrations/0010_audit.sql`).

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;

/// What kind of actor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActorKind {
    /// One of the agency's people.
    User,
    /// A key for programs.
    Key,
    /// The platform's staff, acting as one of the agency's people.
    Staff,
}

/// A person, or a program with a key, who asked for the changes of a transaction.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// Kind.
    pub kind: ActorKind,
    /// Id of the key, or the subject of the staff; `None` for the agency's own people.
    pub id: Option<String>,
    /// The user who acts, or in whose name it happens.
    pub user_id: Option<Uuid>,
    /// Names the request in the log.
    pub request_id: Option<String>,
}

impl Actor {
    /// The statement that tells the transaction. Its one literal is JSON, in which only the quote needs doubling: a
    /// backslash is an ordinary character of a standard string.
    pub(super) fn set_local(&self, now: Timestamp) -> String {
        #[derive(Serialize)]
        struct Noted<'a> {
            #[serde(flatten)]
            actor: &'a Actor,
            at: Timestamp,
        }
        // Strings and ids always make JSON.
        let json = serde_json::to_string(&Noted { actor: self, at: now }).unwrap_or_default();
        format!("; SET LOCAL app.actor = '{}'", json.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_the_literal() {
        let actor = Actor {
            kind: ActorKind::Staff,
            id: Some(r"o'brien\'; DROP TABLE users; --".to_owned()),
            user_id: None,
            request_id: None,
        };
        let sql = actor.set_local(Timestamp("2026-11-23T08:00:00Z".parse().unwrap()));
        let literal = sql.strip_prefix("; SET LOCAL app.actor = '").and_then(|rest| rest.strip_suffix('\'')).unwrap();
        assert!(!literal.replace("''", "").contains('\''), "{sql}");
    }
}
