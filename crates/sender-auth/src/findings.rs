//! What was found out about a mail.

use mail_auth::{DkimResult, DmarcResult, SpfResult};
use serde::{Deserialize, Serialize};

/// What a check said, in the words of RFC 8601, section 2.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is as it says.
    Pass,
    /// It is not.
    Fail,
    /// SPF: probably not.
    SoftFail,
    /// Nothing can be concluded.
    Neutral,
    /// There is nothing to check.
    None,
    /// The name servers did not say; ask again later.
    TempError,
    /// What the domain published, or the mail carries, cannot be used.
    PermError,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// SPF of the envelope's domain; absent where it is not known who handed the mail over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spf: Option<Spf>,
    /// DKIM signatures, as far as they were looked at.
    pub dkim: Vec<Signature>,
    /// DMARC of the author's domain; absent when the mail names no single author's domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dmarc: Option<Dmarc>,
    /// The ARC chain, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arc: Option<Chain>,
}

/// SPF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spf {
    /// What it said.
    pub result: Verdict,
    /// Of which domain: the envelope sender's, or the client's name where there is none.
    pub domain: String,
}

/// One DKIM signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whether it holds.
    pub result: Verdict,
    /// Who signed (`d=`), lower case; empty when that could not be read.
    pub domain: String,
    /// With which key (`s=`).
    pub selector: String,
}

/// DMARC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dmarc {
    /// Whether SPF or DKIM speaks for the author's domain.
    pub result: Verdict,
    /// The author's domain.
    pub domain: String,
    /// What the domain wants done with mail that fails: `none`, `quarantine`, `reject`; absent without a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// An ARC chain: what forwarders say a mail was like when it reached them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Whether it is unbroken.
    pub result: Verdict,
    /// Its seals, oldest first.
    pub seals: Vec<Seal>,
}

/// What one forwarder says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seal {
    /// Who says it (`d=`), lower case.
    pub domain: String,
    /// Domains whose DKIM signatures held when the mail reached it.
    pub dkim_passed: Vec<String>,
}

impl From<SpfResult> for Verdict {
    fn from(result: SpfResult) -> Self {
        match result {
            SpfResult::Pass => Self::Pass,
            SpfResult::Fail => Self::Fail,
            SpfResult::SoftFail => Self::SoftFail,
            SpfResult::Neutral => Self::Neutral,
            SpfResult::TempError => Self::TempError,
            SpfResult::PermError => Self::PermError,
            SpfResult::None => Self::None,
        }
    }
}

impl From<&DkimResult> for Verdict {
    fn from(result: &DkimResult) -> Self {
        match result {
            DkimResult::Pass => Self::Pass,
            DkimResult::Neutral(_) => Self::Neutral,
            DkimResult::Fail(_) => Self::Fail,
            DkimResult::PermError(_) => Self::PermError,
            DkimResult::TempError(_) => Self::TempError,
            DkimResult::None => Self::None,
        }
    }
}

impl From<DmarcResult> for Verdict {
    fn from(result: DmarcResult) -> Self {
        match result {
            DmarcResult::Pass => Self::Pass,
            DmarcResult::Fail(_) => Self::Fail,
            DmarcResult::TempError(_) => Self::TempError,
            DmarcResult::PermError(_) => Self::PermError,
            DmarcResult::None => Self::None,
        }
    }
}
