//! Reading a stored mail and deciding what becomes of it.

use std::sync::Arc;

use portal_mail::{Class, Context, Understood};
use serde::{Deserialize, Serialize};

use super::attach::{self, Arrival, Outcome};
use super::authenticate::{self, Consequence, consequence};
use super::cause::{Cause, Why};
use super::files::{self, Kept};
use super::layouts::{self, RememberedLayout};
use super::model::{IntakeId, IntakeState};
use super::store::{self, Verdict};
use super::{blocks, radar, replies, trial};
use crate::app::App;
use crate::clock::Timestamp;
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
    /// The job of a mail that was just stored.
    pub(super) fn of(tenant_id: TenantId, intake_id: IntakeId) -> Self {
        Self { tenant_id, intake_id, asked: 0 }
    }

    /// The job of a mail that is read again, and its key: asked for twice, it is read once.
    pub(super) fn anew(tenant_id: TenantId, intake_id: IntakeId) -> (Self, String) {
        (Self::of(tenant_id, intake_id), format!("intake.process:{intake_id}"))
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

        let raw = Arc::new(raw);
        let reading = read(app, self.tenant_id, raw.clone(), context.clone());
        let (reading, findings) = tokio::join!(reading, authenticate::ask(app, &way, &raw));
        let reading = reading?;
        let understood = &reading.understood;
        let standing = findings
            .as_ref()
            .and_then(|findings| authenticate::standing(findings, understood, &context, &tenant.trusted_forwarders));
        let kept = files::keep(&*app.files, self.tenant_id, raw, &understood.mail.attachments).await?;

        let mut conn = app.db.tenant(self.tenant_id).await?;
        if store::lock(&mut conn, self.intake_id).await? != Some(IntakeState::Received) {
            return Ok(()); // read by an attempt whose end the queue never heard of, or sorted by a human meanwhile
        }
        if let Some(findings) = &findings {
            authenticate::write(&mut conn, self.intake_id, findings, standing.as_ref()).await?;
        }
        let is_test = trial::is_test(&mut conn, self.intake_id, understood).await?;
        let held = match consequence(app.settings.authentication(), standing.as_ref(), self.asked) {
            Consequence::Believe => None,
            // Whoever tries out an address waits for it.
            Consequence::AskAgain(_) if is_test => None,
            Consequence::Hold(reason) => Some(reason),
            Consequence::AskAgain(pause) => {
                let (job, key) = self.again();
                jobs::enqueue(&mut conn, &job, Placement::default().keyed(key).after(pause)).await?;
                conn.commit().await?;
                tracing::info!(tenant = %self.tenant_id, intake = %self.intake_id, "who sent a mail is asked again later");
                return Ok(());
            }
        };
        let state = match is_test {
            true => note_test(&mut conn, self.intake_id, understood, &kept).await?,
            false => decide(&mut conn, self.intake_id, &reading, &kept, held).await?,
        };
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
            let why = Why::about(Cause::CouldNotBeRead, error.to_string());
            store::write_state(&mut conn, self.intake_id, IntakeState::Tray, &why, None).await?;
            conn.commit().await?;
        }
        Ok(())
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A mail as it was read: by the readers of all, and by what this agency has explained.
pub(super) struct Reading {
    pub(super) understood: Understood,
    /// A layout is remembered for the sender, and the mail does not look like it.
    is_new_to_layouts: bool,
    /// One of the agency's people sent it on.
    is_sent_on: bool,
}

impl Reading {
    /// Reads it; takes as long as the mail is large.
    pub(super) fn of(raw: &[u8], context: &Context, layouts: &[RememberedLayout]) -> Self {
        let mut understood = portal_mail::understand(raw, context);
        let is_new_to_layouts = !layouts::read_by(layouts, raw, context, &mut understood);
        let is_sent_on = understood.mail.from.as_ref().is_some_and(|from| context.is_team(&from.address));
        Self { understood, is_new_to_layouts, is_sent_on }
    }

    /// The mail at the door.
    pub(super) fn arrival(&self, id: IntakeId, at: Timestamp) -> Arrival {
        Arrival { id, at, is_sent_on: self.is_sent_on }
    }
}

/// Reads a mail as its agency reads it. No transaction is open while it is read, and a mail of many megabytes takes a while:
/// other tasks of this thread do not wait for it. Layouts are asked for only where one of this sender could help.
pub(super) async fn read(app: &App, tenant: TenantId, raw: Arc<Vec<u8>>, context: Context) -> anyhow::Result<Reading> {
    let (bytes, known) = (raw.clone(), context.clone());
    let mut reading = tokio::task::spawn_blocking(move || Reading::of(&bytes, &known, &[])).await?;
    let Some(sender) = layouts::asked_of(&reading.understood) else { return Ok(reading) };
    let layouts = layouts::of_sender(&mut app.db.tenant(tenant).await?, &sender).await?;
    if layouts.is_empty() {
        return Ok(reading);
    }
    let reading = tokio::task::spawn_blocking(move || {
        reading.is_new_to_layouts = !layouts::read_by(&layouts, &raw, &context, &mut reading.understood);
        reading
    });
    Ok(reading.await?)
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

/// A test mail becomes no lead.
async fn note_test(
    conn: &mut TenantConn,
    id: IntakeId,
    understood: &Understood,
    kept: &Kept,
) -> Result<IntakeState, JobError> {
    store::write_attachments(conn, id, &understood.mail.attachments, kept).await?;
    let why = Why::from(Cause::TestMail);
    let mut verdict = verdict(understood);
    verdict.reasons.push(why.english());
    verdict.why = Some(why);
    store::write_verdict(conn, id, IntakeState::Ignored, &verdict).await?;
    Ok(IntakeState::Ignored)
}

async fn decide(
    conn: &mut TenantConn,
    id: IntakeId,
    reading: &Reading,
    kept: &Kept,
    held: Option<String>,
) -> Result<IntakeState, JobError> {
    let understood = &reading.understood;
    let mut verdict = verdict(understood);
    store::write_attachments(conn, id, &understood.mail.attachments, kept).await?;
    let at = store::received_at(conn, id).await?;
    let outcome = match (&verdict.message_id, &verdict.parsed) {
        // The same mail by two ways (To and Cc, two inboxes) differs in its trace headers only.
        (Some(message_id), Some(parsed))
            if !understood.leads.is_empty() && store::is_copy(conn, id, message_id, parsed).await? =>
        {
            Outcome::duplicate(Cause::CopyOfMail)
        }
        _ => sort(conn, reading, reading.arrival(id, at), held).await?,
    };
    if let (IntakeState::Done | IntakeState::Duplicate, Class::Lead, Some(portal)) =
        (outcome.state, understood.class, understood.portal)
    {
        radar::heard_from(conn, portal.as_str(), at).await?;
    }
    verdict.reasons.extend(outcome.why.as_ref().map(|why| storable(&why.english())));
    verdict.why = outcome.why;
    store::write_verdict(conn, id, outcome.state, &verdict).await?;
    Ok(outcome.state)
}

async fn sort(
    conn: &mut TenantConn,
    reading: &Reading,
    arrival: Arrival,
    held: Option<String>,
) -> Result<Outcome, JobError> {
    let understood = &reading.understood;
    if blocks::names_only_blocked(conn, understood).await? {
        return Ok(Outcome::ignored(Cause::SenderBlocked));
    }
    if let (Class::Lead | Class::Reply, Some(reason)) = (understood.class, held) {
        return Ok(Outcome::tray(Why::about(Cause::SenderNotProven, reason)));
    }
    let outcome = match understood.class {
        Class::Lead => attach::enquiries(conn, arrival, understood).await?,
        Class::Reply => replies::reply(conn, arrival.id, understood).await?,
        Class::Bounce => replies::bounce(conn, understood).await?,
        Class::AutoReply => Outcome::ignored(Cause::AutomaticAnswer),
        Class::Noise => Outcome::ignored(Cause::NobodyEnquires),
        Class::Spam => Outcome::ignored(Cause::Junk),
        Class::Unknown => Outcome::tray(Cause::NotUnderstood),
    };
    let is_unread =
        outcome.why.as_ref().is_some_and(|why| [Cause::NotUnderstood, Cause::NobodyToAnswer].contains(&why.cause));
    Ok(if is_unread && reading.is_new_to_layouts { Outcome::tray(Cause::LayoutNoLongerFits) } else { outcome })
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
        filled: understood.leads.first().map(radar::filled),
        why: None,
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
