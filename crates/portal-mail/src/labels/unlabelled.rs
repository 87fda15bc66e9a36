//! Lines without labels that say by their section and shape what they are.

use crate::address;
use crate::labels::boilerplate;
use crate::labels::collect::Reader;
use crate::labels::pairs::pairs;
use crate::labels::table::Field;
use crate::phone::normalise_phone;
use crate::reference;

impl Reader<'_> {
    /// Under a heading for the person, lines that are plainly a name, an address or a number.
    pub(super) fn person_line(&mut self, at: usize) {
        let segment = &self.segments[at];
        let text = segment.text.trim();
        if text.len() > 80 || boilerplate::ends_message(text) {
            return;
        }
        let found = if address::first(text).is_some_and(|a| text.len() <= a.len() + 10) {
            self.email(text, segment).map(|email| (Field::Email, email))
        } else if PHONE_LINE.is_match(text) || PHONE_BEHIND_WORD.is_match(text) {
            normalise_phone(text, self.ctx.country).map(|phone| (Field::Phone, phone))
        } else if NAME_LINE.is_match(text) && self.is_nameless() {
            Some((Field::Name, text.to_owned()))
        } else {
            None
        };
        if let Some((field, value)) = found {
            self.found.values.entry(field).or_insert(value);
        }
    }

    /// Nothing is known of the person but how to address them.
    fn is_nameless(&self) -> bool {
        self.found.values.keys().all(|field| !field.is_contact() || *field == Field::Salutation)
    }

    /// `Probegasse 7, 1010 Wien` under the title of the listing, before anything about a person.
    pub(super) fn lone_address(&mut self, at: usize) {
        let text = self.segments[at].text.as_str();
        let early = self.loose.is_none() && self.found.contacts() == 0 && self.found.message.is_none();
        let has_zip = || text.as_bytes().windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
        if early
            && text.len() < 100
            && has_zip()
            && matches!(reference::split_address(text), (Some(_), Some(_), Some(_), Some(_)))
        {
            self.loose = Some(text.to_owned());
        }
    }

    /// Takes the lone address where nothing else says where the property is.
    pub(super) fn loose_place(&mut self) {
        let found = &mut self.found;
        if let Some(address) = self.loose.take()
            && found.street.is_none()
            && found.zip.is_none()
            && found.city.is_none()
        {
            found.place(Field::Address, &address);
        }
    }

    /// In a property block, `Musterstr. 1, 1010 Wien` without a label, or on two lines.
    pub(super) fn property_line(&mut self, at: usize) {
        let text = self.segments[at].text.as_str();
        if boilerplate::ends_message(text) {
            return;
        }
        let (street, ..) = reference::split_address(text);
        if street.is_none() && at > 0 {
            let before = self.segments[at - 1].text.as_str();
            let (name, number) = reference::split_street(before);
            if number.is_some() && name.is_some() && before.len() < 60 && pairs(before).is_empty() {
                self.found.place(Field::Street, before);
            }
        }
        self.found.place(Field::Address, text);
    }
}

crate::text::patterns! {
    PHONE_LINE = r"^(?:☎|✆|📞)?\s*\(?\+?\d[\d\s()/.-]{5,24}$";
    PHONE_BEHIND_WORD = r"(?i)^(?:tel(?:efon|éphone|efono)?|mobile?|handy|phone|tél|natel|cell?|t|m)\b[.:]*\s*\(?\+?\d[\d\s()/.-]{5,24}$";
    NAME_LINE = r"^(?:(?:Herrn?|Frau|Mme|Madame|Monsieur|M\.|Mr\.?|Mrs\.?|Ms\.?|Signora?|Sig\.(?:ra)?) )?(?:(?:Dr|Mag|Prof|Ing|DI|Dipl)[\w.()-]* )*\p{Lu}[\p{L}'’.-]*(?: (?:von|van|de|del|della|di|da|zu|der|den|\p{Lu}[\p{L}'’.-]*)){1,4}$";
}
