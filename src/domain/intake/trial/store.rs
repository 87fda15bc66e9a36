//! SQL of test addresses, and which mail is a test.

use portal_mail::{Class, Understood};
use sqlx::types::Json;

use super::route::{HandedOver, Route};
use super::{Arrival, TestAddress, TestAddressId};
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::intake::model::{Door, IntakeId};
use crate::domain::intake::process::storable;
use crate::domain::intake::store;
use crate::domain::users::UserId;

/// What an address shows is kept so much longer than it is good.
const KEPT_DAYS: i64 = 30;

/// Makes an address that is good for some hours.
///
/// # Errors
/// When the database cannot do it.
pub async fn create(conn: &mut TenantConn, user: UserId, hours: u8) -> Result<TestAddress, sqlx::Error> {
    let (id, now) = (TestAddressId::new(), conn.now());
    let expires_at = Timestamp(now.0 + jiff::SignedDuration::from_hours(hours.into()));
    let mark = new_mark();
    sqlx::query!(
        "/* intake.create_test_address */
         INSERT INTO test_addresses (id, tenant_id, mark, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id.0,
        conn.tenant().0,
        mark,
        user.0,
        now as _,
        expires_at as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(TestAddress { id, mark, created_at: now, expires_at, arrival: None })
}

/// `test-` and 80 random bits, in letters and digits that survive being read out.
fn new_mark() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: [u8; 16] = rand::random();
    let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    format!("test-{}", letters.collect::<String>())
}

/// One address, and what came of it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: TestAddressId) -> Result<Option<TestAddress>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* intake.test_address */
         SELECT mark, created_at AS "created_at: Timestamp", expires_at AS "expires_at: Timestamp",
                intake_message_id AS "intake_message_id: IntakeId", arrived_at AS "arrived_at: Timestamp",
                route AS "route: Json<Route>"
         FROM test_addresses WHERE tenant_id = $1 AND id = $2"#,
        conn.tenant().0,
        id.0,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| TestAddress {
        id,
        mark: row.mark,
        created_at: row.created_at,
        expires_at: row.expires_at,
        arrival: row.arrived_at.zip(row.route).map(|(at, Json(route))| Arrival {
            at,
            intake_message_id: row.intake_message_id,
            route,
        }),
    }))
}

/// Whether a mail is a test; the first one is written down with the way it came.
pub(in crate::domain::intake) async fn is_test(
    conn: &mut TenantConn,
    id: IntakeId,
    mail: &Understood,
) -> Result<bool, sqlx::Error> {
    // The envelope need not name the address (a mailbox is polled, a forward has its own), so the header counts too.
    let facts = &mail.mail;
    let named = facts.to.iter().chain(&facts.cc).map(|mailbox| mailbox.address.as_str());
    let named: Vec<&str> = named.chain(facts.subject.as_deref()).collect();
    let message_id = facts.message_id.as_deref().map(storable);
    let Some(row) = sqlx::query!(
        r#"/* intake.is_test */
         SELECT t.id AS "id: TestAddressId", t.arrived_at AS "arrived_at: Timestamp",
                coalesce(t.intake_message_id = i.id OR t.message_id = $4, false) AS "is_same!",
                i.door AS "door: Door", i.peer, i.envelope_from, i.authentication, i.received_at AS "received_at: Timestamp"
         FROM intake_messages i
         JOIN test_addresses t ON t.tenant_id = i.tenant_id
         WHERE i.tenant_id = $1 AND i.id = $2
           AND (t.intake_message_id = i.id
                OR i.received_at < t.expires_at
                   AND (t.message_id = $4 OR position(t.mark IN lower(i.envelope_to || ' ' || $3)) > 0))
         ORDER BY t.created_at LIMIT 1 FOR UPDATE OF t"#,
        conn.tenant().0,
        id.0,
        storable(&named.join(" ")),
        message_id,
    )
    .fetch_optional(conn.sql())
    .await?
    else {
        return Ok(false);
    };
    if row.arrived_at.is_some() {
        return Ok(row.is_same || !(mail.class == Class::Lead && mail.portal.is_some()));
    }
    let raw = store::raw(conn, id).await?.unwrap_or_default();
    let handed_over = HandedOver { door: row.door, peer: &row.peer, envelope_from: &row.envelope_from };
    let way = Route::of(&raw, handed_over, mail.portal.map(|portal| portal.as_str()));
    let route = Route { authentication: row.authentication, ..way };
    sqlx::query!(
        "/* intake.test_arrived */
         UPDATE test_addresses SET intake_message_id = $3, arrived_at = $4, route = $5, message_id = $6
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        row.id.0,
        id.0,
        row.received_at as _,
        Json(route) as _,
        message_id,
    )
    .execute(conn.sql())
    .await?;
    Ok(true)
}

/// Removes addresses that were good long ago.
///
/// # Errors
/// When the database cannot do it.
pub async fn forget_old(conn: &mut TenantConn) -> Result<(), sqlx::Error> {
    let before = Timestamp(conn.now().0 - jiff::SignedDuration::from_hours(24 * KEPT_DAYS));
    sqlx::query!(
        "/* intake.forget_test_addresses */ DELETE FROM test_addresses WHERE tenant_id = $1 AND expires_at < $2",
        conn.tenant().0,
        before as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_local_parts_and_never_the_same() {
        let (one, other) = (new_mark(), new_mark());
        assert_ne!(one, other);
        assert!(one.starts_with("test-") && one.len() == 21, "{one}");
        assert!(one.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{one}");
    }
}
