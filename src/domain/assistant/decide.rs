//! The escalation matrix, as a pure function.
//!
//! Order matters: what needs a human comes before what the system could do, and closing comes last, so that "not this
//! one, but may I see the other?" is not a goodbye.

use llm::{Intent, Understanding};

use crate::clock::Timestamp;
use crate::domain::leads::LeadState;

/// What the decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Where the lead stands.
    pub state: LeadState,
    /// What the mail wants.
    pub understanding: &'a Understanding,
    /// It is the enquiry itself.
    pub first: bool,
    /// The lead is tied to a listing.
    pub has_property: bool,
    /// When the viewing begins that the lead holds, if it is still to come.
    pub held: Option<Timestamp>,
    /// Below this confidence nothing is sent without a human.
    pub threshold: f64,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing needs an answer.
    Silent,
    /// Anger, complaint, legal threat: no answer, tell a human now.
    Escalate,
    /// A discriminatory wish: say how prospects are treated and nothing else, tell a human now.
    Neutral,
    /// Not sure enough: write an answer, let a human send it.
    Draft,
    /// Confirm that a person will call, and ask one to.
    PromiseCall,
    /// A short polite end.
    Close,
    /// Which listing is meant is not known: confirm receipt, ask a human.
    AskWhich,
    /// Book the first wished time that is free; if none is, offer others.
    Book,
    /// Move the viewing there is to the first wished time that is free; if none is, offer others and leave it.
    Move,
    /// Cancel the viewing there is, and offer others.
    Cancel,
    /// Answer from the facts, with viewings to choose from where wanted.
    Answer,
}

impl Decision {
    /// In the words of the log and the timeline.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Escalate => "escalated",
            Self::Neutral => "neutral",
            Self::Draft => "draft",
            Self::PromiseCall => "call_scheduled",
            Self::Close => "close",
            Self::AskWhich => "ask_which",
            Self::Book => "book",
            Self::Move => "move",
            Self::Cancel => "cancel",
            Self::Answer => "answer",
        }
    }
}

/// Decides.
#[must_use]
pub fn decide(situation: Situation<'_>) -> Decision {
    let Situation { state, understanding, first, has_property, held, threshold } = situation;
    let wants = |intent| understanding.wants(intent);
    if !state.answers_itself() {
        return Decision::Silent;
    }
    if wants(Intent::Complaint) {
        return Decision::Escalate;
    }
    if wants(Intent::DiscriminatoryWish) {
        return Decision::Neutral;
    }
    if wants(Intent::HumanRequest) {
        return Decision::PromiseCall;
    }
    if understanding.confidence < threshold {
        return Decision::Draft;
    }
    let to_view = wants(Intent::ViewingRequest) || wants(Intent::RescheduleViewing);
    // "I cannot come on Thursday at 3" names the time that is given up.
    let names_time = to_view && understanding.wished_times.iter().any(|time| Some(Timestamp(*time)) != held);
    // Who tries to command a machine gets the answer to an honest question, and moves nothing without a person.
    if understanding.injection {
        let honest = !understanding.topics.is_empty() || wants(Intent::ViewingRequest);
        let moves = names_time || wants(Intent::CancelViewing) || wants(Intent::NotInterested);
        if moves || !honest {
            return Decision::Draft;
        }
    }
    if wants(Intent::NotInterested) && !wants(Intent::Question) && !to_view {
        return Decision::Close;
    }
    if held.is_some() && names_time {
        return Decision::Move;
    }
    // Who asks for another time does not give up the one there is before it is found.
    if held.is_some() && wants(Intent::CancelViewing) && !wants(Intent::RescheduleViewing) {
        return Decision::Cancel;
    }
    let only_thanks = !understanding.intents.is_empty()
        && understanding.intents.iter().all(|intent| *intent == Intent::Acknowledgement);
    if only_thanks && !first {
        return Decision::Silent;
    }
    if !has_property {
        return Decision::AskWhich;
    }
    if held.is_none() && names_time {
        return Decision::Book;
    }
    Decision::Answer
}

#[cfg(test)]
mod tests {
    use llm::Language;

    use super::*;
    use crate::domain::leads::{Automation, Status};

    fn understanding(intents: &[Intent]) -> Understanding {
        Understanding {
            language: Language::De,
            formal: None,
            intents: intents.to_vec(),
            topics: Vec::new(),
            wished_times: Vec::new(),
            wished_days: Vec::new(),
            wished_windows: Vec::new(),
            mood: llm::Mood::Calm,
            injection: false,
            confidence: 0.95,
        }
    }

    fn decided(understanding: &Understanding, change: impl FnOnce(&mut Situation<'_>)) -> Decision {
        let mut situation = Situation {
            state: LeadState::INITIAL,
            understanding,
            first: false,
            has_property: true,
            held: None,
            threshold: 0.8,
        };
        change(&mut situation);
        decide(situation)
    }

    #[test]
    fn every_row_of_the_matrix() {
        let cases: &[(&[Intent], Decision)] = &[
            (&[Intent::Question], Decision::Answer),
            (&[Intent::ViewingRequest], Decision::Answer),
            (&[Intent::Complaint], Decision::Escalate),
            (&[Intent::Question, Intent::Complaint], Decision::Escalate),
            (&[Intent::DiscriminatoryWish], Decision::Neutral),
            (&[Intent::DiscriminatoryWish, Intent::ViewingRequest, Intent::HumanRequest], Decision::Neutral),
            (&[Intent::HumanRequest], Decision::PromiseCall),
            (&[Intent::NotInterested, Intent::HumanRequest], Decision::PromiseCall),
            (&[Intent::NotInterested], Decision::Close),
            (&[Intent::NotInterested, Intent::Acknowledgement], Decision::Close),
            (&[Intent::NotInterested, Intent::Question], Decision::Answer),
            (&[Intent::Acknowledgement], Decision::Silent),
            (&[Intent::CancelViewing], Decision::Answer),
            (&[Intent::RescheduleViewing], Decision::Answer),
            (&[], Decision::Answer),
        ];
        for (intents, expected) in cases {
            assert_eq!(decided(&understanding(intents), |_| {}), *expected, "{intents:?}");
        }
    }

    #[test]
    fn a_named_time_is_booked_only_with_a_wish_to_view_and_a_listing() {
        let mut wish = understanding(&[Intent::ViewingRequest]);
        wish.wished_times = vec!["2026-12-01T14:00:00Z".parse().unwrap()];
        assert_eq!(decided(&wish, |_| {}), Decision::Book);
        assert_eq!(decided(&wish, |situation| situation.has_property = false), Decision::AskWhich);
        let mut question = understanding(&[Intent::Question]);
        question.wished_times = wish.wished_times.clone();
        assert_eq!(decided(&question, |_| {}), Decision::Answer);
    }

    #[test]
    fn who_holds_a_viewing_can_move_and_cancel_it() {
        let held: Timestamp = Timestamp("2026-12-01T14:00:00Z".parse().unwrap());
        let other: jiff::Timestamp = "2026-12-02T14:00:00Z".parse().unwrap();
        let (view, shift, cancel) = (Intent::ViewingRequest, Intent::RescheduleViewing, Intent::CancelViewing);
        let cases: &[(&[Intent], &[jiff::Timestamp], Decision)] = &[
            (&[cancel], &[], Decision::Cancel),
            (&[cancel, Intent::Question], &[], Decision::Cancel),
            (&[cancel, view], &[], Decision::Cancel),
            (&[cancel, view], &[held.0], Decision::Cancel),
            (&[cancel, view], &[held.0, other], Decision::Move),
            (&[cancel], &[other], Decision::Cancel), // "… because I see a doctor then"
            (&[cancel, shift], &[], Decision::Answer),
            (&[cancel, Intent::NotInterested], &[], Decision::Close),
            (&[cancel, Intent::HumanRequest], &[], Decision::PromiseCall),
            (&[shift], &[], Decision::Answer),
            (&[shift], &[other], Decision::Move),
            (&[view], &[other], Decision::Move),
            (&[view], &[held.0], Decision::Answer),
            (&[Intent::NotInterested], &[], Decision::Close),
        ];
        for (intents, times, expected) in cases {
            let mut mail = understanding(intents);
            mail.wished_times = times.to_vec();
            assert_eq!(decided(&mail, |situation| situation.held = Some(held)), *expected, "{intents:?} {times:?}");
            mail.confidence = 0.5;
            let unsure = decided(&mail, |situation| situation.held = Some(held));
            assert!(matches!(unsure, Decision::Draft | Decision::PromiseCall), "{intents:?}: {unsure:?}");
        }
        let mut shifted = understanding(&[shift]);
        shifted.wished_times = vec![other];
        assert_eq!(decided(&shifted, |_| {}), Decision::Book, "there is nothing to move");
    }

    #[test]
    fn doubt_makes_a_draft_but_never_hides_anger_or_the_wish_for_a_person() {
        let unsure = |intents: &[Intent]| Understanding { confidence: 0.5, ..understanding(intents) };
        assert_eq!(decided(&unsure(&[Intent::Question]), |_| {}), Decision::Draft);
        assert_eq!(decided(&unsure(&[Intent::NotInterested]), |_| {}), Decision::Draft);
        assert_eq!(decided(&unsure(&[Intent::Complaint]), |_| {}), Decision::Escalate);
        assert_eq!(decided(&unsure(&[Intent::HumanRequest]), |_| {}), Decision::PromiseCall);
        assert_eq!(decided(&unsure(&[Intent::Question]), |situation| situation.threshold = 0.5), Decision::Answer);
    }

    #[test]
    fn what_humans_hold_gets_no_answer_whatever_is_asked() {
        for automation in [Automation::Escalated, Automation::Paused, Automation::CallScheduled] {
            for intent in Intent::ALL {
                let state = LeadState { status: Status::Conversation, automation };
                assert_eq!(decided(&understanding(&[intent]), |situation| situation.state = state), Decision::Silent);
            }
        }
    }

    #[test]
    fn a_first_mail_that_only_says_thanks_is_an_enquiry_all_the_same() {
        assert_eq!(
            decided(&understanding(&[Intent::Acknowledgement]), |situation| situation.first = true),
            Decision::Answer
        );
    }
}
