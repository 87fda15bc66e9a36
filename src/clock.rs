//! Time, as the rest of the program sees it.
//!
//! Nobody else asks the system clock (`clippy.toml` bans it), so tests decide what "now" is. Instants are UTC; a
//! tenant's zone says what "9:00" means, and that is jiff's business.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef, Postgres};

/// An instant in UTC: RFC 3339 on the wire, `timestamptz` in the database (microseconds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub jiff::Timestamp);

impl std::ops::Deref for Timestamp {
    type Target = jiff::Timestamp;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(value: jiff::Timestamp) -> Self {
        Self(value)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}
impl utoipa::ToSchema for Timestamp {}

impl sqlx::Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <jiff_sqlx::Timestamp as sqlx::Type<Postgres>>::type_info()
    }
}
impl sqlx::postgres::PgHasArrayType for Timestamp {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_timestamptz")
    }
}
impl sqlx::Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        jiff_sqlx::Timestamp::from(self.0).encode_by_ref(buffer)
    }
}
impl<'r> sqlx::Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        jiff_sqlx::Timestamp::decode(value).map(|stamp| Self(stamp.to_jiff()))
    }
}

/// Where "now" comes from. Cloning shares the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Fixed(Arc<Mutex<jiff::Timestamp>>),
}

impl Clock {
    /// A clock that stands still until [`Clock::set`]; for tests.
    #[must_use]
    pub fn fixed(at: jiff::Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(at))))
    }

    /// The present instant, cut to microseconds: what the database can keep.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn now(&self) -> Timestamp {
        let now = match &self.0 {
            Source::System => jiff::Timestamp::now(),
            Source::Fixed(at) => *at.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        Timestamp(jiff::Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now))
    }

    /// Moves a fixed clock; a system clock stays what it is.
    pub fn set(&self, at: jiff::Timestamp) {
        if let Source::Fixed(fixed) = &self.0 {
            *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at;
        }
    }
}
