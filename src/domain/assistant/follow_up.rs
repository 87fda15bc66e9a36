//! Asking again who did not answer.
//!
//! Always true: whether it still should be is looked at with the lead locked, in the transaction that queues the mail,
//! ends the step and plans the next one; so a process that dies leaves the step waiting, and no step is done twice. The
//! words are templates (`templates/follow_ups`), other ones for each mail; nothing in them is anybody's claim.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::resolve::framed;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Answer, Origin};
use crate::domain::leads::follow_ups::{self, FollowUpStep};
use crate::domain::leads::{self, Actor, Automation, FollowUpStop, Lead, LeadId, Status, Trigger, Viewer};
use crate::domain::properties::{self, Property};
use crate::domain::tenants::{self, Tenant};
use crate::domain::users::{self, User};
use crate::domain::viewings;
use crate::ids::{TenantId, new_id};
use crate::jobs::{Job, JobError};
use crate::links::{LinkError, UnsubscribeLink};

/// How long the link in a mail ends follow-ups, days: mails are found again late.
const LINK_DAYS: i64 = 400;

/// Job `assistant.follow_up`: carries out one step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FollowUp {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Step.
    pub follow_up_id: Uuid,
}

impl Job for FollowUp {
    const NAME: &'static str = "assistant.follow_up";
    const ATTEMPTS: i16 = 5;

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(lead) = follow_ups::lead_of(&mut conn, self.follow_up_id).await? else { return Ok(()) };
        let Some(mut lead) = leads::lock(&mut conn, lead, Viewer::SYSTEM).await? else { return Ok(()) };
        // Done by an attempt whose end the queue never heard of, or stopped meanwhile.
        let Some(step) = follow_ups::lock_due(&mut conn, self.follow_up_id).await? else { return Ok(()) };
        let tenant = tenants::current(&mut conn).await?;
        let property = match lead.property_id {
            Some(id) => properties::find(&mut conn, id).await?,
            None => None,
        };
        if let Some(why) = obstacle(&mut conn, &tenant, &lead, property.as_ref(), &step).await? {
            follow_ups::stop(&mut conn, lead.id, why).await?;
        } else if step.closes {
            follow_ups::finish(&mut conn, step.id, None).await?;
            let by = (Actor::System, None);
            leads::record(&mut conn, &mut lead, Trigger::WentSilent, by, Some("no answer after the last follow-up"))
                .await
                .map_err(anyhow::Error::from)?;
        } else if let Some(end) = tenant.quiet_hours().and_then(|hours| hours.end(conn.now(), &tenant.zone())) {
            follow_ups::postpone(&mut conn, step.id, end).await?;
        } else {
            write(&mut conn, app, &tenant, &lead, property.as_ref(), &step).await?;
        }
        Ok(conn.commit().await?)
    }

    /// Tomorrow is another day: the step stays, and the log says why it was not done.
    async fn give_up(&self, app: &App, error: &JobError) -> Result<(), JobError> {
        tracing::error!(tenant = %self.tenant_id, step = %self.follow_up_id, %error, "a follow-up is put off by a day");
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let tomorrow = Timestamp(conn.now().0 + SignedDuration::from_hours(24));
        follow_ups::postpone(&mut conn, self.follow_up_id, tomorrow).await?;
        Ok(conn.commit().await?)
    }
}

/// What has become of the plan since it was made.
async fn obstacle(
    conn: &mut TenantConn,
    tenant: &Tenant,
    lead: &Lead,
    property: Option<&Property>,
    step: &FollowUpStep,
) -> Result<Option<FollowUpStop>, sqlx::Error> {
    let conversation = conversations::by_lead(conn, lead.id).await?;
    let stop = if tenants::is_suspended(conn).await? {
        FollowUpStop::Suspended
    } else if !tenant.follow_ups.enabled {
        FollowUpStop::SwitchedOff
    } else if conversation.is_none_or(|conversation| conversation.revision != step.revision) {
        FollowUpStop::Replied
    } else if !matches!(lead.status, Status::Contacted | Status::Conversation)
        || viewings::ahead(conn, lead.id).await?.is_some()
    {
        FollowUpStop::Booked
    } else if lead.automation != Automation::Active {
        FollowUpStop::Human
    } else if lead.email.is_none() {
        FollowUpStop::NoAddress
    } else if follow_ups::is_unsubscribed(conn, lead).await? {
        FollowUpStop::Unsubscribed
    } else if !step.closes && property.is_some_and(|property| !property.is_live()) {
        FollowUpStop::ListingGone
    } else {
        return Ok(None);
    };
    Ok(Some(stop))
}

/// What the templates in `templates/follow_ups` know.
#[derive(Serialize)]
struct Context<'a> {
    /// Which mail it is, from 1.
    number: i16,
    formal: bool,
    title: Option<&'a str>,
    /// The page to book a viewing, where there are any.
    link: Option<String>,
    unsubscribe: &'a str,
}

/// Queues the mail, ends the step and plans the next one.
async fn write(
    conn: &mut TenantConn,
    app: &App,
    tenant: &Tenant,
    lead: &Lead,
    property: Option<&Property>,
    step: &FollowUpStep,
) -> Result<(), JobError> {
    let conversation = conversations::open(conn, lead.id, &tenant.name).await?;
    let language = tenant.answer_language(lead.language.as_deref()).to_owned();
    let agent = match lead.assignee_id.or(property.and_then(|property| property.agent_id)) {
        Some(id) => users::find(conn, id).await?,
        None => None,
    };
    let link = match property {
        Some(property) if !viewings::free_slots(conn, tenant, property.id).await?.is_empty() => {
            Some(viewings::booking_link(&app.links, &app.settings, tenant.id, lead.id, conn.now()))
        }
        _ => None,
    };
    let unsubscribe = unsubscribe_link(app, tenant.id, lead.id, conn.now());
    let context = Context {
        number: step.number,
        formal: lead.formal_address.unwrap_or(tenant.formal_address),
        title: property.map(|property| property.title.as_str()),
        link,
        unsubscribe: &unsubscribe,
    };
    let words = app.templates.render(&format!("follow_ups/{language}.txt"), &context).map_err(anyhow::Error::from)?;
    let signed_by = agent.as_ref().map(User::name);
    let text = framed(app, lead, &paragraphs(&words), &language, tenant, signed_by.clone())
        .await
        .map_err(anyhow::Error::from)?;
    let answer = Answer {
        origin: Origin::FollowUp,
        user: None,
        signed_by,
        subject: None,
        text,
        citations: json!([]),
        language,
        revision: step.revision,
        calendar: None,
        delay: std::time::Duration::ZERO,
    };
    let parts = (&*app.settings, &app.templates);
    let message = conversations::queue_follow_up(conn, parts, tenant, lead, &conversation, answer, unsubscribe)
        .await
        .map_err(anyhow::Error::from)?;
    follow_ups::finish(conn, step.id, Some(message.0)).await?;
    if let Some((due_at, closes)) = tenant.follow_ups.next(step.number, step.base_at, conn.now(), &tenant.zone()) {
        let next = FollowUpStep { id: new_id(), number: step.number + 1, closes, due_at, ..step.clone() };
        follow_ups::plan(conn, &next).await?;
    }
    tracing::info!(tenant = %tenant.id, lead = %lead.id, number = step.number, "asked again");
    metrics::counter!("immivo_follow_ups_total").increment(1);
    Ok(())
}

/// One blank line between paragraphs, wherever a template left several.
fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn unsubscribe_link(app: &App, tenant: TenantId, lead: LeadId, now: Timestamp) -> String {
    let until = Timestamp(now.0 + SignedDuration::from_hours(24 * LINK_DAYS));
    let token = app.links.unsubscribe(UnsubscribeLink { tenant, lead: lead.0 }, until);
    format!("{}/p/unsubscribe/{token}", app.settings.http.public_url.trim_end_matches('/'))
}

/// Whoever opened a link to end follow-ups.
#[derive(Debug, Clone)]
pub struct Unsubscribing {
    /// The agency.
    pub tenant: Tenant,
    /// The language they write in.
    pub language: Option<String>,
    /// They are addressed formally.
    pub formal: bool,
}

/// Why a link does not work.
#[derive(Debug, thiserror::Error)]
pub enum UnsubscribeError {
    /// It is not good, or what it is about is gone.
    #[error("the link is not good")]
    Link,
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

impl From<LinkError> for UnsubscribeError {
    fn from(_: LinkError) -> Self {
        Self::Link
    }
}

/// Reads a link to end follow-ups and, if `really`, ends them: opening a link is no wish, because mail scanners open them
/// all. What was queued and has not gone out is withdrawn.
///
/// # Errors
/// [`UnsubscribeError`].
pub async fn unsubscribe(app: &App, token: &str, really: bool) -> Result<Unsubscribing, UnsubscribeError> {
    let link = app.links.read_unsubscribe(token, app.clock.now())?;
    let mut conn = match app.db.tenant(link.tenant).await {
        Err(sqlx::Error::RowNotFound) => return Err(UnsubscribeError::Link),
        opened => opened?,
    };
    let lead = leads::lock(&mut conn, LeadId(link.lead), Viewer::SYSTEM).await?.ok_or(UnsubscribeError::Link)?;
    let tenant = tenants::current(&mut conn).await?;
    if really {
        leads::follow_ups::unsubscribe(&mut conn, &lead).await?;
        if let Some(conversation) = conversations::by_lead(&mut conn, lead.id).await? {
            conversations::withdraw_follow_ups(&mut conn, lead.id, conversation.id).await?;
        }
        conn.commit().await?;
    }
    let formal = lead.formal_address.unwrap_or(tenant.formal_address);
    Ok(Unsubscribing { tenant, language: lead.language, formal })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Context, paragraphs};
    use crate::domain::tenants::LANGUAGES;
    use crate::templates::Templates;

    /// Each mail has words of its own in every language and form of address, with and without a listing and viewings.
    #[test]
    fn no_two_mails_say_the_same() {
        let templates = Templates::new().unwrap();
        for language in LANGUAGES {
            for (title, link) in [(Some("Altbau"), Some("https://x.test/v")), (Some("Altbau"), None), (None, None)] {
                let mut all = BTreeSet::new();
                for (number, formal) in [(1, true), (1, false), (2, true), (2, false), (3, true), (3, false)] {
                    let link = link.map(str::to_owned);
                    let context =
                        Context { number, formal, title, link: link.clone(), unsubscribe: "https://x.test/u" };
                    let text = paragraphs(&templates.render(&format!("follow_ups/{language}.txt"), &context).unwrap());
                    assert!(text.ends_with("https://x.test/u"), "{text}");
                    assert_eq!(text.contains("https://x.test/v"), link.is_some(), "{text}");
                    assert_eq!(text.contains("Altbau"), title.is_some(), "{text}");
                    assert!(!text.contains("  ") && !text.contains(" ,") && !text.contains("{{"), "{text}");
                    all.insert(text);
                }
                // English addresses everybody alike.
                assert_eq!(all.len(), if language == "en" { 3 } else { 6 }, "{language}: {all:?}");
            }
        }
    }
}
