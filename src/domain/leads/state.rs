//! The lead's state machine: what may follow what, as pure functions.
//!
//! `status` says how far the lead has come, `automation` who works on it. Nothing else decides either of them.

use crate::domain::codes::code;

code! {
    /// How far a lead has come.
    Status { /// Stored, not answered.
        New = "NEW", /// A provider accepted our first answer.
        Contacted = "CONTACTED", /// The prospect wrote again.
        Conversation = "CONVERSATION", /// A viewing is confirmed.
        Booked = "BOOKED", /// Declined, silent or closed by hand.
        Lost = "LOST" }
}

code! {
    /// Who works on a lead.
    Automation { /// The system.
        Active = "ACTIVE", /// A fact is missing; a task waits for the agent.
        NeedsReview = "NEEDS_REVIEW", /// An answer waits for approval.
        Draft = "DRAFT", /// Humans only.
        Escalated = "ESCALATED", /// The prospect asked for a person.
        CallScheduled = "CALL_SCHEDULED", /// The agent took over.
        Paused = "PAUSED" }
}

/// Both columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadState {
    /// How far it has come.
    pub status: Status,
    /// Who works on it.
    pub automation: Automation,
}

/// Something that happened to a lead and may change its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A provider accepted a mail to the prospect.
    AnswerAccepted,
    /// The prospect wrote.
    ProspectWrote,
    /// A seat is confirmed.
    ViewingBooked,
    /// The confirmed seat was given back.
    ViewingCancelled,
    /// The prospect is no longer interested.
    Declined,
    /// The prospect answered none of our mails.
    WentSilent,
    /// A human closed it.
    ClosedByHand,
    /// A human opened it again.
    Reopened,
    /// An answer needs a fact nobody gave us, or an engine that is down.
    FactMissing,
    /// An answer waits for approval.
    DraftWritten,
    /// The waiting answer was approved, rejected or overtaken.
    DraftSettled,
    /// Anger, complaint, legal threat.
    Escalated,
    /// The prospect asked for a person.
    PersonWanted,
    /// The last open task was resolved.
    TasksSettled,
    /// The agent wrote himself or pressed pause.
    AgentTookOver,
    /// A human gave it back to the system.
    Resumed,
}

/// A change the state machine has no arrow for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{trigger:?} is not possible for a lead that is {} and {}", .from.status, .from.automation)]
pub struct InvalidTransition {
    /// Where the lead stands.
    pub from: LeadState,
    /// What was tried.
    pub trigger: Trigger,
}

impl LeadState {
    /// Where every lead starts.
    pub const INITIAL: Self = Self { status: Status::New, automation: Automation::Active };

    /// Where `trigger` leads from here.
    ///
    /// # Errors
    /// [`InvalidTransition`] when there is no such arrow. What the outside world does (a prospect writes, a mail is
    /// accepted) is always possible; only commands can be refused.
    pub fn after(self, trigger: Trigger) -> Result<Self, InvalidTransition> {
        use Automation::{Active, CallScheduled, Draft, Escalated, NeedsReview, Paused};
        use Status::{Booked, Contacted, Conversation, Lost, New};

        let refused = Err(InvalidTransition { from: self, trigger });
        let with = |automation| Ok(Self { automation, ..self });
        let to = |status| Ok(Self { status, ..self });
        match trigger {
            Trigger::AnswerAccepted => to(if self.status == New { Contacted } else { self.status }),
            // A first mail leaves a lead NEW. A booked prospect who writes stays booked; a lost one comes back.
            Trigger::ProspectWrote => match self.status {
                Lost => Ok(Self {
                    status: Conversation,
                    automation: if self.automation == Escalated { Escalated } else { Active },
                }),
                Contacted => to(Conversation),
                New | Conversation | Booked => Ok(self),
            },
            Trigger::ViewingBooked if self.status == Lost => refused,
            // Booking answers whatever made the system wait for a draft; a human's business stays a human's.
            Trigger::ViewingBooked => to(Booked),
            Trigger::ViewingCancelled => to(if self.status == Booked { Conversation } else { self.status }),
            Trigger::Declined => Ok(Self { status: Lost, automation: Active }),
            // Only a lead that the system works on and that still waits for the prospect.
            Trigger::WentSilent if self.automation == Active && matches!(self.status, Contacted | Conversation) => {
                to(Lost)
            }
            Trigger::WentSilent => refused,
            Trigger::ClosedByHand if self.status == Lost => refused,
            Trigger::ClosedByHand => Ok(Self { status: Lost, automation: Active }),
            Trigger::Reopened if self.status != Lost => refused,
            Trigger::Reopened => Ok(Self { status: Conversation, automation: Active }),
            // What a human already holds is not taken from them by a lesser reason.
            Trigger::FactMissing => {
                with(if matches!(self.automation, Active | Draft) { NeedsReview } else { self.automation })
            }
            Trigger::DraftWritten => {
                with(if matches!(self.automation, Active | NeedsReview) { Draft } else { self.automation })
            }
            Trigger::DraftSettled => with(if self.automation == Draft { Active } else { self.automation }),
            Trigger::PersonWanted => {
                with(if matches!(self.automation, Escalated | Paused) { self.automation } else { CallScheduled })
            }
            Trigger::Escalated => with(Escalated),
            Trigger::TasksSettled => with(if matches!(self.automation, NeedsReview | CallScheduled | Escalated) {
                Active
            } else {
                self.automation
            }),
            Trigger::AgentTookOver if self.status == Lost => refused,
            Trigger::AgentTookOver => with(Paused),
            Trigger::Resumed if self.automation == Active => refused,
            Trigger::Resumed => with(Active),
        }
    }

    /// Whether the system may answer by itself.
    #[must_use]
    pub fn answers_itself(self) -> bool {
        self.status != Status::Lost
            && !matches!(self.automation, Automation::Escalated | Automation::Paused | Automation::CallScheduled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUSES: [Status; 5] = [Status::New, Status::Contacted, Status::Conversation, Status::Booked, Status::Lost];
    const AUTOMATIONS: [Automation; 6] = [
        Automation::Active,
        Automation::NeedsReview,
        Automation::Draft,
        Automation::Escalated,
        Automation::CallScheduled,
        Automation::Paused,
    ];

    fn everywhere() -> impl Iterator<Item = LeadState> {
        STATUSES
            .into_iter()
            .flat_map(|status| AUTOMATIONS.into_iter().map(move |automation| LeadState { status, automation }))
    }

    fn status_after(status: Status, trigger: Trigger) -> Option<Status> {
        LeadState { status, automation: Automation::Active }.after(trigger).ok().map(|state| state.status)
    }

    #[test]
    fn the_way_from_new_to_booked() {
        let mut state = LeadState::INITIAL;
        for (trigger, status) in [
            (Trigger::AnswerAccepted, Status::Contacted),
            (Trigger::ProspectWrote, Status::Conversation),
            (Trigger::ViewingBooked, Status::Booked),
            (Trigger::ViewingCancelled, Status::Conversation),
            (Trigger::Declined, Status::Lost),
            (Trigger::ProspectWrote, Status::Conversation),
        ] {
            state = state.after(trigger).unwrap();
            assert_eq!(state.status, status, "{trigger:?}");
        }
    }

    #[test]
    fn commands_without_sense_are_refused() {
        assert_eq!(status_after(Status::Lost, Trigger::ViewingBooked), None);
        assert_eq!(status_after(Status::Lost, Trigger::ClosedByHand), None);
        assert_eq!(status_after(Status::Booked, Trigger::Reopened), None);
        assert_eq!(status_after(Status::New, Trigger::Resumed), None);
        assert_eq!(status_after(Status::Lost, Trigger::AgentTookOver), None);
    }

    #[test]
    fn silence_ends_only_what_waits_for_the_prospect() {
        for state in everywhere() {
            let waits = state.automation == Automation::Active
                && matches!(state.status, Status::Contacted | Status::Conversation);
            let after = state.after(Trigger::WentSilent).ok().map(|after| after.status);
            assert_eq!(after, waits.then_some(Status::Lost), "{state:?}");
        }
    }

    #[test]
    fn what_the_world_does_is_never_refused() {
        for state in everywhere() {
            for trigger in [
                Trigger::AnswerAccepted,
                Trigger::ProspectWrote,
                Trigger::ViewingCancelled,
                Trigger::Escalated,
                Trigger::Declined,
            ] {
                assert!(state.after(trigger).is_ok(), "{state:?} {trigger:?}");
            }
        }
    }

    #[test]
    fn a_lesser_reason_takes_nothing_from_a_human() {
        for trigger in [Trigger::FactMissing, Trigger::DraftWritten, Trigger::DraftSettled, Trigger::AnswerAccepted] {
            for automation in [Automation::Escalated, Automation::Paused, Automation::CallScheduled] {
                let state = LeadState { status: Status::Conversation, automation };
                assert_eq!(state.after(trigger).unwrap().automation, automation, "{trigger:?}");
            }
        }
    }

    #[test]
    fn only_humans_work_on_what_is_escalated_paused_or_promised_a_call() {
        for state in everywhere() {
            let human =
                matches!(state.automation, Automation::Escalated | Automation::Paused | Automation::CallScheduled);
            assert_eq!(state.answers_itself(), !human && state.status != Status::Lost, "{state:?}");
        }
    }
}
