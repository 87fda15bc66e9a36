//! What people teach the assistant.
//!
//! Always true: an agent's answer becomes a fact only when somebody says so ([`accept`]), and a fact is cited like any
//! other from then on; how drafts were rewritten ([`remember_edit`]) shapes the tone of later ones and never what they say.
//! Both hang on the lead they came from and go with it; a fact that was accepted is the agency's own.

mod edits;
mod proposals;

pub use edits::{Edit, nearest_edits, remember_edit};
pub use proposals::{
    NewProposal, Proposal, ProposalError, ProposalId, ProposalState, Scope, accept, find, list, propose, reject, reword,
};
