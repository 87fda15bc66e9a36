//! What a human must decide.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{limit, times};
use crate::domain::assistant::{self, Resolution};
use crate::domain::jarvis::{Card, Desk, Effect, Outcome, Tool, ToolError};
use crate::domain::leads::LeadId;
use crate::domain::page::PageRequest;
use crate::domain::properties::{self, PropertyId};
use crate::domain::tasks::{self, Task, TaskFilter, TaskId, TaskState};

fn short(desk: &Desk<'_>, task: &Task) -> Value {
    let line = format!("{} ({}, seit {})", task.title, task.kind, times::local(desk.tenant, task.created_at));
    json!({"taskId": task.id, "line": line, "kind": task.kind, "state": task.state, "leadId": task.lead_id, "details": task.details})
}

async fn find(desk: &mut Desk<'_>, id: TaskId) -> Result<Task, ToolError> {
    let viewer = desk.viewer();
    let task = tasks::find(desk.conn, id, viewer).await?.ok_or(ToolError::NotFound("task"))?;
    desk.speaks_of(task.lead_id);
    Ok(task)
}

/// A task with what is needed to decide it.
pub(in crate::domain::jarvis) async fn whole(desk: &mut Desk<'_>, id: TaskId) -> Result<Value, ToolError> {
    let task = find(desk, id).await?;
    Ok(short(desk, &task))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTasks {
    /// Where it stands; OPEN if left out.
    state: Option<TaskState>,
    /// About which lead.
    lead_id: Option<LeadId>,
    /// Rows wanted, 1 to 50; 20 if left out.
    limit: Option<u16>,
}

impl Tool for ListTasks {
    const NAME: &'static str = "list_tasks";
    const TITLE: &'static str = "Aufgaben ansehen";
    const ABOUT: &'static str = "Lists the tasks the user may see, newest first, with what each needs to be decided.";
    const EFFECT: Effect = Effect::Reads;

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let state = self.state.unwrap_or(TaskState::Open);
        let viewer = desk.viewer();
        let page = PageRequest { after: None, limit: limit(self.limit) };
        let filter = TaskFilter { state: Some(state), lead_id: self.lead_id, ..TaskFilter::default() };
        let found = tasks::list(desk.conn, &filter, viewer, page).await?;
        desk.speaks_of(found.items.iter().filter_map(|task| task.lead_id));
        let items: Vec<Value> = found.items.iter().map(|task| short(desk, task)).collect();
        let more = found.next.is_some();
        let summary = format!("{} Aufgaben{}", items.len(), if more { ", es gibt weitere" } else { "" });
        Ok(Outcome::new(json!({"items": items, "more": more}), summary))
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ResolveTask {
    /// The task.
    task_id: TaskId,
    /// To be sent to the prospect; needed for ANSWER_QUESTION.
    answer: Option<String>,
    /// The listing that is meant; needed for ASSIGN_PROPERTY.
    property_id: Option<PropertyId>,
    /// For colleagues: what was agreed or found out.
    note: Option<String>,
}

impl Tool for ResolveTask {
    const NAME: &'static str = "resolve_task";
    const TITLE: &'static str = "Aufgabe erledigen";
    const ABOUT: &'static str =
        "Resolves a task and carries it out: sends the answer, assigns the listing, tries a mail again.";
    const EFFECT: Effect = Effect::Asks;

    async fn card(&self, desk: &mut Desk<'_>) -> Result<Card, ToolError> {
        let task = find(desk, self.task_id).await?;
        if task.state != TaskState::Open {
            return Err(ToolError::Refused("the task is not open any more".to_owned()));
        }
        let mut lines = vec![task.title];
        lines.extend(self.answer.as_ref().map(|answer| format!("Antwort an den Interessenten:\n{answer}")));
        if let Some(id) = self.property_id {
            let property = properties::find(desk.conn, id).await?.ok_or(ToolError::NotFound("property"))?;
            lines.push(format!("Objekt: {}", property.title));
        }
        lines.extend(self.note.as_ref().map(|note| format!("Notiz: {note}")));
        Ok(Card { title: "Aufgabe erledigen".to_owned(), lines })
    }

    async fn run(self, desk: &mut Desk<'_>) -> Result<Outcome, ToolError> {
        let with =
            Resolution { answer: self.answer, property_id: self.property_id, note: self.note, ..Resolution::default() };
        let task = assistant::resolve_task(desk.conn, desk.app, desk.user, self.task_id, with).await?;
        desk.speaks_of(task.lead_id);
        Ok(Outcome::new(json!({"taskId": task.id, "state": task.state}), format!("Erledigt: {}", task.title)))
    }
}
