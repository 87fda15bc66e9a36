//! What every language must be able to say.

use super::{de::German, en::English, es::Spanish, fr::French, it::Italian};
use crate::{AnswerRequest, FactKind, Language, ListingStatus, Salutation, Topic, ground};

/// The sentences of one language. `formal` chooses Sie or Du where the language has the choice.
pub(super) trait Phrases: Sync {
    /// The opening line; `name` is what may follow it.
    fn greeting(&self, request: &AnswerRequest) -> String;
    fn thanks_for_enquiry(&self, title: Option<&str>, formal: bool) -> String;
    fn thanks_for_message(&self, formal: bool) -> String;
    fn will_clarify(&self, topics: &[Topic], formal: bool) -> String;
    fn will_come_back(&self, formal: bool) -> String;
    fn acknowledge(&self, formal: bool) -> String;
    fn call(&self, formal: bool) -> String;
    /// How prospects are chosen, without a word about anybody.
    fn equal_treatment(&self, formal: bool) -> String;
    /// A wish for another price is passed on.
    fn price_wish(&self, formal: bool) -> String;
    fn close(&self, formal: bool) -> String;
    fn booked(&self, when: &str, formal: bool) -> String;
    fn change(&self, url: &str, formal: bool) -> String;
    fn taken(&self, when: &str, formal: bool) -> String;
    /// There are no viewings at that time.
    fn impossible(&self, when: &str, formal: bool) -> String;
    /// Ends with a colon; the slots follow as a list.
    fn slots(&self, formal: bool) -> String;
    fn booking_link(&self, url: &str, beside_slots: bool, formal: bool) -> String;
    /// Too many enquired today: no more viewings are given away.
    fn full_today(&self, formal: bool) -> String;
    fn regards(&self, formal: bool) -> &'static str;
    /// A sentence with `{}` for the value.
    fn field(&self, kind: FactKind) -> &'static str;
    /// A sentence for yes or no; `None` for a field that is never one.
    fn flag(&self, kind: FactKind, value: bool) -> Option<&'static str>;
    fn status(&self, status: ListingStatus) -> &'static str;
    /// The storey as a sentence; `{}` for its number.
    fn floor(&self, floor: i64) -> &'static str;
    /// A text in another language than the letter's.
    fn quoted(&self, text: &str) -> String;
    /// With its article, as the object of "find out".
    fn topic(&self, topic: Topic) -> &'static str;
}

pub(super) fn phrases(language: Language) -> &'static dyn Phrases {
    match language {
        Language::De => &German,
        Language::En => &English,
        Language::Fr => &French,
        Language::It => &Italian,
        Language::Es => &Spanish,
    }
}

/// The name to greet: title and last name when the title is known, else the full name. A gender is never guessed.
pub(super) enum Name<'a> {
    Titled(Salutation, &'a str),
    First(&'a str),
    Full(String),
    Unknown,
}

pub(super) fn name(request: &AnswerRequest) -> Name<'_> {
    fn present(name: &Option<String>) -> Option<&str> {
        name.as_deref().map(str::trim).filter(|name| is_name(name))
    }
    let (first, last) = (present(&request.first_name), present(&request.last_name));
    // Each half of a sentence may look like a name.
    if !is_name(&[first, last].into_iter().flatten().collect::<Vec<_>>().join(" ")) {
        return Name::Unknown;
    }
    match (request.salutation, first, last) {
        (_, Some(first), _) if !request.formal => Name::First(first),
        (Some(title @ (Salutation::Mr | Salutation::Ms)), _, Some(last)) => Name::Titled(title, last),
        (_, Some(first), Some(last)) => Name::Full(format!("{first} {last}")),
        (_, Some(only), None) | (_, None, Some(only)) => Name::Full(only.to_owned()),
        (_, None, None) => Name::Unknown,
    }
}

/// Whether it can stand in a greeting. What a form calls a name is written by whoever fills it in: a link, a figure or a
/// sentence is not repeated in our mail.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.');
    let words = name.split_whitespace().count();
    (1..=5).contains(&words) && name.chars().count() <= 60 && name.chars().all(plain) && !ground::promises(name)
}

/// "a, b und c".
pub(super) fn list(items: &[&str], and: &str) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [head @ .., last] => format!("{} {and} {last}", head.join(", ")),
    }
}

/// The names of the topics, each once; a question without a topic is named only when it stands alone.
pub(super) fn topic_names(words: &dyn Phrases, topics: &[Topic]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for topic in topics {
        let name = words.topic(*topic);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
