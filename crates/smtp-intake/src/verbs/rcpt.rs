//! RCPT (RFC 5321, section 4.1.1.3): adds a recipient the backend knows.

use super::out_of_order;
use crate::address::{Address, Path, read_path};
use crate::command::after_keyword;
use crate::guard::guarded;
use crate::session::{Flow, Session};
use crate::{Reply, params};

impl Session {
    pub(crate) async fn rcpt(&mut self, argument: &str) -> Flow {
        let Some(transaction) = &mut self.transaction else {
            return Flow::Say(out_of_order("Say MAIL first"));
        };
        // asked before the backend is: section 4.5.3.1.10 wants 452, and the rest comes again
        if transaction.recipients.len() >= self.shared.limits.max_recipients {
            return Flow::Say(Reply::new(452, (4, 5, 3), "Too many recipients"));
        }
        let accepted = match read_recipient(argument, transaction.params.smtputf8) {
            Ok(address) => {
                let backend = &self.shared.backend;
                let peer = &self.peer;
                let call = async { backend.recipient(peer, &address).await };
                guarded(self.shared.limits.backend_timeout, call)
                    .await
                    .map(|()| address.to_string())
                    .map_err(|reply| (reply, address.masked()))
            }
            Err(reply) => Err((reply, String::new())),
        };
        match accepted {
            Ok(recipient) => {
                if !transaction.recipients.contains(&recipient) {
                    transaction.recipients.push(recipient);
                }
                Flow::Say(Reply::new(250, (2, 1, 5), "Recipient ok"))
            }
            Err((reply, to)) => {
                transaction.refused_some = true;
                self.shared.events.recipient_refused(reply.code());
                tracing::info!(peer = %self.peer.ip, to, code = reply.code(), "recipient refused");
                Flow::Say(reply)
            }
        }
    }
}

fn read_recipient(argument: &str, smtputf8: bool) -> Result<Address, Reply> {
    let Some(path) = after_keyword(argument, "TO:") else {
        return Err(Reply::new(501, (5, 5, 4), "Syntax: RCPT TO:<address>"));
    };
    // the null path is a sender only (section 4.5.5)
    let Some((Path::Mailbox(address), rest)) = read_path(path) else {
        return Err(Reply::new(501, (5, 1, 3), "Bad recipient address syntax"));
    };
    params::read_rcpt(rest)?;
    if !address.is_ascii() && !smtputf8 {
        return Err(Reply::new(553, (5, 6, 7), "Address needs SMTPUTF8"));
    }
    Ok(address)
}
