//! Making the rows, and taking them back, each in a transaction of its own.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lead::{self, Known};
use super::model::{ImportId, ImportKind, ImportState, RowProblem, RowState};
use super::store::{self, Next};
use super::{model::ImportError, property};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::conversations::{self, Inbound};
use crate::domain::leads::{self, Accepted, Actor};
use crate::domain::properties::{self, PropertyError, PropertyId};
use crate::domain::{routing, tasks, tenants};
use crate::ids::TenantId;
use crate::jobs::{Job, JobError};

/// Reads rows as what they are.
#[derive(Debug)]
pub(super) struct Reader {
    kind: ImportKind,
    mapping: Vec<String>,
    known: Known,
    today: Date,
}

impl Reader {
    pub(super) async fn new(
        conn: &mut TenantConn,
        kind: ImportKind,
        mapping: Vec<String>,
    ) -> Result<Self, sqlx::Error> {
        let today = tenants::current(conn).await?.zone().to_datetime(conn.now().0).date();
        Ok(Self { kind, mapping, known: Known::read(conn).await?, today })
    }

    /// The cells that say something, by field.
    fn named<'a>(&'a self, cells: &'a [String]) -> HashMap<&'a str, &'a str> {
        let pairs = self.mapping.iter().zip(cells);
        pairs
            .filter(|(field, cell)| !field.is_empty() && !cell.is_empty())
            .map(|(field, cell)| (field.as_str(), cell.as_str()))
            .collect()
    }

    /// What is wrong with a row.
    pub(super) fn problems(&self, cells: &[String]) -> Vec<RowProblem> {
        let row = self.named(cells);
        let read = match self.kind {
            ImportKind::Leads => lead::read(&row, &self.known).map(drop),
            ImportKind::Properties => property::read(&row, self.known.country(), self.today).map(drop),
        };
        read.err().unwrap_or_default()
    }
}

/// What a row became.
enum Made {
    New(Uuid, i32),
    Copy(Uuid),
    Refused(Vec<RowProblem>),
}

/// Job `imports.run`: makes the rows of one import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Import.
    pub import_id: ImportId,
}

impl Job for Run {
    const NAME: &'static str = "imports.run";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(locked) = locked(&mut conn, self.import_id, ImportState::Running).await? else { return Ok(()) };
        let reader = Reader::new(&mut conn, locked.kind, locked.mapping).await?;
        conn.commit().await?;
        loop {
            let mut conn = app.db.tenant(self.tenant_id).await?;
            let Some(row) = store::next(&mut conn, self.import_id, RowState::Waiting).await? else {
                return finish(conn, self.import_id, ImportState::Running, ImportState::Done).await;
            };
            let number = row.number;
            let made = make(&mut conn, &reader, &row).await;
            let made = match made {
                Ok(made) => made,
                // The transaction is broken; what is wrong is told in another.
                Err(Unmade::Row(problem)) => {
                    conn = app.db.tenant(self.tenant_id).await?;
                    Made::Refused(vec![problem])
                }
                Err(Unmade::Database(error)) => return Err(error.into()),
            };
            let (state, entity, problems) = match made {
                Made::New(id, version) => (RowState::Created, Some((id, Some(version))), Vec::new()),
                Made::Copy(id) => (RowState::Duplicate, Some((id, None)), Vec::new()),
                Made::Refused(problems) => (RowState::Invalid, None, problems),
            };
            store::settle(&mut conn, self.import_id, number, state, entity, &problems).await?;
            conn.commit().await?;
        }
    }

    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        fail(app, self.tenant_id, self.import_id).await
    }
}

/// Job `imports.undo`: takes back what one import made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Import.
    pub import_id: ImportId,
}

impl Job for Undo {
    const NAME: &'static str = "imports.undo";

    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    async fn run(&self, app: &App) -> Result<(), JobError> {
        let mut conn = app.db.tenant(self.tenant_id).await?;
        let Some(locked) = locked(&mut conn, self.import_id, ImportState::Undoing).await? else { return Ok(()) };
        conn.commit().await?;
        loop {
            let mut conn = app.db.tenant(self.tenant_id).await?;
            let Some(row) = store::next(&mut conn, self.import_id, RowState::Created).await? else {
                return finish(conn, self.import_id, ImportState::Undoing, ImportState::Undone).await;
            };
            let Some(entity) = row.entity_id else { return Err(sqlx::Error::RowNotFound.into()) };
            let gone = match locked.kind {
                ImportKind::Leads => store::undo_lead(&mut conn, self.import_id, entity).await?,
                ImportKind::Properties => {
                    match properties::remove(&mut conn, PropertyId(entity), row.entity_version).await {
                        Ok(()) | Err(PropertyError::NotFound) => true,
                        Err(PropertyError::Changed) => false,
                        Err(PropertyError::InUse) => {
                            conn = app.db.tenant(self.tenant_id).await?;
                            false
                        }
                        Err(error) => return Err(anyhow::Error::from(error).into()),
                    }
                }
            };
            if gone {
                store::settle(&mut conn, self.import_id, row.number, RowState::Undone, None, &[]).await?;
            } else {
                let why = RowProblem { field: String::new(), message: "somebody worked on it since".to_owned() };
                let kept = Some((entity, row.entity_version));
                store::settle(&mut conn, self.import_id, row.number, RowState::Kept, kept, &[why]).await?;
            }
            conn.commit().await?;
        }
    }

    async fn give_up(&self, app: &App, _error: &JobError) -> Result<(), JobError> {
        fail(app, self.tenant_id, self.import_id).await
    }
}

/// The import if it is in this state.
async fn locked(conn: &mut TenantConn, id: ImportId, state: ImportState) -> Result<Option<store::Locked>, JobError> {
    match store::lock(conn, id).await {
        Ok(locked) => Ok(Some(locked).filter(|locked| locked.state == state)),
        Err(ImportError::NotFound) => Ok(None),
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

/// No row is left, unless another process is at one: whoever settles the last one comes by here, too.
async fn finish(mut conn: TenantConn, id: ImportId, from: ImportState, to: ImportState) -> Result<(), JobError> {
    if locked(&mut conn, id, from).await?.is_some() {
        store::write_state(&mut conn, id, to).await?;
    }
    Ok(conn.commit().await?)
}

async fn fail(app: &App, tenant: TenantId, id: ImportId) -> Result<(), JobError> {
    let mut conn = app.db.tenant(tenant).await?;
    store::write_state(&mut conn, id, ImportState::Failed).await?;
    Ok(conn.commit().await?)
}

/// Why a row was not made.
enum Unmade {
    /// Because of what it says.
    Row(RowProblem),
    /// Because of the database.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Unmade {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

async fn make(conn: &mut TenantConn, reader: &Reader, row: &Next) -> Result<Made, Unmade> {
    let cells = row.cells.as_deref().unwrap_or_default();
    let named = reader.named(cells);
    match reader.kind {
        ImportKind::Leads => match lead::read(&named, &reader.known) {
            Ok(row) => make_lead(conn, &row).await,
            Err(problems) => Ok(Made::Refused(problems)),
        },
        ImportKind::Properties => match property::read(&named, reader.known.country(), reader.today) {
            Ok(input) => make_property(conn, &input).await,
            Err(problems) => Ok(Made::Refused(problems)),
        },
    }
}

async fn make_lead(conn: &mut TenantConn, row: &lead::LeadRow) -> Result<Made, Unmade> {
    let new = &row.new;
    let known: Vec<&str> = [&new.email, &new.phone].into_iter().flatten().map(String::as_str).collect();
    leads::one_at_a_time(conn, &known).await?;
    if let Some(id) = leads::standing(conn, new).await? {
        return Ok(Made::Copy(id.0));
    }
    let id = match leads::accept(conn, new).await? {
        Accepted::New(id) => id,
        Accepted::Copy(id) => return Ok(Made::Copy(id.0)),
    };
    let mut lead = leads::by_id(conn, id).await?;
    routing::assign(conn, &mut lead, (Actor::System, None)).await?;
    if let Some(text) = &row.message {
        let message = Inbound { text: text.clone(), language: lead.language.clone(), ..Inbound::default() };
        let appended = conversations::append_inbound(conn, &mut lead, &message, true).await;
        appended
            .map_err(|error| Unmade::Row(RowProblem { field: "message".to_owned(), message: error.to_string() }))?;
    }
    let version = leads::by_id(conn, id).await?.version;
    Ok(Made::New(id.0, version))
}

async fn make_property(conn: &mut TenantConn, input: &properties::PropertyInput) -> Result<Made, Unmade> {
    if let Some(id) = properties::holder(conn, input).await? {
        return Ok(Made::Copy(id.0));
    }
    match properties::create(conn, input).await {
        Ok(property) => {
            tasks::watch_energy(conn, &property).await.map_err(Unmade::Database)?;
            Ok(Made::New(property.id.0, property.version))
        }
        Err(PropertyError::Database(error)) => Err(Unmade::Database(error)),
        Err(PropertyError::Invalid(problems)) => {
            Ok(Made::Refused(problems.into_iter().map(RowProblem::from).collect()))
        }
        Err(error) => Err(Unmade::Row(RowProblem { field: String::new(), message: error.to_string() })),
    }
}
