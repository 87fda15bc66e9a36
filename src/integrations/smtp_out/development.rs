//! A mailbox in a folder: one file per mail, named by its Message-ID, so that a second attempt replaces the first.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tokio::fs;

use super::{MailTransport, Outgoing, SendError};

/// The mailbox. Several processes may share the folder.
#[derive(Debug, Clone)]
pub struct DevelopmentMailbox(PathBuf);

/// One mail in it.
#[derive(Debug, Clone)]
pub struct StoredMail {
    /// Its name in the mailbox.
    pub id: String,
    /// When it was accepted.
    pub accepted: std::time::SystemTime,
    /// The whole message.
    pub mime: Vec<u8>,
}

impl DevelopmentMailbox {
    /// Opens the mailbox in `folder`, making it if need be.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// The newest mails, newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self, limit: usize) -> std::io::Result<Vec<StoredMail>> {
        let mut names = Vec::new();
        let mut entries = fs::read_dir(&self.0).await?;
        while let Some(entry) = entries.next_entry().await? {
            if let Some(id) = entry.file_name().to_str().and_then(|name| name.strip_suffix(".eml")) {
                names.push((entry.metadata().await?.modified()?, id.to_owned()));
            }
        }
        names.sort_by(|a, b| b.cmp(a));
        let mut mails = Vec::new();
        for (_, id) in names.into_iter().take(limit) {
            mails.extend(self.read(&id).await?);
        }
        Ok(mails)
    }

    /// One mail.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub async fn read(&self, id: &str) -> std::io::Result<Option<StoredMail>> {
        // The name comes from a URL: nothing but what we give out ourselves.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let path = self.0.join(format!("{id}.eml"));
        match fs::read(&path).await {
            Ok(mime) => {
                Ok(Some(StoredMail { id: id.to_owned(), accepted: fs::metadata(&path).await?.modified()?, mime }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl MailTransport for DevelopmentMailbox {
    async fn send(&self, mail: &Outgoing) -> Result<String, SendError> {
        let id = id_of(&mail.message_id);
        let unfinished = self.0.join(format!("{id}.part"));
        let write = async {
            fs::write(&unfinished, &mail.mime).await?;
            fs::rename(&unfinished, self.0.join(format!("{id}.eml"))).await
        };
        write.await.map_err(|error| SendError::Temporary(error.to_string()))?;
        Ok(format!("development mailbox {id}"))
    }

    async fn forget(&self, message_id: &str) -> std::io::Result<()> {
        match fs::remove_file(self.0.join(format!("{}.eml", id_of(message_id)))).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn development(&self) -> Option<&DevelopmentMailbox> {
        Some(self)
    }
}

/// The name of a mail in the mailbox.
fn id_of(message_id: &str) -> String {
    Sha256::digest(message_id.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
