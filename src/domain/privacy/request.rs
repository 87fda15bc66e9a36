//! Asking for an export or an erasure.

use std::time::Duration;

use super::model::{ErasureReason, PrivacyError, Request, RequestId, RequestKind, RequestState};
use super::run;
use super::store::{self, NewRequest};
use crate::db::TenantConn;
use crate::domain::leads::{self, Lead, LeadId, Viewer};
use crate::domain::users::UserId;

/// Has everything held of a lead's person put together. While one export is open it is that one.
///
/// # Errors
/// [`PrivacyError::NoSuchLead`].
pub async fn export(conn: &mut TenantConn, lead: LeadId, by: UserId) -> Result<Request, PrivacyError> {
    if leads::find(conn, lead, Viewer::SYSTEM).await?.is_none() {
        return Err(PrivacyError::NoSuchLead);
    }
    let new = NewRequest { kind: RequestKind::Export, lead: Some(lead), reason: None, by: Some(by) };
    match store::insert(conn, &new).await? {
        Some(id) => begun(conn, id).await,
        None => store::open(conn, RequestKind::Export, Some(lead)).await?.ok_or(PrivacyError::NotFound),
    }
}

/// Has everything held of the agency put together. While one such export is open it is that one.
///
/// # Errors
/// When the database cannot do it.
pub async fn export_tenant(conn: &mut TenantConn, by: UserId) -> Result<Request, PrivacyError> {
    let new = NewRequest { kind: RequestKind::TenantExport, lead: None, reason: None, by: Some(by) };
    match store::insert(conn, &new).await? {
        Some(id) => begun(conn, id).await,
        None => store::open(conn, RequestKind::TenantExport, None).await?.ok_or(PrivacyError::NotFound),
    }
}

/// Has everything held of a lead's person erased. `confirmation` is what the lead says of the person at this moment (the
/// address; without one the telephone, else the name), typed by the human who asks: what cannot be undone is not done for
/// the wrong lead.
///
/// # Errors
/// [`PrivacyError::NoSuchLead`], [`PrivacyError::NotConfirmed`] or [`PrivacyError::Open`].
pub async fn erase(
    conn: &mut TenantConn,
    lead: LeadId,
    reason: ErasureReason,
    confirmation: &str,
    by: UserId,
) -> Result<Request, PrivacyError> {
    let found = leads::lock(conn, lead, Viewer::SYSTEM).await?.ok_or(PrivacyError::NoSuchLead)?;
    if let Some(open) = store::open(conn, RequestKind::Erasure, Some(lead)).await? {
        return Err(PrivacyError::Open(open.id));
    }
    if !confirms(&found, confirmation) {
        return Err(PrivacyError::NotConfirmed);
    }
    let new = NewRequest { kind: RequestKind::Erasure, lead: Some(lead), reason: Some(reason), by: Some(by) };
    match store::insert(conn, &new).await? {
        Some(id) => begun(conn, id).await,
        None => Err(PrivacyError::NotFound),
    }
}

/// Takes up a request that failed, where it stood.
///
/// # Errors
/// [`PrivacyError::NotFound`] or [`PrivacyError::NotFailed`].
pub async fn retry(conn: &mut TenantConn, id: RequestId) -> Result<Request, PrivacyError> {
    let request = store::find(conn, id).await?.ok_or(PrivacyError::NotFound)?;
    if !store::requeue(conn, id).await? {
        return Err(PrivacyError::NotFailed(request.state));
    }
    run::soon(conn, id, Duration::ZERO).await?;
    Ok(Request { state: RequestState::Queued, finished_at: None, ..request })
}

async fn begun(conn: &mut TenantConn, id: RequestId) -> Result<Request, PrivacyError> {
    run::soon(conn, id, Duration::ZERO).await?;
    store::find(conn, id).await?.ok_or(PrivacyError::NotFound)
}

fn confirms(lead: &Lead, confirmation: &str) -> bool {
    let wanted = lead.email.clone().or_else(|| lead.phone.clone()).or_else(|| lead.name());
    // A lead that says nothing of anybody is named by its id.
    let wanted = wanted.unwrap_or_else(|| lead.id.to_string());
    wanted.to_lowercase() == confirmation.trim().to_lowercase()
}
