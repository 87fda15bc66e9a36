//! The agency of the demo: two agents, three listings. Made once; later runs find it.

use crate::app::App;
use crate::domain::page::PageRequest;
use crate::domain::properties::{
    self, Marketing, PortalId, PropertyFilter, PropertyInput, PropertyStatus, PropertyType,
};
use crate::domain::tenants::{self, Country, NewFact, NewTenant};
use crate::domain::users::{self, NewUser, Role, UserId};
use crate::ids::TenantId;

/// Short name of the demo agency.
const SLUG: &str = "donaublick-demo";
/// Local part of its intake address.
pub(super) const PREFIX: &str = "donaublick";
/// Its administrator.
pub(super) const ADMIN: &str = "helene.auer@donaublick.test";

/// Finds the agency or makes it.
pub(super) async fn ensure(app: &App) -> anyhow::Result<TenantId> {
    let mut platform = app.db.platform().await?;
    let tenant = match tenants::by_slug(&mut platform, SLUG).await? {
        Some(tenant) => tenant.id,
        None => {
            let new = NewTenant {
                name: "Donaublick Immobilien".to_owned(),
                slug: SLUG.to_owned(),
                intake_prefix: PREFIX.to_owned(),
                country: Country::At,
                time_zone: "Europe/Vienna".to_owned(),
                mail_from_address: "anfragen@donaublick.test".to_owned(),
            };
            tenants::create(&mut platform, &new).await?
        }
    };
    platform.commit().await?;

    let mut conn = app.db.tenant(tenant).await?;
    let known = users::list(&mut conn).await?;
    let mut people = Vec::new();
    for (email, first_name, last_name, phone, role) in [
        (ADMIN, "Helene", "Auer", "+4315550101", Role::Admin),
        ("jakob.lindner@donaublick.test", "Jakob", "Lindner", "+4315550102", Role::Agent),
    ] {
        let id = match known.iter().find(|user| user.email == email) {
            Some(user) => user.id,
            None => {
                let new = NewUser {
                    subject: format!("demo|{email}"),
                    email: email.to_owned(),
                    first_name: first_name.to_owned(),
                    last_name: last_name.to_owned(),
                    phone: Some(phone.to_owned()),
                    role,
                };
                users::create(&mut conn, &new).await?
            }
        };
        people.push(id);
    }
    if tenants::facts(&mut conn).await?.is_empty() {
        let fact = NewFact {
            topic: "financing".to_owned(),
            text: "Auf Wunsch vermitteln wir ein unverbindliches Gespräch mit einer Finanzierungsberatung.".to_owned(),
        };
        tenants::add_fact(&mut conn, &fact).await?;
    }
    let there =
        properties::list(&mut conn, &PropertyFilter::default(), PageRequest { after: None, limit: 100 }).await?;
    for listing in listings(people[0], people[1]) {
        if !there.items.iter().any(|property| property.external_number == listing.external_number) {
            properties::create(&mut conn, &listing).await?;
        }
    }
    conn.commit().await?;
    Ok(tenant)
}

fn listings(helene: UserId, jakob: UserId) -> [PropertyInput; 3] {
    let base = |title: &str, kind, marketing| PropertyInput {
        status: PropertyStatus::Active,
        city: Some("Wien".to_owned()),
        lift: Some(true),
        ..PropertyInput::new(title, kind, marketing, Country::At)
    };
    let portal = |portal: &str, id: &str| PortalId { portal: portal.to_owned(), portal_object_id: id.to_owned() };
    [
        PropertyInput {
            description: "Ruhige, hofseitige Altbauwohnung mit Flügeltüren und Fischgrätparkett. Das Haus hat einen \
                          Fahrradraum im Hof. Zur U6 sind es fünf Minuten zu Fuß."
                .to_owned(),
            external_number: Some("DB-1040".to_owned()),
            portal_ids: vec![portal("willhaben", "1834567201")],
            street: Some("Kastaniengasse".to_owned()),
            house_number: Some("12".to_owned()),
            zip: Some("1090".to_owned()),
            cold_rent_cents: Some(118_000),
            service_charge_cents: Some(21_500),
            deposit_cents: Some(418_500),
            living_area: Some(68.5),
            rooms: Some(3.0),
            floor: Some(2),
            floors: Some(5),
            pets_allowed: Some(true),
            heating: Some("Fernwärme".to_owned()),
            energy_class: Some("C".to_owned()),
            energy_value: Some(78.0),
            available_from: jiff::civil::Date::new(2027, 2, 1).ok(),
            agent_id: Some(jakob),
            ..base("Helle Altbauwohnung beim Augarten", PropertyType::Apartment, Marketing::Rent)
        },
        PropertyInput {
            description: "Dachterrasse mit Blick über die Stadt. Erstbezug nach Generalsanierung.".to_owned(),
            external_number: Some("DB-2207".to_owned()),
            portal_ids: vec![portal("immoscout24", "151234567")],
            zip: Some("1070".to_owned()),
            purchase_price_cents: Some(64_900_000),
            commission_text: Some("3 % des Kaufpreises zzgl. 20 % USt.".to_owned()),
            service_charge_cents: Some(31_000),
            living_area: Some(92.0),
            rooms: Some(3.0),
            floor: Some(4),
            balcony: Some(true),
            energy_class: Some("B".to_owned()),
            agent_id: Some(helene),
            ..base("Dachgeschoßwohnung mit Terrasse in Neubau", PropertyType::Apartment, Marketing::Sale)
        },
        PropertyInput {
            description: "Garten in Südlage, zwei Bäder, eigener Stellplatz.".to_owned(),
            external_number: Some("DB-3310".to_owned()),
            portal_ids: vec![portal("immowelt", "2ab4c5d")],
            zip: Some("1190".to_owned()),
            cold_rent_cents: Some(245_000),
            living_area: Some(128.0),
            plot_area: Some(310.0),
            rooms: Some(5.0),
            lift: Some(false),
            parking: Some("ein Stellplatz vor dem Haus".to_owned()),
            agent_id: Some(jakob),
            ..base("Reihenhaus mit Garten in Döbling", PropertyType::House, Marketing::Rent)
        },
    ]
}
