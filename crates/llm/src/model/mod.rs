//! The words both engines speak: what a mail wants, what may be said, what is answered.

mod answer;
mod fact;
mod understanding;

pub use answer::{Answer, AnswerKind, AnswerRequest, Example, Salutation, SlotOffer, Statement, StatementRole};
pub use fact::{Fact, FactKind, FactValue, ListingStatus};
pub use understanding::{DayPart, Intent, Language, QuestionTopic, Topic, UnderstandRequest, Understanding, WishedDay};
