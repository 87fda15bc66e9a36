//! The person behind leads, as far as one can tell.
//!
//! Always true: a person is known by their own address or by a portal's own id of them, which are one person's by a unique
//! index; never by a relay address. A telephone joins two only with their whole name: households share telephones. What
//! names two persons who were two until now makes them one. An address somebody wrote into a text or a form joins persons
//! unless their names contradict; it says nothing of where mail goes, and gives way to whoever really writes from it.

use uuid::Uuid;

use super::model::{AddressKind, Lead, LeadId, LeadSource, NewLead, Viewer};
use crate::db::TenantConn;
use crate::domain::codes::code;
use crate::ids::new_id;

crate::ids::id_type!(
    /// A prospect: the person behind leads.
    ProspectId
);

code! {
    /// By what a prospect is known.
    ContactKind { /// Their own address, lower case.
        Email = "EMAIL", /// E.164.
        Phone = "PHONE", /// A portal's own id of the person, `portal:id`.
        PortalPerson = "PORTAL_PERSON", /// A portal's address for one lead's thread.
        Relay = "RELAY" }
}

/// Something a prospect is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// What it is.
    pub kind: ContactKind,
    /// As [`ContactKind`] says.
    pub value: String,
    /// Somebody wrote it into a text or a form: nobody has proven it.
    pub is_said: bool,
}

impl Contact {
    /// One that came in a sender or a portal's field.
    #[must_use]
    pub fn certain(kind: ContactKind, value: &str) -> Self {
        Self { kind, value: value.to_lowercase(), is_said: false }
    }
}

/// Makes transactions about the same people follow each other: whoever comes second sees what the first has made. `known`
/// holds addresses, telephones and portals' ids; take all of a transaction at once.
///
/// # Errors
/// When the database cannot be asked.
pub async fn one_at_a_time(conn: &mut TenantConn, known: &[&str]) -> Result<(), sqlx::Error> {
    let tenant = conn.tenant();
    let mut keys: Vec<String> = known.iter().map(|key| format!("prospect:{tenant}:{}", key.to_lowercase())).collect();
    keys.sort_unstable();
    keys.dedup();
    sqlx::query!(
        "/* leads.one_at_a_time */ SELECT count(pg_advisory_xact_lock(hashtextextended(key, 0))) FROM unnest($1::text[]) AS key",
        &keys
    )
    .fetch_one(conn.sql())
    .await?;
    Ok(())
}

/// Whose enquiry this is. The flag says that nobody knew them before.
pub(super) async fn of_new(conn: &mut TenantConn, new: &NewLead) -> Result<(ProspectId, bool), sqlx::Error> {
    let own = new.email.as_deref().filter(|_| new.address_kind == AddressKind::Direct);
    let known = match own {
        Some(email) => of_contact(conn, ContactKind::Email, email).await?,
        None => None,
    };
    let known = match known {
        Some((known, is_said)) if !(is_said || is_said_by(new)) || is_named_like(conn, known, new).await? => {
            Some(known)
        }
        _ => None,
    };
    let known = match (known, &new.phone, &new.last_name) {
        (None, Some(phone), Some(last)) => {
            of_phone(conn, phone, new.first_name.as_deref(), last, own.is_none()).await?
        }
        (known, ..) => known,
    };
    if let Some(known) = known {
        return Ok((known, false));
    }
    let id = ProspectId::new();
    sqlx::query!(
        "/* leads.make_prospect */ INSERT INTO prospects (id, tenant_id, created_at) VALUES ($1, $2, $3)",
        id.0,
        conn.tenant().0,
        conn.now() as _
    )
    .execute(conn.sql())
    .await?;
    Ok((id, true))
}

/// Whoever fills in a form proves nothing of what they type.
pub(super) fn is_said_by(new: &NewLead) -> bool {
    new.source == LeadSource::Widget
}

/// Whose contact this is, and whether somebody only said so.
async fn of_contact(
    conn: &mut TenantConn,
    kind: ContactKind,
    value: &str,
) -> Result<Option<(ProspectId, bool)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"/* leads.prospect_of_contact */
         SELECT prospect_id AS "id: ProspectId", is_said FROM prospect_contacts
         WHERE tenant_id = $1 AND kind = $2 AND value = lower($3)"#,
        conn.tenant().0,
        kind as _,
        value,
    )
    .fetch_optional(conn.sql())
    .await?;
    Ok(row.map(|row| (row.id, row.is_said)))
}

/// Whether an enquiry is in the person's name: one name is the same, and no family name contradicts.
async fn is_named_like(conn: &mut TenantConn, person: ProspectId, new: &NewLead) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.is_named_like */
         SELECT coalesce(bool_or(string_to_array(lower(concat_ws(' ', first_name, last_name)), ' ')
                                 && string_to_array(lower(concat_ws(' ', $3::text, $4::text)), ' '))
                         AND NOT coalesce(bool_or(lower(last_name) <> lower($4)), false), false) AS "is_named_like!"
         FROM leads WHERE tenant_id = $1 AND prospect_id = $2"#,
        conn.tenant().0,
        person.0,
        new.first_name,
        new.last_name,
    )
    .fetch_one(conn.sql())
    .await
}

/// The person of this name at this telephone. Where both have an address, and so two, the given name must be known, too.
async fn of_phone(
    conn: &mut TenantConn,
    phone: &str,
    first: Option<&str>,
    last: &str,
    is_without_address: bool,
) -> Result<Option<ProspectId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.prospect_of_phone */
         SELECT l.prospect_id AS "id: ProspectId"
         FROM prospect_contacts c JOIN leads l ON l.tenant_id = c.tenant_id AND l.prospect_id = c.prospect_id
         WHERE c.tenant_id = $1 AND c.kind = 'PHONE' AND c.value = $2 AND NOT c.is_said AND lower(l.last_name) = lower($3)
           AND (lower(l.first_name) = lower($4) OR ($5 AND (l.first_name IS NULL OR $4::text IS NULL)))
         ORDER BY l.created_at, l.id LIMIT 1"#,
        conn.tenant().0,
        phone,
        last,
        first,
        is_without_address,
    )
    .fetch_optional(conn.sql())
    .await
}

/// Forgets a prospect that was made for a lead that then was none.
pub(super) async fn forget(conn: &mut TenantConn, prospect: ProspectId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.forget_prospect */ DELETE FROM prospects WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        prospect.0
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// What a lead says its person is known by.
pub(super) fn contacts(email: Option<&str>, kind: AddressKind, phone: Option<&str>) -> Vec<Contact> {
    let email = email.and_then(|email| match kind {
        AddressKind::Direct => Some(Contact::certain(ContactKind::Email, email)),
        AddressKind::Relay => Some(Contact::certain(ContactKind::Relay, email)),
        AddressKind::None => None,
    });
    email.into_iter().chain(phone.map(|phone| Contact::certain(ContactKind::Phone, phone))).collect()
}

/// Remembers that the person behind a lead is known by this. If somebody else is, too, both are one person from here on.
///
/// # Errors
/// When the database cannot do it.
pub async fn know(conn: &mut TenantConn, lead: LeadId, contact: &Contact) -> Result<(), sqlx::Error> {
    let tenant = conn.tenant();
    let own = sqlx::query_scalar!(
        r#"/* leads.prospect_of */ SELECT prospect_id AS "id: ProspectId" FROM leads WHERE tenant_id = $1 AND id = $2"#,
        tenant.0,
        lead.0
    )
    .fetch_one(conn.sql())
    .await?;
    let of_lead = (contact.kind == ContactKind::Relay).then_some(lead.0);
    sqlx::query!(
        "/* leads.know */
         INSERT INTO prospect_contacts (id, tenant_id, prospect_id, kind, value, lead_id, is_said, created_at)
         VALUES ($1, $2, $3, $4, lower($5), $6, $7, $8) ON CONFLICT DO NOTHING",
        new_id(),
        tenant.0,
        own.0,
        contact.kind as _,
        contact.value,
        of_lead,
        contact.is_said,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let other = match contact.kind {
        ContactKind::Email | ContactKind::PortalPerson => of_contact(conn, contact.kind, &contact.value).await?,
        ContactKind::Phone | ContactKind::Relay => None,
    };
    let other = other.filter(|(other, _)| *other != own);
    if let Some((other, true)) = other
        && !contact.is_said
        && !names_agree(conn, own, other).await?
    {
        return hand_over(conn, contact, own).await;
    }
    if !contact.is_said {
        sqlx::query!(
            "/* leads.know_for_certain */
             UPDATE prospect_contacts SET is_said = false WHERE tenant_id = $1 AND kind = $2 AND value = lower($3) AND is_said",
            tenant.0,
            contact.kind as _,
            contact.value,
        )
        .execute(conn.sql())
        .await?;
    }
    if let Some((other, _)) = other
        && (!contact.is_said || names_agree(conn, own, other).await?)
    {
        join(conn, own, other).await?;
    }
    Ok(())
}

/// What somebody said of themselves is somebody else's: theirs who showed it.
async fn hand_over(conn: &mut TenantConn, contact: &Contact, to: ProspectId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "/* leads.hand_over_contact */
         UPDATE prospect_contacts SET prospect_id = $4, is_said = false WHERE tenant_id = $1 AND kind = $2 AND value = lower($3)",
        conn.tenant().0,
        contact.kind as _,
        contact.value,
        to.0,
    )
    .execute(conn.sql())
    .await?;
    Ok(())
}

/// Whether the two have a name in common and no family name of one contradicts one of the other: what somebody wrote is not
/// believed against that.
async fn names_agree(conn: &mut TenantConn, one: ProspectId, other: ProspectId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"/* leads.names_agree */
         SELECT coalesce(bool_or(string_to_array(lower(concat_ws(' ', a.first_name, a.last_name)), ' ')
                                 && string_to_array(lower(concat_ws(' ', b.first_name, b.last_name)), ' '))
                         AND NOT coalesce(bool_or(lower(a.last_name) <> lower(b.last_name)), false), false) AS "agree!"
         FROM leads a JOIN leads b ON b.tenant_id = a.tenant_id AND b.prospect_id = $3
         WHERE a.tenant_id = $1 AND a.prospect_id = $2"#,
        conn.tenant().0,
        one.0,
        other.0,
    )
    .fetch_one(conn.sql())
    .await
}

/// Makes two persons one: the older stays.
async fn join(conn: &mut TenantConn, one: ProspectId, other: ProspectId) -> Result<(), sqlx::Error> {
    let tenant = conn.tenant().0;
    // Nobody adds a lead to either meanwhile.
    let locked = sqlx::query_scalar!(
        r#"/* leads.lock_prospects */
         SELECT id AS "id: ProspectId" FROM prospects WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY created_at, id FOR UPDATE"#,
        tenant,
        &[one.0, other.0],
    )
    .fetch_all(conn.sql())
    .await?;
    let [stays, goes] = locked[..] else { return Ok(()) };
    // Who does not want to be asked again does not under the other name either.
    sqlx::query!(
        "/* leads.join_wishes */
         UPDATE prospects s SET unsubscribed_at = least(s.unsubscribed_at, g.unsubscribed_at) FROM prospects g
         WHERE s.tenant_id = $1 AND s.id = $2 AND g.tenant_id = $1 AND g.id = $3 AND g.unsubscribed_at IS NOT NULL",
        tenant,
        stays.0,
        goes.0
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* leads.join_leads */ UPDATE leads SET prospect_id = $2 WHERE tenant_id = $1 AND prospect_id = $3",
        tenant,
        stays.0,
        goes.0
    )
    .execute(conn.sql())
    .await?;
    sqlx::query!(
        "/* leads.join_contacts */
         UPDATE prospect_contacts c SET prospect_id = $2 WHERE tenant_id = $1 AND prospect_id = $3
           AND NOT EXISTS (SELECT FROM prospect_contacts o WHERE o.tenant_id = $1 AND o.prospect_id = $2 AND o.kind = c.kind AND o.value = c.value)",
        tenant,
        stays.0,
        goes.0
    )
    .execute(conn.sql())
    .await?;
    forget(conn, goes).await
}

/// The other leads of the same person that `viewer` may see, newest first; at most a hundred.
///
/// # Errors
/// When the database cannot be asked.
pub async fn others_of_prospect(conn: &mut TenantConn, lead: &Lead, viewer: Viewer) -> Result<Vec<Lead>, sqlx::Error> {
    let ids: Vec<Uuid> = sqlx::query_scalar!(
        "/* leads.others_of_prospect */
         SELECT id FROM leads WHERE tenant_id = $1 AND prospect_id = $2 AND id <> $3 ORDER BY created_at DESC, id DESC LIMIT 100",
        conn.tenant().0,
        lead.prospect_id.0,
        lead.id.0,
    )
    .fetch_all(conn.sql())
    .await?;
    let mut others = Vec::with_capacity(ids.len());
    for id in ids {
        others.extend(super::store::find(conn, LeadId(id), viewer).await?);
    }
    Ok(others)
}
