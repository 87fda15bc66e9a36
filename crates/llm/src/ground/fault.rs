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
    /// A street or square that is not in the cited sources.
    #[error("statement {statement} has an address its sources do not have")]
    Address {
        /// Which statement.
        statement: usize,
        /// As written.
        found: String,
    },
    /// Speaks of another field than the one it cites, or of a thing no cited source tells of.
    #[error("statement {statement} speaks of something its sources do not tell")]
    WrongField {
        /// Which statement.
        statement: usize,
    },
    /// Tells about other people.
    #[error("statement {statement} tells about other people")]
    OtherPerson {
        /// Which statement.
        statement: usize,
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
    /// A statement is in another language than the letter.
    #[error("statement {statement} is in another language than the letter")]
    MixedLanguage {
        /// Which statement.
        statement: usize,
    },
    /// Says Du where the letter says Sie, or the other way round.
    #[error("statement {statement} has the wrong form of address")]
    WrongAddress {
        /// Which statement.
        statement: usize,
    },
}

impl GroundingFault {
    /// The statement it is in; `None` when it is the whole answer's.
    #[must_use]
    pub const fn statement(&self) -> Option<usize> {
        match self {
            Self::UnknownSource { statement, .. }
            | Self::Uncited { statement }
            | Self::Number { statement, .. }
            | Self::DateTime { statement, .. }
            | Self::Link { statement, .. }
            | Self::Address { statement, .. }
            | Self::WrongField { statement }
            | Self::OtherPerson { statement }
            | Self::Polarity { statement }
            | Self::LegalPromise { statement }
            | Self::PriceNegotiation { statement }
            | Self::MixedLanguage { statement }
            | Self::WrongAddress { statement } => Some(*statement),
            Self::Empty | Self::TooLong { .. } | Self::WrongLanguage => None,
        }
    }

    /// What kind of fault it is, without the words it found, which may be the prospect's.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownSource { .. } => "unknown_source",
            Self::Uncited { .. } => "uncited",
            Self::Number { .. } => "number",
            Self::DateTime { .. } => "date_time",
            Self::Link { .. } => "link",
            Self::Address { .. } => "address",
            Self::WrongField { .. } => "wrong_field",
            Self::OtherPerson { .. } => "other_person",
            Self::Polarity { .. } => "polarity",
            Self::LegalPromise { .. } => "legal_promise",
            Self::PriceNegotiation { .. } => "price_negotiation",
            Self::TooLong { .. } => "too_long",
            Self::WrongLanguage => "wrong_language",
            Self::MixedLanguage { .. } => "mixed_language",
            Self::WrongAddress { .. } => "wrong_form_of_address",
        }
    }
}
