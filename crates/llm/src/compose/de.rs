//! German.

use super::phrases::{Name, Phrases, list, name, topic_names};
use crate::{AnswerRequest, FactKind, ListingStatus, Salutation, Topic};

pub(super) struct German;

const fn either(formal: bool, sie: &'static str, du: &'static str) -> &'static str {
    if formal { sie } else { du }
}

impl Phrases for German {
    fn greeting(&self, request: &AnswerRequest) -> String {
        match name(request) {
            Name::Titled(Salutation::Mr, last) => format!("Sehr geehrter Herr {last},"),
            Name::Titled(_, last) => format!("Sehr geehrte Frau {last},"),
            Name::First(first) => format!("Hallo {first},"),
            Name::Full(full) => format!("Guten Tag {full},"),
            Name::Unknown => either(request.formal, "Guten Tag,", "Hallo,").to_owned(),
        }
    }

    fn thanks_for_enquiry(&self, title: Option<&str>, formal: bool) -> String {
        let your = either(formal, "Ihre", "deine");
        match title {
            Some(title) => format!("vielen Dank für {your} Anfrage zu „{title}“."),
            None => format!("vielen Dank für {your} Anfrage."),
        }
    }

    fn thanks_for_message(&self, formal: bool) -> String {
        format!("vielen Dank für {} Nachricht.", either(formal, "Ihre", "deine"))
    }

    fn will_clarify(&self, topics: &[Topic], formal: bool) -> String {
        let names = list(&topic_names(self, topics), "und");
        format!(
            "{} Frage zu {names} kläre ich und melde mich dann bei {}.",
            either(formal, "Ihre", "Deine"),
            either(formal, "Ihnen", "dir")
        )
    }

    fn will_come_back(&self, formal: bool) -> String {
        format!("Wir melden uns in Kürze mit den nächsten Schritten bei {}.", either(formal, "Ihnen", "dir"))
    }

    fn acknowledge(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Ihre", "deine"), either(formal, "Ihnen", "dir"));
        format!(
            "vielen Dank für {your} Nachricht. Sie ist bei uns angekommen, und wir melden uns so bald wie möglich bei {you}."
        )
    }

    fn call(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Ihre", "deine"), either(formal, "Sie", "dich"));
        format!("vielen Dank für {your} Nachricht. Eine Kollegin oder ein Kollege ruft {you} an.")
    }

    fn equal_treatment(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Ihre", "deine"), either(formal, "Ihnen", "dir"));
        format!(
            "vielen Dank für {your} Nachricht. Wir behandeln alle Interessentinnen und Interessenten gleich und geben keine Auskunft über Bewohnerinnen und Bewohner oder die Nachbarschaft. Bei Fragen zum weiteren Ablauf meldet sich eine Kollegin oder ein Kollege bei {you}."
        )
    }

    fn price_wish(&self, formal: bool) -> String {
        format!(
            "{} Preisvorstellung gebe ich weiter. Darüber entscheidet eine Kollegin oder ein Kollege und meldet sich dann bei {}.",
            either(formal, "Ihre", "Deine"),
            either(formal, "Ihnen", "dir")
        )
    }

    fn close(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Ihre", "deine"), either(formal, "Ihnen", "dir"));
        format!("vielen Dank für {your} Rückmeldung. Wir wünschen {you} alles Gute.")
    }

    fn booked(&self, when: &str, formal: bool) -> String {
        format!("{} Besichtigungstermin ist eingetragen: {when}.", either(formal, "Ihr", "dein"))
    }

    fn change(&self, url: &str, formal: bool) -> String {
        let can = either(formal, "können Sie", "kannst du");
        format!("Falls etwas dazwischenkommt, {can} den Termin hier ändern: {url}")
    }

    fn taken(&self, when: &str, formal: bool) -> String {
        format!("der von {} gewünschte Termin ({when}) ist leider nicht mehr frei.", either(formal, "Ihnen", "dir"))
    }

    fn impossible(&self, when: &str, formal: bool) -> String {
        format!(
            "zu der von {} gewünschten Zeit ({when}) sind leider keine Besichtigungen möglich.",
            either(formal, "Ihnen", "dir")
        )
    }

    fn slots(&self, formal: bool) -> String {
        format!("Für eine Besichtigung kann ich {} diese Termine anbieten:", either(formal, "Ihnen", "dir"))
    }

    fn booking_link(&self, url: &str, beside_slots: bool, formal: bool) -> String {
        let can = either(formal, "können Sie", "kannst du");
        if beside_slots {
            format!("Hier {can} einen dieser Termine buchen oder weitere sehen: {url}")
        } else {
            format!("Einen Besichtigungstermin {can} hier buchen: {url}")
        }
    }

    fn full_today(&self, formal: bool) -> String {
        format!(
            "Für diese Immobilie sind heute sehr viele Anfragen eingegangen, deshalb vergeben wir heute keine weiteren Besichtigungstermine. {} uns gerne in den kommenden Tagen noch einmal, wenn weiter Interesse besteht.",
            either(formal, "Schreiben Sie", "Schreib")
        )
    }

    fn regards(&self, formal: bool) -> &'static str {
        either(formal, "Mit freundlichen Grüßen", "Viele Grüße")
    }

    fn field(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::ColdRent => "Die Kaltmiete beträgt {}.",
            FactKind::WarmRent => "Die Warmmiete beträgt {}.",
            FactKind::PurchasePrice => "Der Kaufpreis beträgt {}.",
            FactKind::PricePerSquareMetre => "Der Preis pro Quadratmeter beträgt {}.",
            FactKind::ServiceCharge => "Die Nebenkosten betragen {}.",
            FactKind::HeatingCost => "Die Heizkosten betragen {}.",
            FactKind::Deposit => "Die Kaution beträgt {}.",
            FactKind::Commission => "Zur Provision: {}.",
            FactKind::LivingArea => "Die Wohnfläche beträgt {}.",
            FactKind::UsableArea => "Die Nutzfläche beträgt {}.",
            FactKind::PlotArea => "Die Grundstücksfläche beträgt {}.",
            FactKind::Rooms => "Anzahl der Zimmer: {}.",
            FactKind::Bedrooms => "Anzahl der Schlafzimmer: {}.",
            FactKind::Bathrooms => "Anzahl der Badezimmer: {}.",
            FactKind::Floor => "Zur Etage: {}.",
            FactKind::FloorCount => "Anzahl der Etagen im Haus: {}.",
            FactKind::Lift => "Zum Aufzug: {}.",
            FactKind::EnergyClass => "Die Energieeffizienzklasse ist {}.",
            FactKind::EnergyValue => "Der Energiekennwert beträgt {}.",
            FactKind::EnergyCarrier => "Der Energieträger ist {}.",
            FactKind::Heating => "Zur Heizung: {}.",
            FactKind::AvailableFrom => "Verfügbar ab: {}.",
            FactKind::Parking => "Zum Stellplatz: {}.",
            FactKind::ParkingPrice => "Der Stellplatz kostet {}.",
            FactKind::Pets => "Zu Haustieren: {}.",
            FactKind::Furnished => "Zur Möblierung: {}.",
            FactKind::FittedKitchen => "Zur Küche: {}.",
            FactKind::Balcony => "Zu Balkon oder Terrasse: {}.",
            FactKind::Garden => "Zum Garten: {}.",
            FactKind::Cellar => "Zum Keller: {}.",
            FactKind::YearBuilt => "Das Baujahr ist {}.",
            FactKind::City => "Die Immobilie liegt in {}.",
            FactKind::Address => "Die Adresse lautet: {}.",
            FactKind::Title => "Es geht um: {}.",
            FactKind::Availability => "Zur Verfügbarkeit: {}.",
            FactKind::ExposeLink => "Das Exposé gibt es hier: {}",
            FactKind::Text => "{}.",
        }
    }

    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str> {
        Some(match (kind, value) {
            (FactKind::Lift, true) => "Ein Aufzug ist vorhanden.",
            (FactKind::Lift, false) => "Einen Aufzug gibt es nicht.",
            (FactKind::Parking, true) => "Ein Stellplatz ist vorhanden.",
            (FactKind::Parking, false) => "Einen Stellplatz gibt es nicht.",
            (FactKind::Pets, true) => "Haustiere sind erlaubt.",
            (FactKind::Pets, false) => "Haustiere sind nicht erlaubt.",
            (FactKind::Furnished, true) => "Die Immobilie ist möbliert.",
            (FactKind::Furnished, false) => "Die Immobilie ist nicht möbliert.",
            (FactKind::FittedKitchen, true) => "Eine Einbauküche ist vorhanden.",
            (FactKind::FittedKitchen, false) => "Eine Einbauküche ist nicht vorhanden.",
            (FactKind::Balcony, true) => "Ein Balkon oder eine Terrasse ist vorhanden.",
            (FactKind::Balcony, false) => "Einen Balkon oder eine Terrasse gibt es nicht.",
            (FactKind::Garden, true) => "Ein Garten ist vorhanden.",
            (FactKind::Garden, false) => "Einen Garten gibt es nicht.",
            (FactKind::Cellar, true) => "Ein Keller ist vorhanden.",
            (FactKind::Cellar, false) => "Einen Keller gibt es nicht.",
            (FactKind::Commission, true) => "Es fällt eine Provision an.",
            (FactKind::Commission, false) => "Es fällt keine Provision an.",
            _ => return None,
        })
    }

    fn status(&self, status: ListingStatus) -> &'static str {
        match status {
            ListingStatus::Available => "Die Immobilie ist noch verfügbar.",
            ListingStatus::Reserved => "Die Immobilie ist derzeit reserviert.",
            ListingStatus::Sold => "Die Immobilie ist leider bereits verkauft.",
            ListingStatus::Rented => "Die Immobilie ist leider bereits vermietet.",
            ListingStatus::Withdrawn => "Die Immobilie wird nicht mehr angeboten.",
        }
    }

    fn floor(&self, floor: i64) -> &'static str {
        match floor {
            0 => "Die Wohnung liegt im Erdgeschoss.",
            i64::MIN..0 => "Die Wohnung liegt im {}. Untergeschoss.",
            _ => "Die Wohnung liegt im {}. Obergeschoss.",
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("In unseren Unterlagen steht dazu: „{text}“")
    }

    fn topic(&self, topic: Topic) -> &'static str {
        match topic {
            Topic::Availability => "der Verfügbarkeit",
            Topic::Price | Topic::PriceNegotiation => "dem Preis",
            Topic::ServiceCharge => "den Nebenkosten",
            Topic::Deposit => "der Kaution",
            Topic::Commission => "der Provision",
            Topic::Area => "der Fläche",
            Topic::Rooms => "den Zimmern",
            Topic::Floor => "der Etage",
            Topic::Lift => "Aufzug und Zugang",
            Topic::Energy => "den Energiewerten",
            Topic::Heating => "der Heizung",
            Topic::AvailableFrom => "dem Einzugstermin",
            Topic::Parking => "den Stellplätzen",
            Topic::Pets => "Haustieren",
            Topic::Furnishing => "der Ausstattung",
            Topic::Balcony => "Balkon, Terrasse und Garten",
            Topic::Expose => "den Unterlagen",
            Topic::Location => "der Lage",
            Topic::Financing => "der Finanzierung",
            Topic::Other => "diesem Punkt",
        }
    }
}
