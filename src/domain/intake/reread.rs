//! Reading a kept mail again for a human who decides about it: before the transaction of what they decide, which must not stay
//! open as long as a large mail takes to read.

use std::sync::Arc;

use super::model::{IntakeError, IntakeId, IntakeMessage};
use super::process::{self, Reading};
use super::store;
use crate::app::App;
use crate::domain::tenants;
use crate::ids::TenantId;

/// A mail and what the readers of today make of it.
pub struct Reread {
    pub(super) mail: IntakeMessage,
    pub(super) reading: Reading,
}

/// Reads a mail again; nothing is changed by it.
///
/// # Errors
/// [`IntakeError::NotFound`].
pub async fn reread(app: &App, tenant: TenantId, id: IntakeId) -> Result<Reread, IntakeError> {
    let mut conn = app.db.tenant(tenant).await?;
    let mail = store::find(&mut conn, id).await?.ok_or(IntakeError::NotFound)?;
    let raw = store::raw(&mut conn, id).await?.ok_or(IntakeError::NotFound)?;
    let agency = tenants::current(&mut conn).await?;
    let context = process::context(&mut conn, &agency, &app.settings.smtp.intake_domain).await?;
    drop(conn);
    let reading = process::read(app, tenant, Arc::new(raw), context).await.map_err(IntakeError::Reading)?;
    Ok(Reread { mail, reading })
}
