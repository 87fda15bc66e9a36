//! Answers waiting for approval.

use serde_json::json;

use super::model::{Conversation, ConversationId, Draft, DraftId, DraftState, Origin};
use super::queue::{Answer, QueueError, queue_answer};
use crate::db::TenantConn;
use crate::domain::leads::{self, Actor, EventKind, Lead, LeadError, LeadId, Trigger, Viewer};
use crate::domain::page::{Cursor, Page, PageRequest};
use crate::domain::tasks::{self, NewTask, TaskKind};
use crate::domain::tenants::Tenant;
use crate::domain::users::User;
use crate::ids::new_id;
use crate::settings::Settings;
use crate::templates::Templates;

/// Why a draft was not changed or decided.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// No such draft for this viewer.
    #[error("no such draft")]
    NotFound,
    /// It was decided or overtaken already.
    #[error("the draft is not open any more")]
    NotOpen,
    /// Somebody else changed it since the caller read it.
    #[error("the draft was changed meanwhile")]
    Changed,
    /// Nothing could be queued.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The lead does not allow it.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

/// What is needed to write a draft.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// Body.
    pub text: String,
    /// Which sentence rests on which fact.
    pub citations: serde_json::Value,
    /// Why it is not sent at once.
    pub reason: String,
}

macro_rules! drafts_where {
    ($rest:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Draft,
            r#"SELECT id AS "id: DraftId", conversation_id AS "conversation_id: ConversationId", lead_id AS "lead_id: LeadId",
                      subject, text, citations, reason, state AS "state: DraftState", revision, version, created_at
               FROM drafts WHERE "# + $rest,
            $($argument),*
        )
    };
}

/// Writes a draft that answers the newest revision. Call with a locked lead.
///
/// # Errors
/// When the database cannot do it.
pub async fn write_draft(
    conn: &mut TenantConn,
    lead: &mut Lead,
    conversation: &Conversation,
    new: &NewDraft,
) -> Result<DraftId, LeadError> {
    supersede(conn, lead.id, conversation.id).await?;
    let id = DraftId(new_id());
    sqlx::query!(
        "/* conversations.write_draft */
         INSERT INTO drafts (id, tenant_id, conversation_id, lead_id, subject, text, citations, reason, revision, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id.0,
        conn.tenant().0,
        conversation.id.0,
        lead.id.0,
        super::queue::reply_subject(&conversation.subject),
        new.text,
        new.citations,
        new.reason,
        conversation.revision,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    leads::note(
        conn,
        lead.id,
        EventKind::DraftCreated,
        (Actor::Ai, None),
        json!({"draftId": id, "reason": new.reason}),
    )
    .await?;
    leads::record(conn, lead, Trigger::DraftWritten, (Actor::System, None), None).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::ApproveDraft,
        title: format!("Antwortentwurf für {}", lead.name().unwrap_or_else(|| "einen Interessenten".to_owned())),
        details: json!({"draftId": id, "reason": new.reason}),
        owner_id: lead.assignee_id,
    };
    tasks::open(conn, &task).await?;
    Ok(id)
}

/// A page of drafts, newest first.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_drafts(
    conn: &mut TenantConn,
    state: Option<DraftState>,
    viewer: Viewer,
    page: PageRequest,
) -> Result<Page<Draft>, sqlx::Error> {
    let tenant = conn.tenant();
    let rows = drafts_where!(
        "tenant_id = $1
         AND ($2::text IS NULL OR state = $2)
         AND ($3::uuid IS NULL OR lead_id IN (SELECT l.id FROM leads l WHERE l.tenant_id = $1 AND (l.assignee_id = $3
             OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))))
         AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $6",
        tenant.0,
        state.map(DraftState::as_str),
        viewer.0,
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    Ok(page.page(rows, |draft| Cursor { at: draft.created_at, id: draft.id.0 }))
}

/// One draft, as far as `viewer` may see it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_draft(conn: &mut TenantConn, id: DraftId, viewer: Viewer) -> Result<Option<Draft>, sqlx::Error> {
    let tenant = conn.tenant();
    drafts_where!(
        "tenant_id = $1 AND id = $2
         AND ($3::uuid IS NULL OR lead_id IN (SELECT l.id FROM leads l WHERE l.tenant_id = $1 AND (l.assignee_id = $3
             OR (l.assignee_id IS NULL AND (SELECT t.unassigned_visible FROM tenants t WHERE t.id = $1)))))",
        tenant.0,
        id.0,
        viewer.0,
    )
    .fetch_optional(conn.sql())
    .await
}

/// The draft and its lead, both locked. The lead first: that is the order everywhere.
///
/// # Errors
/// [`DraftError::NotFound`], also when the viewer may not see it.
pub async fn lock_draft(conn: &mut TenantConn, id: DraftId, viewer: Viewer) -> Result<(Draft, Lead), DraftError> {
    let draft = find_draft(conn, id, viewer).await?.ok_or(DraftError::NotFound)?;
    let lead = leads::lock(conn, draft.lead_id, viewer).await?.ok_or(DraftError::NotFound)?;
    let draft = find_draft(conn, id, viewer).await?.ok_or(DraftError::NotFound)?;
    if draft.state == DraftState::Open { Ok((draft, lead)) } else { Err(DraftError::NotOpen) }
}

/// Changes the words of an open draft.
///
/// # Errors
/// [`DraftError::NotOpen`], [`DraftError::Changed`].
pub async fn edit_draft(
    conn: &mut TenantConn,
    id: DraftId,
    viewer: Viewer,
    subject: Option<&str>,
    text: Option<&str>,
    expected_version: Option<i32>,
) -> Result<Draft, DraftError> {
    let (draft, _lead) = lock_draft(conn, id, viewer).await?;
    if expected_version.is_some_and(|version| version != draft.version) {
        return Err(DraftError::Changed);
    }
    sqlx::query!(
        "/* conversations.edit_draft */
         UPDATE drafts SET subject = coalesce($3, subject), text = coalesce($4, text), version = version + 1,
                           written_text = CASE WHEN $4::text IS NULL THEN written_text ELSE coalesce(written_text, text) END,
                           -- words of a human rest on no cited fact
                           citations = CASE WHEN $4::text IS NULL THEN citations ELSE '[]' END
         WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        id.0,
        subject,
        text,
    )
    .execute(conn.sql())
    .await?;
    find_draft(conn, id, viewer).await?.ok_or(DraftError::NotFound)
}

/// The words an engine wrote for a draft, if a human has changed them since.
///
/// # Errors
/// When the database cannot be asked.
pub async fn words_of_engine(conn: &mut TenantConn, id: DraftId) -> Result<Option<String>, sqlx::Error> {
    let written = sqlx::query_scalar!(
        r#"/* conversations.words_of_engine */
         SELECT written_text AS "written!" FROM drafts
         WHERE tenant_id = $1 AND id = $2 AND written_text IS NOT NULL AND written_text <> text"#,
        conn.tenant().0,
        id.0,
    );
    written.fetch_optional(conn.sql()).await
}

/// Sends an open draft that `viewer` may see, in the name of `user`.
///
/// # Errors
/// [`DraftError`].
pub async fn approve(
    conn: &mut TenantConn,
    parts: (&Settings, &Templates),
    tenant: &Tenant,
    (user, viewer): (&User, Viewer),
    id: DraftId,
) -> Result<super::MessageId, DraftError> {
    let (draft, mut lead) = lock_draft(conn, id, viewer).await?;
    let conversation = super::store::by_lead(conn, lead.id).await?.ok_or(DraftError::NotFound)?;
    let answer = Answer {
        origin: Origin::AiApproved,
        user: Some(user.id),
        signed_by: Some(user.signs()),
        subject: Some(draft.subject.clone()),
        text: draft.text.clone(),
        citations: draft.citations.clone(),
        language: tenant.answer_language(lead.language.as_deref()).to_owned(),
        revision: draft.revision,
        calendar: None,
        delay: std::time::Duration::ZERO,
    };
    let message = queue_answer(conn, parts, tenant, &lead, &conversation, answer).await?;
    settle(conn, &mut lead, &draft, DraftState::Approved, user).await?;
    Ok(message)
}

/// Does not send an open draft. The prospect still waits, so a task asks for the answer that is to be sent instead.
///
/// # Errors
/// [`DraftError`].
pub async fn reject(conn: &mut TenantConn, user: &User, id: DraftId) -> Result<(), DraftError> {
    let (draft, mut lead) = lock_draft(conn, id, Viewer::from(user)).await?;
    settle(conn, &mut lead, &draft, DraftState::Rejected, user).await?;
    let open = super::store::open_messages_since(conn, draft.conversation_id).await?;
    let task = NewTask {
        lead_id: lead.id,
        kind: TaskKind::AnswerQuestion,
        title: format!("{} wartet auf eine Antwort", lead.name().unwrap_or_else(|| "Ein Interessent".to_owned())),
        details: json!({
            "reason": "the draft was rejected",
            "draftId": draft.id,
            "questions": open.into_iter().map(|message| message.text).collect::<Vec<_>>(),
        }),
        owner_id: lead.assignee_id.or(Some(user.id)),
    };
    tasks::open(conn, &task).await?;
    leads::record(conn, &mut lead, Trigger::FactMissing, (Actor::Agent, Some(user.id)), None).await?;
    Ok(())
}

async fn settle(
    conn: &mut TenantConn,
    lead: &mut Lead,
    draft: &Draft,
    state: DraftState,
    user: &User,
) -> Result<(), DraftError> {
    sqlx::query!(
        "/* conversations.settle_draft */ UPDATE drafts SET state = $3, decided_by = $4, decided_at = $5 WHERE tenant_id = $1 AND id = $2",
        conn.tenant().0,
        draft.id.0,
        state as _,
        user.id.0,
        conn.now() as _,
    )
    .execute(conn.sql())
    .await?;
    let by = (Actor::Agent, Some(user.id));
    tasks::settle(conn, lead.id, TaskKind::ApproveDraft, Some(user.id), &json!({"draft": state})).await?;
    leads::note(conn, lead.id, EventKind::DraftDecided, by, json!({"draftId": draft.id, "state": state})).await?;
    leads::record(conn, lead, Trigger::DraftSettled, by, None).await?;
    Ok(())
}

/// A newer message overtook the open draft.
pub(super) async fn supersede(
    conn: &mut TenantConn,
    lead: LeadId,
    conversation: ConversationId,
) -> Result<(), sqlx::Error> {
    let overtaken = sqlx::query_scalar!(
        "/* conversations.supersede_draft */
         UPDATE drafts SET state = 'SUPERSEDED', decided_at = $3 WHERE tenant_id = $1 AND conversation_id = $2 AND state = 'OPEN' RETURNING id",
        conn.tenant().0,
        conversation.0,
        conn.now() as _,
    )
    .fetch_all(conn.sql())
    .await?;
    for id in overtaken {
        tasks::settle(conn, lead, TaskKind::ApproveDraft, None, &json!({"draft": DraftState::Superseded})).await?;
        leads::note(
            conn,
            lead,
            EventKind::DraftDecided,
            (Actor::System, None),
            json!({"draftId": id, "state": DraftState::Superseded}),
        )
        .await?;
    }
    Ok(())
}
