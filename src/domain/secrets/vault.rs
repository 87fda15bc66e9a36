//! The keys this process holds, and where it gets them.

use std::sync::{Arc, PoisonError, RwLock};

use envelope::{DataKey, KeyId, Keyring, OpenError, Place, SealError};
use zeroize::Zeroizing;

use crate::db::{Database, broken_constraint};
use crate::ids::new_id;
use crate::integrations::key_wrapper::{KeyWrapper, WrapError, WrappedKey};

/// Why something was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// An envelope names a key that was never ours.
    #[error("the key {0} is not among the keys of this database")]
    NoSuchKey(KeyId),
    /// Another process makes a key at this moment.
    #[error("another process made a new key at the same moment; try again")]
    Concurrent,
    /// A key could not be wrapped or unwrapped.
    #[error("a key could not be used")]
    Wrapper(#[from] WrapError),
    /// Nothing was sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// An envelope does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database.
    #[error("the keys could not be read or written")]
    Database(#[from] sqlx::Error),
}

impl VaultError {
    /// Whether the same may succeed in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Wrapper(error) => error.is_passing(),
            Self::Concurrent => true,
            Self::NoSuchKey(_) | Self::Seal(_) | Self::Open(_) | Self::Database(_) => false,
        }
    }
}

/// Seals and opens. Cloning shares the keys.
///
/// A key is unwrapped once, when it is first needed, so a process starts and works without KMS until then.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    db: Database,
    wrapper: Arc<dyn KeyWrapper>,
    keyring: RwLock<Keyring>,
    /// One task at a time asks the wrapper for a key; the others find it then.
    unwrapping: tokio::sync::Mutex<()>,
}

impl Vault {
    /// Without a key yet.
    #[must_use]
    pub fn new(db: Database, wrapper: Arc<dyn KeyWrapper>) -> Self {
        let keyring = RwLock::new(Keyring::new());
        Self(Arc::new(Inner { db, wrapper, keyring, unwrapping: tokio::sync::Mutex::new(()) }))
    }

    pub(super) fn db(&self) -> &Database {
        &self.0.db
    }

    /// Makes a new key and the current one of it. What was sealed before still opens.
    ///
    /// # Errors
    /// [`VaultError`]; nothing has changed then.
    pub async fn generate(&self) -> Result<KeyId, VaultError> {
        self.make_key(true).await
    }

    /// Makes a key; in place of the current one, or only if there is none.
    async fn make_key(&self, replace: bool) -> Result<KeyId, VaultError> {
        let key = DataKey::generate(KeyId(new_id()));
        let id = key.id();
        let wrapped = self.0.wrapper.wrap(&key).await?;
        let mut conn = self.0.db.platform().await?;
        if replace {
            sqlx::query!("/* secrets.demote_key */ UPDATE data_keys SET state = 'PREVIOUS' WHERE state = 'CURRENT'")
                .execute(conn.sql())
                .await?;
        }
        let now = conn.now();
        sqlx::query!(
            "/* secrets.add_key */
             INSERT INTO data_keys (id, wrapped_by, wrapped, state, created_at) VALUES ($1, $2, $3, 'CURRENT', $4)",
            id.0,
            wrapped.by,
            wrapped.bytes,
            now as _,
        )
        .execute(conn.sql())
        .await
        .map_err(|error| match broken_constraint(&error) {
            Some("data_keys_one_current") => VaultError::Concurrent,
            _ => error.into(),
        })?;
        conn.commit().await?;
        self.change(|keyring| keyring.add(key));
        Ok(id)
    }

    /// The key to seal with: the current one of the database, which another process may have changed a moment ago. The
    /// first key is made when it is first needed.
    pub(super) async fn current(&self) -> Result<KeyId, VaultError> {
        let id = match self.ask_current().await? {
            Some(id) => id,
            None => match self.make_key(false).await {
                Err(VaultError::Concurrent) => self.ask_current().await?.ok_or(VaultError::Concurrent)?,
                made => made?,
            },
        };
        self.fetch(id).await?;
        self.change(|keyring| keyring.set_current(id))?;
        Ok(id)
    }

    async fn ask_current(&self) -> Result<Option<KeyId>, sqlx::Error> {
        let mut conn = self.0.db.platform().await?;
        let id = sqlx::query_scalar!("/* secrets.current_key */ SELECT id FROM data_keys WHERE state = 'CURRENT'")
            .fetch_optional(conn.sql())
            .await?;
        Ok(id.map(KeyId))
    }

    /// Sees to it that this process has a key.
    pub(super) async fn fetch(&self, id: KeyId) -> Result<(), VaultError> {
        let has = || self.look(|keyring| keyring.has(id));
        if has() {
            return Ok(());
        }
        let _one_at_a_time = self.0.unwrapping.lock().await;
        if has() {
            return Ok(());
        }
        let mut conn = self.0.db.platform().await?;
        let row = sqlx::query!("/* secrets.key */ SELECT wrapped_by, wrapped FROM data_keys WHERE id = $1", id.0)
            .fetch_optional(conn.sql())
            .await?
            .ok_or(VaultError::NoSuchKey(id))?;
        drop(conn);
        let wrapped = WrappedKey { id, by: row.wrapped_by, bytes: row.wrapped };
        let key = self.0.wrapper.unwrap(&wrapped).await?;
        self.change(|keyring| keyring.add(key));
        Ok(())
    }

    /// Seals with the key that [`Vault::current`] found last.
    pub(super) fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<(KeyId, Vec<u8>), VaultError> {
        let sealed = self.look(|keyring| keyring.seal(place, secret))?;
        Ok((envelope::key_id(&sealed)?, sealed))
    }

    /// Opens with a key that is here.
    pub(super) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(self.look(|keyring| keyring.open(place, sealed))?)
    }

    fn look<T>(&self, at: impl FnOnce(&Keyring) -> T) -> T {
        at(&self.0.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, with: impl FnOnce(&mut Keyring) -> T) -> T {
        with(&mut self.0.keyring.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}
