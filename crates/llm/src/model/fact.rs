//! What may be said about a property.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Topic;

/// The field a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is the field's name")]
pub enum FactKind {
    ColdRent,
    WarmRent,
    PurchasePrice,
    PricePerSquareMetre,
    ServiceCharge,
    HeatingCost,
    Deposit,
    Commission,
    LivingArea,
    UsableArea,
    PlotArea,
    Rooms,
    Bedrooms,
    Bathrooms,
    Floor,
    FloorCount,
    Lift,
    EnergyClass,
    EnergyValue,
    EnergyCarrier,
    Heating,
    AvailableFrom,
    Parking,
    ParkingPrice,
    Pets,
    Furnished,
    FittedKitchen,
    Balcony,
    Garden,
    Cellar,
    YearBuilt,
    City,
    Address,
    Title,
    /// The listing's status.
    Availability,
    /// A link to the exposé; the value is a text holding the URL.
    ExposeLink,
    /// Free text: a description, a tenant's own fact, an agent's earlier answer.
    Text,
}

/// Whether the property can still be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingStatus {
    /// On offer.
    Available,
    /// Somebody is first in line.
    Reserved,
    /// Sold.
    Sold,
    /// Let.
    Rented,
    /// Not offered any more.
    Withdrawn,
}

/// A fact's value, typed so that it can be written and checked in every language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FactValue {
    /// An amount of money.
    Money {
        /// In hundredths.
        cents: i64,
        /// ISO 4217.
        currency: String,
    },
    /// An area.
    Area {
        /// In m².
        square_metres: f64,
    },
    /// A count or measure without unit.
    Number(f64),
    /// A percentage, 3.57 for 3.57 %.
    Percent(f64),
    /// kWh per m² and year.
    Energy(f64),
    /// Words.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(Date),
    /// A year.
    Year(i16),
    /// The listing's status.
    Status(ListingStatus),
}

/// One thing that may be said, with the id an answer cites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// For instance `property.coldRent` or `tenant.fact.3`; unique within a request.
    pub id: String,
    /// The questions it answers. Empty means: those of its kind (see [`FactKind::topics`]).
    #[serde(default)]
    pub topics: Vec<Topic>,
    /// Which field it is.
    pub kind: FactKind,
    /// What it says.
    pub value: FactValue,
}

impl Fact {
    /// A fact that answers the questions of its kind.
    pub fn new(id: impl Into<String>, kind: FactKind, value: FactValue) -> Self {
        Self { id: id.into(), topics: Vec::new(), kind, value }
    }

    /// Whether this fact answers a question on `topic`.
    pub fn answers(&self, topic: Topic) -> bool {
        if self.topics.is_empty() { self.kind.topics().contains(&topic) } else { self.topics.contains(&topic) }
    }
}

impl FactKind {
    /// The questions a field answers by itself.
    pub const fn topics(self) -> &'static [Topic] {
        match self {
            Self::ColdRent | Self::WarmRent | Self::PurchasePrice | Self::PricePerSquareMetre => &[Topic::Price],
            Self::ServiceCharge | Self::HeatingCost => &[Topic::ServiceCharge],
            Self::Deposit => &[Topic::Deposit],
            Self::Commission => &[Topic::Commission],
            Self::LivingArea | Self::UsableArea | Self::PlotArea => &[Topic::Area],
            Self::Rooms | Self::Bedrooms | Self::Bathrooms => &[Topic::Rooms],
            Self::Floor | Self::FloorCount => &[Topic::Floor],
            Self::Lift => &[Topic::Lift],
            Self::EnergyClass | Self::EnergyValue => &[Topic::Energy],
            Self::EnergyCarrier | Self::Heating => &[Topic::Heating],
            Self::AvailableFrom => &[Topic::AvailableFrom],
            Self::Parking | Self::ParkingPrice => &[Topic::Parking],
            Self::Pets => &[Topic::Pets],
            Self::Furnished | Self::FittedKitchen => &[Topic::Furnishing],
            Self::Balcony | Self::Garden => &[Topic::Balcony],
            Self::City | Self::Address => &[Topic::Location],
            Self::Availability => &[Topic::Availability],
            Self::ExposeLink => &[Topic::Expose],
            Self::Cellar | Self::YearBuilt | Self::Title | Self::Text => &[],
        }
    }
}
