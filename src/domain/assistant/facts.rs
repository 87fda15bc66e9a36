//! The facts an answer may use, from a listing and its agency. What is not set is not a fact.

use llm::{Fact, FactKind, FactValue, ListingStatus, Topic};

use crate::domain::knowledge::Piece;
use crate::domain::properties::{Property, PropertyFact, PropertyStatus};
use crate::domain::tenants::TenantFact;

/// The facts of a listing; ids name the field.
pub(super) fn of_property(property: &Property) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |field: &str, kind: FactKind, value: Option<FactValue>| {
        if let Some(value) = value {
            facts.push(Fact::new(format!("property.{field}"), kind, value));
        }
    };
    let money = |cents: Option<i64>| cents.map(|cents| FactValue::Money { cents, currency: property.currency.clone() });
    let area = |square_metres: Option<f64>| square_metres.map(|square_metres| FactValue::Area { square_metres });
    let number = |value: Option<f64>| value.map(FactValue::Number);
    let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty()).map(FactValue::Text);

    add("status", FactKind::Availability, Some(FactValue::Status(status(property.status))));
    add("purchasePrice", FactKind::PurchasePrice, money(property.purchase_price_cents));
    add("coldRent", FactKind::ColdRent, money(property.cold_rent_cents));
    add("warmRent", FactKind::WarmRent, money(property.warm_rent_cents));
    add("serviceCharge", FactKind::ServiceCharge, money(property.service_charge_cents));
    add("heatingCost", FactKind::HeatingCost, money(property.heating_cost_cents));
    add("deposit", FactKind::Deposit, money(property.deposit_cents));
    add("commission", FactKind::Commission, text(&property.commission_text));
    add("livingArea", FactKind::LivingArea, area(property.living_area));
    add("usableArea", FactKind::UsableArea, area(property.usable_area));
    add("plotArea", FactKind::PlotArea, area(property.plot_area));
    add("rooms", FactKind::Rooms, number(property.rooms));
    add("bedrooms", FactKind::Bedrooms, number(property.bedrooms));
    add("bathrooms", FactKind::Bathrooms, number(property.bathrooms));
    add("floor", FactKind::Floor, number(property.floor.map(f64::from)));
    add("floors", FactKind::FloorCount, number(property.floors.map(f64::from)));
    add("yearBuilt", FactKind::YearBuilt, property.year_built.map(FactValue::Year));
    add("heating", FactKind::Heating, text(&property.heating));
    add("energyValue", FactKind::EnergyValue, property.energy_value.map(FactValue::Energy));
    add("energyClass", FactKind::EnergyClass, text(&property.energy_class));
    add("energyCarrier", FactKind::EnergyCarrier, text(&property.energy_carrier));
    add("lift", FactKind::Lift, property.lift.map(FactValue::Flag));
    add("balcony", FactKind::Balcony, property.balcony.map(FactValue::Flag));
    add("furnished", FactKind::Furnished, property.furnished.map(FactValue::Flag));
    add("parking", FactKind::Parking, text(&property.parking));
    add("petsAllowed", FactKind::Pets, property.pets_allowed.map(FactValue::Flag));
    add("availableFrom", FactKind::AvailableFrom, property.available_from.map(FactValue::Date));
    add("exposeUrl", FactKind::ExposeLink, text(&property.expose_url));
    add("city", FactKind::City, text(&property.city));
    // The exact address only where the owner released it.
    add(
        "address",
        FactKind::Address,
        property.address_released.then(|| address(property)).flatten().map(FactValue::Text),
    );
    facts
}

/// What people taught of a listing.
pub(super) fn learned(facts: &[PropertyFact]) -> Vec<Fact> {
    facts.iter().map(|fact| sentence(format!("property.fact.{}", fact.id), &fact.topic, &fact.text)).collect()
}

/// What holds for all listings of the agency.
pub(super) fn of_tenant(facts: &[TenantFact]) -> Vec<Fact> {
    facts.iter().map(|fact| sentence(format!("tenant.fact.{}", fact.id), &fact.topic, &fact.text)).collect()
}

fn sentence(id: String, topic: &str, text: &str) -> Fact {
    let topics = serde_json::from_value::<Topic>(serde_json::Value::String(topic.to_owned())).into_iter().collect();
    Fact { topics, ..Fact::new(id, FactKind::Text, FactValue::Text(text.to_owned())) }
}

/// The sentences of pieces of text, at most `most`, each a fact of its own, so that an answer cites just what it rests on.
/// Pieces overlap; a sentence that stands in two is one fact.
pub(super) fn of_texts(pieces: &[Piece], most: usize) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for piece in pieces {
        for (number, sentence) in llm::sentences(&piece.text).into_iter().enumerate() {
            let topics = llm::topics_in(&sentence);
            let value = FactValue::Text(sentence);
            if facts.len() < most && facts.iter().all(|fact| fact.value != value) {
                let id = format!("text.{}.{number}", piece.id);
                facts.push(Fact { topics, ..Fact::new(id, FactKind::Text, value) });
            }
        }
    }
    facts
}

fn address(property: &Property) -> Option<String> {
    let street = [property.street.as_deref(), property.house_number.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let town = [property.zip.as_deref(), property.city.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!street.is_empty() && !town.is_empty()).then(|| format!("{street}, {town}"))
}

fn status(status: PropertyStatus) -> ListingStatus {
    match status {
        PropertyStatus::Active => ListingStatus::Available,
        PropertyStatus::Reserved => ListingStatus::Reserved,
        PropertyStatus::Sold => ListingStatus::Sold,
        PropertyStatus::Rented => ListingStatus::Rented,
        PropertyStatus::Draft | PropertyStatus::Archived => ListingStatus::Withdrawn,
    }
}
