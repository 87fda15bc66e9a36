//! Identifiers.
//!
//! Rows are keyed by UUIDs of version 7 (RFC 9562 §5.7): unguessable enough for a URL that also needs a token, and in
//! order of creation, so that index pages stay dense.

use uuid::Uuid;

/// A new row id.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new one.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "a default id would be a lie")]
            pub fn new() -> Self {
                Self($crate::ids::new_id())
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id_type!(
    /// A tenant: an agency. Only [`crate::db`] and the sign-in turn outside facts into one.
    TenantId
);
pub(crate) use id_type;
