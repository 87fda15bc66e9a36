//! Italian.

use super::phrases::{Name, Phrases, list, name, topic_names};
use crate::{AnswerRequest, FactKind, ListingStatus, Salutation, Topic};

pub(super) struct Italian;

const fn either(formal: bool, polite: &'static str, familiar: &'static str) -> &'static str {
    if formal { polite } else { familiar }
}

impl Phrases for Italian {
    fn greeting(&self, request: &AnswerRequest) -> String {
        match name(request) {
            Name::Titled(Salutation::Mr, last) => format!("Gentile signor {last},"),
            Name::Titled(_, last) => format!("Gentile signora {last},"),
            Name::First(first) => format!("Ciao {first},"),
            Name::Full(full) => format!("Buongiorno {full},"),
            Name::Unknown => either(request.formal, "Buongiorno,", "Ciao,").to_owned(),
        }
    }

    fn thanks_for_enquiry(&self, title: Option<&str>, formal: bool) -> String {
        let your = either(formal, "la Sua", "la tua");
        match title {
            Some(title) => format!("grazie per {your} richiesta su «{title}»."),
            None => format!("grazie per {your} richiesta."),
        }
    }

    fn thanks_for_message(&self, formal: bool) -> String {
        format!("grazie per il {} messaggio.", either(formal, "Suo", "tuo"))
    }

    fn will_clarify(&self, topics: &[Topic], formal: bool) -> String {
        let names = list(&topic_names(self, topics), "e");
        format!("Mi informo su {names} e {} rispondo appena possibile.", either(formal, "Le", "ti"))
    }

    fn will_come_back(&self, formal: bool) -> String {
        format!("{} ricontatteremo a breve per i prossimi passi.", either(formal, "La", "Ti"))
    }

    fn acknowledge(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Suo", "tuo"), either(formal, "Le", "ti"));
        format!("grazie per il {your} messaggio. Lo abbiamo ricevuto e {you} risponderemo appena possibile.")
    }

    fn call(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Suo", "tuo"), either(formal, "La", "ti"));
        format!("grazie per il {your} messaggio. Un membro del nostro team {you} chiamerà.")
    }

    fn equal_treatment(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Suo", "tuo"), either(formal, "La", "ti"));
        format!(
            "grazie per il {your} messaggio. Trattiamo tutte le persone interessate allo stesso modo e non diamo informazioni su chi abita nella casa o nel vicinato. Un membro del nostro team {you} contatterà per i prossimi passi."
        )
    }

    fn price_wish(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "Sua", "tua"), either(formal, "La", "ti"));
        format!("Inoltro la {your} richiesta sul prezzo: decide un membro del nostro team, che {you} ricontatterà.")
    }

    fn close(&self, formal: bool) -> String {
        format!("grazie per il riscontro. {} auguriamo ogni bene.", either(formal, "Le", "Ti"))
    }

    fn booked(&self, when: &str, formal: bool) -> String {
        format!("la {} visita è prenotata: {when}.", either(formal, "Sua", "tua"))
    }

    fn change(&self, url: &str, formal: bool) -> String {
        let can = either(formal, "può", "puoi");
        format!("In caso di imprevisti {can} modificare l'appuntamento qui: {url}")
    }

    fn taken(&self, when: &str, _formal: bool) -> String {
        format!("purtroppo l'orario desiderato ({when}) non è più libero.")
    }

    fn impossible(&self, when: &str, _formal: bool) -> String {
        format!("purtroppo all'orario desiderato ({when}) non sono possibili visite.")
    }

    fn slots(&self, formal: bool) -> String {
        format!("Per una visita {} posso proporre questi orari:", either(formal, "Le", "ti"))
    }

    fn booking_link(&self, url: &str, beside_slots: bool, formal: bool) -> String {
        let can = either(formal, "può", "puoi");
        if beside_slots {
            format!("Qui {can} prenotare uno di questi orari o vederne altri: {url}")
        } else {
            format!("Qui {can} prenotare una visita: {url}")
        }
    }

    fn full_today(&self, formal: bool) -> String {
        format!(
            "Oggi abbiamo ricevuto moltissime richieste per questo immobile, perciò oggi non assegniamo altre visite. {} nei prossimi giorni, se l'interesse rimane.",
            either(formal, "Ci scriva pure di nuovo", "Scrivici pure di nuovo")
        )
    }

    fn regards(&self, formal: bool) -> &'static str {
        either(formal, "Cordiali saluti", "A presto")
    }

    fn field(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::ColdRent => "Il canone senza spese è di {}.",
            FactKind::WarmRent => "Il canone con spese incluse è di {}.",
            FactKind::PurchasePrice => "Il prezzo di vendita è di {}.",
            FactKind::PricePerSquareMetre => "Il prezzo al metro quadro è di {}.",
            FactKind::ServiceCharge => "Le spese condominiali sono di {}.",
            FactKind::HeatingCost => "Le spese di riscaldamento sono di {}.",
            FactKind::Deposit => "La cauzione è di {}.",
            FactKind::Commission => "Provvigione: {}.",
            FactKind::LivingArea => "La superficie abitabile è di {}.",
            FactKind::UsableArea => "La superficie utile è di {}.",
            FactKind::PlotArea => "Il terreno misura {}.",
            FactKind::Rooms => "Numero di locali: {}.",
            FactKind::Bedrooms => "Numero di camere da letto: {}.",
            FactKind::Bathrooms => "Numero di bagni: {}.",
            FactKind::Floor => "Piano: {}.",
            FactKind::FloorCount => "Numero di piani dell'edificio: {}.",
            FactKind::Lift => "Ascensore: {}.",
            FactKind::EnergyClass => "La classe energetica è {}.",
            FactKind::EnergyValue => "Il valore energetico è di {}.",
            FactKind::EnergyCarrier => "La fonte di energia è: {}.",
            FactKind::Heating => "Riscaldamento: {}.",
            FactKind::AvailableFrom => "Disponibile dal: {}.",
            FactKind::Parking => "Parcheggio: {}.",
            FactKind::ParkingPrice => "Il posto auto costa {}.",
            FactKind::Pets => "Animali: {}.",
            FactKind::Furnished => "Arredamento: {}.",
            FactKind::FittedKitchen => "Cucina: {}.",
            FactKind::Balcony => "Balcone o terrazza: {}.",
            FactKind::Garden => "Giardino: {}.",
            FactKind::Cellar => "Cantina: {}.",
            FactKind::YearBuilt => "L'anno di costruzione è il {}.",
            FactKind::City => "L'immobile si trova a {}.",
            FactKind::Address => "L'indirizzo è: {}.",
            FactKind::Title => "Si tratta di: {}.",
            FactKind::Availability => "Disponibilità: {}.",
            FactKind::ExposeLink => "La brochure si trova qui: {}",
            FactKind::Text => "{}.",
        }
    }

    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str> {
        Some(match (kind, value) {
            (FactKind::Lift, true) => "L'ascensore c'è.",
            (FactKind::Lift, false) => "L'ascensore non c'è.",
            (FactKind::Parking, true) => "Il posto auto c'è.",
            (FactKind::Parking, false) => "Il posto auto non c'è.",
            (FactKind::Pets, true) => "Gli animali sono ammessi.",
            (FactKind::Pets, false) => "Gli animali non sono ammessi.",
            (FactKind::Furnished, true) => "L'immobile è arredato.",
            (FactKind::Furnished, false) => "L'immobile non è arredato.",
            (FactKind::FittedKitchen, true) => "La cucina componibile c'è.",
            (FactKind::FittedKitchen, false) => "La cucina componibile non c'è.",
            (FactKind::Balcony, true) => "C'è un balcone o una terrazza.",
            (FactKind::Balcony, false) => "Non c'è un balcone o una terrazza.",
            (FactKind::Garden, true) => "C'è un giardino.",
            (FactKind::Garden, false) => "Non c'è un giardino.",
            (FactKind::Cellar, true) => "C'è una cantina.",
            (FactKind::Cellar, false) => "Non c'è una cantina.",
            (FactKind::Commission, true) => "È dovuta una provvigione.",
            (FactKind::Commission, false) => "Non è dovuta alcuna provvigione.",
            _ => return None,
        })
    }

    fn status(&self, status: ListingStatus) -> &'static str {
        match status {
            ListingStatus::Available => "L'immobile è ancora disponibile.",
            ListingStatus::Reserved => "L'immobile è attualmente riservato.",
            ListingStatus::Sold => "Purtroppo l'immobile è già stato venduto.",
            ListingStatus::Rented => "Purtroppo l'immobile è già stato affittato.",
            ListingStatus::Withdrawn => "L'immobile non è più in offerta.",
        }
    }

    fn floor(&self, floor: i64) -> &'static str {
        match floor {
            0 => "L'appartamento è al piano terra.",
            i64::MIN..0 => "L'appartamento è al livello {} sotto terra.",
            1 => "L'appartamento è al {}º piano.",
            _ => "L'appartamento è al {}º piano.",
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("Nei nostri documenti si legge: «{text}»")
    }

    fn topic(&self, topic: Topic) -> &'static str {
        match topic {
            Topic::Availability => "la disponibilità",
            Topic::Price | Topic::PriceNegotiation => "il prezzo",
            Topic::ServiceCharge => "le spese",
            Topic::Deposit => "la cauzione",
            Topic::Commission => "la provvigione",
            Topic::Area => "la superficie",
            Topic::Rooms => "i locali",
            Topic::Floor => "il piano",
            Topic::Lift => "l'ascensore e l'accesso",
            Topic::Energy => "i dati energetici",
            Topic::Heating => "il riscaldamento",
            Topic::AvailableFrom => "la data di ingresso",
            Topic::Parking => "il parcheggio",
            Topic::Pets => "gli animali",
            Topic::Furnishing => "l'arredamento",
            Topic::Balcony => "balcone, terrazza e giardino",
            Topic::Expose => "i documenti",
            Topic::Location => "la posizione",
            Topic::Financing => "il finanziamento",
            Topic::Other => "questo punto",
        }
    }
}
