//! Spanish.

use super::phrases::{Name, Phrases, list, name, topic_names};
use crate::{AnswerRequest, FactKind, ListingStatus, Salutation, Topic};

pub(super) struct Spanish;

const fn either(formal: bool, polite: &'static str, familiar: &'static str) -> &'static str {
    if formal { polite } else { familiar }
}

impl Phrases for Spanish {
    fn greeting(&self, request: &AnswerRequest) -> String {
        match name(request) {
            Name::Titled(Salutation::Mr, last) => format!("Estimado señor {last}:"),
            Name::Titled(_, last) => format!("Estimada señora {last}:"),
            Name::First(first) => format!("Hola, {first}:"),
            Name::Full(full) => format!("Buenos días, {full}:"),
            Name::Unknown => either(request.formal, "Buenos días:", "Hola:").to_owned(),
        }
    }

    fn thanks_for_enquiry(&self, title: Option<&str>, formal: bool) -> String {
        let your = either(formal, "su", "tu");
        match title {
            Some(title) => format!("Gracias por {your} consulta sobre «{title}»."),
            None => format!("Gracias por {your} consulta."),
        }
    }

    fn thanks_for_message(&self, formal: bool) -> String {
        format!("Gracias por {} mensaje.", either(formal, "su", "tu"))
    }

    fn will_clarify(&self, topics: &[Topic], formal: bool) -> String {
        let names = list(&topic_names(self, topics), "y");
        format!("Voy a informarme sobre {names} y {} respondo en cuanto lo sepa.", either(formal, "le", "te"))
    }

    fn will_come_back(&self, formal: bool) -> String {
        format!("En breve {} escribiremos con los próximos pasos.", either(formal, "le", "te"))
    }

    fn acknowledge(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "su", "tu"), either(formal, "le", "te"));
        format!("Gracias por {your} mensaje. Nos ha llegado y {you} responderemos lo antes posible.")
    }

    fn call(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "su", "tu"), either(formal, "le", "te"));
        format!("Gracias por {your} mensaje. Alguien de nuestro equipo {you} llamará.")
    }

    fn equal_treatment(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "su", "tu"), either(formal, "le", "te"));
        format!(
            "Gracias por {your} mensaje. Tratamos por igual a todas las personas interesadas y no damos información sobre los residentes ni el vecindario. Alguien de nuestro equipo {you} escribirá sobre los próximos pasos."
        )
    }

    fn price_wish(&self, formal: bool) -> String {
        let (your, you) = (either(formal, "su", "tu"), either(formal, "le", "te"));
        format!("Transmito {your} petición sobre el precio: decide alguien de nuestro equipo, que {you} responderá.")
    }

    fn close(&self, formal: bool) -> String {
        format!("Gracias por avisarnos. {} deseamos lo mejor.", either(formal, "Le", "Te"))
    }

    fn booked(&self, when: &str, formal: bool) -> String {
        format!("{} visita está reservada: {when}.", either(formal, "Su", "Tu"))
    }

    fn change(&self, url: &str, formal: bool) -> String {
        let can = either(formal, "puede", "puedes");
        format!("Si surge algún imprevisto, {can} cambiar la cita aquí: {url}")
    }

    fn taken(&self, when: &str, _formal: bool) -> String {
        format!("Lamentablemente, la hora deseada ({when}) ya no está libre.")
    }

    fn impossible(&self, when: &str, _formal: bool) -> String {
        format!("Lamentablemente, a la hora deseada ({when}) no es posible ninguna visita.")
    }

    fn slots(&self, formal: bool) -> String {
        format!("Para una visita {} puedo ofrecer estas horas:", either(formal, "le", "te"))
    }

    fn booking_link(&self, url: &str, beside_slots: bool, formal: bool) -> String {
        let can = either(formal, "puede", "puedes");
        if beside_slots {
            format!("Aquí {can} reservar una de estas horas o ver más: {url}")
        } else {
            format!("Aquí {can} reservar una visita: {url}")
        }
    }

    fn full_today(&self, formal: bool) -> String {
        format!(
            "Hoy hemos recibido muchísimas solicitudes para este inmueble, por lo que hoy no asignamos más visitas. {} en los próximos días si sigue habiendo interés.",
            either(formal, "Vuelva a escribirnos", "Vuelve a escribirnos")
        )
    }

    fn regards(&self, formal: bool) -> &'static str {
        either(formal, "Atentamente,", "Un saludo,")
    }

    fn field(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::ColdRent => "El alquiler sin gastos es de {}.",
            FactKind::WarmRent => "El alquiler con gastos incluidos es de {}.",
            FactKind::PurchasePrice => "El precio de venta es de {}.",
            FactKind::PricePerSquareMetre => "El precio por metro cuadrado es de {}.",
            FactKind::ServiceCharge => "Los gastos de comunidad son de {}.",
            FactKind::HeatingCost => "Los gastos de calefacción son de {}.",
            FactKind::Deposit => "La fianza es de {}.",
            FactKind::Commission => "Honorarios de agencia: {}.",
            FactKind::LivingArea => "La superficie habitable es de {}.",
            FactKind::UsableArea => "La superficie útil es de {}.",
            FactKind::PlotArea => "La parcela mide {}.",
            FactKind::Rooms => "Número de habitaciones: {}.",
            FactKind::Bedrooms => "Número de dormitorios: {}.",
            FactKind::Bathrooms => "Número de baños: {}.",
            FactKind::Floor => "Planta: {}.",
            FactKind::FloorCount => "Número de plantas del edificio: {}.",
            FactKind::Lift => "Ascensor: {}.",
            FactKind::EnergyClass => "La clase energética es {}.",
            FactKind::EnergyValue => "El valor energético es de {}.",
            FactKind::EnergyCarrier => "La fuente de energía es: {}.",
            FactKind::Heating => "Calefacción: {}.",
            FactKind::AvailableFrom => "Disponible desde: {}.",
            FactKind::Parking => "Aparcamiento: {}.",
            FactKind::ParkingPrice => "La plaza de aparcamiento cuesta {}.",
            FactKind::Pets => "Mascotas: {}.",
            FactKind::Furnished => "Mobiliario: {}.",
            FactKind::FittedKitchen => "Cocina: {}.",
            FactKind::Balcony => "Balcón o terraza: {}.",
            FactKind::Garden => "Jardín: {}.",
            FactKind::Cellar => "Trastero: {}.",
            FactKind::YearBuilt => "El año de construcción es {}.",
            FactKind::City => "El inmueble está en {}.",
            FactKind::Address => "La dirección es: {}.",
            FactKind::Title => "Se trata de: {}.",
            FactKind::Availability => "Disponibilidad: {}.",
            FactKind::ExposeLink => "El dossier está aquí: {}",
            FactKind::Text => "{}.",
        }
    }

    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str> {
        Some(match (kind, value) {
            (FactKind::Lift, true) => "Hay ascensor.",
            (FactKind::Lift, false) => "No hay ascensor.",
            (FactKind::Parking, true) => "Hay plaza de aparcamiento.",
            (FactKind::Parking, false) => "No hay plaza de aparcamiento.",
            (FactKind::Pets, true) => "Se admiten mascotas.",
            (FactKind::Pets, false) => "No se admiten mascotas.",
            (FactKind::Furnished, true) => "El inmueble está amueblado.",
            (FactKind::Furnished, false) => "El inmueble no está amueblado.",
            (FactKind::FittedKitchen, true) => "Hay cocina equipada.",
            (FactKind::FittedKitchen, false) => "No hay cocina equipada.",
            (FactKind::Balcony, true) => "Hay balcón o terraza.",
            (FactKind::Balcony, false) => "No hay balcón ni terraza.",
            (FactKind::Garden, true) => "Hay jardín.",
            (FactKind::Garden, false) => "No hay jardín.",
            (FactKind::Cellar, true) => "Hay trastero.",
            (FactKind::Cellar, false) => "No hay trastero.",
            (FactKind::Commission, true) => "Se cobran honorarios de agencia.",
            (FactKind::Commission, false) => "No se cobran honorarios de agencia.",
            _ => return None,
        })
    }

    fn status(&self, status: ListingStatus) -> &'static str {
        match status {
            ListingStatus::Available => "El inmueble sigue disponible.",
            ListingStatus::Reserved => "El inmueble está reservado en este momento.",
            ListingStatus::Sold => "Lamentablemente, el inmueble ya se ha vendido.",
            ListingStatus::Rented => "Lamentablemente, el inmueble ya se ha alquilado.",
            ListingStatus::Withdrawn => "El inmueble ya no se ofrece.",
        }
    }

    fn floor(&self, floor: i64) -> &'static str {
        match floor {
            0 => "El piso está en la planta baja.",
            i64::MIN..0 => "El piso está en el nivel {} bajo tierra.",
            1 => "El piso está en la {}.ª planta.",
            _ => "El piso está en la {}.ª planta.",
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("En nuestra documentación consta: «{text}»")
    }

    fn topic(&self, topic: Topic) -> &'static str {
        match topic {
            Topic::Availability => "la disponibilidad",
            Topic::Price | Topic::PriceNegotiation => "el precio",
            Topic::ServiceCharge => "los gastos",
            Topic::Deposit => "la fianza",
            Topic::Commission => "los honorarios",
            Topic::Area => "la superficie",
            Topic::Rooms => "las habitaciones",
            Topic::Floor => "la planta",
            Topic::Lift => "el ascensor y el acceso",
            Topic::Energy => "los datos energéticos",
            Topic::Heating => "la calefacción",
            Topic::AvailableFrom => "la fecha de entrada",
            Topic::Parking => "el aparcamiento",
            Topic::Pets => "las mascotas",
            Topic::Furnishing => "el mobiliario",
            Topic::Balcony => "el balcón, la terraza y el jardín",
            Topic::Expose => "la documentación",
            Topic::Location => "la ubicación",
            Topic::Financing => "la financiación",
            Topic::Other => "este punto",
        }
    }
}
