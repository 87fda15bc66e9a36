//! Commands of one line each (RFC 5321, sections 4.1.1.5 to 4.1.1.10), and those refused.

use super::no_argument;
use crate::Reply;
use crate::session::{Flow, Session};

impl Session {
    pub(crate) fn rset(&mut self, argument: &str) -> Flow {
        if !argument.is_empty() {
            return Flow::Say(no_argument());
        }
        self.transaction = None;
        Flow::Say(Reply::new(250, (2, 0, 0), "Ok"))
    }

    pub(crate) fn noop(&self) -> Flow {
        Flow::Say(Reply::new(250, (2, 0, 0), "Ok"))
    }

    pub(crate) fn quit(&self, argument: &str) -> Flow {
        if argument.is_empty() { Flow::Close(Reply::new(221, (2, 0, 0), "Bye")) } else { Flow::Say(no_argument()) }
    }

    /// Neither confirms nor denies (section 7.3), which keeps address harvesters out.
    pub(crate) fn vrfy(&self, argument: &str) -> Flow {
        Flow::Say(match argument {
            "" => Reply::new(501, (5, 5, 4), "Syntax: VRFY address"),
            _ => Reply::new(252, (2, 5, 0), "Cannot verify, send mail and see"),
        })
    }

    pub(crate) fn help(&self) -> Flow {
        let verbs = "EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP STARTTLS";
        Flow::Say(Reply::new(214, (2, 0, 0), verbs))
    }

    pub(crate) fn not_implemented(&self) -> Flow {
        Flow::Say(Reply::new(502, (5, 5, 1), "Command not implemented"))
    }

    pub(crate) fn unknown(&self) -> Flow {
        Flow::Say(Reply::new(500, (5, 5, 2), "Command not recognized"))
    }

    /// A body posted at us by HTTP may hold whole SMTP commands, so not one more line is read.
    pub(crate) fn foreign(&self) -> Flow {
        Flow::Close(Reply::new(421, (4, 7, 0), "This is no HTTP server"))
    }
}
