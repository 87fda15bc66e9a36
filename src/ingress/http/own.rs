//! What each of the agency's people decides for themselves, on the wire: `PUT /me`, and `PUT /users/{userId}/own` for
//! administrators.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check::Check;
use super::me::name;
use crate::domain::tenants::WallClock;
use crate::domain::users::{Locale, OwnSettings, Profile, ViewingHours};

/// What somebody decides for themselves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OwnInput {
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// International number such as +436641234567; prospects get it with an appointment.
    phone: Option<String>,
    /// The language of what they get by mail; German if left out.
    locale: Option<Locale>,
    /// Stands under mails in their name, in place of the name; at most 12 lines and 1000 characters.
    signature: Option<String>,
    /// When they show listings, within the hours of the agency. Null: whenever the agency does.
    viewing_hours: Option<ViewingHoursBody>,
}

/// When somebody shows listings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ViewingHoursBody {
    /// ISO weekdays, 1 = Monday.
    weekdays: Vec<i16>,
    /// First viewing.
    from: WallClock,
    /// End of the last viewing; `24:00` is the end of the day.
    to: WallClock,
}

impl From<ViewingHours> for ViewingHoursBody {
    fn from(hours: ViewingHours) -> Self {
        Self { weekdays: hours.weekdays, from: hours.from, to: hours.to }
    }
}

impl OwnInput {
    /// With what is wrong noted in `check`.
    pub(super) fn checked(self, check: &mut Check) -> OwnSettings {
        let hours = |hours: ViewingHoursBody| ViewingHours { weekdays: hours.weekdays, from: hours.from, to: hours.to };
        OwnSettings {
            profile: Profile {
                first_name: name(check, "firstName", self.first_name),
                last_name: name(check, "lastName", self.last_name),
                phone: check.phone("phone", self.phone),
            },
            locale: self.locale.unwrap_or(Locale::De),
            signature: self.signature,
            viewing_hours: self.viewing_hours.map(hours),
        }
    }
}
