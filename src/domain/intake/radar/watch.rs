//! The nightly look at the portals, and the alarms.
//!
//! An alarm comes once: a silence is known by when it began, so an administrator who has settled its task is not told of the
//! same one again; a missing field is not told again while the window that showed it is looked at.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rule::{self, LATELY, PAST};
use super::store::{self, Habit, Telling};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::tasks::{self, NewAlarm, TaskKind};
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::jobs::{Job, JobError, NightlyJob};

/// Job `intake.radar`: has every tenant's portals looked at.
#[derive(Debug, Clone, Copy)]
pub struct Nightly;

impl NightlyJob for Nightly {
    const NAME: &'static str = "intake.radar";
    const AT: (u32, u32) = (4, 30);

    async fn run(app: &App) -> Result<(), JobError> {
        Ok(tenants::enqueue_for_all(&app.db, |tenant_id| WatchPortals { tenant_id }).await?)
    }
}

/// Job `intake.watch_portals`: looks at one tenant's portals.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchPortals {
    /// Tenant.
    pub tenant_id: TenantId,
}

impl Job for WatchPortals {
    const NAME: &'static str = "intake.watch_portals";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        for habit in store::habits(&mut conn).await? {
            silence(&mut conn, &habit).await?;
        }
        for telling in store::tellings(&mut conn).await? {
            field(&mut conn, &telling).await?;
        }
        Ok(conn.commit().await?)
    }

    /// The worker has written that it was given up; the next night looks again.
    async fn give_up(&self, _app: &App, _error: &JobError) -> Result<(), JobError> {
        Ok(())
    }
}

async fn silence(conn: &mut TenantConn, habit: &Habit) -> Result<(), sqlx::Error> {
    let portal = &habit.portal;
    let silence = conn.now().0.duration_since(habit.last_at.0);
    if !rule::is_quiet(habit.before, silence) {
        return tasks::settle_about(conn, TaskKind::PortalQuiet, portal).await;
    }
    let since = json!(habit.last_at);
    let told = tasks::last_about(conn, TaskKind::PortalQuiet, portal).await?;
    if told.is_some_and(|task| task.details["since"] == since) {
        return Ok(());
    }
    let days = silence.as_hours() / 24;
    let alarm = NewAlarm {
        kind: TaskKind::PortalQuiet,
        subject: portal.clone(),
        title: format!("{portal}: seit {days} Tagen keine Anfrage"),
        details: json!({
            "portal": portal,
            "since": since,
            "enquiriesIn28DaysBefore": habit.before,
            "de": format!("{portal} schickte zuvor {} Anfragen in 28 Tagen und seit {days} Tagen keine. Prüfen Sie beim Portal, wohin Anfragen gehen, und die Weiterleitung.", habit.before),
            "en": format!("{portal} had sent {} enquiries in 28 days, and none for {days} days. Check at the portal where enquiries go, and the forwarding.", habit.before),
        }),
    };
    tasks::alarm(conn, &alarm).await
}

async fn field(conn: &mut TenantConn, telling: &Telling) -> Result<(), sqlx::Error> {
    let (portal, field) = (&telling.portal, telling.field);
    let subject = format!("{portal}/{field}");
    let told = tasks::last_about(conn, TaskKind::PortalFieldMissing, &subject).await?;
    if let Some(task) = &told
        && rule::has_recovered(task.details["rateBefore"].as_f64().unwrap_or(1.0), telling.lately)
    {
        return tasks::settle_about(conn, TaskKind::PortalFieldMissing, &subject).await;
    }
    let is_known = told.is_some_and(|task| conn.now().0.duration_since(task.created_at.0) < LATELY + PAST);
    if is_known || !rule::has_dropped(telling.before, telling.lately) {
        return Ok(());
    }
    let (before, lately) = (telling.before.rate(), telling.lately.rate());
    let (was, is) = ((before * 100.0).round(), (lately * 100.0).round());
    let alarm = NewAlarm {
        kind: TaskKind::PortalFieldMissing,
        subject,
        title: format!("{portal}: {} fehlt immer öfter", german(field)),
        details: json!({
            "portal": portal,
            "field": field,
            "rateBefore": before,
            "rateLately": lately,
            "de": format!("In Anfragen von {portal} stand das Feld „{}“ zuvor in {was} % der Mails, in den letzten 7 Tagen in {is} %. Wahrscheinlich hat das Portal seine Mails geändert.", german(field)),
            "en": format!("Enquiries of {portal} told the field \"{field}\" in {was} % of the mails before, and in {is} % in the last 7 days. The portal has probably changed its mails."),
        }),
    };
    tasks::alarm(conn, &alarm).await
}

fn german(field: &str) -> &str {
    match field {
        "email" => "E-Mail-Adresse",
        "phone" => "Telefonnummer",
        "firstName" => "Vorname",
        "lastName" => "Nachname",
        "message" => "Nachricht",
        "reference" => "Objektangabe",
        other => other,
    }
}
