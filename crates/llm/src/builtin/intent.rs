//! What each sentence wants, and what the mail wants as a whole.

use super::{
    lexicon::Lexicon,
    text::{self, Sentence},
};
use crate::{Intent, Mood};

/// What one sentence shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signals {
    pub(super) complaint: bool,
    pub(super) discriminates: bool,
    pub(super) human: bool,
    pub(super) cancel: bool,
    pub(super) reschedule: bool,
    pub(super) not_interested: bool,
    pub(super) viewing: bool,
    pub(super) interest: bool,
    pub(super) accept: bool,
    pub(super) refuse: bool,
    pub(super) thanks: bool,
    pub(super) furious: bool,
}

impl Signals {
    pub(super) fn read(lexicon: &Lexicon, sentence: &Sentence) -> Self {
        let has = |section| lexicon.has(section, sentence);
        Self {
            complaint: has("complaint"),
            discriminates: has("discriminate"),
            // "Please get in touch on 0660 …": who leaves a number beside a word for getting in touch wants a call.
            human: has("human") || (has("reach") && text::telephone(&sentence.raw)),
            cancel: has("cancel"),
            reschedule: has("reschedule"),
            // "Is it too far from the school?" asks; told, it is a refusal.
            not_interested: has("not_interested") || (!sentence.asks && has("unsuited")),
            viewing: has("viewing"),
            interest: has("interest"),
            accept: has("accept"),
            refuse: has("refuse"),
            thanks: has("acknowledge") || has("farewell"),
            furious: has("angry") || shouts(&sentence.raw),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            complaint: self.complaint || other.complaint,
            discriminates: self.discriminates || other.discriminates,
            human: self.human || other.human,
            cancel: self.cancel || other.cancel,
            reschedule: self.reschedule || other.reschedule,
            not_interested: self.not_interested || other.not_interested,
            viewing: self.viewing || other.viewing,
            interest: self.interest || other.interest,
            accept: self.accept || other.accept,
            refuse: self.refuse || other.refuse,
            thanks: self.thanks || other.thanks,
            furious: self.furious || other.furious,
        }
    }
}

/// Several exclamation marks, or words written in capitals.
fn shouts(raw: &str) -> bool {
    let capital = |word: &&str| word.chars().count() > 3 && word.chars().all(|c| c.is_uppercase() || c == '!');
    raw.contains("!!") || raw.split_whitespace().filter(capital).count() > 2
}

/// How the writer feels. Whoever complains is annoyed at least; strong words alone ("is the lawyer your client?") are
/// no anger.
pub(super) fn mood(all: Signals) -> Mood {
    match (all.complaint, all.furious) {
        (true, true) => Mood::Angry,
        (true, false) => Mood::Annoyed,
        (false, _) => Mood::Calm,
    }
}

/// What is known about a mail besides its words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) first_contact: bool,
    /// Names a day or an hour, concrete or not.
    pub(super) names_time: bool,
    /// Names a day without an hour in a few words, as a proposal is written ("Wednesday or Thursday afternoon").
    pub(super) proposes_day: bool,
    /// Proposes concrete instants.
    pub(super) proposes: bool,
    /// Asks something that is not about a viewing and not a general request for information.
    pub(super) asks: bool,
    /// Asks for the exposé or "further information".
    pub(super) asks_documents: bool,
}

/// The intents of a mail, the most pressing first, and how sure the reading is.
pub(super) fn decide(all: Signals, context: Context) -> (Vec<Intent>, f64) {
    let mut intents = Vec::new();
    let mut add = |wanted: bool, intent| {
        if wanted {
            intents.push(intent);
        }
    };
    // Without an agreed viewing there is nothing to move or to call off.
    let reschedule = all.reschedule && !context.first_contact;
    // Who complains that a viewing was called off does not call it off.
    let cancel = all.cancel && !context.first_contact && !all.complaint;
    // A cancelled viewing with another time in the same mail is moved, not cancelled.
    let moved = reschedule || (cancel && context.proposes && !all.not_interested);
    add(all.complaint, Intent::Complaint);
    add(all.discriminates, Intent::DiscriminatoryWish);
    add(all.human, Intent::HumanRequest);
    add(moved, Intent::RescheduleViewing);
    add(cancel && !moved, Intent::CancelViewing);
    add(all.not_interested, Intent::NotInterested);
    let settled = moved || cancel || all.not_interested;
    // A complaint goes to a person; inviting on top of it would pour oil on the fire.
    let settled = settled || all.complaint;
    let time_wish = context.names_time && (all.accept || context.proposes || context.proposes_day) && !all.human;
    let plain_interest = context.first_contact && all.interest && !context.asks && !all.human && !all.complaint;
    add(!settled && (all.viewing || time_wish || plain_interest), Intent::ViewingRequest);
    let documents_only = context.asks_documents && intents.is_empty();
    if context.asks || documents_only {
        intents.push(Intent::Question);
    }
    if !intents.is_empty() {
        // Two readings at once are two chances to be wrong.
        let confidence = if intents.len() > 2 { 0.85 } else { 0.92 };
        return (intents, confidence);
    }
    // Interest without anything else is a wish to view, also where it is not known to be the enquiry.
    if all.interest && !all.refuse {
        return (vec![Intent::ViewingRequest], 0.85);
    }
    if all.thanks && !context.first_contact {
        return (vec![Intent::Acknowledgement], 0.9);
    }
    if context.first_contact {
        // Whoever fills in a portal's contact form wants the property, whatever else the text says. Portals send
        // "Hello" and "Please contact me" by the thousand: they are answered like any enquiry.
        return (vec![Intent::ViewingRequest], 0.85);
    }
    (vec![Intent::Question], 0.4)
}
