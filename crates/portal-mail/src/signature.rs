//! The end of a person's own mail: who signs, and the business signature nobody reads.

use crate::labels::boilerplate::is_greeting;
use crate::person::{PersonName, split_name};
use crate::text::patterns;

/// Lines a signature may have below the name.
const MAX_LINES: usize = 20;

/// The name in the line below the closing formula, if it is one.
pub(crate) fn name(text: &str) -> Option<PersonName> {
    let lines = lines(text);
    let name = split_name(lines[name_line(&lines)?]);
    (name.first.is_some() && name.last.is_some()).then_some(name)
}

/// The text without job title, company, links and disclaimer below the name. Phone numbers alone
/// below a name stay: they are what the person wants us to have.
pub(crate) fn without_business(text: &str) -> String {
    let lines = lines(text);
    let disclaimer = lines.iter().rposition(|line| DISCLAIMER.is_match(line)).filter(|at| *at > 0);
    let mut end = disclaimer.unwrap_or(lines.len());
    if let Some(at) = name_line(&lines) {
        let below = &lines[at + 1..end.max(at + 1)];
        let short = below.len() <= MAX_LINES && !below.iter().any(|line| is_prose(line));
        if short && below.iter().any(|line| BUSINESS.is_match(line)) {
            end = at + 1;
        }
    }
    match lines.get(..end).and_then(|kept| kept.last()) {
        Some(last) if end < lines.len() => text[..offset(text, last) + last.len()].trim_end().to_owned(),
        _ => text.to_owned(),
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Where `line`, a piece of `text`, begins in it.
fn offset(text: &str, line: &str) -> usize {
    line.as_ptr() as usize - text.as_ptr() as usize
}

fn name_line(lines: &[&str]) -> Option<usize> {
    let closing = lines.iter().rposition(|line| is_greeting(line) || CLOSING.is_match(line))?;
    let line = lines.get(closing + 1)?;
    (line.len() < 50 && PERSON_LINE.is_match(line)).then_some(closing + 1)
}

fn is_prose(line: &str) -> bool {
    line.ends_with(['?', '!']) || line.ends_with('.') && line.split(' ').count() > 6
}

patterns! {
    CLOSING = r"(?i)^(?:(?:many |best )?thanks(?: (?:a lot|so much|in advance|and (?:best |kind )?regards))?|thank you(?: very much| in advance)?|(?:all the )?best|(?:vielen |herzlichen |besten )?dank(?:e)?(?: (?:im voraus|und (?:viele|liebe|beste|freundliche|schöne) grü(?:ß|ss)e))?|merci(?: (?:d'avance|beaucoup))?|grazie(?: mille)?|(?:muchas )?gracias|mille grazie|(?:liebe|schöne|viele|beste|herzliche)n? grü(?:ß|ss)e?n?(?: aus .{2,30})?|l\.?g\.?|gruss|gruß)[\s,.!]*$";
    PERSON_LINE = r"^\p{Lu}[\p{L}.'’-]*(?: (?:von|van|de|del|della|di|da|zu|\p{Lu}[\p{L}.'’-]*)){1,4}$";
    BUSINESS = r"(?i)\||\b(?:gmbh|ag|kg|ltd|inc|llc|s\.?a\.?r\.?l|plc|co\.)(?:\b|$)|www\.|https?://|\b(?:manager|director|geschäftsführer|leiter|consultant|engineer|assistant|ceo|cto|head of|abteilung|uid|firmenbuch|handelsregister|hrb)\b";
    DISCLAIMER = r"(?i)^\W*(?:(?:this|the) (?:e-?mail|message)[^.]{0,80}(?:confidential|privileged|intended)|diese (?:e-?mail|nachricht)[^.]{0,80}vertraulich|(?:confidentiality|legal) notice|disclaimer\b|vertraulichkeitshinweis|(?:bitte denken sie|please consider)[^.]{0,40}(?:umwelt|environment)|(?:ce message|cet e-?mail)[^.]{0,80}confidentiel|(?:questo messaggio|questa e-?mail)[^.]{0,80}(?:riservat|confidenzial)|este (?:mensaje|correo)[^.]{0,80}confidencial)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_goes_and_people_stay() {
        let own = "Is the flat free?\n\nThanks!\n\nIda Probe";
        for tail in [
            "",
            "\nSenior Manager | Sample Ltd\nM: +44 7700 900123\nwww.sample.test\nThis e-mail is confidential.",
            "\nSample GmbH\nHauptstr. 3",
            "\n\nThis message is confidential and intended for the addressee.\nDelete it otherwise.",
        ] {
            assert_eq!(without_business(&format!("{own}{tail}")), own, "{tail}");
        }
        for text in
            ["Ida\n\nLG\nIda Probe\nTel. 0664 1234567", "Danke!\nIch melde mich.\nwww.example.org ist meine Seite."]
        {
            assert_eq!(without_business(text), text);
        }
        assert_eq!(name(own).and_then(|name| name.last).as_deref(), Some("Probe"));
        assert_eq!(
            name("Ist sie frei?\nVielen Dank im Voraus,\nIda Probe\n0664 1").and_then(|name| name.first).as_deref(),
            Some("Ida")
        );
        assert!(name("Danke\nBis bald").is_none());
    }
}
