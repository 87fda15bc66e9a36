//! Contact data never leaves the house, and the agency's people read it all the same: what a chat sends holds stand-ins,
//! and what comes back has them turned into what they stand for, in text as in the arguments of tools.

use super::mask::{Contact, mask_with};

/// A stand-in is never longer than this.
const LONGEST: usize = 16;

/// Stand-ins of one request, and what they stand for.
#[derive(Debug, Default)]
pub(super) struct Contacts(Vec<(String, String)>);

impl Contacts {
    /// The text as it may leave.
    pub(super) fn hide(&mut self, text: &str) -> String {
        mask_with(text, |kind, found| {
            if let Some((standing, _)) = self.0.iter().find(|(_, known)| known == found) {
                return standing.clone();
            }
            let word = match kind {
                Contact::Mail => "e-mail",
                Contact::Phone => "phone",
            };
            let standing = format!("[{word} {}]", self.0.len() + 1);
            self.0.push((standing.clone(), found.to_owned()));
            standing
        })
    }

    /// The text as people read it.
    pub(super) fn show(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (standing, known)| text.replace(standing, known))
    }

    /// The same inside the strings of JSON.
    pub(super) fn show_in_json(&self, json: &str) -> String {
        self.0.iter().fold(json.to_owned(), |json, (standing, known)| {
            let quoted = serde_json::Value::from(known.as_str()).to_string();
            json.replace(standing, quoted.trim_matches('"'))
        })
    }
}

/// Shows text that comes in pieces: a stand-in may be in two of them.
#[derive(Debug, Default)]
pub(super) struct Held(String);

impl Held {
    /// What can be shown now.
    pub(super) fn push(&mut self, piece: &str, contacts: &Contacts) -> String {
        self.0.push_str(piece);
        let keep = match self.0.rfind('[') {
            Some(at) if !self.0[at..].contains(']') && self.0.len() - at <= LONGEST => at,
            _ => self.0.len(),
        };
        let rest = self.0.split_off(keep);
        let ready = std::mem::replace(&mut self.0, rest);
        contacts.show(&ready)
    }

    /// What is left at the end.
    pub(super) fn end(self, contacts: &Contacts) -> String {
        contacts.show(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_has_stand_ins_and_what_comes_back_has_none() {
        let mut contacts = Contacts::default();
        let hidden = contacts.hide("ida@example.org, 0664 555 01 23, nochmals ida@example.org");
        assert_eq!(hidden, "[e-mail 1], [phone 2], nochmals [e-mail 1]");
        assert_eq!(contacts.show("An [e-mail 1] [e-mail 9]"), "An ida@example.org [e-mail 9]");
        assert_eq!(contacts.show_in_json(r#"{"phone":"[phone 2]"}"#), r#"{"phone":"0664 555 01 23"}"#);
    }

    #[test]
    fn a_stand_in_in_two_pieces_is_shown_whole() {
        let mut contacts = Contacts::default();
        contacts.hide("ida@example.org");
        let mut held = Held::default();
        let shown: Vec<String> = ["An [", "e-mail", " 1] am [5", ".] und [so weiter und so fort"]
            .iter()
            .map(|piece| held.push(piece, &contacts))
            .collect();
        assert_eq!(shown, ["An ", "", "ida@example.org am ", "[5.] und [so weiter und so fort"]);
        assert_eq!(held.end(&contacts), "");
    }
}
