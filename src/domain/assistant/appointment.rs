//! What a plan does to the prospect's viewing, and the sentence that says it stays.

use llm::{Answer, Language, Statement, StatementRole};

use super::material::Material;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::TenantConn;
use crate::domain::conversations::MessageId;
use crate::domain::leads::{Actor, By, Lead};
use crate::domain::viewings::{self, Appointment, when};
use crate::jobs::JobError;

/// What happens to the viewing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    Keep,
    /// One is booked.
    Book(Timestamp),
    /// The one there is moves.
    Move(Timestamp),
    /// The one there is, if it has not begun, does not take place.
    Cancel,
}

/// The prospect gave the time back; the agent's notification says so.
const PROSPECT: By = (Actor::Prospect, None);

/// Does it. Returns the mail that tells the prospect; `None` when nothing happened or the lead has no address.
pub(super) async fn carry_out(
    conn: &mut TenantConn,
    app: &App,
    lead: &mut Lead,
    material: &Material,
    change: Change,
) -> Result<Option<MessageId>, JobError> {
    let parts = (&*app.settings, &app.templates, &app.links);
    let (tenant, by) = (&material.tenant, (Actor::Ai, None));
    Ok(match change {
        Change::Keep => None,
        Change::Book(start) => {
            viewings::book(conn, parts, tenant, lead, start, by).await.map_err(anyhow::Error::from)?.message
        }
        Change::Move(start) => {
            viewings::reschedule(conn, parts, tenant, lead, start, by).await.map_err(anyhow::Error::from)?.message
        }
        Change::Cancel => {
            viewings::cancel_ahead(conn, parts, tenant, lead, PROSPECT).await.map_err(anyhow::Error::from)?
        }
    })
}

/// Adds to an answer that offers other times: the one there is stays until another is agreed.
pub(super) fn say_it_stands(
    answer: &mut Answer,
    material: &Material,
    held: &Appointment,
    language: Language,
    formal: bool,
) {
    let code = language.code();
    let when = when::span(code, material.tenant.country, &material.tenant.zone(), held.slot());
    let text = match language {
        Language::De if formal => {
            format!("Ihr bisheriger Termin ({when}) bleibt bestehen, bis ein anderer vereinbart ist.")
        }
        Language::De => format!("Dein bisheriger Termin ({when}) bleibt bestehen, bis ein anderer vereinbart ist."),
        Language::En => format!("Your present appointment ({when}) stands until another one is agreed."),
        Language::Fr => format!("Le rendez-vous actuel ({when}) est maintenu jusqu'à ce qu'un autre soit convenu."),
        Language::It => {
            format!("L'appuntamento attuale ({when}) resta valido finché non ne viene concordato un altro.")
        }
        Language::Es => format!("La cita actual ({when}) se mantiene hasta que se acuerde otra."),
    };
    let said = Statement { text, sources: vec![llm::source::BOOKED_START.to_owned()], role: StatementRole::Process };
    let end = answer.statements.iter().position(|said| said.role == StatementRole::Closing);
    answer.statements.insert(end.unwrap_or(answer.statements.len()), said);
}
