//! What is wrong with what somebody filled in, field by field.

/// A field and what is wrong with it, in words for whoever filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Field as on the wire (`purchasePriceCents`, `portalIds[0].portal`).
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FieldProblem {
    /// One.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}
