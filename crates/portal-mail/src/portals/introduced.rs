//! The salutation a portal gives a person in its own sentences, where no field says it:
//! `Frau Mag. Ida Probe interessiert sich für Ihr Inserat.`

use crate::model::{LeadDraft, Salutation};
use crate::person::{is_group, salutation};
use crate::text::{key, patterns};

/// Words between a salutation and the family name.
const BETWEEN: usize = 5;

/// Fills the salutation from `lines`, none of which is the prospect's.
pub(crate) fn complete<'l>(lead: &mut LeadDraft, lines: impl Iterator<Item = &'l str>) {
    let several = lead.last_name.as_deref().is_some_and(is_group);
    if lead.salutation.is_none() && !several {
        let found = lines.take(30).find_map(|line| before_name(line, lead));
        lead.salutation = found;
    }
}

fn before_name(line: &str, lead: &LeadDraft) -> Option<Salutation> {
    let last = lead.last_name.as_deref()?.split(' ').next_back().map(key)?;
    let first = lead.first_name.as_deref().and_then(|name| name.split(' ').next()).map(key);
    let words: Vec<&str> = crate::text::cut(line, 400).split_whitespace().collect();
    let at = words.iter().position(|word| key(word) == last && !last.is_empty())?;
    let from = at.saturating_sub(BETWEEN);
    let mut all = (from..at).rev().filter(|word| key(words[*word]).len() > 1 && salutation(words[*word]).is_some());
    // Two of them are a couple, or the portal's words for nobody knows.
    let (Some(said), None) = (all.next(), all.next()) else {
        return None;
    };
    // `Sehr geehrte Frau Probe` is the agent, who may have the same family name.
    let whole = first.is_some_and(|first| words[said..at].iter().any(|word| key(word) == first));
    (whole || !GREETING.is_match(line)).then(|| salutation(words[said])).flatten()
}

patterns! {
    GREETING = r"(?i)^\W*(?:sehr geehrte|guten (?:tag|morgen|abend)|grüezi|grüß|hallo|liebe|dear|hello|hi|bonjour|chère?|buongiorno|gentile|egregi|hola|estimad|buenos)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_this_person() {
        for (line, expected) in [
            ("Frau Mag. Ida Probe interessiert sich für Ihr Inserat.", Some(Salutation::Ms)),
            ("Neue Anfrage von Herrn Ida Probe", Some(Salutation::Mr)),
            ("Frau Probe hat Ihnen geschrieben", Some(Salutation::Ms)),
            ("Sehr geehrter Herr Probe,", None),
            ("Herr Muster hat eine Anfrage von Ida Probe", None),
            ("Ida Probe ist interessiert", None),
            ("Herr oder Frau Ida Probe ist interessiert", None),
        ] {
            let mut lead = LeadDraft {
                first_name: Some("Ida".to_owned()),
                last_name: Some("Probe".to_owned()),
                ..LeadDraft::default()
            };
            complete(&mut lead, std::iter::once(line));
            assert_eq!(lead.salutation, expected, "{line}");
        }
    }
}
