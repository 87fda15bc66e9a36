//! Takes the two dangers out of raw bytes before the MIME library sees them.
//!
//! 1. The library parses attached mails inside attached mails without limit and frees them
//!    recursively: a mail of a few megabytes could overflow the stack. We open attached mails
//!    ourselves, to a fixed depth, so their type is renamed to one the library leaves alone.
//! 2. It reads raw 8-bit headers as UTF-8 only; older senders write windows-1252 there.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::charset;

/// Found in next to no mail: one look at all of it is cheaper than a look at every line.
static DANGEROUS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("(?i-u)rfc822|global|digest").ok());

const RENAMED: [(&[u8], &[u8]); 3] = [(b"rfc822", b"rfc8zz"), (b"global", b"globzz"), (b"digest", b"digezz")];

/// Longest header block that is examined for 8-bit characters, in bytes.
const MAX_HEADER: usize = 256 << 10;

/// The tamed copy. Offsets may differ from `raw` when headers had to be transcoded.
pub(crate) fn tame(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut bytes = utf8_headers(raw);
    if !DANGEROUS.as_ref().is_none_or(|words| words.is_match(&bytes)) {
        return bytes;
    }
    let mut edits = Vec::new();
    let mut in_content_type = false;
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let head = &line[..line.len().min(64)];
        let continues = head.first().is_some_and(|b| b.is_ascii_whitespace());
        in_content_type = contains(head, b"content-type") || (in_content_type && continues);
        if in_content_type {
            for (from, to) in RENAMED {
                let mut at = 0;
                while let Some(found) = find(&line[at..], from) {
                    edits.push((start + at + found, to));
                    at += found + from.len();
                }
            }
        }
        start += line.len();
    }
    if !edits.is_empty() {
        let owned = bytes.to_mut();
        for (at, to) in edits {
            owned[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

/// Undoes the renaming in a content type that is shown.
pub(crate) fn untame(content_type: &str) -> String {
    content_type.replace("rfc8zz", "rfc822").replace("globzz", "global").replace("digezz", "digest")
}

fn utf8_headers(raw: &[u8]) -> Cow<'_, [u8]> {
    let window = &raw[..raw.len().min(MAX_HEADER)];
    // The earlier of the two: a body may end its lines otherwise than the headers do.
    let ends = [find(window, b"\n\n"), find(window, b"\n\r\n")];
    let end = ends.into_iter().flatten().min().unwrap_or(window.len());
    let head = &raw[..end];
    if std::str::from_utf8(head).is_ok() {
        return Cow::Borrowed(raw);
    }
    let mut bytes = charset::guess(head).into_bytes();
    bytes.extend_from_slice(&raw[end..]);
    Cow::Owned(bytes)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}
