//! Who is meant: all leads of the person behind one lead.
//!
//! The same address is the same person; a portal's relay address is one, too, because two people never share one. The
//! same telephone is the same person unless both have family names and they differ: households share telephones. Leads of
//! one prospect ([`crate::domain::leads::know`]) are one person's, and their addresses are this person's, too.

use std::collections::BTreeSet;

use super::model::Work;
use crate::db::TenantConn;
use crate::domain::leads::LeadId;
use crate::domain::{tenants, users};

/// Notes in `work` every lead of the person behind `lead`, with their addresses and telephone numbers, beside what is
/// noted already. A lead that is gone adds nothing.
pub(super) async fn gather(conn: &mut TenantConn, lead: LeadId, work: &mut Work) -> Result<(), sqlx::Error> {
    let own = own_addresses(conn).await?;
    let mut leads: BTreeSet<LeadId> = work.leads.iter().copied().chain([lead]).collect();
    let mut addresses: BTreeSet<String> = work.addresses.iter().cloned().collect();
    let mut phones: BTreeSet<String> = work.phones.iter().cloned().collect();
    let mut found = BTreeSet::new();
    let mut names = BTreeSet::new();
    // Each round may find a lead with a further address; it ends because there are only so many leads.
    loop {
        let known = found.len();
        let same_address: Vec<String> = addresses.iter().filter(|address| !own.contains(*address)).cloned().collect();
        let rows = sqlx::query!(
            r#"/* privacy.gather */
             SELECT id AS "id: LeadId", email, phone, lower(last_name) AS last_name,
                    (id = ANY ($2) OR email = ANY ($3)
                     OR prospect_id IN (SELECT k.prospect_id FROM leads k WHERE k.tenant_id = $1 AND k.id = ANY ($2))) AS "sure!",
                    ARRAY(SELECT c.value FROM prospect_contacts c
                          WHERE c.tenant_id = $1 AND c.prospect_id = leads.prospect_id AND c.kind IN ('EMAIL', 'RELAY')
                            AND (c.lead_id IS NULL OR c.lead_id = leads.id)) AS "addresses!",
                    -- Numbers that were replaced stay known: mail from before names them.
                    ARRAY(SELECT c.value FROM prospect_contacts c
                          WHERE c.tenant_id = $1 AND c.prospect_id = leads.prospect_id AND c.kind = 'PHONE') AS "phones!"
             FROM leads
             WHERE tenant_id = $1
               AND (id = ANY ($2) OR email = ANY ($3) OR phone = ANY ($4)
                    OR prospect_id IN (SELECT k.prospect_id FROM leads k WHERE k.tenant_id = $1 AND k.id = ANY ($2)))
             ORDER BY id"#,
            conn.tenant().0,
            &leads.iter().map(|id| id.0).collect::<Vec<_>>(),
            &same_address,
            &phones.iter().cloned().collect::<Vec<_>>(),
        )
        .fetch_all(conn.sql())
        .await?;
        names.extend(rows.iter().filter(|row| row.sure).filter_map(|row| row.last_name.clone()));
        for row in rows {
            let fits = row.last_name.as_ref().is_none_or(|name| names.is_empty() || names.contains(name));
            if row.sure || fits {
                found.insert(row.id);
                leads.insert(row.id);
                addresses.extend(row.email);
                addresses.extend(row.addresses);
                phones.extend(row.phone);
                phones.extend(row.phones);
            }
        }
        if found.len() == known {
            break;
        }
    }
    work.leads = found.into_iter().collect();
    // Every forwarded mail names the agency's own people: no trace of a prospect.
    work.addresses = addresses.into_iter().filter(|address| !own.contains(address)).collect();
    work.phones = phones.into_iter().collect();
    Ok(())
}

/// Addresses of the agency and its people, lower case.
async fn own_addresses(conn: &mut TenantConn) -> Result<BTreeSet<String>, sqlx::Error> {
    let mut own: BTreeSet<String> = users::list(conn).await?.into_iter().map(|user| user.email).collect();
    own.insert(tenants::current(conn).await?.mail_from_address.to_lowercase());
    Ok(own)
}
