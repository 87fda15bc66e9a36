//! Whether a statement speaks of the fields it cites: the rent called a deposit is wrong, however well the figure fits.

use std::{collections::BTreeSet, ops::Range, sync::OnceLock};

use super::{evidence::Evidence, fault::GroundingFault, figures};
use crate::{
    AnswerRequest, Fact, FactKind, FactValue, Statement,
    builtin::{lexicon::Lexicon, text, things},
};

/// The names of the sections in `fields.txt`, and the fields each may stand for.
const FIELDS: [(&str, &[FactKind]); 33] = [
    ("cold_rent", &[FactKind::ColdRent]),
    ("warm_rent", &[FactKind::WarmRent]),
    ("rent", &[FactKind::ColdRent, FactKind::WarmRent]),
    ("purchase_price", &[FactKind::PurchasePrice]),
    ("area_price", &[FactKind::PricePerSquareMetre]),
    (
        "price",
        &[
            FactKind::PurchasePrice,
            FactKind::ColdRent,
            FactKind::WarmRent,
            FactKind::PricePerSquareMetre,
            FactKind::ParkingPrice,
        ],
    ),
    ("service_charge", &[FactKind::ServiceCharge]),
    ("heating_cost", &[FactKind::HeatingCost]),
    ("deposit", &[FactKind::Deposit]),
    ("commission", &[FactKind::Commission]),
    ("living_area", &[FactKind::LivingArea]),
    ("usable_area", &[FactKind::UsableArea]),
    ("plot_area", &[FactKind::PlotArea]),
    ("area", &[FactKind::LivingArea, FactKind::UsableArea, FactKind::PlotArea]),
    ("bedrooms", &[FactKind::Bedrooms]),
    ("bathrooms", &[FactKind::Bathrooms]),
    ("rooms", &[FactKind::Rooms, FactKind::Bedrooms]),
    ("floor_count", &[FactKind::FloorCount]),
    ("floor", &[FactKind::Floor]),
    ("year", &[FactKind::YearBuilt]),
    ("energy", &[FactKind::EnergyClass, FactKind::EnergyValue, FactKind::EnergyCarrier]),
    ("lift", &[FactKind::Lift]),
    ("pets", &[FactKind::Pets]),
    ("available_from", &[FactKind::AvailableFrom]),
    ("availability", &[FactKind::Availability, FactKind::AvailableFrom]),
    ("heating", &[FactKind::Heating, FactKind::EnergyCarrier, FactKind::HeatingCost]),
    ("parking", &[FactKind::Parking, FactKind::ParkingPrice]),
    ("furnished", &[FactKind::Furnished]),
    ("kitchen", &[FactKind::FittedKitchen]),
    ("balcony", &[FactKind::Balcony]),
    ("garden", &[FactKind::Garden]),
    ("cellar", &[FactKind::Cellar]),
    ("address", &[FactKind::Address]),
];

fn names() -> &'static Lexicon {
    static NAMES: OnceLock<Lexicon> = OnceLock::new();
    NAMES.get_or_init(|| Lexicon::parse(include_str!("fields.txt")))
}

/// A field named in a text: which words of it, and what they may stand for.
#[derive(Debug)]
struct Named {
    section: &'static str,
    words: Range<usize>,
    kinds: &'static [FactKind],
}

/// The fields a text names; of names inside each other only the longest.
fn named(text: &str) -> Vec<Named> {
    let tokens = text::tokens(text);
    let all: Vec<Named> = FIELDS
        .iter()
        .flat_map(|&(section, kinds)| {
            names().find(section, &tokens).into_iter().map(move |(start, end)| Named {
                section,
                words: start..end,
                kinds,
            })
        })
        .collect();
    let covered = |one: &Named| {
        all.iter().any(|other| {
            other.words.len() > one.words.len()
                && other.words.start <= one.words.start
                && one.words.end <= other.words.end
        })
    };
    let kept: Vec<bool> = all.iter().map(|one| !covered(one)).collect();
    all.into_iter().zip(kept).filter_map(|(one, kept)| kept.then_some(one)).collect()
}

/// The facts a statement cites.
fn cited<'a>(statement: &Statement, request: &'a AnswerRequest) -> Vec<&'a Fact> {
    request.facts.iter().filter(|fact| statement.sources.contains(&fact.id)).collect()
}

/// Compares the fields a statement of fact names, and whose figures it gives, with those it cites. `text` is the
/// statement without names.
pub(super) fn check(
    index: usize,
    statement: &Statement,
    text: &str,
    request: &AnswerRequest,
    evidence: &Evidence,
    faults: &mut Vec<GroundingFault>,
) {
    let facts = cited(statement, request);
    let free = |fact: &&Fact| matches!(fact.value, FactValue::Text(_));
    // What a cited text says is compared with its words; what is left of the statement is about fields.
    let quoted: Vec<&'static str> =
        evidence.texts.iter().flat_map(|text| named(text)).map(|name| name.section).collect();
    let is_cited = |kinds: &[FactKind]| facts.iter().any(|fact| kinds.contains(&fact.kind));
    let is_rent = is_cited(&[FactKind::ColdRent, FactKind::WarmRent]);
    let found = named(text);
    for name in &found {
        // "The rent including utilities" says what the rent is.
        let beside_rent = is_rent && matches!(name.section, "service_charge" | "heating_cost" | "heating");
        let told = is_cited(name.kinds) || quoted.contains(&name.section) || beside_rent;
        // A word that only describes ("gross") or belongs to another field's name is no claim.
        let vague = matches!(name.section, "area" | "price" | "energy" | "address");
        if !told && !vague {
            faults.push(GroundingFault::WrongField { statement: index });
            return;
        }
    }
    let speaks = facts.iter().any(free)
        || facts.is_empty()
        || facts
            .iter()
            .any(|fact| needs_no_name(fact.kind) || found.iter().any(|name| name.kinds.contains(&fact.kind)));
    if !speaks || mixes_up(text, &facts) || invents_things(text, &facts, evidence) || lacks_value(text, &facts) {
        faults.push(GroundingFault::WrongField { statement: index });
    }
}

/// Fields that are said without their name: "it is in Vienna", "the brochure is here".
const fn needs_no_name(kind: FactKind) -> bool {
    matches!(kind, FactKind::City | FactKind::Address | FactKind::Title | FactKind::ExposeLink | FactKind::Text)
}

/// Whether a clause gives one field the figure of another.
fn mixes_up(text: &str, facts: &[&Fact]) -> bool {
    clauses(text).iter().any(|clause| {
        let named = named(clause);
        figures::amounts(clause).iter().any(|amount| {
            let holders: Vec<&&Fact> = facts.iter().filter(|fact| amount.is_of(&fact.value)).collect();
            if holders.is_empty() || holders.iter().any(|fact| matches!(fact.value, FactValue::Text(_))) {
                return false; // whether it is anywhere is compared elsewhere
            }
            let comparable: Vec<&Named> =
                named.iter().filter(|name| name.kinds.iter().any(|kind| amount.may_be(*kind))).collect();
            !comparable.is_empty()
                && !holders.iter().any(|fact| comparable.iter().any(|name| name.kinds.contains(&fact.kind)))
        })
    })
}

/// The parts of a sentence that speak of one thing each.
fn clauses(text: &str) -> Vec<String> {
    const JOINTS: [&str; 17] = [
        ", ",
        "; ",
        " – ",
        " - ",
        " und ",
        " sowie ",
        " plus ",
        " zzgl. ",
        " zuzüglich ",
        " bei ",
        " and ",
        " with ",
        " et ",
        " ed ",
        " e ",
        " y ",
        " mais ",
    ];
    JOINTS.iter().fold(vec![text.to_owned()], |parts, joint| {
        parts.iter().flat_map(|part| part.split(joint)).map(str::to_owned).collect()
    })
}

/// Whether a statement names something no cited source tells of: a pool beside the rent.
fn invents_things(text: &str, facts: &[&Fact], evidence: &Evidence) -> bool {
    let mut told: BTreeSet<&str> = evidence.texts.iter().flat_map(|text| things::told(text)).collect();
    for fact in facts {
        told.extend(things::of_field(fact.kind));
        if fact.kind == FactKind::ParkingPrice {
            told.insert("parking.space");
        }
    }
    let fields = ["price", "service_charge", "area", "energy", "heating"];
    things::told(text).iter().any(|thing| {
        let of_fields = fields.contains(&thing.split('.').next().unwrap_or(thing));
        // Where it is and what it is called has rules of its own.
        let placed = matches!(*thing, "location.where" | "location.address" | "location.general" | "rooms.count");
        !of_fields && !placed && !told.contains(thing)
    })
}

/// A town and an energy class must stand there as they are.
fn lacks_value(text: &str, facts: &[&Fact]) -> bool {
    let said = text::tokens(text);
    facts.iter().any(|fact| match (&fact.value, fact.kind) {
        (FactValue::Text(value), FactKind::City | FactKind::EnergyClass) => {
            let words = text::tokens(value);
            !said.windows(words.len().max(1)).any(|window| window.iter().zip(&words).all(|(a, b)| a.text == b.text))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_its_fields_and_every_field_its_section() {
        let mut sections: Vec<&str> = names().sections().collect();
        let mut fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        sections.sort_unstable();
        fields.sort_unstable();
        assert_eq!(sections, fields);
    }

    #[test]
    fn the_longest_name_wins() {
        let sections = |text: &str| named(text).into_iter().map(|name| name.section).collect::<Vec<_>>();
        assert_eq!(sections("Anzahl der Schlafzimmer"), ["bedrooms"]);
        assert_eq!(sections("Le loyer charges comprises est de"), ["warm_rent"]);
        assert_eq!(sections("El alquiler con gastos incluidos"), ["warm_rent"]);
        assert_eq!(sections("Die Kaution"), ["deposit"]);
    }
}
