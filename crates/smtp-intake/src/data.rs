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
                let run = rest.iter().position(|&b| b == b'\r' || b == b'\n').unwrap_or(rest.len());
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

#[cfg(test)]
mod tests {
    use super::{DataReceiver, Faults};

    /// The rule said in another way: find the first CRLF `.` CRLF, cut at CRLF, drop leading dots.
    fn reference(input: &str) -> Option<(String, bool, usize)> {
        let whole = format!("\r\n{input}");
        let end = whole.find("\r\n.\r\n")?;
        let lines = whole[..end + 2].split("\r\n").skip(1);
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
        let bare = lines.iter().any(|line| line.contains(['\r', '\n']));
        Some((lines.join("\r\n"), bare, end + 5 - 2))
    }

    fn receive(chunks: &[&[u8]]) -> (DataReceiver, usize) {
        let mut receiver = DataReceiver::new(1000, 1000);
        let mut used = 0;
        for chunk in chunks {
            used += receiver.push(chunk);
        }
        (receiver, used)
    }

    /// All strings up to eight long over the four characters that matter, at every split.
    #[test]
    fn end_and_dots_agree_with_the_reference_at_every_split() {
        let mut ended = 0;
        for length in 0..=8_u32 {
            for number in 0..4_usize.pow(length) {
                let letter = |at: u32| ['a', '.', '\r', '\n'][number / 4_usize.pow(at) % 4];
                let input: String = (0..length).map(letter).collect();
                let expected = reference(&input);
                for at in 0..=input.len() {
                    let (head, tail) = input.as_bytes().split_at(at);
                    let (receiver, used) = receive(&[head, tail]);
                    let Some((message, bare, end)) = &expected else {
                        assert!(!receiver.is_done(), "{input:?} split at {at}");
                        assert_eq!(used, input.len());
                        continue;
                    };
                    ended += 1;
                    assert!(receiver.is_done(), "{input:?} split at {at}");
                    assert_eq!(used, *end, "{input:?} split at {at}");
                    assert_eq!(receiver.faults().bare_newline, *bare, "{input:?} split at {at}");
                    assert_eq!(receiver.size(), message.len());
                    assert_eq!(receiver.into_message(), message.as_bytes(), "{input:?}");
                }
            }
        }
        assert!(ended > 1000, "the end was hardly ever reached: {ended}");
    }

    #[test]
    fn end_marker_is_found_at_every_split_into_single_bytes() {
        let input = b"one\r\n..two\r\n.\r\nQUIT\r\n";
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        let (receiver, used) = receive(&bytes);
        assert_eq!(used, 15);
        assert_eq!(receiver.faults(), Faults::default());
        assert_eq!(receiver.into_message(), b"one\r\n.two\r\n");
    }

    #[test]
    fn size_limit_counts_what_is_kept_not_what_is_sent() {
        for (input, too_big) in [(&b"..34567\r\n.\r\n"[..], false), (b"..345678\r\n.\r\n", true)] {
            let mut receiver = DataReceiver::new(8, 100);
            assert_eq!(receiver.push(input), input.len());
            assert_eq!(receiver.faults().too_big, too_big, "{input:?}");
        }
    }

    #[test]
    fn what_is_too_big_is_swallowed_without_keeping_it() {
        let mut receiver = DataReceiver::new(10_000, 100);
        for _ in 0..10_000 {
            receiver.push(b"0123456789\r\n");
            assert!(receiver.held() <= 20_000);
        }
        assert!(receiver.faults().too_big);
        assert_eq!(receiver.held(), 0);
        assert_eq!(receiver.push(b".\r\nNOOP"), 3);
        assert!(receiver.is_done());
    }

    #[test]
    fn line_limit_leaves_out_the_line_end() {
        for (input, too_long) in [(&b"abcde\r\nf\r\n.\r\n"[..], false), (b"abcdef\r\n.\r\n", true)] {
            let mut receiver = DataReceiver::new(100, 5);
            receiver.push(input);
            assert!(receiver.is_done());
            assert_eq!(receiver.faults().line_too_long, too_long, "{input:?}");
        }
    }
}
