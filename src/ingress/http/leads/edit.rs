//! Changing a lead's fields.

use serde::Deserialize;
use utoipa::ToSchema;

use super::view::LeadView;
use crate::domain::leads::{self, LeadEdit, LeadError, LeadId, LegalBasis, Salutation};
use crate::domain::properties::PropertyId;
use crate::domain::users::UserId;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::check::Check;
use crate::ingress::http::json::{ApiJson, or_null};
use crate::ingress::http::problem::{ApiProblem, ApiResult};
use crate::ingress::http::query::ApiId;
use crate::ingress::http::version::{IfMatch, Versioned};

/// Changes. A field that is left out stays; `null` empties it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LeadPatch {
    /// How to address the prospect.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<Salutation>)]
    salutation: Option<Option<Salutation>>,
    /// Given name.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    first_name: Option<Option<String>>,
    /// Family name.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    last_name: Option<Option<String>>,
    /// The prospect's own address.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// E.164.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// `de`, `en`, `fr`, `it` or `es`.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    /// "Sie" (true) or "du".
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<bool>)]
    formal_address: Option<Option<bool>>,
    /// The listing.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<PropertyId>)]
    property_id: Option<Option<PropertyId>>,
    /// Whose lead it is; for administrators.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<UserId>)]
    assignee_id: Option<Option<UserId>>,
    /// On what its data is kept; cannot be emptied.
    legal_basis: Option<LegalBasis>,
}

/// Change a lead
#[utoipa::path(patch, path = "/leads/{leadId}", operation_id = "editLead", tag = "leads",
    params(("leadId" = LeadId, Path, description = "Lead"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = LeadPatch,
    responses((status = 200, body = LeadView, description = "Changed"), (status = 403, response = ApiProblem)))]
pub(super) async fn edit(
    caller: Caller,
    ApiId(id): ApiId<LeadId>,
    IfMatch(version): IfMatch,
    ApiJson(patch): ApiJson<LeadPatch>,
) -> ApiResult<Versioned<LeadView>> {
    if patch.assignee_id.is_some() {
        caller.require_admin("assign leads")?;
    }
    let edit = checked(patch)?;
    let mut conn = caller.tenant_conn().await?;
    let mut lead = leads::lock(&mut conn, id, caller.viewer()).await?.ok_or(LeadError::NotFound)?;
    leads::edit(&mut conn, &mut lead, caller.user.id, edit, version).await?;
    conn.commit().await?;
    Ok(Versioned(lead.version, lead.into()))
}

fn checked(patch: LeadPatch) -> ApiResult<LeadEdit> {
    let mut check = Check::new();
    let edit = LeadEdit {
        salutation: patch.salutation,
        first_name: patch.first_name.map(|value| check.line("firstName", value)),
        last_name: patch.last_name.map(|value| check.line("lastName", value)),
        email: patch.email.map(|value| check.email("email", value)),
        phone: patch.phone.map(|value| check.phone("phone", value)),
        language: patch.language.map(|value| check.language("language", value)),
        formal_address: patch.formal_address,
        property_id: patch.property_id,
        assignee_id: patch.assignee_id,
        legal_basis: patch.legal_basis,
    };
    check.done()?;
    Ok(edit)
}
