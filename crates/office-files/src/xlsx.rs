//! XLSX (ECMA-376), the first sheet that holds anything.
//!
//! Cells are taken one by one, so that a single cell in the last corner of a sheet costs no more than any other.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};

use crate::table::{Builder, Table};
use crate::{Limits, Unreadable, archive};

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    archive::open(bytes, limits)?;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
    for sheet in book.sheet_names() {
        match sheet_table(&mut book, &sheet, limits) {
            Err(Unreadable::Empty) => {}
            found => return found,
        }
    }
    Err(Unreadable::Empty)
}

fn unreadable(error: XlsxError) -> Unreadable {
    match error {
        XlsxError::Password => Unreadable::Password,
        // Some other archive.
        XlsxError::FileNotFound(_) => Unreadable::Kind,
        error => Unreadable::Damaged(error.to_string()),
    }
}

fn sheet_table(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, limits: &Limits) -> Result<Table, Unreadable> {
    let mut cells = match book.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // A sheet of one chart has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Err(Unreadable::Empty),
        Err(error) => return Err(unreadable(error)),
    };
    let mut builder = Builder::new(limits);
    let mut row: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (line, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (line, column) = (line as usize, column as usize);
        if line < at {
            return Err(Unreadable::Damaged("its rows are out of order".to_owned()));
        }
        if line > at {
            builder.row(at + 1, std::mem::take(&mut row))?;
            at = line;
        }
        if column >= limits.columns {
            return Err(Unreadable::TooManyColumns(limits.columns));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    builder.row(at + 1, row)?;
    builder.finish()
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => decimal(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(time) => moment(time),
        // `#N/A` is no value.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Shortest form that reads back the same; whole ones without a point. Never with three decimals, which read like thousands.
fn decimal(number: f64) -> String {
    let text = number.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if decimals == 3 { format!("{text}0") } else { text }
}

fn moment(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, ..) = time.to_ymd_hms_milli();
    if (hour, minute) == (0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    }
}
