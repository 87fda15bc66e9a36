//! A message that stands under no heading: the lines in which somebody speaks for themselves,
//! before, between or behind the portal's labels.

use crate::labels::block;
use crate::labels::boilerplate::ends_message;
use crate::labels::{message, section};
use crate::portals::noise;
use crate::segment::Segment;
use crate::text::patterns;

/// Lines looked at.
const MAX_LINES: usize = 400;

/// The segments of the first run of lines that are not the portal's and sound like a person.
pub(super) fn find(body: &[Segment]) -> Option<(usize, usize)> {
    let mut from = 0;
    let end = body.len().min(MAX_LINES);
    while from < end {
        if let Some(next) = portals_until(body, from) {
            from = next;
            continue;
        }
        let signs = |at: &usize| portals_until(body, *at).is_some() || message::is_portal_greeting(body, *at, end);
        let to = (from..end).find(signs).unwrap_or(end);
        if to == from {
            from += 1;
            continue;
        }
        let lines = &body[from..to];
        let words: usize = lines.iter().map(|line| line.text.split_whitespace().count()).sum();
        if words >= 3 && lines.iter().any(|line| PERSONAL.is_match(&line.text)) {
            return Some((from, to));
        }
        from = to;
    }
    None
}

/// The end of what the portal says at `at`: one line, or a label with the value below it.
fn portals_until(body: &[Segment], at: usize) -> Option<usize> {
    let text = body[at].text.as_str();
    if let Some((_, value)) = block::label_at(body, at) {
        let below = body.get(at + 1).is_some_and(|next| !value.is_empty() && next.text == value);
        return Some(at + 1 + usize::from(below));
    }
    if block::bare(text).is_some() || super::sentences::is_name(text) {
        return Some(at + 1);
    }
    let own = PERSONAL_STRICT.is_match(text);
    let says = ends_message(text)
        || section::heading(text).is_some()
        || noise::is_link_phrase(text) && !own
        || super::sentences::introduces(text)
        || noise::announces(text) && !own
        || ANNOUNCES.is_match(text) && !own;
    says.then_some(at + 1)
}

patterns! {
    /// First person in five languages, or a question.
    PERSONAL = r"(?i)(?:^|[^\p{L}])(?:ich|mich|mir|meine?[nmrs]?|wir|uns|unser\w*|i|i'm|my|me|we|our|je|j['’]\p{L}+|mon|ma|nous|notre|vorrei|vorremmo|sono|siamo|io|mi|estoy|estamos|quiero|queremos|quisiera|me|nos)(?:[^\p{L}]|$)|\?(?:\s|$)";
    /// First person singular, which no portal uses.
    PERSONAL_STRICT = r"(?i)(?:^|[^\p{L}])(?:ich|mich|mir|je|j['’]\p{L}+|vorrei|quisiera|i'm|i am|i would|estoy)(?:[^\p{L}]|$)";
    /// How portals introduce an enquiry.
    ANNOUNCES = concat!(
        r"(?i)(?:sie haben|du hast|haben wir|wir haben|es (?:liegt|gibt|ist)|soeben|hat (?:ihnen|dir))\b[^.!?]{0,60}\b(?:anfrage|nachricht|interessent\w*|kontakt\w*|mitteilung|lead)|interessiert sich für|möchte (?:sie|mit ihnen) kontakt|",
        r"(?:nachfolgend|folgende|unten stehend|untenstehend|anbei)\w*[^.!?]{0,60}(?:daten|angaben|kontakt|anfrage|nachricht|interessent)|(?:vielen dank|danke) für (?:ihr|dein) (?:vertrauen|inserat)|",
        r"(?:you have|you've|there is)\b[^.!?]{0,40}(?:enquiry|inquiry|message|request|lead)|vous avez (?:reçu|une)|(?:ha|hai) ricevuto|(?:has|ha) recibido|tienes un"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::{from_text, to_text};

    fn found(text: &str) -> Option<String> {
        let body = from_text(text);
        find(&body).map(|(from, to)| to_text(&body[from..to]))
    }

    #[test]
    fn the_persons_lines() {
        let labels = "Name: Ida Probe\nE-Mail: ida@example.org";
        for (text, message) in [
            (
                format!("Sie haben eine neue Anfrage.\n\nIch möchte sie sehen.\nDanke\n\n{labels}"),
                "Ich möchte sie sehen.\nDanke",
            ),
            (format!("{labels}\n\nIst die Wohnung noch frei?\n\nImpressum"), "Ist die Wohnung noch frei?"),
            (format!("Hallo Frau Makler,\nwir haben eine Anfrage für Sie.\n{labels}\nIhr Team von Beispiel"), ""),
            (format!("Neue Anfrage zu Ihrem Inserat\n{labels}"), ""),
        ] {
            assert_eq!(found(&text).unwrap_or_default(), message, "{text}");
        }
    }
}
