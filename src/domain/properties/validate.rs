//! What a listing cannot be, whoever says so.

use std::collections::HashSet;

use super::model::PropertyInput;
use crate::domain::fields::FieldProblem;

const LINE: usize = 200;
const TEXT: usize = 20_000;
/// One hundred billion of the currency: more is a typing error.
const MOST_CENTS: i64 = 10_000_000_000_000;

/// The same listing with blanks trimmed, empty texts left out and portals in lower case; or what is wrong with it.
pub(super) fn checked(input: &PropertyInput) -> Result<PropertyInput, Vec<FieldProblem>> {
    let mut input = input.clone();
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });

    input.title = input.title.trim().to_owned();
    if input.title.is_empty() || input.title.chars().count() > LINE {
        wrong("title", format!("must have 1 to {LINE} characters"));
    }
    if input.description.chars().count() > TEXT {
        wrong("description", format!("must have at most {TEXT} characters"));
    }
    macro_rules! lines {
        ($($field:ident => $name:literal),+ $(,)?) => {$(
            input.$field = input.$field.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
            if input.$field.as_ref().is_some_and(|text| text.chars().count() > LINE) {
                wrong($name, format!("must have at most {LINE} characters"));
            }
        )+};
    }
    lines! {
        external_number => "externalNumber", street => "street", house_number => "houseNumber", zip => "zip", city => "city",
        condition => "condition", heating => "heating", energy_certificate => "energyCertificate",
        energy_class => "energyClass", energy_carrier => "energyCarrier", parking => "parking",
    }
    input.commission_text = input.commission_text.take().filter(|text| !text.trim().is_empty());
    if input.commission_text.as_ref().is_some_and(|text| text.chars().count() > TEXT) {
        wrong("commissionText", format!("must have at most {TEXT} characters"));
    }
    input.expose_url = input.expose_url.take().map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if input
        .expose_url
        .as_ref()
        .is_some_and(|url| !is_web(url) || url.len() > 2000 || url.contains(char::is_whitespace))
    {
        wrong("exposeUrl", "must be a web address that starts with https://".to_owned());
    }
    if input.currency.len() != 3 || !input.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        wrong("currency", "must be an ISO 4217 code such as EUR".to_owned());
    }
    macro_rules! ranges {
        ($($field:ident => $name:literal, $from:literal, $to:expr);+ $(;)?) => {$(
            if input.$field.is_some_and(|value| !($from..=$to).contains(&value)) {
                wrong($name, format!("must be between {} and {}", $from, $to));
            }
        )+};
    }
    ranges! {
        purchase_price_cents => "purchasePriceCents", 0, MOST_CENTS;
        cold_rent_cents => "coldRentCents", 0, MOST_CENTS;
        warm_rent_cents => "warmRentCents", 0, MOST_CENTS;
        service_charge_cents => "serviceChargeCents", 0, MOST_CENTS;
        heating_cost_cents => "heatingCostCents", 0, MOST_CENTS;
        deposit_cents => "depositCents", 0, MOST_CENTS;
        living_area => "livingArea", 0.0, 10_000_000.0;
        usable_area => "usableArea", 0.0, 10_000_000.0;
        plot_area => "plotArea", 0.0, 10_000_000_000.0;
        rooms => "rooms", 0.0, 1000.0;
        bedrooms => "bedrooms", 0.0, 1000.0;
        bathrooms => "bathrooms", 0.0, 1000.0;
        floor => "floor", -20, 200;
        floors => "floors", 0, 200;
        year_built => "yearBuilt", 800, 2200;
        energy_value => "energyValue", 0.0, 10_000.0;
    }
    if !(1..=50).contains(&input.viewing_capacity) {
        wrong("viewingCapacity", "must be between 1 and 50".to_owned());
    }
    let mut seen = HashSet::new();
    for (index, id) in input.portal_ids.iter_mut().enumerate() {
        id.portal = id.portal.trim().to_lowercase();
        id.portal_object_id = id.portal_object_id.trim().to_owned();
        for (name, text) in [("portal", &id.portal), ("portalObjectId", &id.portal_object_id)] {
            if text.is_empty() || text.chars().count() > LINE {
                wrong(&format!("portalIds[{index}].{name}"), format!("must have 1 to {LINE} characters"));
            }
        }
        if !seen.insert((id.portal.clone(), id.portal_object_id.clone())) {
            wrong(&format!("portalIds[{index}]"), "stands here twice".to_owned());
        }
    }
    if problems.is_empty() { Ok(input) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Marketing, PortalId, PropertyType};
    use super::*;
    use crate::domain::tenants::Country;

    fn flat() -> PropertyInput {
        PropertyInput::new("  Altbau am Park ", PropertyType::Apartment, Marketing::Rent, Country::At)
    }

    fn portal_id(portal: &str, id: &str) -> PortalId {
        PortalId { portal: portal.to_owned(), portal_object_id: id.to_owned() }
    }

    #[test]
    fn blanks_are_trimmed_and_empty_texts_left_out() {
        let input = PropertyInput {
            city: Some("  ".to_owned()),
            zip: Some(" 1010 ".to_owned()),
            portal_ids: vec![portal_id(" Willhaben ", " 123 ")],
            ..flat()
        };
        let checked = checked(&input).unwrap();
        assert_eq!(
            (checked.title.as_str(), checked.city, checked.zip.as_deref()),
            ("Altbau am Park", None, Some("1010"))
        );
        assert_eq!(checked.portal_ids, [portal_id("willhaben", "123")]);
    }

    #[test]
    fn every_wrong_field_is_named_as_on_the_wire() {
        let input = PropertyInput {
            title: " ".to_owned(),
            currency: "euro".to_owned(),
            cold_rent_cents: Some(-1),
            viewing_capacity: 0,
            expose_url: Some("javascript:alert(1)".to_owned()),
            portal_ids: vec![portal_id("willhaben", "1"), portal_id("Willhaben", "1"), portal_id("", "2")],
            ..flat()
        };
        let fields: Vec<String> = checked(&input).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(
            fields,
            [
                "title",
                "exposeUrl",
                "currency",
                "coldRentCents",
                "viewingCapacity",
                "portalIds[1]",
                "portalIds[2].portal"
            ]
        );
    }
}
