//! A lead on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::leads::score::Reason;
use crate::domain::leads::{
    Actor, AddressKind, Automation, EventKind, Lead, LeadEvent, LeadId, LeadSource, ProspectId, Salutation, Status,
};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;

/// One prospect's enquiry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeadView {
    /// Id.
    pub id: LeadId,
    /// How far it has come.
    pub status: Status,
    /// Who works on it.
    pub automation: Automation,
    /// Why it was lost.
    pub lost_reason: Option<String>,
    /// Where it came from.
    pub source: LeadSource,
    /// Which portal.
    pub portal: Option<String>,
    /// How to address the prospect.
    pub salutation: Option<Salutation>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// Whose address that is.
    pub address_kind: AddressKind,
    /// E.164.
    pub phone: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// "Sie" (true) or "du"; null: the agency's choice.
    pub formal_address: Option<bool>,
    /// The listing asked for.
    pub property_id: Option<PropertyId>,
    /// Whose lead it is.
    pub assignee_id: Option<UserId>,
    /// The person behind it, who may have other leads.
    pub prospect_id: ProspectId,
    /// The portal held the enquiry back.
    pub incomplete: bool,
    /// How the mail named the listing.
    #[schema(value_type = Object)]
    pub reference: serde_json::Value,
    /// When a provider accepted our first answer.
    pub first_response_at: Option<Timestamp>,
    /// How promising it is, 0 to 100; null until it was looked at.
    pub score: Option<i16>,
    /// What makes up the score.
    #[schema(value_type = Vec<Reason>)]
    pub score_reasons: serde_json::Value,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<Lead> for LeadView {
    fn from(lead: Lead) -> Self {
        Self {
            id: lead.id,
            status: lead.status,
            automation: lead.automation,
            lost_reason: lead.lost_reason,
            source: lead.source,
            portal: lead.portal,
            salutation: lead.salutation,
            first_name: lead.first_name,
            last_name: lead.last_name,
            email: lead.email,
            address_kind: lead.address_kind,
            phone: lead.phone,
            language: lead.language,
            formal_address: lead.formal_address,
            property_id: lead.property_id,
            assignee_id: lead.assignee_id,
            prospect_id: lead.prospect_id,
            incomplete: lead.incomplete,
            reference: lead.reference,
            first_response_at: lead.first_response_at,
            score: lead.score,
            score_reasons: lead.score_reasons,
            version: lead.version,
            created_at: lead.created_at,
            updated_at: lead.updated_at,
        }
    }
}

/// One enquiry with what is shown of a single lead only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeadDetailView {
    /// The lead.
    #[serde(flatten)]
    pub lead: LeadView,
    /// What the prospect said of income, household or health, by label. Kept apart from messages.
    #[schema(value_type = Option<Object>)]
    pub self_disclosure: Option<serde_json::Value>,
    /// Other leads of the same person that the caller may see, newest first.
    pub other_leads: Vec<OtherLeadView>,
}

/// Another lead of the same person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OtherLeadView {
    /// Id.
    pub id: LeadId,
    /// How far it has come.
    pub status: Status,
    /// Which portal.
    pub portal: Option<String>,
    /// The listing asked for.
    pub property_id: Option<PropertyId>,
    /// When it came.
    pub created_at: Timestamp,
}

impl From<Lead> for OtherLeadView {
    fn from(lead: Lead) -> Self {
        Self {
            id: lead.id,
            status: lead.status,
            portal: lead.portal,
            property_id: lead.property_id,
            created_at: lead.created_at,
        }
    }
}

/// One line of the timeline.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeadEventView {
    /// Id.
    pub id: uuid::Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// By whom.
    pub actor: Actor,
    /// Which of the agency's people.
    pub user_id: Option<UserId>,
    /// Details.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

impl From<LeadEvent> for LeadEventView {
    fn from(event: LeadEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            kind: event.kind,
            actor: event.actor,
            user_id: event.user_id,
            data: event.data,
        }
    }
}
