//! CSV (RFC 4180), as spreadsheets of several countries write it: with `;` where the decimal sign is a comma, and in the
//! code page of Windows.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::table::{Builder, Table};
use crate::{Limits, Unreadable};

/// What separates cells, most usual first.
const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Lines that are looked at to tell the separator.
const SAMPLE_LINES: usize = 20;

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, Unreadable> {
    let text = decode(bytes)?;
    // Excel tells the separator in a line of its own.
    let (separator, text) = match text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')) {
        Some((told, rest)) if told.trim_end().len() == 1 => (told.as_bytes()[0], rest),
        _ => (separator(&text), text.as_str()),
    };
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut builder = Builder::new(limits);
    let mut record = ::csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut record).map_err(|error| Unreadable::Damaged(error.to_string()))? {
        number += 1;
        builder.row(number, record.iter().map(str::to_owned).collect())?;
    }
    builder.finish()
}

fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => match std::str::from_utf8(bytes) {
            Ok(text) if text.contains('\0') => (wide(bytes).ok_or(Unreadable::Kind)?, bytes),
            Ok(text) => return Ok(text.to_owned()),
            Err(_) => (wide(bytes).unwrap_or(WINDOWS_1252), bytes),
        },
    };
    let text = encoding.decode_without_bom_handling(bytes).0;
    // A picture or a program decodes to something, but no spreadsheet writes control characters.
    let is_text = text.chars().take(4096).all(|char| !char.is_control() || matches!(char, '\t' | '\r' | '\n'));
    if is_text { Ok(text.into_owned()) } else { Err(Unreadable::Kind) }
}

/// UTF-16 without a mark: every other byte of Latin text is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| bytes.iter().take(200).skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = bytes.len().min(200) / 2;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd * 10 > half * 8 => Some(UTF_16LE),
        (even, 0) if even * 10 > half * 8 => Some(UTF_16BE),
        _ => None,
    }
}

/// The one that divides the first lines into the most cells, the same number in each.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES).collect();
    let cells = |separator: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| outside_quotes(line, separator)).collect();
        let first = counts.first().copied().unwrap_or_default();
        let same = counts.iter().filter(|count| **count == first).count();
        (first.min(1), same, first)
    };
    // Ties go to the more usual one.
    SEPARATORS.into_iter().rev().max_by_key(|separator| cells(*separator)).unwrap_or(b';')
}

fn outside_quotes(line: &str, separator: u8) -> usize {
    let mut inside = false;
    line.bytes()
        .filter(|byte| {
            inside ^= *byte == b'"';
            !inside && *byte == separator
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = read(bytes, &Limits::default()).unwrap();
        std::iter::once(table.columns).chain(table.rows.into_iter().map(|row| row.cells)).collect()
    }

    #[test]
    fn separators_and_quotes_are_told_apart() {
        let expected = vec![vec!["Name", "Preis"], vec!["Ida; Probe", "1.234,50"]];
        assert_eq!(rows(b"Name;Preis\r\n\"Ida; Probe\";1.234,50\r\n"), expected);
        assert_eq!(rows(b"Name,Preis\n\"Ida; Probe\",\"1.234,50\"\n"), expected);
        assert_eq!(rows(b"Name\tPreis\nIda; Probe\t1.234,50"), expected);
        assert_eq!(rows(b"sep=|\r\nName|Preis\r\nIda; Probe|1.234,50\r\n"), expected);
    }

    #[test]
    fn one_column_and_cells_of_several_lines_are_read() {
        assert_eq!(rows(b"E-Mail\nida@example.org\n"), [["E-Mail"], ["ida@example.org"]]);
        assert_eq!(rows(b"a;b\n\"x\ny\";2\n"), [["a", "b"], ["x\ny", "2"]]);
    }

    #[test]
    fn encodings_are_told_apart() {
        let expected = [["Straße", "Größe"], ["Müllergasse", "ä"]];
        let text = "Straße;Größe\r\nMüllergasse;ä\r\n";
        let wide = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
            let mut all = mark.to_vec();
            all.extend(text.encode_utf16().flat_map(bytes));
            all
        };
        assert_eq!(rows(text.as_bytes()), expected);
        assert_eq!(rows(format!("\u{feff}{text}").as_bytes()), expected);
        assert_eq!(rows(&WINDOWS_1252.encode(text).0), expected);
        assert_eq!(rows(&wide(u16::to_le_bytes, &[0xff, 0xfe])), expected);
        assert_eq!(rows(&wide(u16::to_be_bytes, &[0xfe, 0xff])), expected);
        assert_eq!(rows(&wide(u16::to_le_bytes, &[])), expected);
    }

    #[test]
    fn empty_rows_are_passed_over_and_short_ones_filled() {
        let table = read(b"\n;;\nName;Ort;\n\nIda\nUdo;Wien;x\n", &Limits::default()).unwrap();
        assert_eq!(table.columns, ["Name", "Ort", ""]);
        assert_eq!(table.rows[0].cells, ["Ida", "", ""]);
        assert_eq!(table.rows[1].cells, ["Udo", "Wien", "x"]);
    }

    #[test]
    fn what_is_no_table_or_too_large_is_refused() {
        let limits = Limits { rows: 1, columns: 2, cell_chars: 3, ..Limits::default() };
        for (bytes, error) in [
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".as_slice(), Unreadable::Kind),
            (b"", Unreadable::Empty),
            (b"a;b\n", Unreadable::Empty),
            (b"a;b\n1;2\n3;4\n", Unreadable::TooManyRows(1)),
            (b"a;b;c\n1;2;3\n", Unreadable::TooManyColumns(2)),
            (b"a;b\n1234;2\n", Unreadable::CellTooLong { row: 2, most: 3 }),
        ] {
            assert_eq!(read(bytes, &limits), Err(error));
        }
    }
}
