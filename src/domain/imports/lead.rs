//! A row as a lead.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::model::RowProblem;
use crate::db::TenantConn;
use crate::domain::assistant;
use crate::domain::leads::{AddressKind, LeadSource, NewLead, Salutation, enquiry_key};
use crate::domain::properties::{self, PropertyId};
use crate::domain::tenants::{self, Country, LANGUAGES};
use crate::domain::users::{self, UserId};
use crate::ids::new_id;

/// What rows may name: listings by their numbers, people by their addresses.
#[derive(Debug)]
pub(super) struct Known {
    country: Country,
    properties: HashMap<String, PropertyId>,
    people: HashMap<String, UserId>,
}

impl Known {
    pub(super) async fn read(conn: &mut TenantConn) -> Result<Self, sqlx::Error> {
        let country = tenants::current(conn).await?.country;
        let numbers = properties::numbers(conn).await?;
        let properties = numbers.into_iter().map(|(number, id)| (number.to_lowercase(), id)).collect();
        let people = users::list(conn).await?;
        let people = people.into_iter().filter(|user| user.active).map(|user| (user.email.to_lowercase(), user.id));
        Ok(Self { country, properties, people: people.collect() })
    }

    /// The agency's own.
    pub(super) fn country(&self) -> Country {
        self.country
    }
}

/// A lead to be, and what its person wrote.
#[derive(Debug)]
pub(super) struct LeadRow {
    pub(super) new: NewLead,
    pub(super) message: Option<String>,
}

/// Reads a row.
pub(super) fn read(fields: &HashMap<&str, &str>, known: &Known) -> Result<LeadRow, Vec<RowProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(RowProblem { field: field.to_owned(), message });
    let given = |name: &str| fields.get(name).map(|text| (*text).to_owned());

    let email = given("email").map(|email| email.to_lowercase());
    if let Some(email) = email.as_ref().filter(|email| email.parse::<lettre::Address>().is_err()) {
        wrong("email", format!("“{email}” is no e-mail address"));
    }
    let phone = given("phone").and_then(|text| {
        let number = portal_mail::normalise_phone(&text, assistant::region(known.country));
        if number.is_none() {
            wrong("phone", format!("“{text}” is no telephone number"));
        }
        number
    });
    let (mut first_name, mut last_name) = (given("firstName"), given("lastName"));
    if let Some(name) = given("name").filter(|_| first_name.is_none() && last_name.is_none()) {
        (first_name, last_name) = split(&name);
    }
    for (field, name) in [("firstName", &first_name), ("lastName", &last_name)] {
        if name.as_ref().is_some_and(|name| name.chars().count() > 200 || name.chars().any(char::is_control)) {
            wrong(field, "must be one line of at most 200 characters".to_owned());
        }
    }
    let salutation = given("salutation").and_then(|text| match text.to_lowercase().trim_end_matches('.') {
        "herr" | "hr" | "mr" | "m" | "monsieur" | "signor" | "männlich" => Some(Salutation::Mr),
        "frau" | "fr" | "ms" | "mrs" | "w" | "f" | "mme" | "madame" | "signora" | "weiblich" => Some(Salutation::Ms),
        "divers" | "d" | "diverse" => Some(Salutation::Diverse),
        _ => {
            wrong("salutation", format!("“{text}” was not understood; write Herr, Frau or divers"));
            None
        }
    });
    let language = given("language").and_then(|text| {
        let code = language(&text);
        if code.is_none() {
            wrong("language", format!("must be one of {}", LANGUAGES.join(", ")));
        }
        code
    });
    let property_id = given("property").and_then(|number| {
        let found = known.properties.get(&number.to_lowercase()).copied();
        if found.is_none() {
            wrong("property", format!("no property has the number “{number}”; import the properties first"));
        }
        found
    });
    let assignee_id = given("assignee").and_then(|email| {
        let found = known.people.get(&email.to_lowercase()).copied();
        if found.is_none() {
            wrong("assignee", format!("nobody of the agency who is active has the address “{email}”"));
        }
        found
    });
    let message = given("message");
    if email.is_none() && phone.is_none() && first_name.is_none() && last_name.is_none() && problems.is_empty() {
        problems.push(RowProblem {
            field: String::new(),
            message: "a name, an address or a phone number is needed".to_owned(),
        });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    // Two people of whom only a common name is known are not one.
    let nobody = new_id().to_string();
    let person = email.as_deref().or(phone.as_deref()).unwrap_or(&nobody);
    let object = property_id.map(|id| id.to_string());
    let new = NewLead {
        source: LeadSource::Import,
        portal: None,
        salutation,
        enquiry_key: enquiry_key(None, object.as_deref(), Some(person), message.as_deref().unwrap_or_default()),
        address_kind: if email.is_some() { AddressKind::Direct } else { AddressKind::None },
        first_name,
        last_name,
        email,
        phone,
        language,
        property_id,
        assignee_id,
        incomplete: false,
        reference: json!({}),
        disclosure: BTreeMap::new(),
    };
    Ok(LeadRow { new, message })
}

/// "Probe, Ida" and "Ida Probe".
fn split(name: &str) -> (Option<String>, Option<String>) {
    let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match name.split_once(',') {
        Some((last, first)) => (part(first), part(last)),
        None => {
            let name = portal_mail::split_name(name);
            (name.first, name.last)
        }
    }
}

fn language(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let code = match text.as_str() {
        "deutsch" | "german" | "allemand" => "de",
        "englisch" | "english" | "anglais" => "en",
        "französisch" | "french" | "français" => "fr",
        "italienisch" | "italian" | "italiano" => "it",
        "spanisch" | "spanish" | "español" => "es",
        other => other,
    };
    LANGUAGES.contains(&code).then(|| code.to_owned())
}
