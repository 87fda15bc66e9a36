//! What the tests share.

use jiff::{Timestamp, tz::TimeZone};
use llm::{
    AnswerKind, AnswerRequest, Fact, FactKind, FactValue, Intent, Language, ListingStatus, Mood, SlotOffer,
    UnderstandRequest, Understanding,
};

/// The rows of a table that failed, so that one run shows all of them.
#[derive(Default)]
pub(crate) struct Wrong(Vec<String>);

impl Wrong {
    pub(crate) fn unless(&mut self, right: bool, row: String) {
        if !right {
            self.0.push(row);
        }
    }

    #[track_caller]
    pub(crate) fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// Monday, 23 November 2026, 9:00 in Berlin.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

pub(crate) fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

pub(crate) fn local(text: &str) -> Timestamp {
    text.parse::<jiff::civil::DateTime>().unwrap().to_zoned(berlin()).unwrap().timestamp()
}

pub(crate) fn mail(text: &str, first_contact: bool) -> UnderstandRequest {
    UnderstandRequest {
        subject: None,
        text: text.to_owned(),
        now: now(),
        zone: berlin(),
        language_hint: None,
        first_contact,
    }
}

pub(crate) fn wants(intents: &[Intent]) -> Understanding {
    Understanding {
        language: Language::De,
        formal: Some(true),
        intents: intents.to_vec(),
        topics: Vec::new(),
        wished_times: Vec::new(),
        wished_days: Vec::new(),
        wished_windows: Vec::new(),
        mood: Mood::Calm,
        injection: false,
        confidence: 0.92,
    }
}

pub(crate) fn letter(kind: AnswerKind) -> AnswerRequest {
    AnswerRequest {
        kind,
        language: Language::De,
        formal: true,
        salutation: None,
        last_name: Some("Probe".to_owned()),
        first_name: Some("Ida".to_owned()),
        understanding: wants(&[Intent::Question]),
        prospect_text: String::new(),
        property_title: Some("Helle 3-Zimmer-Wohnung am Park".to_owned()),
        facts: Vec::new(),
        examples: Vec::new(),
        slots: Vec::new(),
        booking_url: None,
        full_today: false,
        zone: berlin(),
        agency_name: "Muster Immobilien 24".to_owned(),
        agent_name: Some("Max Muster".to_owned()),
    }
}

pub(crate) fn facts() -> Vec<Fact> {
    let euro = |cents| FactValue::Money { cents, currency: "EUR".into() };
    vec![
        Fact::new("property.availability", FactKind::Availability, FactValue::Status(ListingStatus::Available)),
        Fact::new("property.coldRent", FactKind::ColdRent, euro(129_000)),
        Fact::new("property.warmRent", FactKind::WarmRent, euro(154_050)),
        Fact::new("property.serviceCharge", FactKind::ServiceCharge, euro(25_050)),
        Fact::new("property.deposit", FactKind::Deposit, euro(387_000)),
        Fact::new("property.livingArea", FactKind::LivingArea, FactValue::Area { square_metres: 68.5 }),
        Fact::new("property.rooms", FactKind::Rooms, FactValue::Number(2.5)),
        Fact::new("property.floor", FactKind::Floor, FactValue::Number(2.0)),
        Fact::new("property.lift", FactKind::Lift, FactValue::Flag(false)),
        Fact::new("property.pets", FactKind::Pets, FactValue::Flag(true)),
        Fact::new("property.availableFrom", FactKind::AvailableFrom, FactValue::Date("2027-01-01".parse().unwrap())),
        Fact::new("property.commission", FactKind::Commission, FactValue::Percent(3.57)),
        Fact::new("property.energyValue", FactKind::EnergyValue, FactValue::Energy(84.3)),
        Fact::new("property.yearBuilt", FactKind::YearBuilt, FactValue::Year(1998)),
        Fact::new("property.cellar", FactKind::Cellar, FactValue::Flag(true)),
        Fact::new("property.heating", FactKind::Heating, FactValue::Text("Gas-Etagenheizung".into())),
        Fact::new("property.address", FactKind::Address, FactValue::Text("Musterweg 5, 10115 Berlin".into())),
        Fact::new("property.expose", FactKind::ExposeLink, FactValue::Text("https://immo.example.org/e/1".into())),
        Fact::new(
            "tenant.fact.1",
            FactKind::Text,
            FactValue::Text("Die Hausordnung verbietet Rauchen im Treppenhaus. Fahrräder stehen im Hof.".into()),
        ),
    ]
}

pub(crate) fn slots() -> Vec<SlotOffer> {
    vec![
        SlotOffer { id: "slot.1".into(), start: local("2026-11-24T14:30"), end: local("2026-11-24T15:00") },
        SlotOffer { id: "slot.2".into(), start: local("2026-11-26T09:00"), end: local("2026-11-26T09:30") },
    ]
}
