//! `/tasks`: what a human must decide or do. Resolving carries it out.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::check::Check;
use super::json::{ApiJson, or_null};
use super::problem::{ApiProblem, ApiResult};
use super::query::{ApiId, ApiQuery, PageView, page};
use super::version::{IfMatch, Versioned};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::assistant::{self, Resolution};
use crate::domain::leads::LeadId;
use crate::domain::properties::{EnergyData, PropertyId};
use crate::domain::tasks::{self, Task, TaskChange, TaskFilter, TaskId, TaskKind, TaskState};
use crate::domain::users::UserId;

/// Something to decide or do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskView {
    /// Id.
    pub id: TaskId,
    /// The lead it is about; null where it is about a portal.
    pub lead_id: Option<LeadId>,
    /// What is to be done.
    pub kind: TaskKind,
    /// In one line.
    pub title: String,
    /// What is needed to decide: the question, the candidates, the error.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// Where it stands.
    pub state: TaskState,
    /// Whose it is; null: any administrator's.
    pub owner_id: Option<UserId>,
    /// What was decided.
    #[schema(value_type = Option<Object>)]
    pub resolution: Option<serde_json::Value>,
    /// By whom.
    pub resolved_by: Option<UserId>,
    /// When.
    pub resolved_at: Option<Timestamp>,
    /// The listing whose data is missing.
    pub property_id: Option<PropertyId>,
    /// When its owner is reminded; a day later every administrator is told.
    pub due_at: Timestamp,
    /// Out of sight until then.
    pub snoozed_until: Option<Timestamp>,
    /// When its owner was reminded.
    pub reminded_at: Option<Timestamp>,
    /// When every administrator was told.
    pub escalated_at: Option<Timestamp>,
    /// Grows with each change; the `ETag`.
    pub version: i32,
    /// When it came up.
    pub created_at: Timestamp,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            lead_id: task.lead_id,
            kind: task.kind,
            title: task.title,
            details: task.details,
            state: task.state,
            owner_id: task.owner_id,
            resolution: task.resolution,
            resolved_by: task.resolved_by,
            resolved_at: task.resolved_at,
            property_id: task.property_id,
            due_at: task.due_at,
            snoozed_until: task.snoozed_until,
            reminded_at: task.reminded_at,
            escalated_at: task.escalated_at,
            version: task.version,
            created_at: task.created_at,
        }
    }
}

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where it stands.
    state: Option<TaskState>,
    /// About which lead.
    #[param(value_type = Option<LeadId>)]
    lead_id: Option<LeadId>,
    /// What is to be done.
    kind: Option<TaskKind>,
    /// Whose.
    #[param(value_type = Option<UserId>)]
    owner_id: Option<UserId>,
    /// About which property's data.
    #[param(value_type = Option<PropertyId>)]
    property_id: Option<PropertyId>,
    /// Only open ones whose time has passed (`true`), or all others (`false`).
    overdue: Option<bool>,
    /// Only open ones that are out of sight now (`true`), or all others (`false`).
    snoozed: Option<bool>,
    /// Rows wanted, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// What was decided. Which fields are needed depends on the task's kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TaskResolution {
    /// To be sent to the prospect. Needed for `ANSWER_QUESTION`.
    answer: Option<String>,
    /// The listing that is meant. Needed for `ASSIGN_PROPERTY`.
    property_id: Option<PropertyId>,
    /// For colleagues: what was agreed or found out.
    note: Option<String>,
    /// A corrected or newly known address.
    email: Option<String>,
    /// The property's energy data. Needed for `MISSING_ENERGY_DATA`.
    energy: Option<EnergyData>,
}

/// Changes. A field that is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TaskPatch {
    /// Whose it is; null: any administrator's. A new owner is told by mail.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<UserId>)]
    owner_id: Option<Option<UserId>>,
    /// When its owner is reminded; in the future.
    due_at: Option<Timestamp>,
    /// Out of sight, and nobody is reminded, until then; null: in sight again.
    #[serde(default, deserialize_with = "or_null")]
    #[schema(value_type = Option<Timestamp>)]
    snoozed_until: Option<Option<Timestamp>>,
}

/// Their routes.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, change)).routes(routes!(resolve))
}

/// List tasks, newest first
#[utoipa::path(get, path = "/tasks", operation_id = "listTasks", tag = "tasks", params(ListQuery),
    responses((status = 200, body = PageView<TaskView>, description = "A page of the tasks the caller may see")))]
async fn list(caller: Caller, ApiQuery(query): ApiQuery<ListQuery>) -> ApiResult<Json<PageView<TaskView>>> {
    let wanted = page(query.limit, query.cursor.as_deref())?;
    let mut conn = caller.tenant_conn().await?;
    let filter = TaskFilter {
        state: query.state,
        kind: query.kind,
        lead_id: query.lead_id,
        property_id: query.property_id,
        owner_id: query.owner_id,
        overdue: query.overdue,
        snoozed: query.snoozed,
    };
    let tasks = tasks::list(&mut conn, &filter, caller.viewer(), wanted).await?;
    Ok(Json(tasks.map(TaskView::from).into()))
}

/// Read a task
#[utoipa::path(get, path = "/tasks/{taskId}", operation_id = "getTask", tag = "tasks",
    params(("taskId" = TaskId, Path, description = "Task")), responses((status = 200, body = TaskView, description = "The task")))]
async fn get(caller: Caller, ApiId(id): ApiId<TaskId>) -> ApiResult<Versioned<TaskView>> {
    let mut conn = caller.tenant_conn().await?;
    let task = tasks::find(&mut conn, id, caller.viewer()).await?.ok_or_else(|| ApiProblem::not_found("task"))?;
    Ok(Versioned(task.version, task.into()))
}

/// Change whose an open task is, or when
///
/// Handing it over tells the new owner by mail. What is put off is reminded of when its new time comes.
#[utoipa::path(patch, path = "/tasks/{taskId}", operation_id = "changeTask", tag = "tasks",
    params(("taskId" = TaskId, Path, description = "Task"), ("If-Match" = Option<String>, Header, description = "ETag as read")),
    request_body = TaskPatch,
    responses((status = 200, body = TaskView, description = "Changed"), (status = 409, response = ApiProblem)))]
async fn change(
    caller: Caller,
    ApiId(id): ApiId<TaskId>,
    IfMatch(version): IfMatch,
    ApiJson(patch): ApiJson<TaskPatch>,
) -> ApiResult<Versioned<TaskView>> {
    let change = TaskChange { owner_id: patch.owner_id, due_at: patch.due_at, snoozed_until: patch.snoozed_until };
    let mut conn = caller.tenant_conn().await?;
    let parts = (&*caller.app.settings, &caller.app.templates);
    let task = tasks::change(&mut conn, parts, &caller.user, id, change, version).await?;
    conn.commit().await?;
    Ok(Versioned(task.version, task.into()))
}

/// Resolve a task and carry it out
///
/// An answer is sent, a listing assigned, a mail tried again: what the task's kind says.
#[utoipa::path(post, path = "/tasks/{taskId}/resolve", operation_id = "resolveTask", tag = "tasks",
    params(("taskId" = TaskId, Path, description = "Task")), request_body = TaskResolution,
    responses((status = 200, body = TaskView, description = "Resolved and carried out"), (status = 409, response = ApiProblem)))]
async fn resolve(
    caller: Caller,
    ApiId(id): ApiId<TaskId>,
    ApiJson(body): ApiJson<TaskResolution>,
) -> ApiResult<Json<TaskView>> {
    let mut check = Check::new();
    let resolution = Resolution {
        answer: check.text("answer", body.answer, 50_000),
        property_id: body.property_id,
        email: check.email("email", body.email),
        note: check.text("note", body.note, 10_000),
        energy: body.energy,
    };
    check.done()?;
    let mut conn = caller.tenant_conn().await?;
    let task = assistant::resolve_task(&mut conn, &caller.app, &caller.user, id, resolution).await?;
    conn.commit().await?;
    Ok(Json(task.into()))
}
