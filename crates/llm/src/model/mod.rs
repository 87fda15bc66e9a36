//! The words both engines speak: what a mail wants, what may be said, what is answered.

mod answer;
mod fact;
mod understanding;
mod wish;

pub use answer::{Answer, AnswerKind, AnswerRequest, Example, Salutation, SlotOffer, Statement, StatementRole};
pub use fact::{Fact, FactKind, FactValue, ListingStatus};
pub use understanding::{Intent, Language, Mood, QuestionTopic, Topic, UnderstandRequest, Understanding};
pub use wish::{DayPart, WindowDays, WishedDay, WishedWindow};
