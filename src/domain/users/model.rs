//! What a user is.

use super::own::Locale;
use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::ids::TenantId;

crate::ids::id_type!(
    /// One of the agency's people.
    UserId
);

code! {
    /// What a user may do.
    Role { /// The company: settings, users, all leads.
        Admin = "ADMIN", /// The leads assigned to them.
        Agent = "AGENT" }
}

/// One of the agency's people.
#[derive(Debug, Clone)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Agency.
    pub tenant_id: TenantId,
    /// Subject of the token issuer.
    pub subject: String,
    /// Address, lower case.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E.164.
    pub phone: Option<String>,
    /// The language of what they get from us.
    pub locale: Locale,
    /// Stands under mails in their name, in place of the name.
    pub signature: Option<String>,
    /// Their own ISO weekdays for viewings; set together with the two below.
    pub viewing_weekdays: Option<Vec<i16>>,
    /// First viewing, minutes after midnight in the agency's zone.
    pub viewing_from_minute: Option<i16>,
    /// End of the last viewing, minutes after midnight.
    pub viewing_to_minute: Option<i16>,
    /// Rights.
    pub role: Role,
    /// May sign in.
    pub active: bool,
    /// Grows with each change.
    pub version: i32,
    /// When they came.
    pub created_at: Timestamp,
}

impl User {
    /// Given and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// Who a token's subject is.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The user, who may be deactivated.
    pub user: User,
    /// The agency is suspended: its people are locked out.
    pub is_suspended: bool,
}

/// What somebody says of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E.164.
    pub phone: Option<String>,
}

/// What is needed to make a user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Subject of the token issuer.
    pub subject: String,
    /// Address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E.164.
    pub phone: Option<String>,
    /// Rights.
    pub role: Role,
}
