//! SQL of rules, and of how far each round has gone.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::model::{Member, RoutingError, Rule, RuleList};
use super::turns::Credits;
use super::validate;
use crate::db::TenantConn;
use crate::domain::users::UserId;
use crate::ids::new_id;

/// Rules with their rows' ids, in the same order.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) list: RuleList,
    pub(super) ids: Vec<Uuid>,
}

/// The rules of this tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn read(conn: &mut TenantConn) -> Result<RuleList, sqlx::Error> {
    let version = sqlx::query_scalar!(
        "/* routing.version */ SELECT version FROM routing_lists WHERE tenant_id = $1",
        conn.tenant().0
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(rules(conn, version.unwrap_or(0)).await?.list)
}

/// The rules of this tenant, which stay as they are until this transaction ends.
pub(super) async fn read_for_use(conn: &mut TenantConn) -> Result<Stored, sqlx::Error> {
    let version = sqlx::query_scalar!(
        "/* routing.version_for_use */ SELECT version FROM routing_lists WHERE tenant_id = $1 FOR SHARE",
        conn.tenant().0
    )
    .fetch_optional(conn.sql())
    .await?;
    match version {
        Some(version) => rules(conn, version).await,
        None => Ok(Stored::default()),
    }
}

async fn rules(conn: &mut TenantConn, version: i32) -> Result<Stored, sqlx::Error> {
    let tenant = conn.tenant();
    let members = sqlx::query!(
        r#"/* routing.members */
         SELECT rule_id, user_id AS "user_id: UserId", weight FROM routing_members WHERE tenant_id = $1 ORDER BY rule_id, position"#,
        tenant.0
    )
    .fetch_all(conn.sql())
    .await?;
    let mut rounds: BTreeMap<Uuid, Vec<Member>> = BTreeMap::new();
    for row in members {
        rounds.entry(row.rule_id).or_default().push(Member { user_id: row.user_id, weight: row.weight });
    }
    let rows = sqlx::query!(
        r#"/* routing.rules */
         SELECT id, kind, portal, zip_prefix, language, user_id AS "user_id: UserId" FROM routing_rules
         WHERE tenant_id = $1 ORDER BY position"#,
        tenant.0
    )
    .fetch_all(conn.sql())
    .await?;
    let mut stored = Stored { list: RuleList { rules: Vec::new(), version }, ids: Vec::new() };
    for row in rows {
        let rule = match (row.portal, row.zip_prefix, row.language, row.user_id) {
            (Some(portal), _, _, Some(user_id)) => Rule::Portal { portal, user_id },
            (_, Some(zip_prefix), _, Some(user_id)) => Rule::ZipPrefix { zip_prefix, user_id },
            (_, _, Some(language), Some(user_id)) => Rule::Language { language, user_id },
            _ if row.kind == "ROUND_ROBIN" => Rule::RoundRobin { members: rounds.remove(&row.id).unwrap_or_default() },
            _ => Rule::PropertyAgent {},
        };
        stored.list.rules.push(rule);
        stored.ids.push(row.id);
    }
    Ok(stored)
}

/// Replaces the rules. `expected_version` is what the caller read. A round keeps how far it has gone with those who stay
/// in it: the first ROUND_ROBIN goes on as the first, the second as the second.
///
/// # Errors
/// [`RoutingError`].
pub async fn replace(
    conn: &mut TenantConn,
    rules: &[Rule],
    expected_version: Option<i32>,
) -> Result<RuleList, RoutingError> {
    let tenant = conn.tenant();
    // The row is made first, so that the first two lists of an agency wait for each other as well.
    let version = sqlx::query_scalar!(
        "/* routing.lock */
         INSERT INTO routing_lists (tenant_id, version) VALUES ($1, 0)
         ON CONFLICT (tenant_id) DO UPDATE SET version = routing_lists.version RETURNING version",
        tenant.0
    )
    .fetch_one(conn.sql())
    .await?;
    if expected_version.is_some_and(|expected| expected != version) {
        return Err(RoutingError::Changed);
    }
    validate::check(conn, rules).await?;
    let mut rounds = rounds(conn).await?.into_iter();
    sqlx::query!("/* routing.forget_rules */ DELETE FROM routing_rules WHERE tenant_id = $1", tenant.0)
        .execute(conn.sql())
        .await?;
    for (position, rule) in (0_i16..).zip(rules) {
        let id = insert(conn, position, rule).await?;
        let Rule::RoundRobin { members } = rule else { continue };
        let credits = rounds.next().unwrap_or_default();
        insert_members(conn, id, members).await?;
        let kept = credits.into_iter().filter(|(user, _)| members.iter().any(|member| member.user_id == *user));
        write_credits(conn, id, &kept.collect()).await?;
    }
    sqlx::query!(
        "/* routing.count_version */ UPDATE routing_lists SET version = version + 1 WHERE tenant_id = $1",
        tenant.0
    )
    .execute(conn.sql())
    .await?;
    Ok(RuleList { rules: rules.to_vec(), version: version + 1 })
}

async fn insert(conn: &mut TenantConn, position: i16, rule: &Rule) -> Result<Uuid, sqlx::Error> {
    let id = new_id();
    let (portal, zip_prefix, language, user_id) = match rule {
        Rule::PropertyAgent {} | Rule::RoundRobin { .. } => (None, None, None, None),
        Rule::Portal { portal, user_id } => (Some(portal), None, None, Some(user_id)),
        Rule::ZipPrefix { zip_prefix, user_id } => (None, Some(zip_prefix), None, Some(user_id)),
        Rule::Language { language, user_id } => (None, None, Some(language), Some(user_id)),
    };
    sqlx::query!(
        "/* routing.add_rule */
         INSERT INTO routing_rules (id, tenant_id, position, kind, portal, zip_prefix, language, user_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        conn.tenant().0,
        position,
        rule.kind(),
        portal,
        zip_prefix,
        language,
        user_id.map(|id| id.0),
    )
    .execute(conn.sql())
    .await?;
    Ok(id)
}

async fn insert_members(conn: &mut TenantConn, rule: Uuid, members: &[Member]) -> Result<(), sqlx::Error> {
    for (position, member) in (0_i16..).zip(members) {
        sqlx::query!(
            "/* routing.add_member */
             INSERT INTO routing_members (tenant_id, rule_id, position, user_id, weight) VALUES ($1, $2, $3, $4, $5)",
            conn.tenant().0,
            rule,
            position,
            member.user_id.0,
            member.weight,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}

/// How far each round has gone, in the order of the rules.
pub(super) async fn rounds(conn: &mut TenantConn) -> Result<Vec<Credits>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* routing.rounds */
         SELECT r.position, t.user_id AS "user_id?: UserId", t.credit AS "credit?"
         FROM routing_rules r LEFT JOIN routing_turns t ON t.tenant_id = r.tenant_id AND t.rule_id = r.id
         WHERE r.tenant_id = $1 AND r.kind = 'ROUND_ROBIN' ORDER BY r.position"#,
        conn.tenant().0
    )
    .fetch_all(conn.sql())
    .await?;
    let mut rounds: BTreeMap<i16, Credits> = BTreeMap::new();
    for row in rows {
        let credits = rounds.entry(row.position).or_default();
        if let (Some(user), Some(credit)) = (row.user_id, row.credit) {
            credits.insert(user, credit);
        }
    }
    Ok(rounds.into_values().collect())
}

/// How far one round has gone. Whoever asks next waits until this transaction ends, so no turn is taken twice.
pub(super) async fn lock_credits(conn: &mut TenantConn, rule: Uuid) -> Result<Credits, sqlx::Error> {
    let tenant = conn.tenant();
    // The rule's row stands for the round: there may be no credits yet that could be locked.
    sqlx::query_scalar!(
        "/* routing.lock_round */ SELECT id FROM routing_rules WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant.0,
        rule
    )
    .fetch_optional(conn.sql())
    .await?;
    let rows = sqlx::query!(
        r#"/* routing.credits */
         SELECT user_id AS "user_id: UserId", credit FROM routing_turns WHERE tenant_id = $1 AND rule_id = $2"#,
        tenant.0,
        rule
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.credit)).collect())
}

/// Writes how far one round has gone.
pub(super) async fn write_credits(conn: &mut TenantConn, rule: Uuid, credits: &Credits) -> Result<(), sqlx::Error> {
    let (users, amounts): (Vec<Uuid>, Vec<i64>) = credits.iter().map(|(user, credit)| (user.0, *credit)).unzip();
    sqlx::query!(
        "/* routing.write_credits */
         INSERT INTO routing_turns (tenant_id, rule_id, user_id, credit)
         SELECT $1, $2, u, c FROM unnest($3::uuid[], $4::bigint[]) AS t (u, c)
         ON CONFLICT (rule_id, user_id) DO UPDATE SET credit = excluded.credit",
        conn.tenant().0,
        rule,
        &users,
        &amounts,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
