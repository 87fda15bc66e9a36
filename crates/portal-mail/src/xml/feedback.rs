//! `openimmo_feedback`, schema 1.2.5 and its dialects (PORTALS.md §5).

use crate::model::{Context, LeadDraft, Reference};
use crate::person_draft::{PersonParts, draft};
use crate::reference;
use crate::text::filled;
use crate::xml::tree::Element;
use crate::xml::{FromXml, child};
use crate::{disclosure, model::SelfDisclosure};

/// Leads read from one document.
const MAX_LEADS: usize = 200;

pub(crate) fn read(root: &Element, ctx: &Context) -> Option<FromXml> {
    let sender = root.all("sender").next().and_then(|sender| sender.text_of("name"));
    let mut leads = Vec::new();
    for objekt in root.all("objekt") {
        let about = reference(objekt);
        leads.extend(objekt.all("interessent").map(|person| lead(person, &about, ctx)));
    }
    // Some senders put the person beside the object instead of inside it.
    if leads.is_empty() {
        let about = root.all("objekt").next().map(reference).unwrap_or_default();
        leads.extend(root.all("interessent").map(|person| lead(person, &about, ctx)));
    }
    leads.truncate(MAX_LEADS);
    leads.retain(|lead| {
        lead.email.is_some() || lead.phone.is_some() || lead.last_name.is_some() || lead.message.is_some()
    });
    (!leads.is_empty()).then_some(FromXml { adapter: "openimmo_feedback@1.2.5", leads, sender })
}

fn reference(objekt: &Element) -> Reference {
    let (street, number) = child(objekt, &["strasse"]).map(|s| reference::split_street(&s)).unwrap_or_default();
    let (zip, city) = child(objekt, &["ort"]).map(|ort| reference::split_zip_city(&ort)).unwrap_or_default();
    Reference {
        external_number: child(objekt, &["oobj_id", "zusatz_refnr"]),
        portal_object_id: child(objekt, &["portal_obj_id"]),
        portal_unique_id: child(objekt, &["portal_unique_id"]),
        expose_url: child(objekt, &["expose_url"]).filter(|url| url.starts_with("http")),
        street,
        house_number: child(objekt, &["hausnummer"]).or(number),
        zip: child(objekt, &["plz"]).or(zip),
        city,
    }
}

fn lead(person: &Element, about: &Reference, ctx: &Context) -> LeadDraft {
    let mut lead = draft(
        PersonParts {
            salutation: child(person, &["anrede"]),
            first: child(person, &["vorname"]),
            last: child(person, &["nachname", "name"]),
            company: child(person, &["firma"]),
            email: child(person, &["email", "e_mail", "mail"]),
            phones: ["mobil", "tel", "telefon"].iter().filter_map(|name| person.text_of(name)).collect(),
            message: child(person, &["anfrage", "nachricht", "bemerkung"]),
            ..PersonParts::default()
        },
        ctx,
    );
    lead.reference = about.clone();
    lead.person_key = child(person, &["int_id"]);
    let extra = fields(person);
    if !extra.is_empty() {
        lead.self_disclosure.get_or_insert_with(SelfDisclosure::default).0.extend(extra);
    }
    lead
}

/// `user_defined_extend/feld`: what the portal asked beyond the schema.
fn fields(person: &Element) -> Vec<(String, String)> {
    let felder = person.all("user_defined_extend").flat_map(|extend| extend.all("feld"));
    felder
        .filter_map(|feld| Some((feld.text_of("name")?, filled(feld.text_of("wert")?)?)))
        .filter(|(name, _)| {
            disclosure::is_label(name) || name.contains(' ') || name.chars().next().is_some_and(char::is_uppercase)
        })
        .take(60)
        .collect()
}
