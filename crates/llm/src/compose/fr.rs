//! French.

use super::phrases::{Name, Phrases, list, name, topic_names};
use crate::{AnswerRequest, FactKind, ListingStatus, Salutation, Topic};

pub(super) struct French;

const fn either(formal: bool, polite: &'static str, familiar: &'static str) -> &'static str {
    if formal { polite } else { familiar }
}

impl Phrases for French {
    fn greeting(&self, request: &AnswerRequest) -> String {
        match name(request) {
            Name::Titled(Salutation::Mr, last) => format!("Bonjour Monsieur {last},"),
            Name::Titled(_, last) => format!("Bonjour Madame {last},"),
            Name::First(first) => format!("Bonjour {first},"),
            Name::Full(full) => format!("Bonjour {full},"),
            Name::Unknown => "Bonjour,".to_owned(),
        }
    }

    fn thanks_for_enquiry(&self, title: Option<&str>, formal: bool) -> String {
        let your = either(formal, "votre", "ta");
        match title {
            Some(title) => format!("Merci pour {your} demande concernant « {title} »."),
            None => format!("Merci pour {your} demande."),
        }
    }

    fn thanks_for_message(&self, formal: bool) -> String {
        format!("Merci pour {} message.", either(formal, "votre", "ton"))
    }

    fn will_clarify(&self, topics: &[Topic], formal: bool) -> String {
        let names = list(&topic_names(self, topics), "et");
        format!("Je me renseigne sur {names} et je reviens vers {}.", either(formal, "vous", "toi"))
    }

    fn will_come_back(&self, formal: bool) -> String {
        format!("Nous revenons très vite vers {} pour la suite.", either(formal, "vous", "toi"))
    }

    fn acknowledge(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "votre", "ton"), either(formal, "vous", "te"));
        format!("Merci pour {your} message. Il nous est bien parvenu et nous {you} répondrons dès que possible.")
    }

    fn call(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "votre", "ton"), either(formal, "vous", "te"));
        format!("Merci pour {your} message. Un membre de notre équipe {you} appellera.")
    }

    fn equal_treatment(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "votre", "ton"), either(formal, "vous", "te"));
        format!(
            "Merci pour {your} message. Nous traitons toutes les personnes intéressées de la même manière et ne donnons aucun renseignement sur les habitants ou le voisinage. Un membre de notre équipe {you} contactera pour la suite."
        )
    }

    fn price_wish(&self, formal: bool) -> String {
        let (your, towards) = (either(formal, "votre", "ta"), either(formal, "vous", "toi"));
        format!(
            "Je transmets {your} demande concernant le prix ; un membre de notre équipe en décide et revient vers {towards}."
        )
    }

    fn close(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "votre", "ton"), either(formal, "vous", "te"));
        format!("Merci pour {your} retour. Nous {you} souhaitons bonne continuation.")
    }

    fn booked(&self, when: &str, formal: bool) -> String {
        format!("{} visite est enregistrée : {when}.", either(formal, "Votre", "Ta"))
    }

    fn change(&self, url: &str, formal: bool) -> String {
        let can = either(formal, "vous pouvez", "tu peux");
        format!("En cas d'empêchement, {can} modifier le rendez-vous ici : {url}")
    }

    fn taken(&self, when: &str, _formal: bool) -> String {
        format!("Malheureusement, l'horaire souhaité ({when}) n'est plus libre.")
    }

    fn impossible(&self, when: &str, _formal: bool) -> String {
        format!("Malheureusement, aucune visite n'est possible à l'horaire souhaité ({when}).")
    }

    fn slots(&self, formal: bool) -> String {
        format!("Pour une visite, je peux {} proposer ces créneaux :", either(formal, "vous", "te"))
    }

    fn booking_link(&self, url: &str, beside_slots: bool, formal: bool) -> String {
        let can = either(formal, "Vous pouvez", "Tu peux");
        if beside_slots {
            format!("{can} réserver un de ces créneaux ou en voir d'autres ici : {url}")
        } else {
            format!("{can} réserver une visite ici : {url}")
        }
    }

    fn full_today(&self, formal: bool) -> String {
        format!(
            "Nous avons reçu énormément de demandes pour ce bien aujourd'hui et n'attribuons plus de visites aujourd'hui. {} ces prochains jours si l'intérêt demeure.",
            either(formal, "N'hésitez pas à nous réécrire", "N'hésite pas à nous réécrire")
        )
    }

    fn regards(&self, formal: bool) -> &'static str {
        either(formal, "Cordialement,", "À bientôt,")
    }

    fn field(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::ColdRent => "Le loyer hors charges est de {}.",
            FactKind::WarmRent => "Le loyer charges comprises est de {}.",
            FactKind::PurchasePrice => "Le prix de vente est de {}.",
            FactKind::PricePerSquareMetre => "Le prix au mètre carré est de {}.",
            FactKind::ServiceCharge => "Les charges s'élèvent à {}.",
            FactKind::HeatingCost => "Les frais de chauffage s'élèvent à {}.",
            FactKind::Deposit => "Le dépôt de garantie est de {}.",
            FactKind::Commission => "Honoraires d'agence : {}.",
            FactKind::LivingArea => "La surface habitable est de {}.",
            FactKind::UsableArea => "La surface utile est de {}.",
            FactKind::PlotArea => "Le terrain mesure {}.",
            FactKind::Rooms => "Nombre de pièces : {}.",
            FactKind::Bedrooms => "Nombre de chambres : {}.",
            FactKind::Bathrooms => "Nombre de salles de bains : {}.",
            FactKind::Floor => "Étage : {}.",
            FactKind::FloorCount => "Nombre d'étages de l'immeuble : {}.",
            FactKind::Lift => "Ascenseur : {}.",
            FactKind::EnergyClass => "La classe énergétique est {}.",
            FactKind::EnergyValue => "La valeur énergétique est de {}.",
            FactKind::EnergyCarrier => "La source d'énergie est : {}.",
            FactKind::Heating => "Chauffage : {}.",
            FactKind::AvailableFrom => "Disponible à partir du : {}.",
            FactKind::Parking => "Stationnement : {}.",
            FactKind::ParkingPrice => "La place de stationnement coûte {}.",
            FactKind::Pets => "Animaux : {}.",
            FactKind::Furnished => "Ameublement : {}.",
            FactKind::FittedKitchen => "Cuisine : {}.",
            FactKind::Balcony => "Balcon ou terrasse : {}.",
            FactKind::Garden => "Jardin : {}.",
            FactKind::Cellar => "Cave : {}.",
            FactKind::YearBuilt => "L'année de construction est {}.",
            FactKind::City => "Le bien se trouve à {}.",
            FactKind::Address => "L'adresse est : {}.",
            FactKind::Title => "Il s'agit de : {}.",
            FactKind::Availability => "Disponibilité : {}.",
            FactKind::ExposeLink => "La brochure se trouve ici : {}",
            FactKind::Text => "{}.",
        }
    }

    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str> {
        Some(match (kind, value) {
            (FactKind::Lift, true) => "Il y a un ascenseur.",
            (FactKind::Lift, false) => "Il n'y a pas d'ascenseur.",
            (FactKind::Parking, true) => "Il y a une place de stationnement.",
            (FactKind::Parking, false) => "Il n'y a pas de place de stationnement.",
            (FactKind::Pets, true) => "Les animaux sont acceptés.",
            (FactKind::Pets, false) => "Les animaux ne sont pas acceptés.",
            (FactKind::Furnished, true) => "Le bien est meublé.",
            (FactKind::Furnished, false) => "Le bien n'est pas meublé.",
            (FactKind::FittedKitchen, true) => "Il y a une cuisine équipée.",
            (FactKind::FittedKitchen, false) => "Il n'y a pas de cuisine équipée.",
            (FactKind::Balcony, true) => "Il y a un balcon ou une terrasse.",
            (FactKind::Balcony, false) => "Il n'y a pas de balcon ni de terrasse.",
            (FactKind::Garden, true) => "Il y a un jardin.",
            (FactKind::Garden, false) => "Il n'y a pas de jardin.",
            (FactKind::Cellar, true) => "Il y a une cave.",
            (FactKind::Cellar, false) => "Il n'y a pas de cave.",
            (FactKind::Commission, true) => "Des honoraires d'agence sont dus.",
            (FactKind::Commission, false) => "Il n'y a pas d'honoraires d'agence.",
            _ => return None,
        })
    }

    fn status(&self, status: ListingStatus) -> &'static str {
        match status {
            ListingStatus::Available => "Le bien est toujours disponible.",
            ListingStatus::Reserved => "Le bien est actuellement réservé.",
            ListingStatus::Sold => "Malheureusement, le bien est déjà vendu.",
            ListingStatus::Rented => "Malheureusement, le bien est déjà loué.",
            ListingStatus::Withdrawn => "Le bien n'est plus proposé.",
        }
    }

    fn floor(&self, floor: i64) -> &'static str {
        match floor {
            0 => "L'appartement est au rez-de-chaussée.",
            i64::MIN..0 => "L'appartement est au sous-sol, niveau {}.",
            1 => "L'appartement est au {}er étage.",
            _ => "L'appartement est au {}e étage.",
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("Nos documents indiquent : « {text} »")
    }

    fn topic(&self, topic: Topic) -> &'static str {
        match topic {
            Topic::Availability => "la disponibilité",
            Topic::Price | Topic::PriceNegotiation => "le prix",
            Topic::ServiceCharge => "les charges",
            Topic::Deposit => "le dépôt de garantie",
            Topic::Commission => "les honoraires",
            Topic::Area => "la surface",
            Topic::Rooms => "les pièces",
            Topic::Floor => "l'étage",
            Topic::Lift => "l'ascenseur et l'accès",
            Topic::Energy => "les données énergétiques",
            Topic::Heating => "le chauffage",
            Topic::AvailableFrom => "la date d'entrée",
            Topic::Parking => "le stationnement",
            Topic::Pets => "les animaux",
            Topic::Furnishing => "l'équipement",
            Topic::Balcony => "le balcon, la terrasse et le jardin",
            Topic::Expose => "les documents",
            Topic::Location => "la situation du bien",
            Topic::Financing => "le financement",
            Topic::Other => "ce point",
        }
    }
}
