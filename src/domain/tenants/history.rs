//! Who changed which setting, from what to what: the audit log, in the words of the settings.

use serde_json::Value;
use uuid::Uuid;

use super::WallClock;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};

/// What one person changed at one time.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    /// Id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// `USER`, `KEY` (a program) or `STAFF` (the platform's people); the last two act in the name of `user_id`.
    pub actor: String,
    /// Id of the key, or subject of the platform's person.
    pub actor_id: Option<String>,
    /// Which of the agency's people, or in whose name.
    pub user_id: Option<Uuid>,
    /// What, field by field.
    pub fields: Vec<SettingChange>,
}

/// One field and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingChange {
    /// Field as in the settings (`automation.mode`), or `facts.<id>.text`.
    pub field: String,
    /// Value before; null: it was not set.
    pub from: Value,
    /// Value after; null: it is not set any more.
    pub to: Value,
}

/// Columns whose place in the settings does not follow from their name.
const FIELDS: [(&str, &str); 31] = [
    ("street", "address.street"),
    ("zip", "address.zip"),
    ("city", "address.city"),
    ("logo_url", "branding.logoUrl"),
    ("primary_color", "branding.primaryColor"),
    ("accent_color", "branding.accentColor"),
    ("mail_from_name", "sender.name"),
    ("mail_from_address", "sender.address"),
    ("automation_mode", "automation.mode"),
    ("daily_answers_per_lead", "automation.dailyAnswersPerLead"),
    ("daily_enquiries_per_property", "automation.dailyEnquiriesPerProperty"),
    ("send_delay_seconds", "automation.delaySeconds"),
    ("confidence_threshold", "automation.confidenceThreshold"),
    ("quiet_from_minute", "automation.quietHours.from"),
    ("quiet_to_minute", "automation.quietHours.to"),
    ("viewing_weekdays", "viewings.weekdays"),
    ("viewing_from_minute", "viewings.from"),
    ("viewing_to_minute", "viewings.to"),
    ("slot_minutes", "viewings.slotMinutes"),
    ("buffer_minutes", "viewings.bufferMinutes"),
    ("horizon_days", "viewings.horizonDays"),
    ("lead_time_minutes", "viewings.leadTimeMinutes"),
    ("ai_budget_cents", "aiBudget.cents"),
    ("ai_budget_currency", "aiBudget.currency"),
    ("ai_disclosures", "aiDisclosures"),
    ("time_zone", "timeZone"),
    ("formal_address", "formalAddress"),
    ("unassigned_visible", "unassignedVisible"),
    ("retention_days", "retentionDays"),
    ("trusted_forwarders", "trustedForwarders"),
    ("follow_ups", "followUps"),
];

/// A page of changes to settings and facts, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn settings_history(conn: &mut TenantConn, page: PageRequest) -> Result<Page<SettingsChange>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* tenants.settings_history */
         SELECT id, at, actor, actor_id, user_id, entity, entity_id, coalesce(before, '{}') AS "before!", coalesce(after, '{}') AS "after!"
         FROM audit_events
         WHERE tenant_id = $1 AND entity IN ('tenants', 'tenant_facts')
           AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3::uuid))
         ORDER BY at DESC, id DESC LIMIT $4"#,
        conn.tenant().0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let changes = rows
        .into_iter()
        .map(|row| {
            let fact = (row.entity == "tenant_facts").then_some(row.entity_id);
            SettingsChange {
                id: row.id,
                at: row.at,
                actor: row.actor,
                actor_id: row.actor_id,
                user_id: row.user_id,
                fields: fields(fact, &row.before, &row.after),
            }
        })
        .collect();
    Ok(page.page(changes, |change| Cursor { at: change.at, id: change.id }))
}

/// The changed fields, by name.
fn fields(fact: Option<Uuid>, before: &Value, after: &Value) -> Vec<SettingChange> {
    let columns = [before, after].into_iter().filter_map(Value::as_object).flat_map(|row| row.keys());
    let mut columns: Vec<&String> = columns.filter(|column| *column != "id").collect();
    columns.sort_unstable();
    columns.dedup();
    columns
        .into_iter()
        .map(|column| SettingChange {
            field: match fact {
                Some(id) => format!("facts.{id}.{column}"),
                None => named(column),
            },
            from: shown(column, before.get(column)),
            to: shown(column, after.get(column)),
        })
        .collect()
}

fn named(column: &str) -> String {
    FIELDS.iter().find(|(name, _)| *name == column).map_or(column, |(_, field)| field).to_owned()
}

/// As the settings show it: times of day are no numbers there.
fn shown(column: &str, value: Option<&Value>) -> Value {
    match value {
        None => Value::Null,
        Some(value) if column.ends_with("_minute") => {
            match value.as_i64().and_then(|minute| i16::try_from(minute).ok()) {
                Some(minute) => Value::String(WallClock(minute).to_string()),
                None => value.clone(),
            }
        }
        Some(value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_told_in_the_words_of_the_settings() {
        let changed = fields(
            None,
            &json!({"viewing_from_minute": 540, "name": "A"}),
            &json!({"viewing_from_minute": 600, "zip": "1010"}),
        );
        let told: Vec<_> = changed.iter().map(|change| (change.field.as_str(), &change.from, &change.to)).collect();
        let expected = [
            ("name", &json!("A"), &Value::Null),
            ("viewings.from", &json!("09:00"), &json!("10:00")),
            ("address.zip", &Value::Null, &json!("1010")),
        ];
        assert_eq!(told, expected);
    }
}
