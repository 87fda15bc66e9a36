//! What exactly a question is about: "the school", where its topic is only "location".

use std::sync::OnceLock;

use super::{
    lexicon::Lexicon,
    text::{self, Token},
};
use crate::{FactKind, Topic};

/// A section of `things.txt`: the topic, a dot and a name.
pub(crate) type Thing = &'static str;

/// Words for the whole that every part of it answers.
const WIDER: [(&str, &[&str]); 2] = [
    ("location.transport", &["location.metro", "location.train", "location.tram", "location.bus"]),
    (
        "location.general",
        &[
            "location.metro",
            "location.train",
            "location.tram",
            "location.bus",
            "location.transport",
            "location.school",
            "location.childcare",
            "location.shops",
            "location.doctor",
            "location.park",
            "location.noise",
            "location.motorway",
        ],
    ),
];

fn things() -> &'static Lexicon {
    static THINGS: OnceLock<Lexicon> = OnceLock::new();
    THINGS.get_or_init(|| Lexicon::parse(include_str!("lexicon/things.txt")))
}

fn named(tokens: &[Token]) -> Vec<Thing> {
    things().sections().filter(|section| !things().find(section, tokens).is_empty()).collect()
}

/// The things words ask for, sorted.
pub(crate) fn asked(tokens: &[Token]) -> Vec<Thing> {
    let mut found = named(tokens);
    // "A school in the area" asks for the school.
    let area = ["location.general", "location.district"];
    if found.iter().any(|thing| topic(thing) == Topic::Location && !area.contains(thing)) {
        found.retain(|thing| !area.contains(thing));
    }
    found.sort_unstable();
    found
}

/// The things a sentence tells something about: those it names, and the wholes they are part of.
pub(crate) fn told(text: &str) -> Vec<Thing> {
    let mut found = named(&text::tokens(text));
    for (whole, parts) in WIDER {
        if !found.contains(&whole) && found.iter().any(|thing| parts.contains(thing)) {
            found.push(whole);
        }
    }
    found
}

/// Where words name one thing.
pub(super) fn find(thing: &str, tokens: &[Token]) -> Vec<(usize, usize)> {
    things().find(thing, tokens)
}

/// The topic a thing belongs to.
pub(crate) fn topic(thing: &str) -> Topic {
    let name = thing.split('.').next().unwrap_or(thing);
    match name {
        "price" => Topic::Price,
        "service_charge" => Topic::ServiceCharge,
        "area" => Topic::Area,
        "rooms" => Topic::Rooms,
        "lift" => Topic::Lift,
        "energy" => Topic::Energy,
        "heating" => Topic::Heating,
        "parking" => Topic::Parking,
        "furnishing" => Topic::Furnishing,
        "balcony" => Topic::Balcony,
        "location" => Topic::Location,
        _ => Topic::Other,
    }
}

/// Whether a topic falls into things, so that the topic alone tells too little.
pub(crate) fn divides(topic_asked: Topic) -> bool {
    topic_asked == Topic::Other || things().sections().any(|thing| topic(thing) == topic_asked)
}

/// The things a field tells by itself, whatever its value.
pub(crate) const fn of_field(kind: FactKind) -> &'static [Thing] {
    match kind {
        FactKind::ColdRent => &["price.cold"],
        FactKind::WarmRent => &["price.warm"],
        FactKind::PurchasePrice => &["price.purchase"],
        FactKind::PricePerSquareMetre => &["price.per_area"],
        FactKind::ServiceCharge => &["service_charge.charge"],
        FactKind::HeatingCost => &["service_charge.heating"],
        FactKind::LivingArea => &["area.living"],
        FactKind::UsableArea => &["area.usable"],
        FactKind::PlotArea => &["area.plot"],
        FactKind::Rooms => &["rooms.count"],
        FactKind::Bedrooms => &["rooms.bedroom"],
        FactKind::Bathrooms => &["rooms.bathroom"],
        FactKind::Lift => &["lift.lift"],
        FactKind::EnergyCarrier | FactKind::Heating => &["heating.kind"],
        FactKind::Parking => &["parking.space"],
        FactKind::ParkingPrice => &["parking.price"],
        FactKind::Furnished => &["furnishing.furniture"],
        FactKind::FittedKitchen => &["furnishing.kitchen"],
        FactKind::Balcony => &["balcony.balcony"],
        FactKind::Garden => &["balcony.garden"],
        FactKind::Cellar => &["other.cellar"],
        FactKind::YearBuilt => &["other.year"],
        FactKind::City => &["location.where"],
        FactKind::Address => &["location.address", "location.where", "location.district"],
        FactKind::Deposit
        | FactKind::Commission
        | FactKind::Floor
        | FactKind::FloorCount
        | FactKind::EnergyClass
        | FactKind::EnergyValue
        | FactKind::AvailableFrom
        | FactKind::Pets
        | FactKind::Title
        | FactKind::Availability
        | FactKind::ExposeLink
        | FactKind::Text => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_listings_of_different_languages_name_the_same_thing() {
        for (question, listing) in [
            ("Wie weit ist es zur U-Bahn?", "Zur U6 sind es fünf Minuten zu Fuß."),
            ("How far is the underground?", "Zur U6 sind es fünf Minuten zu Fuß."),
            ("Gibt es eine Schule in der Nähe?", "La scuola è a 200 metri."),
            ("Y a-t-il une cave ?", "Ein Kellerabteil gehört dazu."),
            ("¿Hay piscina?", "Im Garten liegt ein Pool."),
            ("Wie ist die Anbindung?", "Der Bus hält vor der Tür."),
        ] {
            let told = told(listing);
            assert!(asked(&text::tokens(question)).iter().any(|thing| told.contains(thing)), "{question}");
        }
    }

    #[test]
    fn neighbours_in_a_topic_are_different_things() {
        for (question, listing) in [
            ("Gibt es einen Keller?", "Das Haus hat einen Fahrradraum im Hof."),
            ("Ist eine Schule in der Nähe?", "Zur U6 sind es fünf Minuten zu Fuß."),
            ("Wie weit ist es zur U-Bahn?", "Der Bus hält vor der Tür."),
            ("Is it wheelchair accessible?", "Ein Aufzug ist vorhanden."),
        ] {
            let told = told(listing);
            assert!(asked(&text::tokens(question)).iter().all(|thing| !told.contains(thing)), "{question}");
        }
    }

    #[test]
    fn every_field_and_whole_names_things_that_exist() {
        let known: Vec<Thing> = things().sections().collect();
        for (whole, parts) in WIDER {
            assert!(known.contains(&whole) && parts.iter().all(|part| known.contains(part)), "{whole}");
        }
        for kind in [FactKind::ColdRent, FactKind::Address, FactKind::Cellar, FactKind::Heating, FactKind::YearBuilt] {
            assert!(of_field(kind).iter().all(|thing| known.contains(thing)), "{kind:?}");
        }
    }
}
