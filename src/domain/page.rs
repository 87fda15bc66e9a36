//! Pages of a list, by key: the next page starts after the last row seen, so rows that come in meanwhile shift nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;

/// Where a page starts: after this row, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sort key of the last row seen.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Cursor {
    /// As it stands in a URL. Opaque to clients.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = self.at.as_microsecond().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::encode`] wrote; anything else is `None`.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (at, id) = bytes.split_at_checked(8)?;
        let at = jiff::Timestamp::from_microsecond(i64::from_be_bytes(at.try_into().ok()?)).ok()?;
        Some(Self { at: Timestamp(at), id: Uuid::from_slice(id).ok()? })
    }
}

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Start; `None` for the newest.
    pub after: Option<Cursor>,
    /// At most this many, 1 to 200.
    pub limit: u16,
}

impl PageRequest {
    pub(crate) fn at(&self) -> Option<Timestamp> {
        self.after.map(|cursor| cursor.at)
    }
    pub(crate) fn id(&self) -> Option<Uuid> {
        self.after.map(|cursor| cursor.id)
    }
    /// One more than wanted tells whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next = if more { rows.last().map(key) } else { None };
        Page { items: rows, next }
    }
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
