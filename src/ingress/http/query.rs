//! What stands in the URL: query strings, ids, and the page of a list.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::json::named;
use super::problem::{ApiProblem, ApiResult, FieldError};
use crate::domain::page::{Cursor, Page, PageRequest};

/// A query string read as `T`. The type says `deny_unknown_fields`.
#[derive(Debug)]
pub(super) struct ApiQuery<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> ApiResult<Self> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> ApiResult<T> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    // A parameter without a value means the same as none: forms send them.
    let given: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();
    if let Some((name, _)) = given.iter().find(|(_, value)| value.contains('\0')) {
        return Err(ApiProblem::query(FieldError::new(name.as_ref(), "must not contain the character U+0000")));
    }
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(given);
    let encoded = encoded.finish();
    let source = serde_urlencoded::Deserializer::new(form_urlencoded::parse(encoded.as_bytes()));
    serde_path_to_error::deserialize(source).map_err(|error| {
        let (field, message) = named(&error.path().to_string(), &error.inner().to_string());
        ApiProblem::query(FieldError::new(field, message))
    })
}

/// The id in a path. What is no id names nothing, so it is a 404.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApiId<T>(pub T);

impl<S: Send + Sync, T: From<Uuid>> FromRequestParts<S> for ApiId<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id.into())),
            Err(_) => Err(ApiProblem::not_found("id (ids are UUIDs)")),
        }
    }
}

/// Two ids in a path, the outer one first.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApiIds<A, B>(pub A, pub B);

impl<S: Send + Sync, A: From<Uuid>, B: From<Uuid>> FromRequestParts<S> for ApiIds<A, B> {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        match Path::<(Uuid, Uuid)>::from_request_parts(parts, state).await {
            Ok(Path((outer, inner))) => Ok(Self(outer.into(), inner.into())),
            Err(_) => Err(ApiProblem::not_found("id (ids are UUIDs)")),
        }
    }
}

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u16>,
    /// `nextCursor` of the page before.
    pub(super) cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageView<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> From<Page<T>> for PageView<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next.map(|cursor| cursor.encode()) }
    }
}

/// Rows of a list when the caller says nothing.
const USUAL: u16 = 50;
/// Rows of a list at most.
const MOST: u16 = 200;

/// What `limit` and `cursor` ask for.
pub(super) fn page(limit: Option<u16>, cursor: Option<&str>) -> ApiResult<PageRequest> {
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiProblem::query(FieldError::new("limit", format!("must be between 1 and {MOST}"))));
    }
    let after = match cursor {
        None => None,
        Some(text) => Some(Cursor::decode(text).ok_or_else(|| {
            let message = "is none of ours; send `nextCursor` of the page before, or leave it out for the first page";
            ApiProblem::query(FieldError::new("cursor", message))
        })?),
    };
    Ok(PageRequest { after, limit })
}

/// A page of rows that are all there already, oldest first.
pub(super) fn page_of<T>(rows: Vec<T>, wanted: PageRequest, key: impl Fn(&T) -> Cursor) -> Page<T> {
    let is_later = |row: &T| wanted.after.is_none_or(|after| (key(row).at, key(row).id) > (after.at, after.id));
    let mut items: Vec<T> = rows.into_iter().filter(is_later).collect();
    let more = items.len() > usize::from(wanted.limit);
    items.truncate(usize::from(wanted.limit));
    let next = if more { items.last().map(key) } else { None };
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        limit: Option<u16>,
        q: Option<String>,
    }

    #[test]
    fn parameters_without_a_value_are_not_given() {
        let query = read::<Query>("limit=&q=a%20b").unwrap();
        assert_eq!((query.limit, query.q.as_deref()), (None, Some("a b")));
    }

    #[test]
    fn errors_name_the_parameter() {
        for (query, field) in
            [("limit=many", "limit"), ("limit=99999", "limit"), ("color=red", "color"), ("q=%00", "q")]
        {
            let shown = format!("{:?}", read::<Query>(query).unwrap_err());
            assert!(shown.contains(&format!("field: \"{field}\"")), "{query} → {shown}");
        }
        let shown = format!("{:?}", page(Some(0), None).unwrap_err());
        assert!(shown.contains("field: \"limit\""), "{shown}");
        let shown = format!("{:?}", page(None, Some("bogus")).unwrap_err());
        assert!(shown.contains("field: \"cursor\""), "{shown}");
    }
}
