//! Layouts a human explained once: mails of that sender are read by them from then on, for this agency.
//!
//! Where a portal's own reader finds an enquiry, that one counts; everywhere else a layout that fits comes before what the
//! readers of all make of the mail. One that does not fit changes nothing but the reason why the mail is in the tray.
//! How places are found and read is `portal_mail`'s business.

pub use portal_mail::LayoutField;
use portal_mail::{AdapterId, Class, Context, Layout, Understood};
use sqlx::types::Json;

use super::attach::is_usable;
use super::model::{IntakeError, IntakeId};
use super::store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::users::UserId;
use crate::domain::{assistant, tenants};
use crate::ids::TenantId;

/// So many of one sender are tried; a sender with more looks has none.
const PER_SENDER: i64 = 10;
/// So many an agency may have.
const PER_TENANT: i64 = 1_000;

crate::ids::id_type!(
    /// A remembered layout.
    LayoutId
);

/// Where in the mails of a sender which field stands.
#[derive(Debug, Clone)]
pub struct RememberedLayout {
    /// Id; mails read by it say `remembered/<id>` as their adapter.
    pub id: LayoutId,
    /// Whose mails; lower case.
    pub sender: String,
    /// Where what stands.
    pub layout: Json<Layout>,
    /// Who explained it; `None` when they are gone.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// Of one sender, newest first: the newest that fits is taken.
pub(super) async fn of_sender(conn: &mut TenantConn, sender: &str) -> Result<Vec<RememberedLayout>, sqlx::Error> {
    sqlx::query_as!(
        RememberedLayout,
        r#"/* intake.layouts_of_sender */
         SELECT id AS "id: LayoutId", sender, layout AS "layout: Json<Layout>", created_by AS "created_by: UserId", created_at
         FROM remembered_layouts WHERE tenant_id = $1 AND sender = $2 ORDER BY created_at DESC, id DESC LIMIT $3"#,
        conn.tenant().0,
        sender,
        PER_SENDER,
    )
    .fetch_all(conn.sql())
    .await
}

/// All of the tenant, newest first, for who reads many mails of all senders.
pub(super) async fn all(conn: &mut TenantConn) -> Result<Vec<RememberedLayout>, sqlx::Error> {
    sqlx::query_as!(
        RememberedLayout,
        r#"/* intake.layouts */
         SELECT id AS "id: LayoutId", sender, layout AS "layout: Json<Layout>", created_by AS "created_by: UserId", created_at
         FROM remembered_layouts WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"#,
        conn.tenant().0,
        PER_TENANT,
    )
    .fetch_all(conn.sql())
    .await
}

/// Whose layouts may read a mail; `None` where none would change anything.
pub(super) fn asked_of(mail: &Understood) -> Option<String> {
    let is_read = mail.portal.is_some() && mail.leads.iter().any(is_usable);
    let sender = mail.mail.from.as_ref().map(|from| from.address.to_lowercase());
    sender.filter(|_| mail.class != Class::Bounce && !is_read)
}

/// Reads a mail by the layouts of its sender. `false`: there are some, and none fits.
pub(super) fn read_by(layouts: &[RememberedLayout], raw: &[u8], context: &Context, mail: &mut Understood) -> bool {
    let Some(sender) = asked_of(mail) else { return true };
    let mut own = layouts.iter().filter(|layout| layout.sender == sender).peekable();
    if own.peek().is_none() {
        return true;
    }
    let Some((id, draft)) = own.find_map(|own| Some((own.id, portal_mail::apply_layout(raw, &own.layout, context)?)))
    else {
        return false;
    };
    mail.class = Class::Lead;
    mail.adapter = Some(AdapterId(format!("remembered/{id}")));
    mail.leads = vec![draft];
    mail.reasons.push("lead: read by a layout that was remembered for this sender".to_owned());
    true
}

/// What was learnt of a mail, before it is kept.
#[derive(Debug)]
pub struct Learnt {
    sender: String,
    layout: Layout,
}

/// Learns from a mail and what a human read in it where the fields stand. Takes as long as the mail is large, so no
/// transaction is open meanwhile.
///
/// # Errors
/// [`IntakeError::NotInMail`] with the fields that could not be found, [`IntakeError::Field`] when the mail names no sender.
pub async fn learn_layout(
    app: &App,
    tenant: TenantId,
    id: IntakeId,
    values: Vec<(LayoutField, String)>,
) -> Result<Learnt, IntakeError> {
    let mut conn = app.db.tenant(tenant).await?;
    let raw = store::raw(&mut conn, id).await?.ok_or(IntakeError::NotFound)?;
    let agency = tenants::current(&mut conn).await?;
    drop(conn);
    let context = Context { country: assistant::region(agency.country), team: Vec::new() };
    let learning = tokio::task::spawn_blocking(move || {
        let layout = infer(&raw, values, &context).map_err(IntakeError::NotInMail)?;
        let from = portal_mail::understand(&raw, &context).mail.from;
        let sender = from.map(|from| from.address.to_lowercase()).filter(|sender| !sender.is_empty());
        let no_sender = || IntakeError::Field { field: "sender", problem: "the mail names no sender".to_owned() };
        Ok(Learnt { sender: sender.ok_or_else(no_sender)?, layout })
    });
    learning.await.map_err(|error| IntakeError::Reading(error.into()))?
}

/// Keeps a layout. Of one sender only the newest are kept: older ones would be tried after all of them.
///
/// # Errors
/// [`IntakeError::Field`] when the agency has as many as are kept.
pub async fn remember_layout(
    conn: &mut TenantConn,
    user: UserId,
    Learnt { sender, layout }: Learnt,
) -> Result<RememberedLayout, IntakeError> {
    sqlx::query!(
        "/* intake.forget_old_layouts */
         DELETE FROM remembered_layouts WHERE tenant_id = $1 AND id IN (
             SELECT id FROM remembered_layouts WHERE tenant_id = $1 AND sender = $2 ORDER BY created_at DESC, id DESC OFFSET $3)",
        conn.tenant().0,
        sender,
        PER_SENDER - 1,
    )
    .execute(conn.sql())
    .await?;
    let kept = sqlx::query_scalar!(
        r#"/* intake.count_layouts */ SELECT count(*) AS "kept!" FROM remembered_layouts WHERE tenant_id = $1"#,
        conn.tenant().0
    )
    .fetch_one(conn.sql())
    .await?;
    if kept >= PER_TENANT {
        let problem = format!("{PER_TENANT} layouts are remembered already; forget one that is not needed any more");
        return Err(IntakeError::Field { field: "layout", problem });
    }
    Ok(sqlx::query_as!(
        RememberedLayout,
        r#"/* intake.remember_layout */
         INSERT INTO remembered_layouts (id, tenant_id, sender, layout, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING id AS "id: LayoutId", sender, layout AS "layout: Json<Layout>", created_by AS "created_by: UserId", created_at"#,
        LayoutId::new().0,
        conn.tenant().0,
        sender,
        Json(layout) as _,
        user.0,
        conn.now() as _,
    )
    .fetch_one(conn.sql())
    .await?)
}

/// Given and family name may have places of their own; where they do not, they stand together as one name.
fn infer(raw: &[u8], values: Vec<(LayoutField, String)>, context: &Context) -> Result<Layout, Vec<LayoutField>> {
    let missing = match portal_mail::infer_layout(raw, &values, context) {
        Ok(layout) => return Ok(layout),
        Err(missing) => missing,
    };
    let name = |wanted: LayoutField| values.iter().find(|(field, _)| *field == wanted).map(|(_, value)| value.clone());
    let (Some(first), Some(last)) = (name(LayoutField::FirstName), name(LayoutField::LastName)) else {
        return Err(missing);
    };
    for whole in [format!("{first} {last}"), format!("{last}, {first}"), format!("{last} {first}")] {
        let mut values: Vec<_> = values
            .iter()
            .filter(|(field, _)| !matches!(field, LayoutField::FirstName | LayoutField::LastName))
            .cloned()
            .collect();
        values.push((LayoutField::Name, whole));
        if let Ok(layout) = portal_mail::infer_layout(raw, &values, context) {
            return Ok(layout);
        }
    }
    Err(missing)
}

/// A page of layouts, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_layouts(conn: &mut TenantConn, page: PageRequest) -> Result<Page<RememberedLayout>, sqlx::Error> {
    let rows = sqlx::query_as!(
        RememberedLayout,
        r#"/* intake.list_layouts */
         SELECT id AS "id: LayoutId", sender, layout AS "layout: Json<Layout>", created_by AS "created_by: UserId", created_at
         FROM remembered_layouts WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4"#,
        conn.tenant().0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Forgets a layout.
///
/// # Errors
/// [`IntakeError::NoSuch`].
pub async fn forget_layout(conn: &mut TenantConn, id: LayoutId) -> Result<(), IntakeError> {
    let gone = sqlx::query!(
        "/* intake.forget_layout */ DELETE FROM remembered_layouts WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0
    )
    .execute(conn.sql())
    .await?;
    if gone.rows_affected() == 0 { Err(IntakeError::NoSuch("layout")) } else { Ok(()) }
}
