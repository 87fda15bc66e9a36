//! What a request is, and the steps it is done in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::codes::code;
use crate::domain::leads::LeadId;
use crate::domain::users::UserId;

crate::ids::id_type!(
    /// A request for an export or an erasure, and its receipt.
    RequestId
);

code! {
    /// What is done.
    RequestKind { /// Everything held of a person is put together for download.
        Export = "EXPORT", /// Everything held of a person is removed.
        Erasure = "ERASURE", /// What the agency's retention time has passed for is removed.
        Retention = "RETENTION", /// Everything held of the agency is put together for download.
        TenantExport = "TENANT_EXPORT" }
}

code! {
    /// Where a request stands.
    RequestState { /// Waiting for a worker.
        Queued = "QUEUED", /// Being done.
        Running = "RUNNING", /// Done.
        Done = "DONE", /// Given up after all attempts; can be taken up again.
        Failed = "FAILED", /// The files of an export were removed.
        Expired = "EXPIRED" }
}

code! {
    /// Why somebody is erased (GDPR Art. 17 (1)). A list and no text: a text would name the person in the receipt.
    ErasureReason { /// The person asked for it.
        PersonAsked = "PERSON_ASKED", /// Consent was withdrawn (b).
        ConsentWithdrawn = "CONSENT_WITHDRAWN", /// The person objects (c).
        Objection = "OBJECTION", /// The purpose is gone (a).
        NoLongerNeeded = "NO_LONGER_NEEDED", /// It should never have been held (d).
        Unlawful = "UNLAWFUL", /// A law demands it (e).
        LegalObligation = "LEGAL_OBLIGATION" }
}

code! {
    /// What is done next.
    Step { /// Find the person's leads.
        Find = "FIND", /// Withdraw what waits to be sent, cancel appointments to come.
        Stop = "STOP", /// Let the cancellations go out and mail that came before be read.
        Wait = "WAIT", /// Erase leads, one after the other.
        Leads = "LEADS", /// Look through mail that belongs to no conversation.
        Search = "SEARCH", /// Erase old mail that belongs to no conversation.
        Mails = "MAILS", /// Write the files of an export.
        Write = "WRITE", /// Write the rows of the agency's tables.
        Tables = "TABLES", /// Write the files the agency keeps.
        Files = "FILES", /// Nothing is left to do.
        End = "END" }
}

impl RequestKind {
    /// Whether its end is files for download.
    #[must_use]
    pub const fn is_export(self) -> bool {
        matches!(self, Self::Export | Self::TenantExport)
    }
}

impl Step {
    /// The steps of a request, in order.
    #[must_use]
    pub const fn of(kind: RequestKind) -> &'static [Self] {
        match kind {
            RequestKind::Export => &[Self::Find, Self::Search, Self::Write],
            RequestKind::Erasure => &[Self::Stop, Self::Wait, Self::Leads, Self::Search],
            RequestKind::Retention => &[Self::Leads, Self::Mails],
            RequestKind::TenantExport => &[Self::Tables, Self::Write, Self::Files],
        }
    }

    /// What follows this step.
    pub(super) fn next(self, kind: RequestKind) -> Self {
        let mut rest = Self::of(kind).iter().skip_while(|step| **step != self);
        rest.nth(1).copied().unwrap_or(Self::End)
    }

    /// How many steps are behind one who stands here.
    #[must_use]
    pub fn done(self, kind: RequestKind) -> usize {
        let steps = Self::of(kind);
        steps.iter().position(|step| *step == self).unwrap_or(steps.len())
    }
}

/// Whom a request is about and how far its step is. Kept while the request runs, so that another process can go on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Work {
    /// The person's leads; of an erasure, those still to be erased.
    pub(super) leads: Vec<LeadId>,
    /// Leads nothing is sent to any more.
    pub(super) stopped: Vec<LeadId>,
    /// The person's addresses, lower case.
    pub(super) addresses: Vec<String>,
    /// The person's telephone numbers, E.164.
    pub(super) phones: Vec<String>,
    /// Mail that came later is new.
    pub(super) until: Option<Timestamp>,
    /// The last mail, row or file that was looked through or written.
    pub(super) cursor: Option<Uuid>,
    /// The table whose rows are written; `None`: the first.
    pub(super) table: Option<String>,
    /// Mail that belongs to no conversation and names the person.
    pub(super) mails: Vec<Uuid>,
    /// Files whose rows are gone.
    pub(super) files: Vec<String>,
    /// Message-IDs whose rows are gone.
    pub(super) sent: Vec<String>,
}

/// A request and what became of it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Id.
    pub id: RequestId,
    /// What is done.
    pub kind: RequestKind,
    /// The lead it was asked for.
    pub lead_id: Option<LeadId>,
    /// Why somebody is erased.
    pub reason: Option<ErasureReason>,
    /// Where it stands.
    pub state: RequestState,
    /// What is done next.
    pub step: Step,
    /// What was done, in numbers by table.
    pub receipt: serde_json::Value,
    /// Files of an export.
    pub parts: i32,
    /// Who asked; `None`: the program, every night.
    pub requested_by: Option<UserId>,
    /// When.
    pub requested_at: Timestamp,
    /// When it was done or given up.
    pub finished_at: Option<Timestamp>,
    /// When the files of an export are removed.
    pub expires_at: Option<Timestamp>,
}

/// Why a request was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// No such lead.
    #[error("no such lead")]
    NoSuchLead,
    /// No such request.
    #[error("no such privacy request")]
    NotFound,
    /// The confirmation does not say what it should.
    #[error("the confirmation does not fit")]
    NotConfirmed,
    /// It is being done already, or failed and can be taken up again. Holds which.
    #[error("there is a request already: {0}")]
    Open(RequestId),
    /// Only a failed request is taken up again. Holds where this one stands.
    #[error("not possible for a request that is {0}")]
    NotFailed(RequestState),
    /// The files are not there: not yet, or not any more.
    #[error("the files of an export that is {0} cannot be had")]
    NoFiles(RequestState),
    /// The export has no file of this number.
    #[error("no such part")]
    NoSuchPart,
    /// The erasure of the agency was asked for already.
    #[error("the erasure of the agency was asked for already")]
    TenantErasureOpen,
    /// The file store could not give the file.
    #[error("the file store failed")]
    Files(#[from] crate::integrations::storage::StoreError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}
