//! The fixed ids a statement may cite beside those of the request's facts and slots.
//!
//! They stand for things that are in the request but are not facts of the listing, and for what the agency always
//! does. A statement that only cites a `policy.*` id must not contain a number, a date or a link.

/// The request's `booking_url`.
pub const BOOKING_LINK: &str = "booking.link";
/// The start of the viewing that was booked ([`crate::AnswerKind::SlotBooked`]).
pub const BOOKED_START: &str = "booking.start";
/// The time that was wished for ([`crate::AnswerKind::SlotTaken`], [`crate::AnswerKind::SlotImpossible`]).
pub const WISHED_TIME: &str = "booking.wished";
/// The agent's own words ([`crate::AnswerKind::AgentAnswer`]).
pub const AGENT_ANSWER: &str = "agent.answer";
/// The request's `property_title`.
pub const PROPERTY_TITLE: &str = "property.title";

/// We thank for the mail and confirm that it arrived.
pub const POLICY_RECEIVED: &str = "policy.received";
/// We find out what we do not know and come back.
pub const POLICY_CLARIFY: &str = "policy.clarify";
/// A colleague will call.
pub const POLICY_CALL: &str = "policy.call";
/// We offer viewings.
pub const POLICY_VIEWING: &str = "policy.viewing";
/// Whom a property goes to never depends on who somebody is.
pub const POLICY_EQUAL_TREATMENT: &str = "policy.equal_treatment";
/// The agent decides about the price.
pub const POLICY_PRICE: &str = "policy.price";
/// We close politely.
pub const POLICY_CLOSE: &str = "policy.close";
/// How a letter begins and ends.
pub const POLICY_LETTER: &str = "policy.letter";

/// Every `policy.*` id.
pub const POLICIES: [&str; 8] = [
    POLICY_RECEIVED,
    POLICY_CLARIFY,
    POLICY_CALL,
    POLICY_VIEWING,
    POLICY_EQUAL_TREATMENT,
    POLICY_PRICE,
    POLICY_CLOSE,
    POLICY_LETTER,
];
