//! What a listing is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::fields::FieldProblem;
use crate::domain::tenants::Country;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A listing.
    PropertyId
);

code! {
    /// What is offered.
    PropertyType { /// A flat.
        Apartment = "APARTMENT", /// A house.
        House = "HOUSE", /// A plot.
        Land = "LAND", /// Office, shop, warehouse.
        Commercial = "COMMERCIAL", /// A garage or parking space.
        Garage = "GARAGE", /// Anything else.
        Other = "OTHER" }
}

code! {
    /// How it is offered.
    Marketing { /// For sale.
        Sale = "SALE", /// For rent.
        Rent = "RENT", /// For lease.
        Lease = "LEASE" }
}

code! {
    /// Where a listing stands. Enquiries are matched to `ACTIVE` and `RESERVED` ones only.
    PropertyStatus { /// Not offered yet.
        Draft = "DRAFT", /// Offered.
        Active = "ACTIVE", /// Somebody has a hand on it.
        Reserved = "RESERVED", /// Sold.
        Sold = "SOLD", /// Rented.
        Rented = "RENTED", /// Out of sight.
        Archived = "ARCHIVED" }
}

/// The id a listing has on one portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortalId {
    /// Portal, in the words of the mail parser: `willhaben`, `immoscout24` …
    pub portal: String,
    /// Id as the portal shows it: Scout-ID, willhaben-Code, Anzeigennummer.
    pub portal_object_id: String,
}

/// One list of fields makes both structs: what a listing is, and what may be set on it.
macro_rules! listing {
    ($($(#[doc = $doc:literal])+ $([$($attribute:meta),+])? $field:ident: $type:ty),+ $(,)?) => {
        /// A listing.
        #[derive(Debug, Clone)]
        pub struct Property {
            /// Id.
            pub id: PropertyId,
            $($(#[doc = $doc])+ pub $field: $type,)+
            /// Grows with each change.
            pub version: i32,
            /// When it was made.
            pub created_at: Timestamp,
            /// When it last changed.
            pub updated_at: Timestamp,
        }

        /// What may be set on a listing. Saving replaces all of it: what is left out is empty afterwards.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct PropertyInput {
            $($(#[doc = $doc])+ $($(#[$attribute])+)? pub $field: $type,)+
        }

        impl From<&Property> for PropertyInput {
            fn from(property: &Property) -> Self {
                Self { $($field: property.$field.clone()),+ }
            }
        }
    };
}

listing! {
    /// In one line.
    title: String,
    /// In many.
    [serde(default)] description: String,
    /// What is offered.
    [serde(rename = "type")] kind: PropertyType,
    /// How it is offered.
    marketing: Marketing,
    /// Where it stands.
    [serde(default = "draft")] status: PropertyStatus,
    /// The agency's own number.
    external_number: Option<String>,
    /// Ids on the portals.
    [serde(default)] portal_ids: Vec<PortalId>,
    /// Street without number.
    street: Option<String>,
    /// House number.
    house_number: Option<String>,
    /// Postal code.
    zip: Option<String>,
    /// Town.
    city: Option<String>,
    /// Country.
    country: Country,
    /// The exact address may be told to a prospect.
    [serde(default)] address_released: bool,
    /// Of all amounts: ISO 4217.
    [serde(default = "euro")] currency: String,
    /// Purchase price, cents.
    purchase_price_cents: Option<i64>,
    /// Rent without anything, cents a month.
    cold_rent_cents: Option<i64>,
    /// Rent with everything, cents a month.
    warm_rent_cents: Option<i64>,
    /// Running costs, cents a month.
    service_charge_cents: Option<i64>,
    /// Heating, cents a month.
    heating_cost_cents: Option<i64>,
    /// Deposit, cents.
    deposit_cents: Option<i64>,
    /// Commission in words.
    commission_text: Option<String>,
    /// Living area, square metres.
    living_area: Option<f64>,
    /// Usable area, square metres.
    usable_area: Option<f64>,
    /// Plot, square metres.
    plot_area: Option<f64>,
    /// Rooms.
    rooms: Option<f64>,
    /// Bedrooms.
    bedrooms: Option<f64>,
    /// Bathrooms.
    bathrooms: Option<f64>,
    /// Floor, 0 = ground floor.
    floor: Option<i16>,
    /// Floors of the house.
    floors: Option<i16>,
    /// Year built.
    year_built: Option<i16>,
    /// Condition in words.
    condition: Option<String>,
    /// Heating in words.
    heating: Option<String>,
    /// Kind of energy certificate.
    energy_certificate: Option<String>,
    /// Energy value, kWh per square metre and year (AT: HWB).
    energy_value: Option<f64>,
    /// Energy class.
    energy_class: Option<String>,
    /// Energy carrier.
    energy_carrier: Option<String>,
    /// There is a lift.
    lift: Option<bool>,
    /// There is a balcony.
    balcony: Option<bool>,
    /// Furnished.
    furnished: Option<bool>,
    /// Parking in words.
    parking: Option<String>,
    /// Pets are allowed.
    pets_allowed: Option<bool>,
    /// Free from this day.
    [schema(value_type = Option<String>, format = Date)] available_from: Option<jiff::civil::Date>,
    /// Public page of the listing.
    expose_url: Option<String>,
    /// Who shows it; viewings are booked in this person's calendar.
    agent_id: Option<UserId>,
    /// People shown round at once, 1 to 50.
    [serde(default = "one")] viewing_capacity: i16,
}

impl Property {
    /// Whether enquiries are matched to it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.status, PropertyStatus::Active | PropertyStatus::Reserved)
    }
}

impl PropertyInput {
    /// A draft that says only what must be said.
    #[must_use]
    pub fn new(title: &str, kind: PropertyType, marketing: Marketing, country: Country) -> Self {
        Self {
            title: title.to_owned(),
            description: String::new(),
            kind,
            marketing,
            status: draft(),
            external_number: None,
            portal_ids: Vec::new(),
            street: None,
            house_number: None,
            zip: None,
            city: None,
            country,
            address_released: false,
            currency: euro(),
            purchase_price_cents: None,
            cold_rent_cents: None,
            warm_rent_cents: None,
            service_charge_cents: None,
            heating_cost_cents: None,
            deposit_cents: None,
            commission_text: None,
            living_area: None,
            usable_area: None,
            plot_area: None,
            rooms: None,
            bedrooms: None,
            bathrooms: None,
            floor: None,
            floors: None,
            year_built: None,
            condition: None,
            heating: None,
            energy_certificate: None,
            energy_value: None,
            energy_class: None,
            energy_carrier: None,
            lift: None,
            balcony: None,
            furnished: None,
            parking: None,
            pets_allowed: None,
            available_from: None,
            expose_url: None,
            agent_id: None,
            viewing_capacity: one(),
        }
    }
}

fn draft() -> PropertyStatus {
    PropertyStatus::Draft
}

fn euro() -> String {
    "EUR".to_owned()
}

fn one() -> i16 {
    1
}

/// Which listings are wanted; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct PropertyFilter {
    /// Where it stands.
    pub status: Option<PropertyStatus>,
    /// Part of title, number, street, town or an id of a portal.
    pub search: Option<String>,
}

/// Why a listing was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum PropertyError {
    /// No such listing.
    #[error("no such property")]
    NotFound,
    /// Somebody else changed it since the caller read it.
    #[error("the property was changed meanwhile")]
    Changed,
    /// Another listing of the tenant has this id of this portal.
    #[error("another property has the id {portal_object_id} of {portal}")]
    PortalIdTaken {
        /// Portal.
        portal: String,
        /// Id.
        portal_object_id: String,
    },
    /// The agent is no user of the tenant.
    #[error("no such agent")]
    NoSuchAgent,
    /// Leads or viewings name it; archive it instead.
    #[error("leads or viewings name the property")]
    InUse,
    /// Values that cannot be; never empty.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldProblem>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for PropertyError {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::broken_constraint(&error) {
            Some("properties_agent_id_fkey") => Self::NoSuchAgent,
            Some("leads_property" | "viewings_property") => Self::InUse,
            _ => Self::Database(error),
        }
    }
}
