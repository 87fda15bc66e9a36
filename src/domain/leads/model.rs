//! What a lead is.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::prospect::ProspectId;
use super::state::{Automation, LeadState, Status};
use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::properties::PropertyId;
use crate::domain::users::{Role, User, UserId};

crate::ids::id_type!(
    /// A lead.
    LeadId
);

code! {
    /// Where a lead came from.
    LeadSource { /// A property portal's mail.
        Portal = "PORTAL", /// A mail the prospect wrote to us directly.
        Email = "EMAIL", /// Typed in by the agency.
        Manual = "MANUAL", /// The form on one of the agency's web pages.
        Widget = "WIDGET", /// A row of a table the agency brought along.
        Import = "IMPORT" }
}

code! {
    /// Whose address we write to; in the words of `immivo parse`.
    AddressKind { /// The prospect's own.
        Direct = "direct", /// A portal's, which passes mail on.
        Relay = "relay", /// None known.
        None = "none" }
}

code! {
    /// How to address somebody; never guessed from a name.
    Salutation { /// Herr.
        Mr = "MR", /// Frau.
        Ms = "MS", /// Neither.
        Diverse = "DIVERSE" }
}

/// One prospect's enquiry.
#[derive(Debug, Clone)]
pub struct Lead {
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
    /// Address, lower case.
    pub email: Option<String>,
    /// Whose address that is.
    pub address_kind: AddressKind,
    /// E.164.
    pub phone: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// "Sie" (true) or "du", as the prospect chose; `None`: the tenant's choice.
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
    pub reference: serde_json::Value,
    /// When a provider accepted our first answer.
    pub first_response_at: Option<Timestamp>,
    /// How promising it is, 0 to 100; `None` until it was looked at ([`super::score`]).
    pub score: Option<i16>,
    /// What makes up the score: [`super::score::Reason`]s.
    pub score_reasons: serde_json::Value,
    /// Grows with each change.
    pub version: i32,
    /// When it came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Lead {
    /// Both state columns.
    #[must_use]
    pub fn state(&self) -> LeadState {
        LeadState { status: self.status, automation: self.automation }
    }

    /// Given and family name, as far as known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let name =
            [self.first_name.as_deref(), self.last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    }
}

/// What is needed to make a lead.
#[derive(Debug, Clone)]
pub struct NewLead {
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
    /// The listing asked for.
    pub property_id: Option<PropertyId>,
    /// Whose lead it is.
    pub assignee_id: Option<UserId>,
    /// The portal held the enquiry back.
    pub incomplete: bool,
    /// How the mail named the listing.
    pub reference: serde_json::Value,
    /// Same person, same listing, same words: [`super::enquiry_key`].
    pub enquiry_key: Vec<u8>,
    /// Sensitive answers, kept apart.
    pub disclosure: BTreeMap<String, String>,
}

/// What the agency may change by hand. `None` leaves a field as it is; `Some(None)` empties it.
#[derive(Debug, Clone, Default)]
pub struct LeadEdit {
    /// How to address the prospect.
    pub salutation: Option<Option<Salutation>>,
    /// Given name.
    pub first_name: Option<Option<String>>,
    /// Family name.
    pub last_name: Option<Option<String>>,
    /// The prospect's own address.
    pub email: Option<Option<String>>,
    /// E.164.
    pub phone: Option<Option<String>>,
    /// ISO 639-1.
    pub language: Option<Option<String>>,
    /// Sie or du.
    pub formal_address: Option<Option<bool>>,
    /// The listing.
    pub property_id: Option<Option<PropertyId>>,
    /// Whose lead it is.
    pub assignee_id: Option<Option<UserId>>,
}

/// Which leads are wanted; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// How far it has come.
    pub status: Option<Status>,
    /// Who works on it.
    pub automation: Option<Automation>,
    /// Which portal.
    pub portal: Option<String>,
    /// Which listing.
    pub property_id: Option<PropertyId>,
    /// Whose lead.
    pub assignee_id: Option<UserId>,
    /// Part of a name or address.
    pub search: Option<String>,
    /// At least this score.
    pub min_score: Option<i16>,
    /// Which come first.
    pub order: LeadOrder,
}

/// Which leads come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LeadOrder {
    /// The newest.
    #[default]
    Newest,
    /// The most promising; those nobody has looked at yet come last.
    Score,
}

/// Who looks: administrators see all leads; agents those assigned to them and, where the agency wants it so
/// (`tenants.unassigned_visible`), those that nobody has. Queries ask the agency's wish themselves, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer(pub Option<Uuid>);

impl Viewer {
    /// The program itself, which sees every lead of the tenant.
    pub const SYSTEM: Self = Self(None);
}

impl From<&User> for Viewer {
    fn from(user: &User) -> Self {
        match user.role {
            Role::Admin => Self(None),
            Role::Agent => Self(Some(user.id.0)),
        }
    }
}
