//! The platform's own people, and what they may do across tenants: list, suspend, look.
//!
//! Always true: they are no tenant's users. What they see or change of a tenant goes through that tenant's transaction
//! with them as the actor, so it stands in its audit log; a look needs a reason and ends within an hour. What is no one
//! tenant's, who became one of them and who listed the tenants, stands in the platform's own log.

mod impersonation;
mod store;
mod tenants;
mod trail;

pub use impersonation::{
    Impersonation, ImpersonationError, ImpersonationId, LONGEST_MINUTES, end, note_use, session, start,
};
pub use store::{Staff, add, by_subject, list, remove};
pub use tenants::{TenantSummary, resume, suspend, tenants};
pub use trail::{PlatformEvent, forget_old, trail};

use crate::db::{Actor, ActorKind};
use crate::domain::users::UserId;

impl Staff {
    /// This person as the audit log names them, perhaps in a user's name.
    #[must_use]
    pub fn actor(&self, user: Option<UserId>, request_id: Option<String>) -> Actor {
        Actor { kind: ActorKind::Staff, id: Some(self.subject.clone()), user_id: user.map(|id| id.0), request_id }
    }
}
