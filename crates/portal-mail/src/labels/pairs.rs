//! `Label: value` pairs inside one line, also several in one: `Tel.: 0664 1, E-Mail: a@b`.

use crate::labels::table::{self, Field};

/// A label with what stands behind it on its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair<'t> {
    pub(crate) field: Field,
    pub(crate) value: &'t str,
}

const MAX_LINE: usize = 2_000;

/// The pairs of a line, in order. Empty when the line does not begin with a known label.
pub(crate) fn pairs(line: &str) -> Vec<Pair<'_>> {
    let line = line.trim().trim_start_matches(['•', '·', '▪', '-', '–', '*', '>', '|', '☎', '✉', ' ']);
    if line.len() > MAX_LINE {
        return first_only(line);
    }
    let mut found: Vec<(Field, usize, usize)> = Vec::new();
    for (at, mark) in line.char_indices() {
        if !matches!(mark, ':' | '：') || line[at..].starts_with("://") {
            continue;
        }
        let after = at + mark.len_utf8();
        let from = found.last().map_or(0, |(_, _, end)| *end);
        if let Some((field, start)) = label_before(&line[from..at], from == 0) {
            found.push((field, from + start, after));
        }
    }
    if found.first().is_none_or(|(_, start, _)| *start != 0) {
        return columns(line);
    }
    (0..found.len())
        .map(|i| {
            let (field, _, from) = found[i];
            let to = found.get(i + 1).map_or(line.len(), |next| next.1);
            Pair { field, value: trim_value(&line[from..to.max(from)]) }
        })
        .collect()
}

fn first_only(line: &str) -> Vec<Pair<'_>> {
    let Some((label, value)) = line.split_once(':') else {
        return Vec::new();
    };
    table::lookup(label).map(|field| Pair { field, value: trim_value(value) }).into_iter().collect()
}

/// A label that ends where `text` ends: the whole of it at the start of a line; after another
/// pair, what follows a separator, or the last words when they are an exact label.
fn label_before(text: &str, line_start: bool) -> Option<(Field, usize)> {
    if line_start {
        return table::lookup(text).map(|field| (field, 0));
    }
    let separated = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '|' | ';' | ',' | '•' | '·' | '\t' | '/'))
        .map(|(at, c)| at + c.len_utf8())
        .chain(text.rfind("  ").map(|at| at + 2))
        .max();
    if let Some(start) = separated
        && let Some(field) = table::lookup(&text[start..])
    {
        return Some((field, start));
    }
    let mut starts: Vec<usize> = text.match_indices(' ').map(|(at, _)| at + 1).collect();
    starts.reverse();
    let mut known = starts.into_iter().take(4).filter_map(|start| Some((table::exact(&text[start..])?, start)));
    // The longest match: `Wunsch Telefon-Nummer:` must not end at `Nummer`.
    known.rfind(|(field, _)| field.is_contact() || field.is_property() || field.is_place())
}

/// `Name    Ida Probe`, `Name | Ida Probe`, `Name <tab> Ida`, `Name = Ida`: columns without colon.
fn columns(line: &str) -> Vec<Pair<'_>> {
    for separator in ["\t", " | ", "|", "  ", " = "] {
        if let Some((label, value)) = line.split_once(separator)
            && label.len() <= 40
            && let Some(field) = table::exact(label)
        {
            return vec![Pair { field, value: trim_value(value) }];
        }
    }
    numbered(line).into_iter().collect()
}

/// `Kennung 123456`: nothing but a label for a number and one number.
fn numbered(line: &str) -> Option<Pair<'_>> {
    let (label, value) = line.rsplit_once(' ').filter(|_| line.len() <= 60)?;
    let field = table::exact(label).filter(|field| matches!(field, Field::ExternalNumber | Field::PortalObjectId))?;
    let number = value.chars().any(|c| c.is_ascii_digit()) && !value.ends_with(['.', '!', '?']);
    number.then_some(Pair { field, value })
}

fn trim_value(value: &str) -> &str {
    value.trim().trim_start_matches([':', '：']).trim_matches(['|', '\t', '•', '·']).trim().trim_start_matches("= ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<(Field, &str)> {
        pairs(line).into_iter().map(|pair| (pair.field, pair.value)).collect()
    }

    #[test]
    fn one_and_many() {
        assert_eq!(shown("Name: Ida Probe"), [(Field::Name, "Ida Probe")]);
        assert_eq!(shown("- E-Mail-Adresse: ida@example.org"), [(Field::Email, "ida@example.org")]);
        assert_eq!(shown("Vorname: Ida Nachname: Probe"), [(Field::FirstName, "Ida"), (Field::LastName, "Probe")]);
        assert_eq!(
            shown("Tel.: 0664 123, E-Mail: ida@example.org"),
            [(Field::Phone, "0664 123,"), (Field::Email, "ida@example.org")]
        );
        assert_eq!(shown("Name      Ida Probe"), [(Field::Name, "Ida Probe")]);
        assert_eq!(shown("Link: https://example.org/a:b"), [(Field::ExposeUrl, "https://example.org/a:b")]);
        assert_eq!(shown("Ich habe eine Frage: was kostet es?"), []);
        assert_eq!(shown("Guten Tag"), []);
        assert_eq!(shown("Kennung 123456"), [(Field::ExternalNumber, "123456")]);
        assert_eq!(shown("Telefon 123456"), []);
        assert_eq!(shown("Referenz gern 2"), []);
    }
}
