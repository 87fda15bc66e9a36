//! What language engines cost an agency: every call is written down with its price, and a month has a limit.
//!
//! What a month has cost, and the calls themselves, are read in `log.rs`.
//!
//! Always true: a call that was made is written down, whatever became of what it said. The limit is looked at before a
//! mail is read, so calls on their way may exceed it by what they cost.

mod log;

use jiff::{ToSpan as _, tz::TimeZone};
use llm::Usage;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::tenants::Tenant;
use crate::ids::new_id;
use crate::settings::AiSettings;

pub use log::{AiCall, AiCallFilter, ModelCost, MonthState, list_calls, month_state};

/// Costs are counted in millionths of a cent.
pub const MICRO_CENTS: i64 = 1_000_000;

/// One call of an engine, to be written down with what came of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// What for: `understand`, `answer`, `embed`.
    pub purpose: &'static str,
    /// Engine, model, tokens, time.
    pub usage: Usage,
    /// `ok`, or what was wrong.
    pub outcome: String,
}

/// What a call cost, in millionths of a cent: the tokens at the model's price, and nothing where no model was asked.
#[must_use]
pub fn cost(settings: &AiSettings, usage: &Usage) -> i64 {
    let Some(price) = settings.prices.iter().find(|price| price.model == usage.model) else { return 0 };
    // A cent for a million tokens is a millionth of a cent for one.
    let cost = f64::from(usage.input_tokens) * price.input + f64::from(usage.output_tokens) * price.output;
    // Saturates; in doubt a millionth more.
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no call costs that much")]
    let cost = cost.ceil() as i64;
    cost
}

/// Whether the agency's limit for this month is used up. Without a limit it never is. Should whoever runs the program have
/// changed the currency of the prices, what was spent in the other one counts at par: better that than not at all.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_spent(conn: &mut TenantConn, tenant: &Tenant) -> Result<bool, sqlx::Error> {
    let Some(budget) = tenant.ai_budget() else { return Ok(false) };
    Ok(spent(conn, tenant).await? >= budget.cents.saturating_mul(MICRO_CENTS))
}

/// What the calls of this month have cost so far, in millionths of a cent.
///
/// # Errors
/// When the database cannot be asked.
pub async fn spent(conn: &mut TenantConn, tenant: &Tenant) -> Result<i64, sqlx::Error> {
    let (since, _) = month(conn.now(), &tenant.zone());
    sqlx::query_scalar!(
        r#"/* budget.spent */
         SELECT coalesce(sum(cost_micro_cents), 0)::bigint AS "spent!" FROM ai_calls
         WHERE tenant_id = $1 AND at >= $2"#,
        conn.tenant().0,
        since as _,
    )
    .fetch_one(conn.sql())
    .await
}

/// When the limit counts anew.
#[must_use]
pub fn renewal(now: Timestamp, tenant: &Tenant) -> Timestamp {
    month(now, &tenant.zone()).1
}

/// The first instants of the calendar month that holds `now`, and of the next one.
pub(crate) fn month(now: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let first = zone.to_datetime(now.0).date().first_of_month();
    let next = first.checked_add(1.month()).unwrap_or(first);
    let start = |day: jiff::civil::Date| day.to_zoned(zone.clone()).map_or(now, |start| Timestamp(start.timestamp()));
    (start(first), start(next))
}

/// Writes calls down. `lead` is the lead they were made for.
///
/// # Errors
/// When the database cannot do it.
pub async fn write(
    conn: &mut TenantConn,
    settings: &AiSettings,
    lead: Option<Uuid>,
    calls: &[Call],
) -> Result<(), sqlx::Error> {
    write_all(conn, settings, lead, calls, None).await
}

/// Writes down the calls that led to one decision, and the sources its answer cites.
///
/// # Errors
/// When the database cannot do it.
pub async fn write_decided(
    conn: &mut TenantConn,
    settings: &AiSettings,
    lead: Uuid,
    calls: &[Call],
    (decision, sources): (&str, &[String]),
) -> Result<(), sqlx::Error> {
    write_all(conn, settings, Some(lead), calls, Some((decision, sources))).await
}

async fn write_all(
    conn: &mut TenantConn,
    settings: &AiSettings,
    lead: Option<Uuid>,
    calls: &[Call],
    decided: Option<(&str, &[String])>,
) -> Result<(), sqlx::Error> {
    // The last good answer is the one that was used.
    let used = calls
        .iter()
        .rposition(|call| call.purpose == "answer" && matches!(&*call.outcome, "ok" | "partly not grounded"));
    for (index, call) in calls.iter().enumerate() {
        let sources = decided.filter(|_| Some(index) == used).map_or(&[][..], |(_, sources)| sources);
        sqlx::query!(
            "/* budget.write_call */
             INSERT INTO ai_calls (id, tenant_id, lead_id, purpose, engine, model, input_tokens, output_tokens, duration_ms,
                                   outcome, cost_micro_cents, cost_currency, at, decision, sources)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            new_id(),
            conn.tenant().0,
            lead,
            call.purpose,
            call.usage.engine,
            call.usage.model,
            i32::try_from(call.usage.input_tokens).unwrap_or(i32::MAX),
            i32::try_from(call.usage.output_tokens).unwrap_or(i32::MAX),
            i32::try_from(call.usage.duration_ms).unwrap_or(i32::MAX),
            call.outcome,
            cost(settings, &call.usage),
            settings.currency,
            conn.now() as _,
            decided.map(|(decision, _)| decision),
            sources,
        )
        .execute(conn.sql())
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{AiEngine, BreakerSettings, EmbeddingSection, ModelPrice, OpenAiSection};

    fn settings() -> AiSettings {
        AiSettings {
            engine: AiEngine::Openai,
            currency: "EUR".to_owned(),
            breaker: BreakerSettings { failures: 3, seconds: 30, longest_seconds: 300 },
            prices: vec![ModelPrice { model: "m".to_owned(), input: 25.0, output: 200.0 }],
            openai: OpenAiSection {
                api_key: None,
                base_url: String::new(),
                model: "m".to_owned(),
                embedding_model: "e".to_owned(),
                timeout_seconds: 1,
            },
            embeddings: EmbeddingSection { base_url: None, model: "e".to_owned(), api_key: None, timeout_seconds: 1 },
        }
    }

    fn usage(model: &str, input_tokens: u32, output_tokens: u32) -> Usage {
        Usage { engine: "openai".to_owned(), model: model.to_owned(), input_tokens, output_tokens, duration_ms: 0 }
    }

    #[test]
    fn a_call_costs_its_tokens() {
        let mut settings = settings();
        assert_eq!(cost(&settings, &usage("m", 1_000_000, 0)), 25 * MICRO_CENTS);
        assert_eq!(cost(&settings, &usage("m", 321, 45)), 321 * 25 + 45 * 200);
        assert_eq!(cost(&settings, &usage("builtin-0.1.0", 0, 0)), 0);
        settings.prices[0].input = 0.3;
        assert_eq!(cost(&settings, &usage("m", 1, 0)), 1, "never less than it cost");
    }

    #[test]
    fn a_month_is_the_agencys() {
        let zone = TimeZone::get("Europe/Vienna").unwrap();
        for (now, from, to) in [
            ("2026-10-31T22:59:59Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
            ("2026-10-31T23:00:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
            ("2026-12-31T23:30:00Z", "2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"),
        ] {
            let (start, next) = month(Timestamp(now.parse().unwrap()), &zone);
            assert_eq!((start.to_string().as_str(), next.to_string().as_str()), (from, to), "{now}");
        }
    }
}
