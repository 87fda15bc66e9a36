//! What each person of the agency decides for themselves: their language, how they sign, when they show listings.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::model::{Profile, User};
use crate::domain::codes::code;
use crate::domain::fields::FieldProblem;
use crate::domain::tenants::{Tenant, WallClock};

code! {
    /// The language in which somebody of an agency gets mail from us.
    Locale { /// German.
        De = "de", /// English.
        En = "en" }
}

impl Locale {
    /// One of two texts.
    #[must_use]
    pub fn pick<T>(self, german: T, english: T) -> T {
        match self {
            Self::De => german,
            Self::En => english,
        }
    }

    /// A day as it is written in this language.
    #[must_use]
    pub fn date(self, at: jiff::Timestamp, zone: &TimeZone) -> String {
        let date: Date = zone.to_datetime(at).date();
        date.strftime(self.pick("%d.%m.%Y", "%-d %B %Y")).to_string()
    }
}

/// When somebody shows listings. What lies outside of the agency's own hours is not offered either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewingHours {
    /// ISO weekdays, 1 = Monday.
    pub weekdays: Vec<i16>,
    /// First viewing.
    pub from: WallClock,
    /// End of the last viewing.
    pub to: WallClock,
}

/// What somebody decides for themselves, as a whole.
#[derive(Debug, Clone)]
pub struct OwnSettings {
    /// Names and telephone.
    pub profile: Profile,
    /// The language of what they get from us.
    pub locale: Locale,
    /// Stands under mails in their name, in place of the name.
    pub signature: Option<String>,
    /// Their own hours; `None`: the agency's.
    pub viewing_hours: Option<ViewingHours>,
}

const SIGNATURE: usize = 1000;
const SIGNATURE_LINES: usize = 12;

impl OwnSettings {
    /// Trimmed and in order; or everything that is wrong with it for somebody of this agency. Names and telephone are
    /// taken as they are.
    pub(super) fn checked(&self, tenant: &Tenant) -> Result<Self, Vec<FieldProblem>> {
        let mut own = self.clone();
        let mut problems = Vec::new();
        own.signature = own.signature.as_deref().map(lines).filter(|text| !text.is_empty());
        if let Some(signature) = &own.signature {
            let is_plain = !signature.chars().any(|c| c.is_control() && c != '\n');
            if !is_plain || signature.chars().count() > SIGNATURE || signature.lines().count() > SIGNATURE_LINES {
                let message = format!("must have at most {SIGNATURE_LINES} lines and {SIGNATURE} characters");
                problems.push(FieldProblem::new("signature", message));
            }
        }
        if let Some(hours) = &mut own.viewing_hours {
            problems.extend(hours.put_in_order(tenant));
        }
        if problems.is_empty() { Ok(own) } else { Err(problems) }
    }
}

/// Without blanks at the end of lines, and without empty lines around it.
fn lines(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').trim_start().to_owned()
}

impl ViewingHours {
    /// Sorts the days, and says what is wrong: hours in which the agency shows nothing would never be offered.
    fn put_in_order(&mut self, tenant: &Tenant) -> Option<FieldProblem> {
        let named = self.weekdays.len();
        self.weekdays.sort_unstable();
        self.weekdays.dedup();
        let is_known = self.weekdays.iter().all(|day| (1..=7).contains(day));
        if !is_known || self.weekdays.is_empty() || self.weekdays.len() != named {
            let message = "must be days from 1 (Monday) to 7 (Sunday), each once";
            return Some(FieldProblem::new("viewingHours.weekdays", message));
        }
        if self.from >= self.to {
            return Some(FieldProblem::new("viewingHours.to", "must be after `from`"));
        }
        if !self.weekdays.iter().any(|day| tenant.viewing_weekdays.contains(day)) {
            let message = "must have a day on which the agency shows listings";
            return Some(FieldProblem::new("viewingHours.weekdays", message));
        }
        let (from, to) = (self.from.0.max(tenant.viewing_from_minute), self.to.0.min(tenant.viewing_to_minute));
        (to - from < tenant.slot_minutes).then(|| {
            FieldProblem::new("viewingHours.to", "leaves no room for one viewing within the hours of the agency")
        })
    }
}

impl User {
    /// What stands under a mail in their name: their signature, else their name.
    #[must_use]
    pub fn signs(&self) -> String {
        self.signature.clone().unwrap_or_else(|| self.name())
    }

    /// When they show listings; `None`: whenever the agency does.
    #[must_use]
    pub fn viewing_hours(&self) -> Option<ViewingHours> {
        let weekdays = self.viewing_weekdays.clone()?;
        Some(ViewingHours {
            weekdays,
            from: WallClock(self.viewing_from_minute?),
            to: WallClock(self.viewing_to_minute?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_each_language_does() {
        let at = "2026-12-01T23:30:00Z".parse().unwrap();
        let vienna = TimeZone::get("Europe/Vienna").unwrap();
        assert_eq!(Locale::De.date(at, &vienna), "02.12.2026");
        assert_eq!(Locale::En.date(at, &vienna), "2 December 2026");
    }

    #[test]
    fn signatures_keep_their_lines_and_nothing_around_them() {
        assert_eq!(lines("\r\n Anna Berger  \r\n\r\nTel. 1\n\n"), "Anna Berger\n\nTel. 1");
        assert_eq!(lines(" \n\t\n"), "");
    }
}
