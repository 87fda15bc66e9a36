//! Counting a lead's score anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::model::{AddressKind, LeadId, LeadSource};
use super::super::state::Status;
use super::read::{self, Answers, Price};
use super::rule::{self, Signals};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::properties::Marketing;
use crate::ids::TenantId;
use crate::jobs::{Job, JobError};

/// Job `leads.score`: counts a lead's score anew. Triggers enqueue it (`migrations/0042`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lead.
    pub lead_id: LeadId,
}

impl Job for Score {
    const NAME: &'static str = "leads.score";
    const ATTEMPTS: i16 = 5;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(known) = known(&mut conn, self.lead_id).await? else { return Ok(()) };
        let (score, reasons) = rule::score(known.signals());
        let reasons = serde_json::to_value(reasons).map_err(anyhow::Error::from)?;
        sqlx::query!(
            "/* leads.write_score */
             UPDATE leads SET score = $3, score_reasons = $4
             WHERE tenant_id = $1 AND id = $2 AND (score IS DISTINCT FROM $3 OR score_reasons <> $4)",
            self.tenant_id.0,
            self.lead_id.0,
            i16::from(score),
            reasons,
        )
        .execute(conn.sql())
        .await?;
        Ok(conn.commit().await?)
    }

    /// The score stays what it was until the next change; nothing else rests on it.
    async fn give_up(&self, _app: &App, error: &JobError) -> Result<(), JobError> {
        tracing::error!(lead = %self.lead_id, %error, "a score was not counted");
        Ok(())
    }
}

/// What a score rests on.
#[derive(Debug)]
struct Known {
    source: LeadSource,
    status: Status,
    has_name: bool,
    has_phone: bool,
    address_kind: AddressKind,
    created_at: Timestamp,
    marketing: Option<Marketing>,
    sale_price: Option<i64>,
    rent: Option<i64>,
    disclosure: Option<serde_json::Value>,
    messages: i64,
    longest: i32,
    text: String,
    booked: bool,
}

impl Known {
    fn signals(&self) -> Signals {
        let price = match self.marketing {
            Some(Marketing::Sale) => self.sale_price.map(Price::Sale),
            Some(Marketing::Rent | Marketing::Lease) => self.rent.map(Price::Rent),
            None => None,
        };
        let data: BTreeMap<String, String> =
            self.disclosure.clone().and_then(|data| serde_json::from_value(data).ok()).unwrap_or_default();
        let answers = Answers::new(&data);
        let asked = self.created_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let known = [self.has_name, self.has_phone, self.address_kind == AddressKind::Direct, self.marketing.is_some()];
        Signals {
            source: self.source,
            status: self.status,
            days: read::days(&answers, &self.text, asked),
            financing: read::financing(&answers, &self.text, price),
            budget: read::budget(&answers, price),
            messages: self.messages,
            longest: self.longest,
            booked: self.booked,
            known: known.into_iter().map(u8::from).sum(),
        }
    }
}

async fn known(conn: &mut TenantConn, lead: LeadId) -> Result<Option<Known>, sqlx::Error> {
    sqlx::query_as!(
        Known,
        r#"/* leads.known_for_score */
         SELECT l.source AS "source: LeadSource", l.status AS "status: Status",
                (l.last_name IS NOT NULL OR l.first_name IS NOT NULL) AS "has_name!", l.phone IS NOT NULL AS "has_phone!",
                l.address_kind AS "address_kind: AddressKind", l.created_at,
                p.marketing AS "marketing?: Marketing", p.purchase_price_cents AS sale_price,
                coalesce(p.warm_rent_cents, p.cold_rent_cents) AS rent, d.data AS "disclosure?",
                wrote.messages AS "messages!", wrote.longest AS "longest!", wrote.text AS "text!",
                EXISTS (SELECT FROM viewing_seats s
                        WHERE s.tenant_id = l.tenant_id AND s.lead_id = l.id AND s.state <> 'CANCELLED') AS "booked!"
         FROM leads l
         LEFT JOIN properties p ON p.tenant_id = l.tenant_id AND p.id = l.property_id
         LEFT JOIN lead_disclosures d ON d.tenant_id = l.tenant_id AND d.lead_id = l.id
         CROSS JOIN LATERAL (
             SELECT count(*) AS messages, coalesce(max(length(m.text)), 0) AS longest,
                    coalesce(left(string_agg(m.text, E'\n' ORDER BY m.created_at), 20000), '') AS text
             FROM conversations c JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
             WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id AND m.direction = 'INBOUND') AS wrote
         WHERE l.tenant_id = $1 AND l.id = $2"#,
        conn.tenant().0,
        lead.0,
    )
    .fetch_optional(conn.sql())
    .await
}
