//! Which listing an enquiry means.
//!
//! Rules in order, the first that finds something decides: the portal's id, the agency's own number, an id in the
//! exposé's address, the postal address. Only live listings count. Several hits mean that a human is asked; the caller
//! takes exactly one. What the prospect wrote is never looked at.

use super::model::PropertyId;
use crate::db::TenantConn;

/// How a portal's mail names a listing. Read from the portal's fields, not from the prospect's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// The agency's own number.
    pub external_number: Option<String>,
    /// Id as the portal shows it.
    pub portal_object_id: Option<String>,
    /// Public page of the listing.
    pub expose_url: Option<String>,
    /// Street, perhaps with the number.
    pub street: Option<String>,
    /// House number.
    pub house_number: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// Town.
    pub city: Option<String>,
}

/// The live listings `reference` may mean; `portal` is where the enquiry came from.
///
/// # Errors
/// When the database cannot be asked.
pub async fn matches(
    conn: &mut TenantConn,
    portal: Option<&str>,
    reference: &Reference,
) -> Result<Vec<PropertyId>, sqlx::Error> {
    if let Some(id) = given(&reference.portal_object_id) {
        let found = by_portal_ids(conn, portal, &[id.to_owned()]).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if let Some(number) = given(&reference.external_number) {
        let found = by_own_number(conn, number).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if let Some(url) = given(&reference.expose_url) {
        let found = by_url(conn, portal, url).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    by_address(conn, reference).await
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

async fn by_portal_ids(
    conn: &mut TenantConn,
    portal: Option<&str>,
    ids: &[String],
) -> Result<Vec<PropertyId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* properties.by_portal_ids */
         SELECT DISTINCT p.id AS "id: PropertyId"
         FROM property_portal_ids i JOIN properties p ON p.tenant_id = i.tenant_id AND p.id = i.property_id
         WHERE i.tenant_id = $1 AND i.portal_object_id = ANY($2) AND ($3::text IS NULL OR i.portal = lower($3))
           AND p.status IN ('ACTIVE', 'RESERVED')
         ORDER BY 1"#,
        conn.tenant().0,
        ids,
        portal,
    )
    .fetch_all(conn.sql())
    .await
}

/// Agencies write `A/12 b`, portals make `a-12b` of it. Both sides are brought to one form by the database, so that
/// there is one idea of lower case.
async fn by_own_number(conn: &mut TenantConn, number: &str) -> Result<Vec<PropertyId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* properties.by_own_number */
         SELECT id AS "id: PropertyId" FROM properties
         WHERE tenant_id = $1 AND status IN ('ACTIVE', 'RESERVED')
           AND translate(regexp_replace(lower(external_number), '\s', '', 'g'), '/', '-')
             = translate(regexp_replace(lower($2), '\s', '', 'g'), '/', '-')
         ORDER BY id"#,
        conn.tenant().0,
        number,
    )
    .fetch_all(conn.sql())
    .await
}

async fn by_url(conn: &mut TenantConn, portal: Option<&str>, url: &str) -> Result<Vec<PropertyId>, sqlx::Error> {
    let same = sqlx::query_scalar!(
        r#"/* properties.by_url */
         SELECT id AS "id: PropertyId" FROM properties
         WHERE tenant_id = $1 AND status IN ('ACTIVE', 'RESERVED') AND expose_url = $2 ORDER BY id"#,
        conn.tenant().0,
        url,
    )
    .fetch_all(conn.sql())
    .await?;
    if !same.is_empty() {
        return Ok(same);
    }
    let ids = ids_in_url(url);
    if ids.is_empty() { Ok(Vec::new()) } else { by_portal_ids(conn, portal, &ids).await }
}

/// What in a URL may be an id of a portal: whole pieces, and runs of letters and digits in them, with at least six
/// characters and a digit (the shortest real ids have eight).
fn ids_in_url(url: &str) -> Vec<String> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest).split_once(['/', '?']).map_or("", |(_, path)| path);
    let pieces = path.split(['/', '?', '&', '=', '#']);
    let runs = path.split(|c: char| !c.is_alphanumeric());
    let mut ids: Vec<String> = pieces
        .chain(runs)
        .filter(|piece| piece.len() >= 6 && piece.bytes().any(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

async fn by_address(conn: &mut TenantConn, reference: &Reference) -> Result<Vec<PropertyId>, sqlx::Error> {
    let (Some(street), Some(zip), Some(city)) =
        (given(&reference.street), given(&reference.zip), given(&reference.city))
    else {
        return Ok(Vec::new());
    };
    let (street, number) = match given(&reference.house_number) {
        Some(number) => (street, number),
        None => match split_house_number(street) {
            Some(parts) => parts,
            None => return Ok(Vec::new()),
        },
    };
    let wanted = (plain_street(street), plain(number));
    let town = plain(city);
    let rows = sqlx::query!(
        r#"/* properties.by_address */
         SELECT id AS "id: PropertyId", street AS "street!", house_number AS "house_number!", city AS "city!" FROM properties
         WHERE tenant_id = $1 AND status IN ('ACTIVE', 'RESERVED') AND zip = $2
           AND street IS NOT NULL AND house_number IS NOT NULL AND city IS NOT NULL
         ORDER BY id"#,
        conn.tenant().0,
        zip,
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(rows
        .into_iter()
        .filter(|row| (plain_street(&row.street), plain(&row.house_number)) == wanted && plain(&row.city) == town)
        .map(|row| row.id)
        .collect())
}

/// "Hauptstraße 12a" is a street and a number.
fn split_house_number(street: &str) -> Option<(&str, &str)> {
    let at = street.char_indices().find(|(at, c)| *at > 0 && c.is_ascii_digit())?.0;
    let (name, number) = street.split_at(at);
    let name = name.trim_end_matches([' ', ',']);
    (!name.is_empty()).then_some((name, number))
}

/// Letters and digits in lower case, `ß` as `ss`: how people and portals write the same address differently.
fn plain(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect::<String>().replace('ß', "ss")
}

/// "Hauptstraße", "Haupt-Strasse" and "Hauptstr." are one street.
fn plain_street(street: &str) -> String {
    let plain = plain(street);
    match plain.strip_suffix("strasse") {
        Some(name) => format!("{name}str"),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_wherever_a_portal_puts_it_in_a_url() {
        for url in [
            "https://www.immobilienscout24.de/expose/123456789",
            "https://www.willhaben.at/iad/immobilien/d/mietwohnungen/wien/altbau-123456789/",
            "https://example.org/?adId=123456789&utm_source=mail",
            "example.org/anzeige.php?id=123456789#top",
        ] {
            assert!(ids_in_url(url).contains(&"123456789".to_owned()), "{url}: {:?}", ids_in_url(url));
        }
        assert!(ids_in_url("https://immo123456.example.org/").is_empty(), "the host is no id");
        assert!(ids_in_url("https://example.org/wohnung/wien/1010").is_empty(), "a postal code is no id");
    }

    #[test]
    fn streets_are_compared_as_people_write_them() {
        for other in ["Hauptstrasse", "Haupt-Straße", "hauptstr.", " HAUPTSTRASSE "] {
            assert_eq!(plain_street("Hauptstraße"), plain_street(other), "{other}");
        }
        assert_ne!(plain_street("Hauptgasse"), plain_street("Hauptstraße"));
        assert_eq!(split_house_number("Am Graben 12a"), Some(("Am Graben", "12a")));
        assert_eq!(split_house_number("Am Graben"), None);
        assert_ne!(plain("12"), plain("12a"));
    }
}
