//! Files as offices write them, made here with the archive writer, so that each says just what its test is about.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::io::{Cursor, Write as _};

use office_files::{Limits, Unreadable, docx_text, table};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook with these sheets; style 1 is a day.
fn workbook(sheets: &[&str]) -> Vec<u8> {
    let of_each = |line: fn(usize) -> String| (1..=sheets.len()).map(line).collect::<String>();
    let book = of_each(|n| format!(r#"<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>"#));
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{book}</sheets></workbook>"#
    );
    let links = of_each(|n| {
        format!(
            r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        )
    });
    let links = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>"#
    );
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let named: Vec<(String, String)> = sheets
        .iter()
        .enumerate()
        .map(|(index, rows)| {
            let text = format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
            );
            (format!("xl/worksheets/sheet{}.xml", index + 1), text)
        })
        .collect();
    let root = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
    let mut files = vec![
        ("[Content_Types].xml", types),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book.as_str()),
        ("xl/_rels/workbook.xml.rels", &links),
        ("xl/styles.xml", styles),
    ];
    files.extend(named.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    archive(&files)
}

const HEAD: &str = r#"<row r="2"><c r="A2" t="inlineStr"><is><t>Objekt</t></is></c><c r="C2" t="inlineStr"><is><t>Frei ab</t></is></c></row>"#;

#[test]
fn a_sheet_is_read_with_its_numbers_days_and_gaps() {
    let rows = format!(
        r#"{HEAD}<row r="4"><c r="A4" t="inlineStr"><is><t> Altbau &amp; Park </t></is></c><c r="B4"><v>1234.5</v></c><c r="C4" s="1"><v>46357</v></c></row>
        <row r="5"><c r="B5" t="b"><v>1</v></c><c r="C5" t="e"><v>#N/A</v></c></row>"#
    );
    let found = table(&workbook(&["", &rows]), &Limits::default()).unwrap();
    assert_eq!(found.columns, ["Objekt", "", "Frei ab"]);
    assert_eq!(
        (found.rows[0].number, &*found.rows[0].cells),
        (4, ["Altbau & Park", "1234.5", "2026-12-01"].map(str::to_owned).as_slice())
    );
    assert_eq!((found.rows[1].number, &*found.rows[1].cells), (5, ["", "true", ""].map(str::to_owned).as_slice()));
}

#[test]
fn a_cell_in_the_last_corner_costs_nothing() {
    let far = |cell: &str| format!(r#"{HEAD}<row r="1048576"><c r="{cell}1048576"><v>1</v></c></row>"#);
    assert_eq!(table(&workbook(&[&far("B")]), &Limits::default()).unwrap().rows[0].number, 1_048_576);
    assert_eq!(table(&workbook(&[&far("XFD")]), &Limits::default()), Err(Unreadable::TooManyColumns(100)));
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let limits = Limits { unpacked_bytes: 100_000, ..Limits::default() };
    let large = "x".repeat(1_000_000);
    assert_eq!(table(&archive(&[("xl/workbook.xml", &large)]), &limits), Err(Unreadable::TooLarge(100_000)));
    assert_eq!(docx_text(&archive(&[("word/document.xml", &large)]), &limits), Err(Unreadable::TooLarge(100_000)));
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let old = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 64]].concat();
    let locked =
        [&old[..], &"EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat();
    for (bytes, error) in [
        (old, Unreadable::OldExcel),
        (locked, Unreadable::Password),
        (b"%PDF-1.7\n".to_vec(), Unreadable::Kind),
        (workbook(&["", ""]), Unreadable::Empty),
    ] {
        assert_eq!(table(&bytes, &Limits::default()), Err(error));
    }
    assert!(matches!(table(b"PK\x03\x04nothing", &Limits::default()), Err(Unreadable::Damaged(_))));
    assert!(matches!(
        table(&archive(&[("a.txt", "a")]), &Limits::default()),
        Err(Unreadable::Kind | Unreadable::Damaged(_))
    ));
    assert_eq!(docx_text(b"Guten Tag", &Limits::default()), Err(Unreadable::NotDocx));
    assert_eq!(docx_text(&workbook(&[HEAD]), &Limits::default()), Err(Unreadable::NotDocx));
}

#[test]
fn a_document_is_read_with_its_tables_and_signs() {
    let text = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY all "geheim">]>
        <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
        <w:p><w:r><w:t>Hausordnung &amp; Müll</w:t></w:r><w:r><w:t xml:space="preserve"> im &#72;of&all;</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Miete</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>950 €</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <w:p><w:r><w:t>Zeile</w:t><w:br/><w:t>zwei</w:t></w:r></w:p></w:body></w:document>"#;
    let found = docx_text(&archive(&[("word/document.xml", text)]), &Limits::default()).unwrap();
    assert_eq!(found, "Hausordnung & Müll im Hof\nMiete\t950 €\nZeile\nzwei");
    let limits = Limits { text_chars: 20, ..Limits::default() };
    assert!(matches!(docx_text(&archive(&[("word/document.xml", text)]), &limits), Err(Unreadable::TooLarge(_))));
}
