//! The brake against two robots that answer each other.
//!
//! Automatic answers are recognised by their headers and never answered (`portal-mail`); some robots have none. Whatever
//! they write, nobody gets more than a few automatic mails in an hour on one enquiry, nor more than some in a day at one
//! address: then the enquiry is paused and a human is told why. The agency's own limits of a day ([`super::verdict`]) are
//! counted here as well.

use serde_json::json;

use super::material::Material;
use super::verdict::Day;
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, EventKind, Lead, LeadId, Trigger, Viewer};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::domain::tenants::Tenant;
use crate::jobs::JobError;

/// Automatic mails on one enquiry within an hour. People who write faster are better called.
const PER_LEAD: i64 = 8;
/// Automatic mails to one address within a day, over all its enquiries.
const PER_ADDRESS: i64 = 16;

/// Pauses the enquiry instead of answering it, if enough was said automatically. Whether it did.
pub(super) async fn stopped(conn: &mut TenantConn, material: &Material) -> Result<bool, JobError> {
    if !material.lead.state().answers_itself() || !is_too_much(conn, &material.lead).await? {
        return Ok(false);
    }
    stop(conn, material.lead.id).await?;
    Ok(true)
}

async fn is_too_much(conn: &mut TenantConn, lead: &Lead) -> Result<bool, sqlx::Error> {
    let said = sqlx::query!(
        r#"/* assistant.said_automatically */
         SELECT count(*) FILTER (WHERE l.id = $2 AND m.created_at > $4::timestamptz - interval '1 hour') AS "lead!",
                count(*) AS "address!"
         FROM leads l
         JOIN conversations c ON c.tenant_id = l.tenant_id AND c.lead_id = l.id
         JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
         WHERE l.tenant_id = $1 AND (l.id = $2 OR l.email = lower($3))
           AND m.direction = 'OUTBOUND' AND m.origin IN ('AI_AUTO', 'SYSTEM') AND m.delivery <> 'CANCELLED'
           AND m.created_at > $4::timestamptz - interval '1 day'
           -- whoever gives the enquiry back to the system has seen it: counting begins anew
           AND m.created_at > coalesce((SELECT max(e.at) FROM lead_events e
                                        WHERE e.tenant_id = $1 AND e.lead_id = $2 AND e.kind = 'STATE_CHANGED' AND e.actor = 'AGENT'), '-infinity')"#,
        conn.tenant().0,
        lead.id.0,
        lead.email.as_deref(),
        conn.now() as _,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(said.lead >= PER_LEAD || said.address >= PER_ADDRESS)
}

/// What the day in the agency's zone has brought so far.
pub(super) async fn day(conn: &mut TenantConn, tenant: &Tenant, lead: &Lead) -> Result<Day, sqlx::Error> {
    let begin = tenant.day_begin(conn.now());
    let counted = sqlx::query!(
        r#"/* assistant.day */
         SELECT (SELECT count(*) FROM conversations c
                 JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
                 WHERE c.tenant_id = $1 AND c.lead_id = $2 AND m.direction = 'OUTBOUND' AND m.origin = 'AI_AUTO'
                   AND m.delivery <> 'CANCELLED' AND m.created_at >= $4) AS "answers!",
                -- whoever came before the crowd is still offered viewings
                (SELECT count(*) FROM leads l
                 WHERE l.tenant_id = $1 AND l.property_id = $3 AND l.created_at >= $4
                   AND (l.created_at, l.id) < ($5, $2)) AS "enquiries!""#,
        conn.tenant().0,
        lead.id.0,
        lead.property_id.map(|property| property.0),
        begin as _,
        lead.created_at as _,
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(Day { answers: counted.answers, enquiries_before: counted.enquiries })
}

async fn stop(conn: &mut TenantConn, lead: LeadId) -> Result<(), JobError> {
    let Some(mut lead) = leads::lock(conn, lead, Viewer::SYSTEM).await? else { return Ok(()) };
    if !lead.state().answers_itself() {
        return Ok(()); // somebody took over meanwhile
    }
    let by = (Actor::System, None);
    let reason = "too many automatic answers";
    leads::note(conn, lead.id, EventKind::Decided, by, json!({"decision": "paused", "reason": reason})).await?;
    leads::record(conn, &mut lead, Trigger::AgentTookOver, by, None).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::AnswerQuestion,
        title: format!(
            "{} schreibt sehr oft: antwortet dort ein Automat?",
            lead.name().unwrap_or_else(|| "Ein Interessent".to_owned())
        ),
        details: json!({"reason": reason}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    metrics::counter!("immivo_ping_pong_stopped_total").increment(1);
    Ok(())
}
