//! immowelt's own XML `Objektanfrage` (PORTALS.md §5).

use crate::model::{Context, LeadDraft, Reference};
use crate::person_draft::{PersonParts, draft};
use crate::reference;
use crate::xml::tree::Element;
use crate::xml::{FromXml, child};

pub(crate) fn read(root: &Element, ctx: &Context) -> Option<FromXml> {
    let anfrage = root.find_self("objektanfrage")?;
    let about = anfrage.find_self("objekt").map(about).unwrap_or_default();
    let mut people = Vec::new();
    gather(anfrage, &mut people);
    let leads: Vec<LeadDraft> = people
        .into_iter()
        .take(200)
        .map(|person| LeadDraft { reference: about.clone(), ..lead(person, ctx) })
        .filter(|lead| lead.email.is_some() || lead.phone.is_some() || lead.last_name.is_some())
        .collect();
    (!leads.is_empty()).then_some(FromXml {
        adapter: "immowelt.objektanfrage@1",
        leads,
        sender: Some("immowelt".to_owned()),
    })
}

fn gather<'e>(element: &'e Element, people: &mut Vec<&'e Element>) {
    for child in &element.children {
        if child.name == "interessent" {
            people.push(child);
        } else {
            gather(child, people);
        }
    }
}

fn about(objekt: &Element) -> Reference {
    let (street, house_number) =
        child(objekt, &["o_strasse"]).map(|street| reference::split_street(&street)).unwrap_or_default();
    let (zip, city) = child(objekt, &["o_ort"]).map(|ort| reference::split_zip_city(&ort)).unwrap_or_default();
    let link = child(objekt, &["o_link"]).filter(|url| url.starts_with("http"));
    Reference {
        external_number: child(objekt, &["o_refnr"]),
        portal_object_id: link.as_deref().and_then(reference::expose_ids),
        portal_unique_id: None,
        expose_url: link,
        street,
        house_number,
        zip: child(objekt, &["o_plz"]).or(zip),
        city,
    }
}

fn lead(person: &Element, ctx: &Context) -> LeadDraft {
    draft(
        PersonParts {
            salutation: child(person, &["i_anrede"]),
            first: child(person, &["i_vorname"]),
            last: child(person, &["i_name", "i_nachname"]),
            company: child(person, &["i_firma"]),
            email: child(person, &["i_email"]),
            phones: ["i_mobil", "i_tel"].iter().filter_map(|name| person.text_of(name)).collect(),
            message: child(person, &["i_info"]),
            ..PersonParts::default()
        },
        ctx,
    )
}
