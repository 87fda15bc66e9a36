//! What settings cannot be, whoever says so.

use jiff::tz::TimeZone;

use super::color::{LEAST_CONTRAST, channels, contrast_with_white};
use super::{Country, FollowUpPolicy, TenantSettings};
use crate::domain::fields::FieldProblem;

/// The languages answers can be written in; the schema knows the same.
pub const LANGUAGES: [&str; 5] = ["de", "en", "fr", "it", "es"];

const LINE: usize = 200;
const DISCLOSURE: usize = 1000;
/// A hundred thousand of the currency a month: more is a typing error.
const MOST_BUDGET_CENTS: i64 = 10_000_000;

/// The schema knows the same.
const FORWARDERS: usize = 20;

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
    problems.forwarders(&mut settings.trusted_forwarders);
    problems.follow_ups(&settings.follow_ups);
    if let Some(days) = settings.retention_days {
        problems.range("retentionDays", days, 1, 3650);
    }
    if problems.0.is_empty() { Ok(settings) } else { Err(problems.0) }
}

/// Two labels at least (RFC 1035, section 2.3.1): a whole top-level domain is nobody to trust. Punycode, as in DNS.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
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

    fn forwarders(&mut self, domains: &mut [String]) {
        self.unless(domains.len() <= FORWARDERS, "trustedForwarders", format!("must be {FORWARDERS} domains at most"));
        for index in 0..domains.len() {
            let field = format!("trustedForwarders[{index}]");
            domains[index] = domains[index].trim().to_lowercase();
            self.unless(is_domain(&domains[index]), &field, "must be a domain such as example.org");
            self.unless(!domains[..index].contains(&domains[index]), &field, "stands here twice");
        }
    }

    fn follow_ups(&mut self, policy: &FollowUpPolicy) {
        let days = &policy.days;
        let good = (1..=3).contains(&days.len())
            && days.iter().all(|day| (1..=90).contains(day))
            && days.windows(2).all(|pair| pair[0] < pair[1]);
        self.unless(good, "followUps.days", "must be one to three days from 1 to 90, in growing order");
        self.unless(policy.at.0 < 1440, "followUps.at", "must be before 24:00");
        self.range("followUps.closeAfterDays", policy.close_after_days, 1, 90);
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
        if let Some(limit) = automation.daily_answers_per_lead {
            self.range("automation.dailyAnswersPerLead", limit, 1, 100);
        }
        if let Some(limit) = automation.daily_enquiries_per_property {
            self.range("automation.dailyEnquiriesPerProperty", limit, 1, 10_000);
        }
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
#[path = "validate_tests.rs"]
mod tests;
