//! SQL of listings.

use super::model::{
    Marketing, PortalId, Property, PropertyError, PropertyFilter, PropertyId, PropertyInput, PropertyStatus,
    PropertyType,
};
use super::validate::checked;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tenants::Country;
use crate::domain::users::{self, UserId};

/// The portal ids as one JSON column.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
struct PortalIds(sqlx::types::Json<Vec<PortalId>>);

impl From<PortalIds> for Vec<PortalId> {
    fn from(ids: PortalIds) -> Self {
        ids.0.0
    }
}

/// A day or none: the checked queries convert a whole column, and `Option` cannot be converted from outside.
#[derive(sqlx::Type)]
#[sqlx(transparent, no_pg_array)]
struct MaybeDate(Option<jiff_sqlx::Date>);

impl From<MaybeDate> for Option<jiff::civil::Date> {
    fn from(date: MaybeDate) -> Self {
        date.0.map(jiff_sqlx::Date::to_jiff)
    }
}

macro_rules! properties_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Property,
            r#"SELECT id AS "id: PropertyId", title, description, type AS "kind: PropertyType",
                      marketing AS "marketing: Marketing", status AS "status: PropertyStatus", external_number,
                      coalesce((SELECT jsonb_agg(jsonb_build_object('portal', i.portal, 'portalObjectId', i.portal_object_id)
                                                 ORDER BY i.portal, i.portal_object_id)
                                FROM property_portal_ids i WHERE i.tenant_id = p.tenant_id AND i.property_id = p.id),
                               '[]') AS "portal_ids!: PortalIds",
                      street, house_number, zip, city, country AS "country: Country", address_released, currency,
                      purchase_price_cents, cold_rent_cents, warm_rent_cents, service_charge_cents, heating_cost_cents,
                      deposit_cents, commission_text, living_area, usable_area, plot_area, rooms, bedrooms, bathrooms,
                      floor, floors, year_built, condition, heating, energy_certificate, energy_value, energy_class,
                      energy_carrier, lift, balcony, furnished, parking, pets_allowed,
                      available_from AS "available_from!: MaybeDate", expose_url, agent_id AS "agent_id: UserId",
                      viewing_capacity, version, created_at, updated_at
               FROM properties p WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// One listing.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(conn: &mut TenantConn, id: PropertyId) -> Result<Option<Property>, sqlx::Error> {
    let tenant = conn.tenant();
    properties_where!("p.tenant_id = $1 AND p.id = $2", tenant.0, id.0).fetch_optional(conn.sql()).await
}

/// A page of listings, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(
    conn: &mut TenantConn,
    filter: &PropertyFilter,
    page: PageRequest,
) -> Result<Page<Property>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = properties_where!(
        "p.tenant_id = $1
         AND ($2::text IS NULL OR p.status = $2)
         AND ($3::text IS NULL
              OR position(lower($3) in lower(concat_ws(' ', p.title, p.external_number, p.street, p.house_number, p.zip, p.city))) > 0
              OR EXISTS (SELECT FROM property_portal_ids s
                         WHERE s.tenant_id = $1 AND s.property_id = p.id AND s.portal_object_id = $3))
         AND ($4::timestamptz IS NULL OR (p.created_at, p.id) < ($4, $5::uuid))
         ORDER BY p.created_at DESC, p.id DESC LIMIT $6",
        tenant.0,
        filter.status.map(PropertyStatus::as_str),
        filter.search,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |property| Cursor { at: property.created_at, id: property.id.0 }))
}

/// Makes a listing.
///
/// # Errors
/// [`PropertyError`].
pub async fn create(conn: &mut TenantConn, input: &PropertyInput) -> Result<Property, PropertyError> {
    let input = checked(input).map_err(PropertyError::Invalid)?;
    check_agent(conn, &input).await?;
    let id = PropertyId::new();
    sqlx::query!(
        "/* properties.create */
         INSERT INTO properties (id, tenant_id, title, type, marketing, status, country, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        id.0,
        conn.tenant().0,
        input.title,
        input.kind as _,
        input.marketing as _,
        input.status as _,
        input.country as _,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    write(conn, id, &input, 1).await?;
    replace_portal_ids(conn, id, &input.portal_ids).await?;
    find(conn, id).await?.ok_or(PropertyError::NotFound)
}

/// Replaces what a listing says. `expected_version` is what the caller read.
///
/// # Errors
/// [`PropertyError`].
pub async fn update(
    conn: &mut TenantConn,
    id: PropertyId,
    input: &PropertyInput,
    expected_version: Option<i32>,
) -> Result<Property, PropertyError> {
    let version = lock(conn, id, expected_version).await?;
    let input = checked(input).map_err(PropertyError::Invalid)?;
    check_agent(conn, &input).await?;
    write(conn, id, &input, version + 1).await?;
    replace_portal_ids(conn, id, &input.portal_ids).await?;
    find(conn, id).await?.ok_or(PropertyError::NotFound)
}

/// Removes a listing nobody asked for yet.
///
/// # Errors
/// [`PropertyError::InUse`] when a lead or a viewing names it.
pub async fn remove(conn: &mut TenantConn, id: PropertyId, expected_version: Option<i32>) -> Result<(), PropertyError> {
    lock(conn, id, expected_version).await?;
    sqlx::query!(
        "/* properties.remove */ DELETE FROM properties WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

async fn lock(conn: &mut TenantConn, id: PropertyId, expected_version: Option<i32>) -> Result<i32, PropertyError> {
    let version = sqlx::query_scalar!(
        "/* properties.lock */ SELECT version FROM properties WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        conn.tenant().0,
        id.0
    )
    .fetch_optional(conn.sql())
    .await?
    .ok_or(PropertyError::NotFound)?;
    if expected_version.is_some_and(|expected| expected != version) { Err(PropertyError::Changed) } else { Ok(version) }
}

/// A foreign key sees the users of all tenants, so it cannot refuse somebody else's.
async fn check_agent(conn: &mut TenantConn, input: &PropertyInput) -> Result<(), PropertyError> {
    match input.agent_id {
        Some(agent) if users::active_one(conn, agent).await?.is_none() => Err(PropertyError::NoSuchAgent),
        _ => Ok(()),
    }
}

async fn write(conn: &mut TenantConn, id: PropertyId, input: &PropertyInput, version: i32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* properties.write */
         UPDATE properties SET
             title = $3, description = $4, type = $5, marketing = $6, status = $7, external_number = $8, street = $9,
             house_number = $10, zip = $11, city = $12, country = $13, address_released = $14, currency = $15,
             purchase_price_cents = $16, cold_rent_cents = $17, warm_rent_cents = $18, service_charge_cents = $19,
             heating_cost_cents = $20, deposit_cents = $21, commission_text = $22, living_area = $23, usable_area = $24,
             plot_area = $25, rooms = $26, bedrooms = $27, bathrooms = $28, floor = $29, floors = $30, year_built = $31,
             condition = $32, heating = $33, energy_certificate = $34, energy_value = $35, energy_class = $36,
             energy_carrier = $37, lift = $38, balcony = $39, furnished = $40, parking = $41, pets_allowed = $42,
             available_from = $43, expose_url = $44, agent_id = $45, viewing_capacity = $46, version = $47, updated_at = $48
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        input.title,
        input.description,
        input.kind as _,
        input.marketing as _,
        input.status as _,
        input.external_number,
        input.street,
        input.house_number,
        input.zip,
        input.city,
        input.country as _,
        input.address_released,
        input.currency,
        input.purchase_price_cents,
        input.cold_rent_cents,
        input.warm_rent_cents,
        input.service_charge_cents,
        input.heating_cost_cents,
        input.deposit_cents,
        input.commission_text,
        input.living_area,
        input.usable_area,
        input.plot_area,
        input.rooms,
        input.bedrooms,
        input.bathrooms,
        input.floor,
        input.floors,
        input.year_built,
        input.condition,
        input.heating,
        input.energy_certificate,
        input.energy_value,
        input.energy_class,
        input.energy_carrier,
        input.lift,
        input.balcony,
        input.furnished,
        input.parking,
        input.pets_allowed,
        input.available_from.map(jiff_sqlx::Date::from) as _,
        input.expose_url,
        input.agent_id.map(|id| id.0),
        input.viewing_capacity,
        version,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

async fn replace_portal_ids(conn: &mut TenantConn, id: PropertyId, ids: &[PortalId]) -> Result<(), PropertyError> {
    sqlx::query!(
        "/* properties.forget_portal_ids */ DELETE FROM property_portal_ids WHERE tenant_id = $1 AND property_id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    // One by one, so that the error can name the id that is taken. There are a handful.
    for portal_id in ids {
        sqlx::query!(
            "/* properties.add_portal_id */
             INSERT INTO property_portal_ids (tenant_id, property_id, portal, portal_object_id) VALUES ($1, $2, $3, $4)",
            conn.tenant().0,
            id.0,
            portal_id.portal,
            portal_id.portal_object_id,
        )
        .execute(conn.sql())
        .await
        .map_err(|error| match broken_constraint(&error) {
            Some("property_portal_ids_pkey") => PropertyError::PortalIdTaken {
                portal: portal_id.portal.clone(),
                portal_object_id: portal_id.portal_object_id.clone(),
            },
            _ => error.into(),
        })?;
    }
    Ok(())
}

/// Gives the listings of somebody who leaves to a colleague, or to nobody.
///
/// # Errors
/// When the database cannot do it.
pub async fn hand_over(conn: &mut TenantConn, from: UserId, to: Option<UserId>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* properties.hand_over */
         UPDATE properties SET agent_id = $3, version = version + 1, updated_at = $4 WHERE tenant_id = $1 AND agent_id = $2",
        conn.tenant().0,
        from.0,
        to.map(|id| id.0),
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}
