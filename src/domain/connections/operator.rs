//! Mailboxes that whoever operates this server watches for an agency (`[[imap.mailboxes]]` of the settings).
//!
//! They are shown beside the agency's own, so that nobody wonders where mail comes from; the agency cannot change them.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::model::{
    Connection, ConnectionAuth, ConnectionId, ConnectionInput, ConnectionKind, ConnectionManager, ConnectionTls,
};
use crate::domain::tenants::Tenant;
use crate::settings::ImapMailbox;

/// Those of this agency, in the order of a list. They count as being there since the agency is, for the settings do not say
/// when.
#[must_use]
pub fn of_operator(mailboxes: &[ImapMailbox], tenant: &Tenant) -> Vec<Connection> {
    let ours = mailboxes.iter().filter(|mailbox| mailbox.intake_prefix.eq_ignore_ascii_case(&tenant.intake_prefix));
    let mut all: Vec<Connection> = ours.map(|mailbox| of_mailbox(mailbox, tenant)).collect();
    all.sort_unstable_by_key(|connection| std::cmp::Reverse(connection.id));
    all
}

fn of_mailbox(mailbox: &ImapMailbox, tenant: &Tenant) -> Connection {
    let ImapMailbox { host, port, username, folder, .. } = mailbox.clone();
    let input = ConnectionInput {
        host,
        port,
        tls: if mailbox.tls { ConnectionTls::Tls } else { ConnectionTls::None },
        username,
        auth: ConnectionAuth::Password,
        folder,
        since: None,
        active: true,
    };
    let at = tenant.created_at;
    let mut connection = Connection {
        id: ConnectionId(Uuid::nil()),
        kind: ConnectionKind::Imap,
        managed_by: ConnectionManager::Operator,
        input,
        version: 1,
        created_at: at,
        updated_at: at,
    };
    connection.id = id_of(tenant, &connection.mailbox());
    connection
}

/// No row has it, so it follows from what the mailbox is: the same after every start and in every process.
fn id_of(tenant: &Tenant, mailbox: &str) -> ConnectionId {
    let digest = Sha256::new().chain_update(tenant.id.0).chain_update(mailbox).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ConnectionId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
