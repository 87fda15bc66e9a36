//! Reading a stored mail and deciding what becomes of it.

use std::sync::Arc;

use portal_mail::{Class, Context, Understood};
use serde::{Deserialize, Serialize};

use super::attach::{self, Outcome};
use super::authenticate::{self, Consequence, consequence};
use super::files::{self, Kept};
use super::model::{IntakeId, IntakeState};
use super::replies;
use super::store::{self, Verdict};
use super::trial;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::tenants::{self, Tenant};
use crate::domain::users;
use crate::ids::TenantId;
use crate::jobs::{self, Job, JobError, Placement};
use crate::telemetry::masked;

/// Job `intake.process`: reads one stored mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Mail.
    pub intake_id: IntakeId,
    /// How often name servers were asked about its sender and did not answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub asked: usize,
}

impl Process {
    /// The job of a mail that was just stored, and its key.
    pub(super) fn first(tenant_id: TenantId, intake_id: IntakeId) -> (Self, String) {
        (Self { tenant_id, intake_id, asked: 0 }, format!("intake.process:{intake_id}"))
    }

    /// The job that asks again, and its key: another one than this job's, which still runs.
    fn again(&self) -> (Self, String) {
        let asked = self.asked + 1;
        (Self { asked, ..self.clone() }, format!("intake.process:{}:{asked}", self.intake_id))
    }
}

impl Job for Process {
    const NAME: &'static str = "intake.process";
    const ATTEMPTS: i16 = 5;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let tenant = tenants::current(&mut conn).await?;
        let context = context(&mut conn, &tenant, &app.settings.smtp.intake_domain).await?;
        let Some(raw) = store::raw(&mut conn, self.intake_id).await? else { return Ok(()) };
        let Some(way) = authenticate::way(&mut conn, self.intake_id).await? else { return Ok(()) };
        drop(conn);

        // A mail of many megabytes takes a while to read; other tasks of this thread should not wait for it.
        let raw = Arc::new(raw);
        let (reading, known) = (raw.clone(), context.clone());
        let reading = tokio::task::spawn_blocking(move || portal_mail::understand(&reading, &known));
        let (understood, findings) = tokio::join!(reading, authenticate::ask(app, &way, &raw));
        let understood = understood.map_err(anyhow::Error::from)?;
        let standing = findings
            .as_ref()
            .and_then(|findings| authenticate::standing(findings, &understood, &context, &tenant.trusted_forwarders));
        let kept = files::keep(&*app.files, self.tenant_id, raw, &understood.mail.attachments).await?;

        let mut conn = app.db.tenant(self.tenant_id).await?;
        if store::lock(&mut conn, self.intake_id).await? != Some(IntakeState::Received) {
            return Ok(()); // read by an attempt whose end the queue never heard of, or sorted by a human meanwhile
        }
        if let Some(findings) = &findings {
            authenticate::write(&mut conn, self.intake_id, findings, standing.as_ref()).await?;
        }
        let held = match consequence(app.settings.authentication(), standing.as_ref(), self.asked) {
            Consequence::Believe => None,
            Consequence::Hold(reason) => Some(reason),
            Consequence::AskAgain(pause) => {
                let (job, key) = self.again();
                jobs::enqueue(&mut conn, &job, Placement::default().keyed(key).after(pause)).await?;
                conn.commit().await?;
                tracing::info!(tenant = %self.tenant_id, intake = %self.intake_id, "who sent a mail is asked again later");
                return Ok(());
            }
        };
        let state = decide(&mut conn, self.intake_id, &understood, &kept, held).await?;
        conn.commit().await?;
        metrics::counter!("immivo_intake_total", "state" => state.as_str(), "class" => class_name(understood.class))
            .increment(1);
        tracing::info!(
            tenant = %self.tenant_id,
            intake = %self.intake_id,
            class = class_name(understood.class),
            state = %state,
            sender = understood.mail.from.as_ref().map(|from| masked(&from.address)),
            "mail read"
        );
        Ok(())
    }

    async fn give_up(&self, app: &App, error: &JobError) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        if store::lock(&mut conn, self.intake_id).await? == Some(IntakeState::Received) {
            let reason = format!("could not be read: {error}");
            store::write_state(&mut conn, self.intake_id, IntakeState::Tray, &reason, None).await?;
            conn.commit().await?;
        }
        Ok(())
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What the reader has to know of the tenant.
pub(super) async fn context(
    conn: &mut TenantConn,
    tenant: &Tenant,
    intake_domain: &str,
) -> Result<Context, sqlx::Error> {
    let mut team: Vec<String> = users::list(conn).await?.into_iter().map(|user| user.email).collect();
    team.push(tenant.mail_from_address.to_lowercase());
    team.push(format!("{}@{}", tenant.intake_prefix, intake_domain.to_lowercase()));
    Ok(Context { country: assistant::region(tenant.country), team })
}

async fn decide(
    conn: &mut TenantConn,
    id: IntakeId,
    understood: &Understood,
    kept: &Kept,
    held: Option<String>,
) -> Result<IntakeState, JobError> {
    let mut verdict = verdict(understood);
    store::write_attachments(conn, id, &understood.mail.attachments, kept).await?;
    if trial::is_test(conn, id, understood).await? {
        verdict.reasons.push("test mail".to_owned());
        store::write_verdict(conn, id, IntakeState::Ignored, &verdict).await?;
        return Ok(IntakeState::Ignored);
    }
    // The same mail by two ways (To and Cc, two inboxes) differs in its trace headers only.
    if let (Some(message_id), Some(parsed)) = (&verdict.message_id, &verdict.parsed)
        && !understood.leads.is_empty()
        && store::is_copy(conn, id, message_id, parsed).await?
    {
        verdict.reasons.push("a copy of a mail that was read already".to_owned());
        store::write_verdict(conn, id, IntakeState::Duplicate, &verdict).await?;
        return Ok(IntakeState::Duplicate);
    }
    let outcome = match understood.class {
        Class::Lead | Class::Reply if held.is_some() => Outcome { state: IntakeState::Tray, reason: held },
        Class::Lead => attach::enquiries(conn, id, understood).await?,
        Class::Reply => replies::reply(conn, id, understood).await?,
        Class::Bounce => replies::bounce(conn, understood).await?,
        Class::AutoReply => Outcome::ignored("an automatic answer is not answered"),
        Class::Noise => Outcome::ignored("nobody enquires here"),
        Class::Spam => Outcome::ignored("junk"),
        Class::Unknown => Outcome::tray("not clear what this is"),
    };
    verdict.reasons.extend(outcome.reason);
    store::write_verdict(conn, id, outcome.state, &verdict).await?;
    Ok(outcome.state)
}

/// What is kept of what was understood.
pub(super) fn verdict(understood: &Understood) -> Verdict {
    let mail = &understood.mail;
    // Income and the like stay out: they are kept apart, with the lead (`lead_disclosures`).
    let leads: Vec<portal_mail::LeadDraft> =
        understood.leads.iter().cloned().map(|lead| portal_mail::LeadDraft { self_disclosure: None, ..lead }).collect();
    let parsed = serde_json::to_string(&leads).ok().map(|text| text.replace("\\u0000", ""));
    Verdict {
        class: Some(class_name(understood.class).to_owned()),
        portal: understood.portal.map(|portal| portal.as_str().to_owned()),
        adapter: understood.adapter.as_ref().map(|adapter| adapter.0.clone()),
        subject: mail.subject.as_deref().map(storable),
        sender: mail.from.as_ref().map(|from| storable(&from.address)),
        language: mail.language.map(attach::code_of).map(str::to_owned),
        message_id: mail.message_id.as_deref().map(storable),
        parsed: parsed.and_then(|text| serde_json::from_str(&text).ok()),
        reasons: understood.reasons.iter().map(|reason| storable(reason)).collect(),
    }
}

/// PostgreSQL's `text` holds every character but one.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// The class in the words of `immivo parse`.
fn class_name(class: Class) -> &'static str {
    match class {
        Class::Lead => "lead",
        Class::Reply => "reply",
        Class::AutoReply => "auto_reply",
        Class::Bounce => "bounce",
        Class::Noise => "noise",
        Class::Spam => "spam",
        Class::Unknown => "unknown",
    }
}
