//! Everything an answer is made from, read in one transaction.

use llm::{AnswerKind, AnswerRequest, DayPart, Fact, Language, SlotOffer, UnderstandRequest, Understanding, WishedDay};

use super::engines::Calls;
use super::verdict::Day;
use super::{brake, facts};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::budget;
use crate::domain::conversations::{self, Conversation, Direction, Message};
use crate::domain::knowledge::{self, Question};
use crate::domain::leads::{self, Lead, LeadId, Salutation, Viewer};
use crate::domain::learning;
use crate::domain::properties::{self, Property};
use crate::domain::tenants::{self, Tenant};
use crate::domain::users::{self, User};
use crate::domain::viewings::{self, Appointment, Fit, OFFERED, Slot, slots::Wish};

/// How many pieces of the listing's text and of documents go with a question.
const PIECES: i64 = 4;
/// How many rewritten answers go with a question.
const EXAMPLES: i64 = 3;
/// Most sentences of them.
const SENTENCES: usize = 24;

/// What an answer is made from.
#[derive(Debug, Clone)]
pub(super) struct Material {
    pub(super) tenant: Tenant,
    pub(super) lead: Lead,
    pub(super) conversation: Conversation,
    /// What nobody has answered yet, oldest first.
    pub(super) open: Vec<Message>,
    /// Nothing was answered before.
    pub(super) first: bool,
    pub(super) property: Option<Property>,
    pub(super) agent: Option<User>,
    pub(super) facts: Vec<Fact>,
    /// How the agency rewrote answers to questions like this one.
    pub(super) examples: Vec<llm::Example>,
    /// Every viewing on the booking page.
    pub(super) slots: Vec<Slot>,
    /// The viewing the prospect holds, if it is still to come.
    pub(super) held: Option<Appointment>,
    /// Of the times the prospect named (the one they hold apart), those that can be booked, in their order.
    pub(super) wishes: Vec<Timestamp>,
    /// The first of them would be a time for viewings, but the agent has none then.
    pub(super) taken: bool,
    pub(super) booking_link: Option<String>,
    /// What the day has brought so far.
    pub(super) day: Day,
    /// Whether viewings may be offered today.
    pub(super) offers: bool,
    /// Language engines have cost this month what they may.
    pub(super) budget_spent: bool,
    pub(super) now: Timestamp,
}

/// Reads it. `None` when there is nothing to answer.
pub(super) async fn collect(conn: &mut TenantConn, app: &App, lead: LeadId) -> Result<Option<Material>, sqlx::Error> {
    read(conn, app, lead, false).await
}

/// The same, as if what the system itself said to the newest message had not been said.
pub(super) async fn collect_again(
    conn: &mut TenantConn,
    app: &App,
    lead: LeadId,
) -> Result<Option<Material>, sqlx::Error> {
    read(conn, app, lead, true).await
}

async fn read(conn: &mut TenantConn, app: &App, lead: LeadId, again: bool) -> Result<Option<Material>, sqlx::Error> {
    let Some(lead) = leads::find(conn, lead, Viewer::SYSTEM).await? else { return Ok(None) };
    let Some(conversation) = conversations::by_lead(conn, lead.id).await? else { return Ok(None) };
    let open = if again {
        conversations::open_but_acknowledged(conn, &conversation).await?
    } else {
        conversations::open_messages_since(conn, conversation.id).await?
    };
    if open.is_empty() {
        return Ok(None);
    }
    let first = !conversations::messages(conn, conversation.id)
        .await?
        .iter()
        .any(|message| message.direction == Direction::Outbound && message.sent_at.is_some());
    let tenant = tenants::current(conn).await?;
    let property = match lead.property_id {
        Some(id) => properties::find(conn, id).await?,
        None => None,
    };
    let agent = match lead.assignee_id.or(property.as_ref().and_then(|property| property.agent_id)) {
        Some(id) => users::find(conn, id).await?,
        None => None,
    };
    let mut known = property.as_ref().map(facts::of_property).unwrap_or_default();
    if let Some(property) = &property {
        known.extend(facts::learned(&properties::facts(conn, property.id).await?));
    }
    known.extend(facts::of_tenant(&tenants::facts(conn).await?));
    let mut slots = match &property {
        Some(property) => viewings::free_slots(conn, &tenant, property.id).await?,
        None => Vec::new(),
    };
    let held = viewings::ahead(conn, lead.id).await?;
    slots.retain(|slot| held.as_ref().is_none_or(|held| held.starts_at != slot.start));
    let booking_link =
        (!slots.is_empty()).then(|| viewings::booking_link(&app.links, &app.settings, tenant.id, lead.id, conn.now()));
    let day = brake::day(conn, &tenant, &lead).await?;
    let budget_spent = budget::is_spent(conn, &tenant).await?;
    let now = conn.now();
    Ok(Some(Material {
        tenant,
        lead,
        conversation,
        open,
        first,
        property,
        agent,
        facts: known,
        examples: Vec::new(),
        slots,
        held,
        wishes: Vec::new(),
        taken: false,
        booking_link,
        day,
        offers: true,
        budget_spent,
        now,
    }))
}

impl Material {
    /// The request to understand what nobody has answered yet.
    pub(super) fn to_understand(&self) -> UnderstandRequest {
        UnderstandRequest {
            subject: self.open.last().map(|message| message.subject.clone()),
            text: self.text(),
            now: self.now.0,
            zone: self.tenant.zone(),
            language_hint: self.lead.language.as_deref().and_then(language),
            first_contact: self.first,
        }
    }

    /// What the prospect wrote and nobody has answered yet.
    pub(super) fn text(&self) -> String {
        self.open.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }

    /// The times the prospect named, but for the one of the viewing they hold.
    pub(super) fn wished(&self, understanding: &Understanding) -> Vec<Timestamp> {
        let held = self.held.as_ref().map(|held| held.starts_at);
        understanding.wished_times.iter().copied().map(Timestamp).filter(|time| Some(*time) != held).collect()
    }

    /// Finds out which of the times the prospect named can be booked.
    pub(super) async fn check_wishes(&mut self, app: &App, understanding: &Understanding) -> Result<(), sqlx::Error> {
        let wished = self.wished(understanding);
        // A viewing there is moves at its own listing.
        let property = self.held.as_ref().map(|held| held.property_id).or(self.lead.property_id);
        let Some(property) = property.filter(|_| !wished.is_empty()) else { return Ok(()) };
        let mut conn = app.db.tenant(self.tenant.id).await?;
        let fits = viewings::fits(&mut conn, &self.tenant, property, self.held.as_ref(), &wished).await?;
        self.wishes = fits.iter().filter(|(_, fit)| *fit == Fit::Free).map(|(time, _)| *time).collect();
        self.taken = fits.first().is_some_and(|(_, fit)| *fit == Fit::Taken);
        Ok(())
    }

    /// Adds what the listing's own text, its documents and the agency's say about the questions. Without it (the engine is
    /// down, nothing is indexed yet) the fields are the facts there are. What was written with anybody is no fact.
    pub(super) async fn look_up(
        &mut self,
        app: &App,
        calls: &mut Calls,
        understanding: &Understanding,
    ) -> Result<(), sqlx::Error> {
        let Some(property) = &self.property else { return Ok(()) };
        let questions: Vec<&str> = understanding.topics.iter().map(|question| question.excerpt.as_str()).collect();
        if questions.is_empty() {
            return Ok(());
        }
        // Where the budget is spent, listings are indexed by the built-in engine as well.
        let engine = if self.budget_spent { &app.fallback } else { &app.engine };
        let text = questions.join(" ");
        let vector = match engine.embed(std::slice::from_ref(&text)).await {
            Ok((vectors, usage)) => {
                let model = usage.model.clone();
                calls.note("embed", usage, "ok");
                vectors.into_iter().next().map(|vector| (vector, model))
            }
            Err(error) => {
                tracing::warn!(%error, "texts are searched by their words only");
                None
            }
        };
        let mut conn = app.db.tenant(self.tenant.id).await?;
        let pieces = knowledge::of_property(&mut conn, property.id, &Question { text, vector }, PIECES).await?;
        self.facts.extend(facts::of_texts(&pieces, SENTENCES));
        Ok(())
    }

    /// Adds how the agency rewrote answers to questions like this one. Only engines that word letters themselves look at it.
    pub(super) async fn look_at_edits(&mut self, app: &App, understanding: &Understanding) -> Result<(), sqlx::Error> {
        if app.engine.name() == app.fallback.name() {
            return Ok(());
        }
        let Ok((mut vectors, _)) = app.fallback.embed(&[self.text()]).await else { return Ok(()) };
        let Some(vector) = vectors.pop() else { return Ok(()) };
        let mut conn = app.db.tenant(self.tenant.id).await?;
        let language = self.answer_language(understanding.language).code();
        let edits = learning::nearest_edits(&mut conn, language, vector, EXAMPLES).await?;
        self.examples = edits
            .into_iter()
            .map(|edit| llm::Example { question: edit.question, before: edit.before, after: edit.after })
            .collect();
        Ok(())
    }

    /// The request to answer it.
    pub(super) fn to_answer(&self, kind: AnswerKind, understanding: &Understanding, slots: &[Slot]) -> AnswerRequest {
        let full = !self.offers;
        AnswerRequest {
            kind,
            language: self.answer_language(understanding.language),
            formal: self.lead.formal_address.or(understanding.formal).unwrap_or(self.tenant.formal_address),
            salutation: self.lead.salutation.map(salutation),
            last_name: self.lead.last_name.clone(),
            first_name: self.lead.first_name.clone(),
            understanding: understanding.clone(),
            prospect_text: self.text(),
            property_title: self.property.as_ref().map(|property| property.title.clone()),
            facts: self.facts.clone(),
            examples: self.examples.clone(),
            slots: slots
                .iter()
                .enumerate()
                .map(|(number, slot)| SlotOffer { id: format!("slot.{number}"), start: slot.start.0, end: slot.end.0 })
                .collect(),
            booking_url: self.booking_link.clone().filter(|_| !full),
            full_today: full,
            zone: self.tenant.zone(),
            agency_name: self.tenant.name.clone(),
            agent_name: self.agent.as_ref().map(User::name),
        }
    }

    /// The prospect's language, or the one in which the agency answers those it has no words for.
    fn answer_language(&self, theirs: Language) -> Language {
        language(self.tenant.answer_language(Some(theirs.code()))).unwrap_or(theirs)
    }

    /// The viewings a mail offers: on the days and at the times of day the prospect named, or near them.
    pub(super) fn offer(&self, understanding: &Understanding) -> Vec<Slot> {
        let zone = self.tenant.zone();
        let wishes: Vec<Wish> = understanding.wished_days.iter().map(wish).collect();
        if !self.offers {
            return Vec::new();
        }
        viewings::slots::offer(&self.slots, &zone, OFFERED, &wishes)
    }
}

/// A day in the viewings' words.
fn wish(day: &WishedDay) -> Wish {
    let hours = match day.part {
        None => 0..=23,
        Some(DayPart::Morning) => 0..=11,
        Some(DayPart::Afternoon) => 12..=16,
        Some(DayPart::Evening) => 17..=23,
    };
    Wish { date: day.date, hours }
}

/// The form of address in the engines' words.
pub(super) fn salutation(salutation: Salutation) -> llm::Salutation {
    match salutation {
        Salutation::Mr => llm::Salutation::Mr,
        Salutation::Ms => llm::Salutation::Ms,
        Salutation::Diverse => llm::Salutation::Diverse,
    }
}

/// The engines' language of an ISO 639-1 code.
pub(super) fn language(code: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| language.code() == code)
}
