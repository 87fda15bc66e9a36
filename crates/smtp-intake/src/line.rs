//! Where a command ends. Bytes come in as they were read, whole lines go out.

/// What stands before the next line end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A clean line without its CRLF.
    Command(String),
    /// Longer than allowed; it was skipped.
    TooLong,
    /// Ended by LF alone. What follows cannot be trusted to be what the client meant as a command.
    BareLf,
    /// Holds a bare CR, a control character or bytes that are not UTF-8.
    Garbage,
}

/// Bytes read and not yet used, together with the rule for command lines.
#[derive(Debug, Default)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    start: usize,
    /// Inside a line that is already too long, whose beginning was thrown away.
    skipping: bool,
}

impl Input {
    /// What was read and not yet used.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Marks the first `count` unread bytes as used.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.bytes.len());
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Appends what was read.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Forgets everything (after STARTTLS).
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next line if its end has arrived. Never keeps more than `max` bytes of a line, so a
    /// client that sends no line end costs time, not memory.
    pub(crate) fn take_line(&mut self, max: usize, allow_bare_newlines: bool) -> Option<Line> {
        let Some(lf) = self.unread().iter().position(|&b| b == b'\n') else {
            let held = self.unread().len();
            if held >= max || self.skipping {
                self.skipping = true;
                // the last byte stays: it tells whether a coming LF is bare
                self.consume(held.saturating_sub(1));
            }
            return None;
        };
        let line = &self.unread()[..=lf];
        let ended_by_crlf = line.ends_with(b"\r\n");
        let result = if !ended_by_crlf && !allow_bare_newlines {
            Line::BareLf
        } else if self.skipping || line.len() > max {
            Line::TooLong
        } else {
            let end = if ended_by_crlf { lf - 1 } else { lf };
            classify(&line[..end])
        };
        self.skipping = false;
        self.consume(lf + 1);
        Some(result)
    }
}

fn classify(content: &[u8]) -> Line {
    if content.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
        return Line::Garbage;
    }
    match std::str::from_utf8(content) {
        Ok(text) => Line::Command(text.to_owned()),
        Err(_) => Line::Garbage,
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Line};

    fn lines(chunks: &[&[u8]], max: usize, allow: bool) -> Vec<Line> {
        let mut input = Input::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            input.extend(chunk);
            while let Some(line) = input.take_line(max, allow) {
                lines.push(line);
            }
        }
        lines
    }

    fn command(text: &str) -> Line {
        Line::Command(text.to_owned())
    }

    #[test]
    fn lines_come_out_whole_at_every_split() {
        let bytes = b"EHLO a\r\nNOOP\r\n";
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(lines(&[head, tail], 64, false), [command("EHLO a"), command("NOOP")]);
        }
    }

    #[test]
    fn limit_counts_the_line_end() {
        assert_eq!(lines(&[b"12345678\r\n"], 10, false), [command("12345678")]);
        assert_eq!(lines(&[b"123456789\r\n"], 10, false), [Line::TooLong]);
    }

    #[test]
    fn endless_line_is_skipped_in_bounded_memory_and_the_next_one_works() {
        let mut input = Input::default();
        for _ in 0..1000 {
            input.extend(&[b'x'; 100]);
            assert_eq!(input.take_line(512, false), None);
            assert!(input.unread().len() <= 512);
        }
        input.extend(b"\r\nNOOP\r\n");
        assert_eq!(input.take_line(512, false), Some(Line::TooLong));
        assert_eq!(input.take_line(512, false), Some(command("NOOP")));
    }

    #[test]
    fn bare_lf_is_reported_even_after_an_endless_line() {
        assert_eq!(lines(&[b"NOOP\n"], 64, false), [Line::BareLf]);
        assert_eq!(lines(&[&[b'x'; 100], b"\nNOOP\r\n"], 64, false)[0], Line::BareLf);
        assert_eq!(lines(&[&[b'x'; 99], b"\r", b"\n"], 64, false), [Line::TooLong]);
    }

    #[test]
    fn bare_lf_ends_a_command_only_when_allowed() {
        assert_eq!(lines(&[b"NOOP\nQUIT\r\n"], 64, true), [command("NOOP"), command("QUIT")]);
    }

    #[test]
    fn bare_cr_nul_and_broken_utf8_are_garbage() {
        for bytes in [&b"NO\rOP\r\n"[..], b"NO\0OP\r\n", b"NOOP \xff\r\n", b"NOOP\r\r\n", b"\x7f\r\n"] {
            assert_eq!(lines(&[bytes], 64, false), [Line::Garbage], "{bytes:?}");
        }
    }
}
