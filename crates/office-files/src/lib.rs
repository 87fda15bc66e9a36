//! Reads what offices send: tables ([`table`]) and the text of documents ([`docx_text`]).
//!
//! Always true: what comes out is bounded ([`Limits`]), whatever a file claims of itself; archives are unpacked once to
//! count before anything trusts them; no formula is evaluated, no link followed, no entity resolved. A file that cannot be
//! read is an [`Unreadable`] whose text tells whoever sent it what to do. To read another kind of table: a module beside
//! `csv` and `xlsx`, and its signature in `table`.

mod archive;
mod csv;
mod docx;
mod table;
mod xlsx;

pub use docx::docx_text;
pub use table::{Row, Table, table};

/// How much is read at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows of a table, without its head.
    pub rows: usize,
    /// Columns of a table.
    pub columns: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
    /// Bytes of an archive once it is unpacked.
    pub unpacked_bytes: u64,
    /// Characters of a document's text.
    pub text_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 10_000, columns: 100, cell_chars: 20_000, unpacked_bytes: 64 * 1024 * 1024, text_chars: 1_000_000 }
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is none of the kinds that are read here.
    #[error("is neither a CSV nor an XLSX file; save it as one of these")]
    Kind,
    /// It is no DOCX file.
    #[error("is no DOCX file; save it as one")]
    NotDocx,
    /// A workbook of the format before 2007.
    #[error("is an old Excel file (.xls); save it as .xlsx")]
    OldExcel,
    /// It is encrypted.
    #[error("is protected by a password; save it without one")]
    Password,
    /// Nothing is in it.
    #[error("holds no table: the first row must name the columns, and rows must follow")]
    Empty,
    /// More rows than are read.
    #[error("has more than {0} rows; split it")]
    TooManyRows(usize),
    /// More columns than are read.
    #[error("has more than {0} columns; remove those that are not needed")]
    TooManyColumns(usize),
    /// One cell holds more than is read.
    #[error("has a cell with more than {most} characters in row {row}")]
    CellTooLong {
        /// Row of the file, counted from 1.
        row: usize,
        /// Characters that are read.
        most: usize,
    },
    /// It unpacks to more than is read.
    #[error("unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// It breaks the rules of its format.
    #[error("is damaged: {0}")]
    Damaged(String),
}
