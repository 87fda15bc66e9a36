//! What stands in a form, and what cannot stand there.

use uuid::Uuid;

use crate::domain::assistant;
use crate::domain::leads::Salutation;
use crate::domain::tenants::Country;
use crate::domain::widget_keys::ConsentText;

/// Longest message, characters.
pub const MOST_MESSAGE: usize = 5000;
const LINE: usize = 200;
const PAGE: usize = 500;

/// A form as it came.
#[derive(Debug, Clone, Default)]
pub struct WebForm {
    /// How to address the visitor.
    pub salutation: Option<Salutation>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Where the answer goes.
    pub email: Option<String>,
    /// Telephone, as people write it.
    pub phone: Option<String>,
    /// What the visitor wants to know.
    pub message: Option<String>,
    /// Which listing the page is about: its id, or the agency's own number.
    pub property: Option<String>,
    /// Address of the page.
    pub page: Option<String>,
}

/// A form that somebody can be answered from.
#[derive(Debug, Clone)]
pub struct WebEnquiry {
    /// The challenge it came with; what it is called from now on.
    pub id: Uuid,
    /// The page it came from, as browsers write it in `Origin`.
    pub origin: String,
    /// What was sent, as it came.
    pub sent: serde_json::Value,
    /// Language of the form, ISO 639-1.
    pub language: &'static str,
    /// What the visitor agreed to.
    pub consent: ConsentText,
    /// The form, trimmed; the telephone in E.164. Family name, address and message are there.
    pub form: WebForm,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing stands there.
    Missing,
    /// More than this many characters.
    TooLong(usize),
    /// No e-mail address.
    NotAnAddress,
    /// No telephone number.
    NotAPhone,
}

/// The same form trimmed, with the telephone in E.164; or every flaw, by the field's name on the wire. What the page says
/// about itself is cut, not refused: a visitor could do nothing about it.
///
/// # Errors
/// The flaws.
pub fn check(form: WebForm, country: Country) -> Result<WebForm, Vec<(&'static str, Flaw)>> {
    let mut flaws = Vec::new();
    let mut wrong = |field, flaw| flaws.push((field, flaw));
    let first_name = line(form.first_name);
    let last_name = line(form.last_name);
    let email = line(form.email).map(|email| email.to_lowercase());
    let phone = line(form.phone);
    let message = form.message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    for (field, text, most) in [
        ("firstName", &first_name, LINE),
        ("lastName", &last_name, LINE),
        ("email", &email, LINE),
        ("phone", &phone, LINE),
        ("message", &message, MOST_MESSAGE),
    ] {
        match text {
            None if matches!(field, "lastName" | "email" | "message") => wrong(field, Flaw::Missing),
            Some(text) if text.chars().count() > most => wrong(field, Flaw::TooLong(most)),
            Some(text) if field == "email" && text.parse::<lettre::Address>().is_err() => {
                wrong(field, Flaw::NotAnAddress);
            }
            _ => {}
        }
    }
    let number = phone.as_deref().map(|text| portal_mail::normalise_phone(text, assistant::region(country)));
    if number == Some(None) {
        wrong("phone", Flaw::NotAPhone);
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let cut = |text: Option<String>, most| line(text).map(|text| text.chars().take(most).collect());
    Ok(WebForm {
        salutation: form.salutation,
        first_name,
        last_name,
        email,
        phone: number.flatten(),
        message,
        property: cut(form.property, LINE),
        page: cut(form.page, PAGE),
    })
}

/// One line, trimmed; a blank one is none.
fn line(text: Option<String>) -> Option<String> {
    let text: String = text?.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(email: &str, phone: &str, message: &str) -> WebForm {
        let text = |text: &str| Some(text.to_owned());
        WebForm {
            last_name: text("Probe"),
            email: text(email),
            phone: text(phone),
            message: text(message),
            ..WebForm::default()
        }
    }

    #[test]
    fn what_people_write_is_brought_into_one_form() {
        let mut filled = form(" Ida@Example.org ", "0664 / 555 01 23", "\n Ist sie frei? \n");
        filled.first_name = Some("Ida\r\nBcc: all@example.org".to_owned());
        filled.page = Some("x".repeat(600));
        let checked = check(filled, Country::At).unwrap();
        assert_eq!(checked.email.as_deref(), Some("ida@example.org"));
        assert_eq!(checked.phone.as_deref(), Some("+436645550123"));
        assert_eq!(checked.message.as_deref(), Some("Ist sie frei?"));
        assert_eq!(checked.first_name.as_deref(), Some("Ida  Bcc: all@example.org"));
        assert_eq!(checked.page.map(|page| page.len()), Some(PAGE));
        let blank = check(form("ida@example.org", "  ", "x"), Country::De).unwrap();
        assert_eq!(blank.phone, None);
    }

    #[test]
    fn every_flaw_is_told_at_once() {
        let flaws = check(WebForm::default(), Country::At).unwrap_err();
        assert_eq!(flaws, [("lastName", Flaw::Missing), ("email", Flaw::Missing), ("message", Flaw::Missing)]);
        let flaws = check(form("ida(at)example.org", "abends", &"ä".repeat(5001)), Country::At).unwrap_err();
        assert_eq!(
            flaws,
            [("email", Flaw::NotAnAddress), ("message", Flaw::TooLong(5000)), ("phone", Flaw::NotAPhone)]
        );
    }
}
