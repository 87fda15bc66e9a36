//! Telling administrators, once a month each, that engines have cost most of what they may, and all of it.

use serde_json::json;

use crate::app::App;
use crate::db::TenantConn;
use crate::domain::budget;
use crate::domain::tasks::{self, NewAlarm, TaskKind};
use crate::domain::tenants::Tenant;
use crate::jobs::JobError;

/// Percent of the limit at which they are told.
const MARKS: [i64; 2] = [80, 100];

/// Looks where the month stands, in the transaction that wrote calls down. Two processes that pass a mark at once tell of it
/// once: the task is what counts, and it is raised once for every month and mark.
pub(super) async fn look(conn: &mut TenantConn, app: &App, tenant: &Tenant) -> Result<(), JobError> {
    let Some(limit) = tenant.ai_budget().filter(|limit| limit.cents > 0) else { return Ok(()) };
    let spent = budget::spent(conn, tenant).await?;
    let whole = limit.cents.saturating_mul(budget::MICRO_CENTS);
    let month = tenant.zone().to_datetime(conn.now().0).strftime("%Y-%m").to_string();
    for mark in MARKS {
        if spent < whole / 100 * mark {
            continue;
        }
        let german = if mark < 100 {
            format!("Das KI-Budget dieses Monats ist zu {mark} % verbraucht.")
        } else {
            "Das KI-Budget dieses Monats ist verbraucht. Bis zum Monatsende antwortet das eingebaute System.".to_owned()
        };
        let english = if mark < 100 {
            format!("{mark} % of this month's AI budget is spent.")
        } else {
            "This month's AI budget is spent. The built-in engine answers until the month is over.".to_owned()
        };
        let alarm = NewAlarm {
            kind: TaskKind::AiBudget,
            subject: format!("{month}/{mark}"),
            title: german.clone(),
            details: json!({
                "month": month,
                "percent": mark,
                "limitCents": limit.cents,
                "currency": limit.currency,
                "de": german,
                "en": english,
            }),
        };
        if tasks::alarm_once(conn, &alarm).await? {
            let of = format!("{:.2} {}", cents(limit.cents), limit.currency);
            let (german_body, english_body) = (
                format!("Guten Tag,\n\n{german}\n\nLimit: {of}. Es kann in den Einstellungen geändert werden."),
                format!("Hello,\n\n{english}\n\nLimit: {of}. It can be changed in the settings."),
            );
            let parts = (&*app.settings, &app.templates);
            tasks::to_admins(conn, parts, tenant, (&german, &german_body), (&english, &english_body))
                .await
                .map_err(anyhow::Error::from)?;
        }
    }
    Ok(())
}

/// Whole units of a currency, for people.
fn cents(cents: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no limit is that large")]
    let cents = cents as f64;
    cents / 100.0
}
