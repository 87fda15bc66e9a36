//! EHLO and HELO (RFC 5321, section 4.1.1.1).

use crate::Reply;
use crate::session::{Flow, Session};

const MAX_NAME: usize = 255;

impl Session {
    /// Announces exactly what is implemented. The reply has no enhanced code (RFC 2034, section 4).
    pub(crate) fn ehlo(&mut self, argument: &str) -> Flow {
        if let Err(reply) = self.greet(argument) {
            return Flow::Say(reply);
        }
        let mut words = vec![
            format!("{} greets you", self.shared.hostname),
            "PIPELINING".to_owned(),
            "8BITMIME".to_owned(),
            "SMTPUTF8".to_owned(),
            format!("SIZE {}", self.shared.limits.max_message_bytes),
        ];
        if self.shared.tls.is_some() && !self.wire.is_encrypted() {
            words.push("STARTTLS".to_owned());
        }
        let last = "250 ENHANCEDSTATUSCODES".to_owned();
        Flow::SayLines(words.iter().map(|word| format!("250-{word}")).chain([last]).collect())
    }

    pub(crate) fn helo(&mut self, argument: &str) -> Flow {
        match self.greet(argument) {
            Ok(()) => Flow::SayLines(vec![format!("250 {}", self.shared.hostname)]),
            Err(reply) => Flow::Say(reply),
        }
    }

    /// Takes the client's name and drops an open transaction (section 4.1.4). The name is not
    /// checked against anything: section 4.1.4 forbids refusing mail for a wrong one.
    fn greet(&mut self, argument: &str) -> Result<(), Reply> {
        let name = argument.split([' ', '\t']).next().unwrap_or_default();
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Reply::new(501, (5, 5, 4), "Name yourself"));
        }
        self.helo = Some(name.to_owned());
        self.transaction = None;
        Ok(())
    }
}
