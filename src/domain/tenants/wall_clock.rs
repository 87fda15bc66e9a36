//! A time of day on the wall of the agency's office.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Minutes after midnight, 0 to 1440; `HH:MM` on the wire, where `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallClock(pub i16);

/// The end of the day.
const MIDNIGHT: i16 = 24 * 60;

impl WallClock {
    /// Reads `HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |part: &str| -> Option<i16> {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let time = Self(hours * 60 + minutes);
        (minutes < 60 && time.0 <= MIDNIGHT).then_some(time)
    }
}

impl std::fmt::Display for WallClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for WallClock {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallClock {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("must be a time of day such as 08:30"))
    }
}

impl utoipa::PartialSchema for WallClock {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")).into()
    }
}
impl utoipa::ToSchema for WallClock {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_is_read_as_it_is_written_and_nothing_else_is() {
        for minutes in 0..=MIDNIGHT {
            assert_eq!(WallClock::parse(&WallClock(minutes).to_string()), Some(WallClock(minutes)));
        }
        for text in ["", "8:30", "08:60", "24:01", "25:00", "08:3", "+8:30", "08-30", "08:30:00", "99:99"] {
            assert_eq!(WallClock::parse(text), None, "{text}");
        }
    }
}
