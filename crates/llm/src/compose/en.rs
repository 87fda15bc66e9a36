//! English.

use super::phrases::{Name, Phrases, list, name, topic_names};
use crate::{AnswerRequest, FactKind, ListingStatus, Salutation, Topic};

pub(super) struct English;

impl Phrases for English {
    fn greeting(&self, request: &AnswerRequest) -> String {
        match name(request) {
            Name::Titled(Salutation::Mr, last) => format!("Dear Mr {last},"),
            Name::Titled(_, last) => format!("Dear Ms {last},"),
            Name::First(first) => format!("Hello {first},"),
            Name::Full(full) => format!("Dear {full},"),
            Name::Unknown => "Hello,".to_owned(),
        }
    }

    fn thanks_for_enquiry(&self, title: Option<&str>, _formal: bool) -> String {
        match title {
            Some(title) => format!("Thank you for your enquiry about “{title}”."),
            None => "Thank you for your enquiry.".to_owned(),
        }
    }

    fn thanks_for_message(&self, _formal: bool) -> String {
        "Thank you for your message.".to_owned()
    }

    fn will_clarify(&self, topics: &[Topic], _formal: bool) -> String {
        let names = list(&topic_names(self, topics), "and");
        format!("I will find out about {names} and get back to you.")
    }

    fn will_come_back(&self, _formal: bool) -> String {
        "We will get back to you shortly with the next steps.".to_owned()
    }

    fn acknowledge(&self, _formal: bool) -> String {
        "Thank you for your message. It has reached us, and we will get back to you as soon as possible.".to_owned()
    }

    fn call(&self, _formal: bool) -> String {
        "Thank you for your message. A colleague will call you.".to_owned()
    }

    fn equal_treatment(&self, _formal: bool) -> String {
        "Thank you for your message. We treat all prospects equally and give no information about residents or neighbours. A colleague will contact you about the next steps.".to_owned()
    }

    fn price_wish(&self, _formal: bool) -> String {
        "I will pass on what you say about the price; a colleague will decide and get back to you.".to_owned()
    }

    fn close(&self, _formal: bool) -> String {
        "Thank you for letting us know. We wish you all the best.".to_owned()
    }

    fn booked(&self, when: &str, _formal: bool) -> String {
        format!("Your viewing is booked: {when}.")
    }

    fn change(&self, url: &str, _formal: bool) -> String {
        format!("If something comes up, you can change the appointment here: {url}")
    }

    fn taken(&self, when: &str, _formal: bool) -> String {
        format!("Unfortunately the time you asked for ({when}) is no longer free.")
    }

    fn impossible(&self, when: &str, _formal: bool) -> String {
        format!("Unfortunately there are no viewings at the time you asked for ({when}).")
    }

    fn slots(&self, _formal: bool) -> String {
        "I can offer you these times for a viewing:".to_owned()
    }

    fn booking_link(&self, url: &str, beside_slots: bool, _formal: bool) -> String {
        if beside_slots {
            format!("You can book one of these times or see more here: {url}")
        } else {
            format!("You can book a viewing here: {url}")
        }
    }

    fn full_today(&self, _formal: bool) -> String {
        "We have received a great many enquiries for this property today, so we are not giving away any more viewings today. Please write to us again in the coming days if it is still of interest.".to_owned()
    }

    fn regards(&self, formal: bool) -> &'static str {
        if formal { "Kind regards," } else { "Best wishes," }
    }

    fn field(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::ColdRent => "The base rent is {}.",
            FactKind::WarmRent => "The rent including utilities is {}.",
            FactKind::PurchasePrice => "The purchase price is {}.",
            FactKind::PricePerSquareMetre => "The price per square metre is {}.",
            FactKind::ServiceCharge => "The service charge is {}.",
            FactKind::HeatingCost => "The heating costs are {}.",
            FactKind::Deposit => "The deposit is {}.",
            FactKind::Commission => "Commission: {}.",
            FactKind::LivingArea => "The living area is {}.",
            FactKind::UsableArea => "The usable area is {}.",
            FactKind::PlotArea => "The plot measures {}.",
            FactKind::Rooms => "Number of rooms: {}.",
            FactKind::Bedrooms => "Number of bedrooms: {}.",
            FactKind::Bathrooms => "Number of bathrooms: {}.",
            FactKind::Floor => "Floor: {}.",
            FactKind::FloorCount => "Number of floors in the building: {}.",
            FactKind::Lift => "Lift: {}.",
            FactKind::EnergyClass => "The energy efficiency class is {}.",
            FactKind::EnergyValue => "The energy value is {}.",
            FactKind::EnergyCarrier => "The energy source is {}.",
            FactKind::Heating => "Heating: {}.",
            FactKind::AvailableFrom => "Available from: {}.",
            FactKind::Parking => "Parking: {}.",
            FactKind::ParkingPrice => "The parking space costs {}.",
            FactKind::Pets => "Pets: {}.",
            FactKind::Furnished => "Furnishing: {}.",
            FactKind::FittedKitchen => "Kitchen: {}.",
            FactKind::Balcony => "Balcony or terrace: {}.",
            FactKind::Garden => "Garden: {}.",
            FactKind::Cellar => "Cellar: {}.",
            FactKind::YearBuilt => "The year of construction is {}.",
            FactKind::City => "The property is in {}.",
            FactKind::Address => "The address is: {}.",
            FactKind::Title => "This is about: {}.",
            FactKind::Availability => "Availability: {}.",
            FactKind::ExposeLink => "You can find the brochure here: {}",
            FactKind::Text => "{}.",
        }
    }

    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str> {
        Some(match (kind, value) {
            (FactKind::Lift, true) => "There is a lift.",
            (FactKind::Lift, false) => "There is no lift.",
            (FactKind::Parking, true) => "There is a parking space.",
            (FactKind::Parking, false) => "There is no parking space.",
            (FactKind::Pets, true) => "Pets are allowed.",
            (FactKind::Pets, false) => "Pets are not allowed.",
            (FactKind::Furnished, true) => "The property is furnished.",
            (FactKind::Furnished, false) => "The property is not furnished.",
            (FactKind::FittedKitchen, true) => "There is a fitted kitchen.",
            (FactKind::FittedKitchen, false) => "There is no fitted kitchen.",
            (FactKind::Balcony, true) => "There is a balcony or terrace.",
            (FactKind::Balcony, false) => "There is no balcony or terrace.",
            (FactKind::Garden, true) => "There is a garden.",
            (FactKind::Garden, false) => "There is no garden.",
            (FactKind::Cellar, true) => "There is a cellar.",
            (FactKind::Cellar, false) => "There is no cellar.",
            (FactKind::Commission, true) => "A commission is payable.",
            (FactKind::Commission, false) => "There is no commission.",
            _ => return None,
        })
    }

    fn status(&self, status: ListingStatus) -> &'static str {
        match status {
            ListingStatus::Available => "The property is still available.",
            ListingStatus::Reserved => "The property is currently under offer.",
            ListingStatus::Sold => "Unfortunately the property has already been sold.",
            ListingStatus::Rented => "Unfortunately the property has already been let.",
            ListingStatus::Withdrawn => "The property is no longer on offer.",
        }
    }

    fn floor(&self, floor: i64) -> &'static str {
        match floor {
            0 => "The flat is on the ground floor.",
            i64::MIN..0 => "The flat is below ground, on level {}.",
            1 => "The flat is on the first floor above ground ({}).",
            _ => "The flat is on floor {} above ground.",
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("Our records say: “{text}”")
    }

    fn topic(&self, topic: Topic) -> &'static str {
        match topic {
            Topic::Availability => "the availability",
            Topic::Price | Topic::PriceNegotiation => "the price",
            Topic::ServiceCharge => "the service charge",
            Topic::Deposit => "the deposit",
            Topic::Commission => "the commission",
            Topic::Area => "the area",
            Topic::Rooms => "the rooms",
            Topic::Floor => "the floor",
            Topic::Lift => "the lift and access",
            Topic::Energy => "the energy values",
            Topic::Heating => "the heating",
            Topic::AvailableFrom => "the move-in date",
            Topic::Parking => "parking",
            Topic::Pets => "pets",
            Topic::Furnishing => "the furnishing",
            Topic::Balcony => "balcony, terrace and garden",
            Topic::Expose => "the documents",
            Topic::Location => "the location",
            Topic::Financing => "financing",
            Topic::Other => "this point",
        }
    }
}
