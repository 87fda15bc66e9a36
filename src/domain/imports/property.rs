//! A row as a listing.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::fields::fields;
use super::model::{ImportKind, RowProblem};
use super::values;
use crate::domain::properties::{self, PropertyInput};
use crate::domain::tenants::Country;

/// Fields that name a portal's id stand for one entry of `portalIds`.
const PORTAL: &str = "portalIds.";

/// Reads a row. What it does not say of the country is the agency's own; of the marketing, what its prices say.
pub(super) fn read(row: &HashMap<&str, &str>, country: Country, today: Date) -> Result<PropertyInput, Vec<RowProblem>> {
    let mut problems = Vec::new();
    let mut object = Map::new();
    let mut portal_ids = Vec::new();
    for field in fields(ImportKind::Properties) {
        let Some(text) = row.get(field.name) else { continue };
        match (field.name.strip_prefix(PORTAL), values::value(field.form, text, today)) {
            (Some(portal), _) => portal_ids.push(json!({"portal": portal, "portalObjectId": text})),
            (None, Ok(value)) => drop(object.insert(field.name.to_owned(), value)),
            (None, Err(message)) => problems.push(RowProblem { field: field.name.to_owned(), message }),
        }
    }
    object.insert("portalIds".to_owned(), Value::Array(portal_ids));
    object.entry("country").or_insert_with(|| json!(country));
    object.entry("type").or_insert_with(|| json!("OTHER"));
    let is_priced = |name: &str| object.contains_key(name);
    let marketing = match (is_priced("purchasePriceCents"), is_priced("coldRentCents") || is_priced("warmRentCents")) {
        (true, false) => Some("SALE"),
        (false, true) => Some("RENT"),
        _ => None,
    };
    let is_told = problems.iter().any(|problem| problem.field == "marketing") || object.contains_key("marketing");
    match marketing {
        Some(marketing) => drop(object.entry("marketing").or_insert_with(|| json!(marketing))),
        None if is_told => {}
        None => problems.push(RowProblem {
            field: "marketing".to_owned(),
            message: "is it for sale or for rent? Neither a column nor a price says so".to_owned(),
        }),
    }
    object.entry("title").or_insert_with(|| json!(row.get("externalNumber").copied().unwrap_or_default()));
    if !problems.is_empty() {
        return Err(problems);
    }
    let input = serde_json::from_value::<PropertyInput>(Value::Object(object))
        .map_err(|error| vec![RowProblem { field: String::new(), message: error.to_string() }])?;
    let problems = properties::problems(&input);
    if problems.is_empty() { Ok(input) } else { Err(problems.into_iter().map(RowProblem::from).collect()) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read_row(row: &[(&'static str, &'static str)]) -> Result<PropertyInput, Vec<String>> {
        let row = row.iter().copied().collect();
        let problems = |problems: Vec<RowProblem>| problems.into_iter().map(|problem| problem.field).collect();
        read(&row, Country::At, date(2026, 11, 25)).map_err(problems)
    }

    #[test]
    fn every_field_of_the_table_is_one_of_a_listing() {
        let row: HashMap<&str, &str> = fields(ImportKind::Properties)
            .iter()
            .map(|field| {
                let text = match field.form {
                    values::Form::Text if field.name == "currency" => "CHF",
                    values::Form::Text => "x",
                    values::Form::Money | values::Form::Number | values::Form::Floor => "3",
                    values::Form::Whole if field.name == "yearBuilt" => "1998",
                    values::Form::Whole => "4",
                    values::Form::Truth => "ja",
                    values::Form::Day => "01.12.2026",
                    values::Form::Kind => "Haus",
                    values::Form::Marketing => "Kauf",
                    values::Form::Status => "aktiv",
                    values::Form::Country => "CH",
                };
                (field.name, text)
            })
            .collect();
        let input = read(&row, Country::At, date(2026, 11, 25)).unwrap();
        let json = serde_json::to_value(&input).unwrap();
        for field in fields(ImportKind::Properties) {
            let name = field.name.split('.').next().unwrap();
            assert!(!json[name].is_null(), "{name} was not taken");
        }
        assert_eq!(input.portal_ids.len(), 5);
    }

    #[test]
    fn what_a_row_leaves_open_is_filled_or_asked_for() {
        let input = read_row(&[("externalNumber", "A-1"), ("coldRentCents", "950")]).unwrap();
        assert_eq!((&*input.title, input.country, input.cold_rent_cents), ("A-1", Country::At, Some(95_000)));
        assert_eq!(read_row(&[("title", "Haus")]).unwrap_err(), ["marketing"]);
        assert_eq!(read_row(&[("title", "Haus"), ("marketing", "vielleicht")]).unwrap_err(), ["marketing"]);
        assert_eq!(
            read_row(&[("marketing", "Kauf"), ("yearBuilt", "x"), ("rooms", "viele")]).unwrap_err(),
            ["rooms", "yearBuilt"]
        );
        assert_eq!(read_row(&[("marketing", "Kauf")]).unwrap_err(), ["title"]);
    }
}
