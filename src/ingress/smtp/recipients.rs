//! Which agency an address is, without asking the database for every mail.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use smtp_intake::Address;

use crate::app::App;
use crate::db::{self, Database};
use crate::domain::intake::prefix_of;
use crate::domain::tenants;
use crate::ids::TenantId;

/// How long an agency that was found is taken to be there still; when its mail is stored, it must be. One that was just made
/// is found at once.
const FRESH: Duration = Duration::from_secs(2);
/// Most that are remembered.
const MOST: usize = 10_000;

/// The addresses `<prefix>@<intake domain>`. Only those found are remembered: who tries out addresses fills nothing.
pub(super) struct Recipients {
    db: Database,
    domain: String,
    found: Mutex<HashMap<String, (TenantId, Instant)>>,
}

impl Recipients {
    pub(super) fn new(app: &App) -> Self {
        let domain = app.settings.smtp.intake_domain.clone();
        Self { db: app.db.clone(), domain, found: Mutex::default() }
    }

    /// The tenant behind an address, if it is one of ours, and its intake prefix.
    pub(super) async fn find(&self, address: &Address) -> Result<Option<(TenantId, String)>, db::Error> {
        if !address.domain().is_some_and(|domain| domain.eq_ignore_ascii_case(&self.domain)) {
            return Ok(None);
        }
        let prefix = prefix_of(address.local());
        if let Some(&(tenant, at)) = self.found().get(&prefix)
            && at.elapsed() < FRESH
        {
            return Ok(Some((tenant, prefix)));
        }
        let asked = Instant::now();
        let mut conn = self.db.platform().await?;
        let tenant = tenants::by_intake_prefix(&mut conn, &prefix).await?.map(|tenant| tenant.id);
        let mut found = self.found();
        let Some(tenant) = tenant else {
            found.remove(&prefix);
            return Ok(None);
        };
        if found.len() >= MOST {
            found.retain(|_, (_, at)| at.elapsed() < FRESH);
        }
        if found.len() < MOST {
            found.insert(prefix.clone(), (tenant, asked));
        }
        Ok(Some((tenant, prefix)))
    }

    fn found(&self) -> MutexGuard<'_, HashMap<String, (TenantId, Instant)>> {
        // one whole entry changes at a time, so a panic elsewhere leaves nothing half done
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
