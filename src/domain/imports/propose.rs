//! What columns probably are: by their headings, and where these say nothing, by what stands in them.

use std::collections::HashSet;

use super::fields::{Field, fields};
use super::model::ImportKind;

/// Units that stand in headings beside the word.
const UNITS: [&str; 13] = ["in", "eur", "euro", "chf", "m2", "qm", "sqm", "m", "ca", "kwh", "a", "monatlich", "monat"];

/// Rows that are looked at.
const SAMPLE: usize = 50;

/// The field each column is probably, or an empty text; no field twice.
pub(super) fn propose(kind: ImportKind, columns: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut found: Vec<String> = vec![String::new(); columns.len()];
    for (column, heading) in columns.iter().enumerate() {
        if let Some(field) = by_heading(kind, heading).filter(|field| taken.insert(field.name)) {
            field.name.clone_into(&mut found[column]);
        }
    }
    if kind == ImportKind::Leads {
        for column in 0..columns.len() {
            if found[column].is_empty()
                && let Some(name) = by_content(rows, column).filter(|name| taken.insert(name))
            {
                name.clone_into(&mut found[column]);
            }
        }
    }
    found
}

fn by_heading(kind: ImportKind, heading: &str) -> Option<&'static Field> {
    let heading = normal(heading);
    let of = |heading: &str| fields(kind).iter().find(|field| field.words.contains(&heading));
    // "Objektnummer / Referenz" means either.
    of(&heading).or_else(|| heading.split(" oder ").find_map(of))
}

fn by_content(rows: &[Vec<String>], column: usize) -> Option<&'static str> {
    let cells: Vec<&str> =
        rows.iter().take(SAMPLE).map(|row| row[column].as_str()).filter(|cell| !cell.is_empty()).collect();
    let most = |test: fn(&str) -> bool| {
        !cells.is_empty() && cells.iter().filter(|cell| test(cell)).count() * 10 >= cells.len() * 8
    };
    if most(|cell| cell.contains('@') && !cell.contains(' ')) {
        return Some("email");
    }
    let is_phone = |cell: &str| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        (8..=15).contains(&digits)
            && cell.starts_with(['+', '0', '('])
            && cell.chars().all(|char| char.is_ascii_digit() || " +-/().".contains(char))
    };
    most(is_phone).then_some("phone")
}

/// A heading as words: lower case, without marks on letters, units and what stands in brackets.
pub(super) fn normal(heading: &str) -> String {
    let mut plain = String::with_capacity(heading.len());
    let mut depth = 0_usize;
    for char in heading.to_lowercase().chars() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '/' | ';' | '|' => plain.push_str(" oder "),
            'ß' => plain.push_str("ss"),
            '²' => plain.push('2'),
            'ä' | 'à' | 'á' | 'â' => plain.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' => plain.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => plain.push('u'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ñ' => plain.push('n'),
            'ç' => plain.push('c'),
            char if char.is_alphanumeric() => plain.push(char),
            _ => plain.push(' '),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let meant: Vec<&str> = words.iter().copied().filter(|word| !UNITS.contains(word)).collect();
    if meant.is_empty() { words.join(" ") } else { meant.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(kind: ImportKind, columns: &[&str], rows: &[&[&str]]) -> Vec<String> {
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
        propose(kind, &columns, &rows)
    }

    #[test]
    fn headings_of_several_programs_and_languages_are_known() {
        let columns =
            ["Objekt-Nr.", "Kaltmiete (EUR)", "Wohnfläche in m²", "PLZ", "STRASSE", "Frei ab:", "Bemerkung intern"];
        let fields = ["externalNumber", "coldRentCents", "livingArea", "zip", "street", "availableFrom", ""];
        assert_eq!(proposed(ImportKind::Properties, &columns, &[]), fields);
        let columns = ["Prénom", "Nom", "Courriel", "Téléphone", "Civilité"];
        assert_eq!(
            proposed(ImportKind::Leads, &columns, &[]),
            ["firstName", "lastName", "email", "phone", "salutation"].map(|name| if name == "phone" {
                "phone"
            } else {
                name
            })
        );
    }

    #[test]
    fn no_field_is_proposed_twice() {
        assert_eq!(proposed(ImportKind::Leads, &["E-Mail", "Email"], &[]), ["email", ""]);
    }

    #[test]
    fn columns_without_a_heading_are_told_by_what_they_hold() {
        let rows: [&[&str]; 2] = [&["ida@example.org", "+43 664 5550123", "x"], &["", "0664/5550124", "y"]];
        assert_eq!(proposed(ImportKind::Leads, &["", "Spalte 2", ""], &rows), ["email", "phone", ""]);
    }
}
