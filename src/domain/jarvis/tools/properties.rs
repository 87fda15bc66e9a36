//! Listings.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::limit;
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::page::PageRequest;
use crate::domain::properties::{self, Property, PropertyFilter, PropertyId, PropertyInput, PropertyStatus};
use crate::domain::tasks;

fn short(property: &Property) -> Value {
    let place = [property.zip.as_deref(), property.city.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let number = property.external_number.as_ref().map(|number| format!("{number}: ")).unwrap_or_default();
    let line = format!("{number}{} – {} – {place}", property.title, property.status);
    json!({"propertyId": property.id, "line": line, "status": property.status})
}

async fn find(desk: &mut Desk<'_>, id: PropertyId) -> Result<Property, ToolError> {
    properties::find(desk.conn, id).await?.ok_or(ToolError::NotFound("property"))
}

/// Everything about a listing.
pub(in crate::domain::jarvis) async fn whole(desk: &mut Desk<'_>, id: PropertyId) -> Result<Value, ToolError> {
    let property = find(desk, id).await?;
    let mut data = short(&property);
    data["fields"] = serde_json::to_value(PropertyInput::from(&property)).unwrap_or_default();
    Ok(data)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SearchProperties {
    /// Part of title, own number, street or town, or a whole id of a portal.
    query: Option<String>,
    /// Where it stands.
    status: Option<PropertyStatus>,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for SearchProperties {
    const NAME: &'static str = "search_properties";
    const TITLE: &'static str = "Objekte suchen";
    const ABOUT: &'static str = "Lists the agency's listings by title, number, address or state.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let search = self.query.filter(|query| !query.trim().is_empty());
        let filter = PropertyFilter { status: self.status, search };
        let page = PageRequest { after: None, limit: limit(self.limit) };
        let found = properties::list(desk.conn, &filter, page).await?;
        let items: Vec<Value> = found.items.iter().map(short).collect();
        let more = found.next.is_some();
        let summary = format!("{} Objekte{}", items.len(), if more { ", es gibt weitere" } else { "" });
        Ok(Outcome::new(json!({"items": items, "more": more}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReadProperty {
    /// The listing.
    property_id: PropertyId,
}

impl Tool for ReadProperty {
    const NAME: &'static str = "read_property";
    const TITLE: &'static str = "Objekt lesen";
    const ABOUT: &'static str = "Reads all fields of one listing. Amounts are in cents.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let data = whole(desk, self.property_id).await?;
        let summary = data["line"].as_str().unwrap_or_default().to_owned();
        Ok(Outcome::new(data, summary))
    }
}

/// Fields of a listing that the assistant may set; one list makes the arguments, the merging and the card.
macro_rules! changes {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty => $label:literal),+ $(,)?) => {
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct EditProperty {
            /// The listing.
            property_id: PropertyId,
            $($(#[doc = $doc])+ $field: Option<$type>,)+
        }

        impl EditProperty {
            /// What the card says: each field with what stands there now.
            fn lines(&self, now: &PropertyInput) -> Vec<String> {
                let mut lines = Vec::new();
                $(if let Some(value) = &self.$field {
                    lines.push(format!("{}: {} → {}", $label, shown(&json!(now.$field)), shown(&json!(value))));
                })+
                lines
            }

            fn merge(self, input: &mut PropertyInput) {
                $(if let Some(value) = self.$field {
                    input.$field = value.into();
                })+
            }
        }
    };
}

changes! {
    /// In one line.
    title: String => "Titel",
    /// In many.
    description: String => "Beschreibung",
    /// Where it stands.
    status: PropertyStatus => "Status",
    /// Purchase price, cents.
    purchase_price_cents: i64 => "Kaufpreis (Cent)",
    /// Rent without anything, cents a month.
    cold_rent_cents: i64 => "Kaltmiete (Cent)",
    /// Rent with everything, cents a month.
    warm_rent_cents: i64 => "Warmmiete (Cent)",
    /// Running costs, cents a month.
    service_charge_cents: i64 => "Betriebskosten (Cent)",
    /// Deposit, cents.
    deposit_cents: i64 => "Kaution (Cent)",
    /// Living area, square metres.
    living_area: f64 => "Wohnfläche (m²)",
    /// Rooms.
    rooms: f64 => "Zimmer",
    /// Floor, 0 = ground floor.
    floor: i16 => "Stock",
    /// Heating in words.
    heating: String => "Heizung",
    /// There is a lift.
    lift: bool => "Lift",
    /// There is a balcony.
    balcony: bool => "Balkon",
    /// Pets are allowed.
    pets_allowed: bool => "Haustiere erlaubt",
    /// Parking in words.
    parking: String => "Parken",
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "leer".to_owned(),
        Value::String(text) => format!("„{text}“"),
        Value::Bool(true) => "ja".to_owned(),
        Value::Bool(false) => "nein".to_owned(),
        other => other.to_string(),
    }
}

impl Tool for EditProperty {
    const NAME: &'static str = "edit_property";
    const TITLE: &'static str = "Objekt ändern";
    const ABOUT: &'static str = "Changes fields of a listing; what is left out stays.";
    // Prospects are told by themselves what stands there.
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let property = find(desk, self.property_id).await?;
        let changes = self.lines(&PropertyInput::from(&property));
        if changes.is_empty() {
            return Err(ToolError::Arguments("nothing would change".to_owned()));
        }
        let lines = std::iter::once(property.title).chain(changes).collect();
        Ok(Card { title: "Objekt ändern".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let property = find(desk, self.property_id).await?;
        let mut input = PropertyInput::from(&property);
        self.merge(&mut input);
        let changed = properties::update(desk.conn, property.id, &input, Some(property.version)).await?;
        tasks::watch_energy(desk.conn, &changed).await?;
        Ok(Outcome::new(short(&changed), format!("{} geändert", changed.title)))
    }
}
