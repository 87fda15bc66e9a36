//! Hearing what other transactions announce (`NOTIFY`).

use sqlx::postgres::PgListener;

use super::Database;

/// Something was heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// An announcement.
    Notice {
        /// Its channel.
        channel: String,
        /// What it says.
        payload: String,
    },
    /// The connection was lost; it is there again at the next call. What was announced meanwhile is not known.
    Gap,
}

/// A connection that listens, borrowed from the pool for as long as it lives.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Database {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self, channels: &[&str]) -> Result<Listener, sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.pool()).await?;
        listener.listen_all(channels.iter().copied()).await?;
        Ok(Listener(listener))
    }
}

impl Listener {
    /// Waits for the next announcement. May be dropped while waiting.
    ///
    /// # Errors
    /// When the database cannot be reached any more; make a new one then.
    pub async fn next(&mut self) -> Result<Heard, sqlx::Error> {
        Ok(match self.0.try_recv().await? {
            Some(notice) => {
                Heard::Notice { channel: notice.channel().to_owned(), payload: notice.payload().to_owned() }
            }
            None => Heard::Gap,
        })
    }
}
