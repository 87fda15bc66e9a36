//! From what a mail says, in the words of `portal_mail`, to our own.

use std::collections::BTreeMap;

use portal_mail::{LeadDraft, Understood};
use serde_json::json;

use super::attach::code_of;
use super::model::IntakeId;
use super::process::storable;
use crate::domain::conversations::Inbound;
use crate::domain::leads::{self, AddressKind, LeadSource, NewLead, Salutation};
use crate::domain::properties::{self, PropertyId};

/// The lead an enquiry makes.
pub(super) fn new_lead(mail: &Understood, draft: &LeadDraft, property: Option<PropertyId>) -> NewLead {
    let reference = &draft.reference;
    let person = draft.person_key.as_deref().or(draft.email.as_deref()).or(draft.phone.as_deref());
    let portal = mail.portal.map(|portal| portal.as_str().to_owned());
    let disclosure: BTreeMap<String, String> = draft
        .self_disclosure
        .iter()
        .flat_map(|disclosure| &disclosure.0)
        .map(|(label, value)| (storable(label), storable(value)))
        .collect();
    NewLead {
        source: if portal.is_some() { LeadSource::Portal } else { LeadSource::Email },
        enquiry_key: leads::enquiry_key(
            portal.as_deref(),
            object(draft),
            person,
            draft.message.as_deref().unwrap_or_default(),
        ),
        portal,
        salutation: draft.salutation.map(salutation),
        first_name: draft.first_name.as_deref().map(storable),
        last_name: draft.last_name.as_deref().map(storable),
        address_kind: match (&draft.email, draft.address_kind) {
            (None, _) => AddressKind::None,
            (Some(_), portal_mail::AddressKind::Relay) => AddressKind::Relay,
            (Some(_), _) => AddressKind::Direct,
        },
        email: draft.email.as_deref().map(storable),
        phone: draft.phone.clone(),
        language: draft.language.map(code_of).map(str::to_owned),
        property_id: property,
        assignee_id: None,
        incomplete: draft.incomplete,
        reference: serde_json::from_str(&serde_json::to_string(reference).unwrap_or_default().replace("\\u0000", ""))
            .unwrap_or_else(|_| json!({})),
        disclosure,
    }
}

/// What the prospect said in it.
pub(super) fn inbound(id: IntakeId, mail: &Understood, draft: &LeadDraft) -> Inbound {
    let facts = &mail.mail;
    Inbound {
        subject: facts.subject.as_deref().map(storable).unwrap_or_default(),
        text: storable(draft.message.as_deref().unwrap_or_default()),
        // A portal's HTML is the portal's, not the prospect's: the message was read out of it.
        html: None,
        language: draft.language.map(code_of).map(str::to_owned),
        rfc_message_id: facts.message_id.as_deref().map(storable),
        in_reply_to: facts.in_reply_to.as_deref().map(storable),
        references: facts.references.iter().map(|id| storable(id)).collect(),
        intake_message: Some(id.0),
    }
}

/// How a mail names the listing, in the words of [`properties`].
pub(super) fn reference(draft: &LeadDraft) -> properties::Reference {
    let reference = &draft.reference;
    properties::Reference {
        external_number: reference.external_number.as_deref().map(storable),
        portal_object_id: reference.portal_object_id.as_deref().map(storable),
        expose_url: reference.expose_url.as_deref().map(storable),
        street: reference.street.as_deref().map(storable),
        house_number: reference.house_number.as_deref().map(storable),
        zip: reference.zip.as_deref().map(storable),
        city: reference.city.as_deref().map(storable),
    }
}

/// The id by which the portal's mail names the listing.
pub(super) fn object(draft: &LeadDraft) -> Option<&str> {
    draft.reference.portal_object_id.as_deref().or(draft.reference.external_number.as_deref())
}

/// The portal's own id of the person, which is one only together with the portal.
pub(super) fn person_key(mail: &Understood, draft: &LeadDraft) -> Option<String> {
    let key = draft.person_key.as_deref().map(storable)?;
    Some(format!("{}:{key}", mail.portal.map_or("", |portal| portal.as_str())))
}

fn salutation(salutation: portal_mail::Salutation) -> Salutation {
    match salutation {
        portal_mail::Salutation::Mr => Salutation::Mr,
        portal_mail::Salutation::Ms => Salutation::Ms,
        portal_mail::Salutation::Diverse => Salutation::Diverse,
    }
}
