//! From the parts a mail gave to one lead draft: the same rules for XML, labels and HTML.

use crate::address;
use crate::disclosure;
use crate::language::detect_language;
use crate::model::{AddressKind, Context, LeadDraft};
use crate::person::beside::without_address;
use crate::person::{PersonName, is_company, is_group, salutation_field, split_name};
use crate::phone::normalise_phone;
use crate::text::{filled, plain, squeeze};

/// What a mail said about the person, unprocessed.
#[derive(Debug, Default)]
pub(crate) struct PersonParts {
    pub(crate) salutation: Option<String>,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    /// A whole name, or the family name where `first` is given.
    pub(crate) whole: Option<String>,
    /// A single word in `whole` is a family name (label `Name:`), not a chat name.
    pub(crate) single_is_last: bool,
    pub(crate) company: Option<String>,
    pub(crate) email: Option<String>,
    /// Best first.
    pub(crate) phones: Vec<String>,
    pub(crate) message: Option<String>,
}

/// Builds the draft; the reference is the caller's business.
pub(crate) fn draft(parts: PersonParts, ctx: &Context) -> LeadDraft {
    let name = name(&parts);
    let email = parts
        .email
        .as_deref()
        .and_then(address::first)
        .filter(|email| !ctx.is_team(email) && !address::is_portals_own(email));
    let address_kind = match email.as_deref() {
        None => AddressKind::None,
        Some(email) if address::is_relay(email) => AddressKind::Relay,
        Some(_) => AddressKind::Direct,
    };
    let phone = parts.phones.iter().find_map(|phone| normalise_phone(phone, ctx.country));
    let (message, self_disclosure) = match parts.message.as_deref().map(tidy_message) {
        Some(message) => {
            let (message, disclosure) = disclosure::cut(&message);
            (filled(message), disclosure)
        }
        None => (None, None),
    };
    LeadDraft {
        salutation: name.salutation,
        first_name: name.first,
        last_name: name.last,
        email,
        address_kind,
        phone,
        language: message.as_deref().and_then(detect_language),
        message,
        self_disclosure,
        ..LeadDraft::default()
    }
}

fn name(parts: &PersonParts) -> PersonName {
    let first = parts.first.as_deref().and_then(filled);
    let last = parts.last.as_deref().and_then(filled);
    let whole = parts.whole.as_deref().and_then(filled);
    let mut name = match (first, last, whole) {
        (None, None, None) => PersonName::default(),
        (None, None, Some(whole)) => single(&whole, parts.single_is_last),
        (None, Some(last), _) => {
            let split = split_name(&last);
            // `Nachname: Ida Probe` alone is a whole name; `Nachname: Probe` is not a first name.
            if split.last.is_none() { PersonName { last: split.first.clone(), first: None, ..split } } else { split }
        }
        (Some(first), None, None) => {
            let split = split_name(&first);
            if split.last.is_some() { split } else { only_first(&first) }
        }
        (Some(first), Some(last), _) => both(&first, &last),
        (Some(first), None, Some(whole)) => {
            let lower = whole.to_lowercase();
            let contained =
                lower.split_whitespace().any(|word| first.to_lowercase().split_whitespace().any(|f| f == word));
            if contained && whole.contains(' ') { split_name(&whole) } else { both(&first, &whole) }
        }
    };
    if let Some(said) = parts.salutation.as_deref() {
        name = addressed(name, said);
    }
    if name.last.is_none() && name.first.is_none() {
        name.last = parts.company.as_deref().and_then(filled);
    }
    name
}

/// What the salutation's own field adds to a name; a couple or family without given names is
/// addressed as such.
fn addressed(mut name: PersonName, said: &str) -> PersonName {
    if !is_group(said) {
        name.salutation = salutation_field(said).or(name.salutation);
        return name;
    }
    name.salutation = None;
    if name.first.is_none() && !name.company {
        name.last = name.last.map(|last| if is_group(&last) { last } else { format!("{} {last}", squeeze(said)) });
    }
    name
}

fn single(whole: &str, single_is_last: bool) -> PersonName {
    let name = split_name(whole);
    if single_is_last && name.last.is_none() {
        return PersonName { last: name.first, first: None, ..name };
    }
    name
}

fn only_first(first: &str) -> PersonName {
    PersonName { first: filled(squeeze(first)), ..PersonName::default() }
}

/// First and family name given apart: titles and salutations are still taken out of both.
fn both(first: &str, last: &str) -> PersonName {
    let (first, last) = (without_address(first), without_address(last));
    let (first, last) = (first.as_str(), last.as_str());
    if is_company(last) {
        return PersonName { last: filled(squeeze(last)), first: filled(squeeze(first)), ..PersonName::default() };
    }
    // A dummy family name makes the splitter treat the given names as such.
    let given = split_name(&format!("{} X", squeeze(first).replace(',', " ")));
    let family = split_name(&format!("X {}", squeeze(&strip_leading(last)).replace(',', " ")));
    let family_name = match (family.first.as_deref(), family.last) {
        (Some("X") | None, last) => last,
        // `X Probe Muster`: a double family name without a hyphen.
        (Some(more), Some(last)) => Some(format!("{} {last}", more.trim_start_matches("X ").trim())),
        (Some(more), None) => filled(more.trim_start_matches("X ")),
    };
    let title = given.title.or_else(|| split_name(last).title);
    PersonName {
        salutation: given.salutation.or(split_name(last).salutation),
        title,
        first: given.first,
        last: family_name,
        company: false,
    }
}

/// Salutation and titles in front of a family name: `Frau Dr. Probe`.
fn strip_leading(last: &str) -> String {
    let split = split_name(last);
    if split.salutation.is_none() && split.title.is_none() {
        return last.to_owned();
    }
    [split.first, split.last].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A message as text: HTML breaks to lines, at most one empty line in a row, no wrapping quotes.
pub(crate) fn tidy_message(message: &str) -> String {
    let message = plain(message);
    let message = if message.contains("<br") || message.contains("</p>") {
        crate::segment::to_text(&crate::html::segments(&message))
    } else {
        message
    };
    let mut lines: Vec<&str> = Vec::new();
    for line in message.lines().map(str::trim) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    // Some portals mark the person's words as a quotation.
    if lines.iter().all(|line| line.is_empty() || line.starts_with('>')) {
        lines = lines.into_iter().map(|line| line.trim_start_matches('>').trim_start()).collect();
    }
    let text = lines.join("\n");
    let text = text.trim();
    let quotes = [('"', '"'), ('„', '“'), ('«', '»'), ('“', '”'), ('»', '«')];
    for (open, close) in quotes {
        if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close))
            && !inner.contains(open)
            && !inner.contains(close)
        {
            return inner.trim().to_owned();
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(first: &str, last: &str, whole: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let parts = PersonParts {
            first: some(first),
            last: some(last),
            whole: some(whole),
            single_is_last: true,
            ..PersonParts::default()
        };
        let name = name(&parts);
        (name.first, name.last)
    }

    #[test]
    fn names_from_parts() {
        let is = |a: &str, b: &str| (filled(a), filled(b));
        assert_eq!(named("Ida", "Probe", ""), is("Ida", "Probe"));
        assert_eq!(named("Dr. Ida", "Probe", ""), is("Ida", "Probe"));
        assert_eq!(named("Ida", "", "Probe"), is("Ida", "Probe"));
        assert_eq!(named("Ida", "", "Ida Probe"), is("Ida", "Probe"));
        assert_eq!(named("Ida Maria", "von Probe", ""), is("Ida Maria", "von Probe"));
        assert_eq!(named("Ida", "Probe Muster", ""), is("Ida", "Probe Muster"));
        assert_eq!(named("Ida", "Frau Dr. Probe", ""), is("Ida", "Probe"));
        assert_eq!(named("", "Probe", ""), is("", "Probe"));
        assert_eq!(named("", "", "Probe"), is("", "Probe"));
        assert_eq!(named("", "", "Probe, Ida"), is("Ida", "Probe"));
        assert_eq!(named("Ida", "", ""), is("Ida", ""));
    }
}
