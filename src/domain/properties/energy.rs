//! What must be said of a listing's energy before it is offered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Property, PropertyError, PropertyId, PropertyInput, PropertyType};
use super::store;
use crate::db::TenantConn;
use crate::domain::tenants::Country;

/// The certificate of a building that needs none, such as a listed monument (GEG § 79 (4), EAVG § 5).
pub const NO_CERTIFICATE: &str = "NOT_REQUIRED";

/// Energy data of a listing. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnergyData {
    /// Kind of certificate: `Bedarfsausweis`, `Verbrauchsausweis`; `NOT_REQUIRED` where the law asks for none.
    pub certificate: Option<String>,
    /// Energy value, kWh per square metre and year (AT: HWB).
    pub value: Option<f64>,
    /// Class.
    pub class: Option<String>,
    /// Main energy carrier.
    pub carrier: Option<String>,
    /// Year built; Germany asks for it with the rest.
    pub year_built: Option<i16>,
}

/// The fields of a listing that the law wants in an advertisement and that are not set: GEG § 87 (1) in Germany (for homes
/// the class and the year as well), EAVG § 3 in Austria. Switzerland asks for none; neither does land or a garage.
#[must_use]
pub fn missing_energy(property: &Property) -> Vec<&'static str> {
    let is_home = matches!(property.kind, PropertyType::Apartment | PropertyType::House);
    let is_building = is_home || property.kind == PropertyType::Commercial;
    let certificate = property.energy_certificate.as_deref();
    if !is_building || certificate.is_some_and(|kind| kind.eq_ignore_ascii_case(NO_CERTIFICATE)) {
        return Vec::new();
    }
    let all = match property.country {
        Country::De => vec![
            ("energyCertificate", certificate.is_none()),
            ("energyValue", property.energy_value.is_none()),
            ("energyCarrier", property.energy_carrier.is_none()),
            ("energyClass", is_home && property.energy_class.is_none()),
            ("yearBuilt", is_home && property.year_built.is_none()),
        ],
        Country::At => {
            vec![("energyValue", property.energy_value.is_none()), ("energyClass", property.energy_class.is_none())]
        }
        Country::Ch => Vec::new(),
    };
    all.into_iter().filter(|(_, is_missing)| *is_missing).map(|(field, _)| field).collect()
}

/// Stores energy data of a listing.
///
/// # Errors
/// [`PropertyError::Invalid`] naming the fields as the listing has them.
pub async fn store_energy(conn: &mut TenantConn, id: PropertyId, data: &EnergyData) -> Result<Property, PropertyError> {
    let property = store::find(conn, id).await?.ok_or(PropertyError::NotFound)?;
    let mut input = PropertyInput::from(&property);
    if data.certificate.is_some() {
        input.energy_certificate.clone_from(&data.certificate);
    }
    if data.class.is_some() {
        input.energy_class.clone_from(&data.class);
    }
    if data.carrier.is_some() {
        input.energy_carrier.clone_from(&data.carrier);
    }
    input.energy_value = data.value.or(input.energy_value);
    input.year_built = data.year_built.or(input.year_built);
    // Whoever changed the listing between the two statements is not overwritten.
    store::update(conn, id, &input, Some(property.version)).await
}
