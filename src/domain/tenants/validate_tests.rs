use std::collections::BTreeMap;

use super::super::{
    AiBudget, AutomationMode, AutomationPolicy, Branding, MailSender, QuietHours, ViewingDefaults, WallClock,
};
use super::*;

fn settings() -> TenantSettings {
    TenantSettings {
        name: " Agentur ".to_owned(),
        time_zone: "europe/vienna".to_owned(),
        languages: vec!["de".to_owned(), "en".to_owned()],
        formal_address: true,
        unassigned_visible: false,
        address: None,
        branding: Branding { logo_url: None, primary_color: Some("#0B5CAD".to_owned()), accent_color: None },
        sender: MailSender { name: "Agentur".to_owned(), address: "Buero@agentur.test".to_owned() },
        automation: AutomationPolicy {
            mode: AutomationMode::Full,
            delay_seconds: 0,
            confidence_threshold: 0.8,
            quiet_hours: None,
            daily_answers_per_lead: None,
            daily_enquiries_per_property: None,
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
        trusted_forwarders: vec![" Mail.Agentur.test".to_owned()],
        follow_ups: FollowUpPolicy::default(),
        retention_days: None,
    }
}

#[test]
fn follow_ups_come_in_growing_order_and_at_a_time_of_day() {
    for (days, at, close, wrong) in [
        (vec![3, 7, 14], 540, 3, None),
        (vec![1], 0, 90, None),
        (vec![], 540, 3, Some("followUps.days")),
        (vec![7, 3], 540, 3, Some("followUps.days")),
        (vec![3, 3], 540, 3, Some("followUps.days")),
        (vec![1, 2, 3, 4], 540, 3, Some("followUps.days")),
        (vec![91], 540, 3, Some("followUps.days")),
        (vec![3], 1440, 3, Some("followUps.at")),
        (vec![3], 540, 0, Some("followUps.closeAfterDays")),
    ] {
        let policy = FollowUpPolicy { enabled: true, days, at: WallClock(at), close_after_days: close };
        let settings = TenantSettings { follow_ups: policy.clone(), ..settings() };
        let fields = checked(&settings, Country::At, "EUR").map_or_else(
            |problems| problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>(),
            |_| Vec::new(),
        );
        assert_eq!(fields, wrong.into_iter().collect::<Vec<_>>(), "{policy:?}");
    }
}

#[test]
fn forwarders_are_domains_that_somebody_owns() {
    assert_eq!(checked(&settings(), Country::At, "EUR").unwrap().trusted_forwarders, ["mail.agentur.test"]);
    for bad in
        ["test", "", "büro.test", "a b.test", "@agentur.test", "agentur.test.", "-a.test", "https://agentur.test"]
    {
        let problems = wrong(Country::At, |settings| settings.trusted_forwarders = vec![bad.to_owned()]);
        assert_eq!(problems, ["trustedForwarders[0]"], "{bad}");
    }
    let twice = ["a.test".to_owned(), "A.test".to_owned()];
    assert_eq!(wrong(Country::At, |settings| settings.trusted_forwarders = twice.to_vec()), ["trustedForwarders[1]"]);
    let many = (0..21).map(|number| format!("a{number}.test")).collect::<Vec<_>>();
    assert_eq!(wrong(Country::At, |settings| settings.trusted_forwarders = many), ["trustedForwarders"]);
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
        assert_eq!(wrong(Country::De, |s| s.branding.logo_url = Some(url.to_owned())), ["branding.logoUrl"], "{url}");
    }
    assert!(wrong(Country::De, |s| s.branding.logo_url = Some("https://example.org/l.png".to_owned())).is_empty());
}
