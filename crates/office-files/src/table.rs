//! A table, whatever file it comes in.

use crate::{Limits, Unreadable, csv, xlsx};

/// Rows under named columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns, as they stand in the first row that holds anything; an unnamed column is empty.
    pub columns: Vec<String>,
    /// The rows that hold anything, each as wide as the head, trimmed.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the file, counted from 1 as spreadsheets do.
    pub number: usize,
    /// Its cells; numbers and dates as [`table`] says.
    pub cells: Vec<String>,
}

/// Reads a table out of a CSV file (any usual separator; UTF-8, UTF-16 or Windows-1252) or the first sheet of an XLSX file
/// that holds anything. Numbers of a sheet come with a decimal point and never with just
/// three decimals, so that nobody takes it for a thousands separator; days as `2026-12-01`, times as `2026-12-01T15:00`,
/// truth as `true` and `false`.
///
/// # Errors
/// [`Unreadable`].
pub fn table(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => xlsx::read(bytes, limits),
        // OLE compound files: old workbooks, and new ones under a password.
        [0xd0, 0xcf, 0x11, 0xe0, ..] if holds_encrypted(bytes) => Err(Unreadable::Password),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Unreadable::OldExcel),
        _ if bytes.starts_with(b"%PDF") => Err(Unreadable::Kind),
        _ => csv::read(bytes, limits),
    }
}

/// Whether a compound file says it holds an encrypted package (MS-OFFCRYPTO §2.3.4.4); names in it are UTF-16.
fn holds_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

/// Puts rows under their head and checks them on the way.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    limits: &'a Limits,
    columns: Option<Vec<String>>,
    rows: Vec<Row>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, columns: None, rows: Vec::new() }
    }

    /// Takes the next row of the file.
    pub(crate) fn row(&mut self, number: usize, mut cells: Vec<String>) -> Result<(), Unreadable> {
        for cell in &mut cells {
            if cell.trim().len() != cell.len() {
                *cell = cell.trim().to_owned();
            }
            if cell.len() > self.limits.cell_chars && cell.chars().count() > self.limits.cell_chars {
                return Err(Unreadable::CellTooLong { row: number, most: self.limits.cell_chars });
            }
        }
        let Some(last) = cells.iter().rposition(|cell| !cell.is_empty()) else { return Ok(()) };
        cells.truncate(last + 1);
        if cells.len() > self.limits.columns {
            return Err(Unreadable::TooManyColumns(self.limits.columns));
        }
        match &self.columns {
            None => self.columns = Some(cells),
            Some(_) if self.rows.len() == self.limits.rows => return Err(Unreadable::TooManyRows(self.limits.rows)),
            Some(_) => self.rows.push(Row { number, cells }),
        }
        Ok(())
    }

    /// The table. A row may be wider than the head: its columns have no name then.
    pub(crate) fn finish(self) -> Result<Table, Unreadable> {
        let mut columns = self.columns.ok_or(Unreadable::Empty)?;
        let mut rows = self.rows;
        let width = rows.iter().map(|row| row.cells.len()).max().ok_or(Unreadable::Empty)?.max(columns.len());
        columns.resize(width, String::new());
        rows.iter_mut().for_each(|row| row.cells.resize(width, String::new()));
        Ok(Table { columns, rows })
    }
}
