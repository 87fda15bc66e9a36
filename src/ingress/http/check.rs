//! Forms of values that a type alone does not hold: lengths, addresses, phone numbers.

use super::problem::{ApiProblem, ApiResult, FieldError};
use crate::domain::tenants::LANGUAGES;

/// Collects what is wrong, so that a client learns everything at once.
#[derive(Debug, Default)]
pub(super) struct Check(Vec<FieldError>);

impl Check {
    /// Nothing is wrong yet.
    #[must_use]
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Notes a wrong field.
    pub(super) fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// One line, trimmed; a blank one is none.
    pub(super) fn line(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())?;
        if value.chars().count() > 200 || value.chars().any(char::is_control) {
            self.wrong(field, "must be one line of at most 200 characters");
        }
        Some(value)
    }

    /// A text of at most `most` characters; a blank one is none.
    pub(super) fn text(&mut self, field: &str, value: Option<String>, most: usize) -> Option<String> {
        let value = value.filter(|text| !text.trim().is_empty())?;
        if value.chars().count() > most {
            self.wrong(field, format!("must have at most {most} characters"));
        }
        Some(value)
    }

    /// A text that must be there.
    pub(super) fn required_text(&mut self, field: &str, value: String, most: usize) -> String {
        match self.text(field, Some(value), most) {
            Some(text) => text,
            None => {
                self.wrong(field, "must not be empty");
                String::new()
            }
        }
    }

    /// An e-mail address, in lower case.
    pub(super) fn email(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let value = self.line(field, value)?.to_lowercase();
        if value.parse::<lettre::Address>().is_err() {
            self.wrong(field, "must be an e-mail address");
        }
        Some(value)
    }

    /// A phone number in the form E.164; blanks and separators are taken out.
    pub(super) fn phone(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let value: String =
            self.line(field, value)?.chars().filter(|c| !matches!(c, ' ' | '-' | '/' | '(' | ')')).collect();
        let digits = value.strip_prefix('+').unwrap_or_default();
        if !(7..=15).contains(&digits.len())
            || digits.starts_with('0')
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            self.wrong(field, "must be an international number such as +436641234567");
        }
        Some(value)
    }

    /// A language code.
    pub(super) fn language(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let value = value?;
        if !LANGUAGES.contains(&value.as_str()) {
            self.wrong(field, format!("must be one of {}", LANGUAGES.join(", ")));
        }
        Some(value)
    }

    /// Nothing, or everything that is wrong.
    pub(super) fn done(self) -> ApiResult<()> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiProblem::fields(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_checked_and_every_wrong_field_is_told() {
        let mut check = Check::new();
        assert_eq!(check.phone("a", Some("+43 664 / 123-4567".to_owned())).as_deref(), Some("+436641234567"));
        assert_eq!(check.email("b", Some(" Ida@Example.org ".to_owned())).as_deref(), Some("ida@example.org"));
        assert_eq!(check.line("c", Some("  ".to_owned())), None);
        check.phone("phone", Some("0664 1234567".to_owned()));
        check.email("email", Some("ida(at)example.org".to_owned()));
        check.line("lastName", Some("Ida\r\nBcc: all@example.org".to_owned()));
        check.language("language", Some("xx".to_owned()));
        check.required_text("text", "  ".to_owned(), 10);
        let fields: Vec<String> = check.0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["phone", "email", "lastName", "language", "text"]);
    }
}
