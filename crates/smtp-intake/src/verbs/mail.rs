//! MAIL (RFC 5321, section 4.1.1.2): opens a transaction.

use super::out_of_order;
use crate::Reply;
use crate::address::{Path, read_path};
use crate::command::after_keyword;
use crate::params;
use crate::session::{Flow, Session, Transaction};

impl Session {
    pub(crate) fn mail(&mut self, argument: &str) -> Flow {
        if self.helo.is_none() {
            return Flow::Say(out_of_order("Say EHLO first"));
        }
        if self.transaction.is_some() {
            return Flow::Say(out_of_order("A transaction is already open"));
        }
        if self.messages >= self.shared.limits.max_messages_per_connection {
            let text = "Too many messages in one connection, please reconnect";
            return Flow::Close(Reply::new(421, (4, 7, 0), text));
        }
        match self.open(argument) {
            Ok(transaction) => {
                self.transaction = Some(transaction);
                Flow::Say(Reply::new(250, (2, 1, 0), "Sender ok"))
            }
            Err(reply) => Flow::Say(reply),
        }
    }

    fn open(&self, argument: &str) -> Result<Transaction, Reply> {
        let Some(path) = after_keyword(argument, "FROM:") else {
            return Err(Reply::new(501, (5, 5, 4), "Syntax: MAIL FROM:<address>"));
        };
        let bad_sender = || Reply::new(501, (5, 1, 7), "Bad sender address syntax");
        let (path, rest) = read_path(path).ok_or_else(bad_sender)?;
        let params = params::read_mail(rest)?;
        let mail_from = match path {
            Path::Null => String::new(),
            // the bare postmaster is a recipient only (section 4.1.1.3)
            Path::Mailbox(address) if address.domain().is_none() => return Err(bad_sender()),
            Path::Mailbox(address) if !address.is_ascii() && !params.smtputf8 => {
                return Err(Reply::new(553, (5, 6, 7), "Address needs SMTPUTF8"));
            }
            Path::Mailbox(address) => address.to_string(),
        };
        let max = u64::try_from(self.shared.limits.max_message_bytes).unwrap_or(u64::MAX);
        if params.size.is_some_and(|size| size > max) {
            return Err(Reply::new(552, (5, 3, 4), format!("Message exceeds {max} octets")));
        }
        Ok(Transaction { mail_from, recipients: Vec::new(), refused_some: false, params })
    }
}
