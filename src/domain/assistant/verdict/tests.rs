//! Every decision under every switch of the policy.

use llm::{Intent, Language, QuestionTopic, Topic, Understanding};

use super::*;
use crate::clock::Timestamp;
use crate::domain::leads::{Automation, LeadState, Status};

const FULL: Policy =
    Policy { mode: AutomationMode::Full, daily_answers_per_lead: None, daily_enquiries_per_property: None };

fn mail(intents: &[Intent]) -> Understanding {
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

fn situation(understanding: &Understanding) -> Situation<'_> {
    Situation {
        state: LeadState { status: Status::Conversation, automation: Automation::Active },
        understanding,
        first: false,
        has_property: true,
        held: None,
        threshold: 0.8,
    }
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A mail for each decision of the matrix.
fn rows() -> Vec<(Decision, Understanding, bool, Option<Timestamp>)> {
    let held = Some(Timestamp(at("2026-12-01T14:00:00Z")));
    let timed = |intents: &[Intent]| Understanding { wished_times: vec![at("2026-12-02T14:00:00Z")], ..mail(intents) };
    vec![
        (Decision::Silent, mail(&[Intent::Acknowledgement]), true, None),
        (Decision::Escalate, mail(&[Intent::Complaint]), true, None),
        (Decision::Neutral, mail(&[Intent::DiscriminatoryWish]), true, None),
        (Decision::PromiseCall, mail(&[Intent::HumanRequest]), true, None),
        (Decision::Draft, Understanding { confidence: 0.3, ..mail(&[Intent::Question]) }, true, None),
        (Decision::Close, mail(&[Intent::NotInterested]), true, None),
        (Decision::AskWhich, mail(&[Intent::Question]), false, None),
        (Decision::Book, timed(&[Intent::ViewingRequest]), true, None),
        (Decision::Move, timed(&[Intent::RescheduleViewing]), true, held),
        (Decision::Cancel, mail(&[Intent::CancelViewing]), true, held),
        (Decision::Answer, mail(&[Intent::Question]), true, None),
    ]
}

#[test]
fn every_decision_under_every_mode() {
    use AutomationMode::{Drafts, FirstAnswer, Full, Off};
    for (decision, understanding, has_property, held) in rows() {
        let speechless = matches!(decision, Decision::Silent | Decision::Escalate);
        for (mode, first, expected) in [
            (Full, true, Voice::System),
            (Full, false, Voice::System),
            (FirstAnswer, true, Voice::System),
            (FirstAnswer, false, Voice::Draft),
            (Drafts, true, Voice::Draft),
            (Drafts, false, Voice::Draft),
            (Off, true, Voice::Nobody),
            (Off, false, Voice::Nobody),
        ] {
            // A first mail of thanks is an enquiry.
            if decision == Decision::Silent && first {
                continue;
            }
            let now = Situation { first, has_property, held, ..situation(&understanding) };
            let verdict = judge(now, Policy { mode, ..FULL }, Day::default());
            let expected = match expected {
                _ if speechless => Voice::System,
                Voice::System if decision == Decision::Draft => Voice::Draft,
                expected => expected,
            };
            assert_eq!((verdict.decision, verdict.voice), (decision, expected), "{mode} {first} {decision:?}");
            assert!(verdict.offers && !verdict.reasons.is_empty(), "{verdict:?}");
        }
    }
}

#[test]
fn every_state_that_people_hold_is_left_to_them_under_every_mode() {
    let question = mail(&[Intent::Question]);
    for status in [Status::New, Status::Contacted, Status::Conversation, Status::Booked, Status::Lost] {
        for automation in [
            Automation::Active,
            Automation::NeedsReview,
            Automation::Draft,
            Automation::Escalated,
            Automation::CallScheduled,
            Automation::Paused,
        ] {
            let state = LeadState { status, automation };
            let verdict = judge(Situation { state, ..situation(&question) }, FULL, Day::default());
            let people = status == Status::Lost
                || matches!(automation, Automation::Escalated | Automation::CallScheduled | Automation::Paused);
            let expected = if people { Decision::Silent } else { Decision::Answer };
            assert_eq!(verdict.decision, expected, "{state:?}");
            assert_eq!(verdict.reasons[0] == Reason::HeldByPeople, people, "{state:?}");
        }
    }
}

#[test]
fn a_day_ends_when_its_limits_are_reached() {
    let question = mail(&[Intent::Question]);
    let policy = Policy { daily_answers_per_lead: Some(3), daily_enquiries_per_property: Some(5), ..FULL };
    for (answers, enquiries_before, voice, offers) in [
        (0, 0, Voice::System, true),
        (2, 4, Voice::System, true),
        (3, 4, Voice::Draft, true),
        (2, 5, Voice::System, false),
        (9, 9, Voice::Draft, false),
    ] {
        let verdict = judge(situation(&question), policy, Day { answers, enquiries_before });
        assert_eq!((verdict.voice, verdict.offers), (voice, offers), "{answers} {enquiries_before}");
        assert_eq!(verdict.reasons.contains(&Reason::DailyAnswers), voice == Voice::Draft);
        assert_eq!(verdict.reasons.contains(&Reason::DailyEnquiries), !offers);
    }
    // No time is booked where none is offered; a viewing there is may still move.
    for (decision, understanding, has_property, held) in rows() {
        let now = Situation { has_property, held, ..situation(&understanding) };
        let verdict = judge(now, policy, Day { answers: 0, enquiries_before: 5 });
        let expected = if decision == Decision::Book { Decision::Answer } else { decision };
        assert_eq!(verdict.decision, expected, "{decision:?}");
    }
}

#[test]
fn who_commands_a_machine_is_answered_as_far_as_there_is_an_honest_question_and_moves_nothing() {
    let asked = vec![QuestionTopic { topic: Topic::Pets, excerpt: "Sind Hunde erlaubt?".to_owned() }];
    let held = Some(Timestamp(at("2026-12-01T14:00:00Z")));
    let wished = vec![at("2026-12-02T14:00:00Z")];
    for (understanding, held, expected) in [
        (Understanding { topics: asked.clone(), ..mail(&[Intent::Question]) }, None, Decision::Answer),
        (mail(&[Intent::ViewingRequest]), None, Decision::Answer),
        (mail(&[Intent::Question]), None, Decision::Draft),
        (mail(&[Intent::Acknowledgement]), None, Decision::Draft),
        (mail(&[Intent::NotInterested]), None, Decision::Draft),
        (Understanding { wished_times: wished.clone(), ..mail(&[Intent::ViewingRequest]) }, None, Decision::Draft),
        (Understanding { wished_times: wished, ..mail(&[Intent::RescheduleViewing]) }, held, Decision::Draft),
        (mail(&[Intent::CancelViewing]), held, Decision::Draft),
        (mail(&[Intent::Complaint]), None, Decision::Escalate),
        (mail(&[Intent::HumanRequest]), None, Decision::PromiseCall),
    ] {
        let attack = Understanding { injection: true, ..understanding };
        let verdict = judge(Situation { held, ..situation(&attack) }, FULL, Day::default());
        assert_eq!(verdict.decision, expected, "{attack:?}");
        assert_eq!(verdict.reasons[0] == Reason::Injection, expected == Decision::Draft);
    }
}
