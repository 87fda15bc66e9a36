//! On what an agency keeps what it knows of a prospect. We record it and show it; whether it is right the agency knows.

use super::model::LeadSource;
use crate::domain::codes::code;

code! {
    /// On what a lead's data is kept (GDPR, Art. 6(1)).
    LegalBasis { /// (b): the person enquired, and answering is a step towards a contract.
        PreContractual = "PRE_CONTRACTUAL", /// (a): the person agreed, and what they agreed to is kept with the lead.
        Consent = "CONSENT", /// (f): an interest of the agency's that it can name.
        LegitimateInterest = "LEGITIMATE_INTEREST" }
}

impl LegalBasis {
    /// What holds for a lead that came in this way, until somebody of the agency says otherwise. Whoever writes, calls or
    /// comes by enquires; our form asks for consent and keeps it word for word; whom an agency brings along from an old
    /// system it has an interest in knowing.
    #[must_use]
    pub fn of(source: LeadSource) -> Self {
        match source {
            LeadSource::Portal | LeadSource::Email | LeadSource::Manual => Self::PreContractual,
            LeadSource::Widget => Self::Consent,
            LeadSource::Import => Self::LegitimateInterest,
        }
    }
}
