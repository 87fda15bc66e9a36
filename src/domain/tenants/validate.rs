//! What settings cannot be, whoever says so.

use jiff::tz::TimeZone;

use super::color::{LEAST_CONTRAST, channels, contrast_with_white};
use super::{Country, TenantSettings};
use crate::domain::fields::FieldProblem;

/// The languages answers can be written in; the schema knows the same.
pub const LANGUAGES: [&str; 5] = ["de", "en", "fr", "it", "es"];

const LINE: usize = 200;
const DISCLOSURE: usize = 1000;
/// A hundred thousand of the currency a month: more is a typing error.
const MOST_BUDGET_CENTS: i64 = 10_000_000;

/// The same settings trimmed and in order; or everything that is wrong with them.
pub(super) fn checked(
    settings: &TenantSettings,
    country: Country,
    currency: &str,
) -> Result<TenantSettings, Vec<FieldProblem>> {
    let mut settings = settings.clone();
    let mut problems = Problems(Vec::new());
    problems.line("name", &mut settings.name);
    match TimeZone::get(settings.time_zone.trim()).ok().and_then(|zone| zone.iana_name().map(str::to_owned)) {
        Some(name) => settings.time_zone = name,
        None => problems.wrong("timeZone", "must be the name of a time zone such as Europe/Vienna"),
    }
    problems.languages(&settings.languages);
    if let Some(address) = &mut settings.address {
        problems.line("address.street", &mut address.street);
        problems.line("address.zip", &mut address.zip);
        problems.line("address.city", &mut address.city);
    }
    problems.branding(&mut settings);
    problems.line("sender.name", &mut settings.sender.name);
    settings.sender.address = settings.sender.address.trim().to_lowercase();
    problems.unless(
        settings.sender.address.parse::<lettre::Address>().is_ok(),
        "sender.address",
        "must be an e-mail address",
    );
    problems.automation(&settings);
    problems.viewings(&mut settings);
    if let Some(budget) = &settings.ai_budget {
        problems.range("aiBudget.cents", budget.cents, 0, MOST_BUDGET_CENTS);
        problems.unless(
            budget.currency == currency,
            "aiBudget.currency",
            format!("must be {currency}, in which prices are kept"),
        );
    }
    problems.disclosures(&mut settings, country);
    if let Some(days) = settings.retention_days {
        problems.range("retentionDays", days, 1, 3650);
    }
    if problems.0.is_empty() { Ok(settings) } else { Err(problems.0) }
}

/// What is wrong so far.
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem::new(field, message));
    }

    fn unless(&mut self, good: bool, field: &str, message: impl Into<String>) {
        if !good {
            self.wrong(field, message);
        }
    }

    fn line(&mut self, field: &str, text: &mut String) {
        *text = text.trim().to_owned();
        let good = !text.is_empty() && text.chars().count() <= LINE && !text.chars().any(char::is_control);
        self.unless(good, field, format!("must be one line of 1 to {LINE} characters"));
    }

    fn range<T: PartialOrd + std::fmt::Display>(&mut self, field: &str, value: T, from: T, to: T) {
        let good = from <= value && value <= to;
        self.unless(good, field, format!("must be between {from} and {to}"));
    }

    fn languages(&mut self, languages: &[String]) {
        self.unless(!languages.is_empty(), "languages", "must name at least one language");
        for (index, language) in languages.iter().enumerate() {
            let field = format!("languages[{index}]");
            self.unless(
                LANGUAGES.contains(&language.as_str()),
                &field,
                format!("must be one of {}", LANGUAGES.join(", ")),
            );
            self.unless(languages.iter().take(index).all(|before| before != language), &field, "stands here twice");
        }
    }

    fn branding(&mut self, settings: &mut TenantSettings) {
        let branding = &mut settings.branding;
        branding.logo_url = branding.logo_url.take().map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        if let Some(url) = &branding.logo_url {
            let parsed = url::Url::parse(url).ok().filter(|parsed| parsed.scheme() == "https" && parsed.has_host());
            let plain = parsed.is_some_and(|parsed| parsed.username().is_empty() && parsed.password().is_none());
            self.unless(
                plain && url.len() <= 2000,
                "branding.logoUrl",
                "must be a web address that starts with https://, without a password",
            );
        }
        for (field, color) in [
            ("branding.primaryColor", &mut branding.primary_color),
            ("branding.accentColor", &mut branding.accent_color),
        ] {
            let Some(color) = color else { continue };
            *color = color.trim().to_lowercase();
            match channels(color).map(contrast_with_white) {
                None => self.wrong(field, "must be a colour in the form #rrggbb"),
                Some(contrast) if contrast < LEAST_CONTRAST => {
                    let message = format!(
                        "is too light for white text: its contrast is {contrast:.1}, at least {LEAST_CONTRAST} is needed"
                    );
                    self.wrong(field, message);
                }
                Some(_) => {}
            }
        }
    }

    fn automation(&mut self, settings: &TenantSettings) {
        let automation = &settings.automation;
        self.range("automation.delaySeconds", automation.delay_seconds, 0, 86_400);
        self.range("automation.confidenceThreshold", automation.confidence_threshold, 0.0, 1.0);
        if let Some(hours) = automation.quiet_hours {
            self.unless(hours.from.0 < 1440, "automation.quietHours.from", "must be before 24:00");
            self.unless(hours.to.0 < 1440, "automation.quietHours.to", "must be before 24:00; midnight is 00:00");
            self.unless(hours.from != hours.to, "automation.quietHours.to", "must not be the same as `from`");
        }
    }

    fn viewings(&mut self, settings: &mut TenantSettings) {
        let viewings = &mut settings.viewings;
        let days = viewings.weekdays.len();
        viewings.weekdays.sort_unstable();
        viewings.weekdays.dedup();
        let known = viewings.weekdays.iter().all(|day| (1..=7).contains(day));
        let good = known && !viewings.weekdays.is_empty() && viewings.weekdays.len() == days;
        self.unless(good, "viewings.weekdays", "must be days from 1 (Monday) to 7 (Sunday), each once");
        self.range("viewings.slotMinutes", viewings.slot_minutes, 5, 480);
        self.range("viewings.bufferMinutes", viewings.buffer_minutes, 0, 480);
        self.range("viewings.horizonDays", viewings.horizon_days, 1, 90);
        self.range("viewings.leadTimeMinutes", viewings.lead_time_minutes, 0, 20_160);
        let room = viewings.to.0 - viewings.from.0;
        self.unless(room > 0, "viewings.to", "must be after `from`");
        self.unless(room <= 0 || room >= viewings.slot_minutes, "viewings.to", "leaves no room for one viewing");
    }

    fn disclosures(&mut self, settings: &mut TenantSettings, country: Country) {
        for (language, text) in &mut settings.ai_disclosures {
            let field = format!("aiDisclosures.{language}");
            *text = text.trim().to_owned();
            self.unless(
                LANGUAGES.contains(&language.as_str()),
                &field,
                format!("must be one of {}", LANGUAGES.join(", ")),
            );
            self.unless(
                text.chars().count() <= DISCLOSURE,
                &field,
                format!("must have at most {DISCLOSURE} characters"),
            );
            self.unless(
                !text.is_empty() || !country.must_disclose_ai(),
                &field,
                "must not be empty in the EU; leave the language out for the words we come with",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{AiBudget, AutomationPolicy, Branding, MailSender, QuietHours, ViewingDefaults, WallClock};
    use super::*;

    fn settings() -> TenantSettings {
        TenantSettings {
            name: " Agentur ".to_owned(),
            time_zone: "europe/vienna".to_owned(),
            languages: vec!["de".to_owned(), "en".to_owned()],
            formal_address: true,
            address: None,
            branding: Branding { logo_url: None, primary_color: Some("#0B5CAD".to_owned()), accent_color: None },
            sender: MailSender { name: "Agentur".to_owned(), address: "Buero@agentur.test".to_owned() },
            automation: AutomationPolicy {
                auto_send: true,
                delay_seconds: 0,
                confidence_threshold: 0.8,
                quiet_hours: None,
            },
            viewings: ViewingDefaults {
                weekdays: vec![5, 1],
                from: WallClock(540),
                to: WallClock(1080),
                slot_minutes: 30,
                buffer_minutes: 15,
                horizon_days: 14,
                lead_time_minutes: 1440,
            },
            ai_budget: Some(AiBudget { cents: 0, currency: "EUR".to_owned() }),
            ai_disclosures: BTreeMap::new(),
            retention_days: None,
        }
    }

    fn wrong(country: Country, change: impl FnOnce(&mut TenantSettings)) -> Vec<String> {
        let mut settings = settings();
        change(&mut settings);
        match checked(&settings, country, "EUR") {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
        }
    }

    #[test]
    fn what_is_right_is_trimmed_and_put_in_order() {
        let checked = checked(&settings(), Country::At, "EUR").unwrap();
        assert_eq!((checked.name.as_str(), checked.time_zone.as_str()), ("Agentur", "Europe/Vienna"));
        assert_eq!(checked.sender.address, "buero@agentur.test");
        assert_eq!(checked.branding.primary_color.as_deref(), Some("#0b5cad"));
        assert_eq!(checked.viewings.weekdays, [1, 5]);
    }

    #[test]
    fn every_wrong_field_is_named_as_on_the_wire() {
        let fields = wrong(Country::De, |settings| {
            settings.name = " ".to_owned();
            settings.time_zone = "Mars/Olympus".to_owned();
            settings.languages = vec!["de".to_owned(), "xx".to_owned(), "de".to_owned()];
            settings.branding = Branding {
                logo_url: Some("https://user:secret@example.org/logo.png".to_owned()),
                primary_color: Some("#ffcc00".to_owned()),
                accent_color: Some("red".to_owned()),
            };
            settings.sender = MailSender { name: "A\r\nBcc: x@example.org".to_owned(), address: "nobody".to_owned() };
            settings.automation.delay_seconds = -1;
            settings.automation.confidence_threshold = f64::NAN;
            settings.automation.quiet_hours = Some(QuietHours { from: WallClock(60), to: WallClock(60) });
            settings.viewings.weekdays = vec![1, 1];
            settings.viewings.slot_minutes = 4;
            settings.viewings.to = WallClock(540);
            settings.ai_budget = Some(AiBudget { cents: -1, currency: "USD".to_owned() });
            settings.ai_disclosures = BTreeMap::from([("de".to_owned(), " ".to_owned())]);
            settings.retention_days = Some(0);
        });
        let expected = [
            "name",
            "timeZone",
            "languages[1]",
            "languages[2]",
            "branding.logoUrl",
            "branding.primaryColor",
            "branding.accentColor",
            "sender.name",
            "sender.address",
            "automation.delaySeconds",
            "automation.confidenceThreshold",
            "automation.quietHours.to",
            "viewings.weekdays",
            "viewings.slotMinutes",
            "viewings.to",
            "aiBudget.cents",
            "aiBudget.currency",
            "aiDisclosures.de",
            "retentionDays",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn only_in_switzerland_a_disclosure_may_be_empty() {
        let empty = |settings: &mut TenantSettings| {
            settings.ai_disclosures = BTreeMap::from([("de".to_owned(), String::new())]);
        };
        assert_eq!(wrong(Country::De, empty), ["aiDisclosures.de"]);
        assert_eq!(wrong(Country::At, empty), ["aiDisclosures.de"]);
        assert!(wrong(Country::Ch, empty).is_empty());
    }

    #[test]
    fn hours_must_hold_one_viewing_and_logos_are_fetched_safely() {
        assert_eq!(wrong(Country::De, |s| s.viewings.to = WallClock(560)), ["viewings.to"]);
        assert!(wrong(Country::De, |s| s.viewings.to = WallClock(1440)).is_empty());
        for url in ["http://example.org/l.png", "javascript:alert(1)", "https://", "data:image/png;base64,AA=="] {
            assert_eq!(
                wrong(Country::De, |s| s.branding.logo_url = Some(url.to_owned())),
                ["branding.logoUrl"],
                "{url}"
            );
        }
        assert!(wrong(Country::De, |s| s.branding.logo_url = Some("https://example.org/l.png".to_owned())).is_empty());
    }
}
