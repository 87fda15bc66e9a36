//! Where a message ends (RFC 5321, sections 4.1.1.4 and 4.5.2).

/// Takes the bytes after `354` in any portions, removes dot stuffing and stops right after
/// CRLF `.` CRLF. What breaks a rule is noted and swallowed to the end, because the refusal may
/// only be said after the end (section 4.2.5).
#[derive(Debug)]
pub(crate) struct DataReceiver {
    state: State,
    message: Vec<u8>,
    /// Octets of the message so far, also those no longer kept.
    size: usize,
    line: usize,
    max_size: usize,
    max_line: usize,
    faults: Faults,
}

/// What was wrong with a message.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) too_big: bool,
    pub(crate) bare_newline: bool,
    pub(crate) line_too_long: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// After CRLF, or at the very beginning: DATA's own CRLF counts.
    LineStart,
    /// Inside a line.
    Text,
    /// After a CR inside a line.
    Cr,
    /// After a dot at the start of a line; whether it is kept is not known yet.
    Dot,
    /// After dot and CR.
    DotCr,
    Done,
}

impl DataReceiver {
    pub(crate) fn new(max_size: usize, max_line: usize) -> Self {
        Self {
            state: State::LineStart,
            message: Vec::new(),
            size: 0,
            line: 0,
            max_size,
            max_line,
            faults: Faults::default(),
        }
    }

    /// Uses `bytes` up to the end of the message and returns how many were used; those after the
    /// end belong to the next command.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        let mut used = 0;
        while used < bytes.len() && self.state != State::Done {
            if self.state == State::Text {
                let rest = &bytes[used..];
                let run = rest
                    .iter()
                    .position(|&b| b == b'\r' || b == b'\n')
                    .unwrap_or(rest.len());
                self.keep(&rest[..run]);
                used += run;
                if run == rest.len() {
                    break;
                }
            }
            self.step(bytes[used]);
            used += 1;
        }
        used
    }

    fn step(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::LineStart, b'.') => State::Dot,
            (State::LineStart | State::Text, b'\r') => State::Cr,
            (State::Dot, b'\r') => State::DotCr,
            (State::DotCr, b'\n') => State::Done,
            (State::Cr, b'\n') => {
                self.keep(b"\r\n");
                self.line = 0;
                State::LineStart
            }
            // a CR that no LF follows: it is text, and the byte after it is looked at afresh
            (State::Cr | State::DotCr, byte) => {
                self.faults.bare_newline = true;
                self.keep(b"\r");
                self.state = State::Text;
                return self.step(byte);
            }
            // never State::LineStart: a dot after a bare LF is just a dot
            (State::LineStart | State::Text | State::Dot, b'\n') => {
                self.faults.bare_newline = true;
                self.keep(b"\n");
                self.line = 0;
                State::Text
            }
            (State::LineStart | State::Text | State::Dot, byte) => {
                self.keep(&[byte]);
                State::Text
            }
            (State::Done, _) => State::Done,
        };
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len());
        self.line = self.line.saturating_add(bytes.len());
        self.faults.line_too_long |= self.line > self.max_line.saturating_add(2);
        self.faults.too_big |= self.size > self.max_size;
        if self.faults.too_big || self.faults.line_too_long {
            self.message = Vec::new();
        } else {
            self.message.extend_from_slice(bytes);
        }
    }

    /// Stops keeping bytes; the rest is swallowed.
    pub(crate) fn forget(&mut self) {
        self.max_size = 0;
        self.message = Vec::new();
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Memory the message takes.
    pub(crate) fn held(&self) -> usize {
        self.message.capacity()
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn faults(&self) -> Faults {
        self.faults
    }

    pub(crate) fn into_message(self) -> Vec<u8> {
        self.message
    }
}
