//! The ZIP archives in which XLSX and DOCX come.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::{Limits, Unreadable};

/// More entries than any office writes.
const MOST_ENTRIES: usize = 10_000;

/// Opens an archive whose entries, really unpacked, stay within the limits: what the directory says of their sizes may be a
/// lie.
pub(crate) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<ZipArchive<Cursor<&'a [u8]>>, Unreadable> {
    let damaged = |error: zip::result::ZipError| Unreadable::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Unreadable::TooLarge(limits.unpacked_bytes));
    }
    let mut left = limits.unpacked_bytes;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        let read = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink());
        let read = read.map_err(|error| Unreadable::Damaged(error.to_string()))?;
        left = left.checked_sub(read).ok_or(Unreadable::TooLarge(limits.unpacked_bytes))?;
    }
    Ok(archive)
}
