//! What can be wrong with an answer.

/// What is wrong with a statement. `statement` is its index in [`crate::Answer::statements`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroundingFault {
    /// There is nothing to send.
    #[error("the answer is empty")]
    Empty,
    /// A cited id is not in the request.
    #[error("statement {statement} cites unknown source {source_id}")]
    UnknownSource {
        /// Which statement.
        statement: usize,
        /// The id.
        source_id: String,
    },
    /// A statement says something and cites nothing that could carry it.
    #[error("statement {statement} cites no source for what it says")]
    Uncited {
        /// Which statement.
        statement: usize,
    },
    /// A number, amount or unit that is not in the cited sources.
    #[error("statement {statement} has a number its sources do not have")]
    Number {
        /// Which statement.
        statement: usize,
        /// As written.
        found: String,
    },
    /// A date, weekday or time that is not in the cited sources.
    #[error("statement {statement} has a date or time its sources do not have")]
    DateTime {
        /// Which statement.
        statement: usize,
        /// As written.
        found: String,
    },
    /// A link or mail address that is not in the cited sources.
    #[error("statement {statement} has a link or address its sources do not have")]
    Link {
        /// Which statement.
        statement: usize,
        /// As written.
        found: String,
    },
    /// Says yes where the cited fact says no, or the other way round.
    #[error("statement {statement} contradicts its source")]
    Polarity {
        /// Which statement.
        statement: usize,
    },
    /// Promises the property, or gives another legal promise.
    #[error("statement {statement} makes a legal promise")]
    LegalPromise {
        /// Which statement.
        statement: usize,
    },
    /// Negotiates the price.
    #[error("statement {statement} negotiates the price")]
    PriceNegotiation {
        /// Which statement.
        statement: usize,
    },
    /// Longer than a mail of this kind may be.
    #[error("the answer is too long ({characters} characters)")]
    TooLong {
        /// How long it is.
        characters: usize,
    },
    /// Not in the requested language.
    #[error("the answer is not in the requested language")]
    WrongLanguage,
}
