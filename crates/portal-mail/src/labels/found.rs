//! What reading labels yields.

use std::collections::BTreeMap;

use crate::labels::table::Field;
use crate::reference;
use crate::text::filled;

/// What the labels of a mail said.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) values: BTreeMap<Field, String>,
    pub(crate) message: Option<String>,
    /// Segments the message came from.
    pub(crate) message_at: Option<(usize, usize)>,
    /// Exposé addresses outside the message, in order.
    pub(crate) exposes: Vec<String>,
    /// Street, house number, postal code and town of the property.
    pub(crate) street: Option<String>,
    pub(crate) house_number: Option<String>,
    pub(crate) zip: Option<String>,
    pub(crate) city: Option<String>,
}

impl Found {
    pub(crate) fn get(&self, field: Field) -> Option<&str> {
        self.values.get(&field).map(String::as_str)
    }

    /// How many fields of a person's contact data are known.
    pub(crate) fn contacts(&self) -> usize {
        self.values.keys().filter(|field| field.is_contact()).count()
    }

    /// Takes apart what an address field says about the property; first come, first kept.
    pub(crate) fn place(&mut self, field: Field, value: &str) {
        let (street, number, zip, city) = match field {
            Field::Street => {
                let (street, number) = reference::split_street(value);
                (street, number, None, None)
            }
            Field::HouseNumber => (None, filled(value), None, None),
            Field::Zip | Field::ZipCity => {
                let (zip, city) = reference::split_zip_city(value);
                (None, None, zip, city)
            }
            Field::City => {
                let (zip, city) = reference::split_zip_city(value);
                (None, None, zip, city)
            }
            _ => reference::split_address(value),
        };
        self.street = self.street.take().or(street);
        self.house_number = self.house_number.take().or(number);
        self.zip = self.zip.take().or(zip);
        self.city = self.city.take().or(city);
    }
}
