//! Writing the export of a whole agency: first every row of its tables, then the raw mails, then the files that are kept
//! of them.
//!
//! Always true, as of a person's export (`export`): each ZIP file is written whole and noted in one step, and none holds
//! more than a bounded amount. It is no picture of one moment: what changes while it is written is in it as it stood when
//! its turn came. Whoever is erased or forgotten ends it, and its files go, for nothing can be cut out of them.

use serde_json::json;
use uuid::Uuid;

use super::export::{self, PART_BYTES};
use super::model::Step;
use super::run::Next;
use super::store::{self, Running};
use super::whole::{self, GIVEN, WITHHELD};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::intake::{self, IntakeId};
use crate::ids::TenantId;
use crate::integrations::storage::FileKey;
use crate::jobs::JobError;

/// Ids of mails and files read at once.
const AT_ONCE: i64 = 200;

/// What goes into one ZIP file.
#[derive(Default)]
struct Part {
    files: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

impl Part {
    fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.bytes += bytes.len();
        self.files.push((name, bytes));
    }

    fn is_full(&self) -> bool {
        self.bytes >= PART_BYTES
    }
}

/// Writes the next file.
pub(super) async fn write(app: &App, conn: TenantConn, mut running: Running) -> Result<Next, JobError> {
    let tenant = conn.tenant();
    conn.commit().await?;
    let before = place(&running);
    let part = match running.step {
        Step::Tables => tables(app, tenant, &mut running).await?,
        Step::Write => mails(app, tenant, &mut running).await?,
        _ => files(app, tenant, &mut running).await?,
    };
    let mut key = None;
    if !part.files.is_empty() {
        running.parts += 1;
        key = Some(export::put(app, tenant, &running, part.files).await?);
    }

    let mut conn = app.db.tenant(tenant).await?;
    let Some(now) = store::take_up(&mut conn, running.id).await? else {
        // Somebody was erased meanwhile.
        if let Some(key) = key {
            app.files.remove(&key).await.map_err(anyhow::Error::from)?;
        }
        return Ok(Next::Stop);
    };
    if place(&now) != before {
        return Ok(Next::Go); // another process was faster and wrote the same
    }
    store::save(&mut conn, &running).await?;
    conn.commit().await?;
    Ok(Next::Go)
}

/// How far the export is.
fn place(running: &Running) -> (Step, i32, Option<String>, Option<Uuid>) {
    (running.step, running.parts, running.work.table.clone(), running.work.cursor)
}

async fn tables(app: &App, tenant: TenantId, running: &mut Running) -> Result<Part, JobError> {
    let mut part = Part::default();
    let mut conn = app.db.tenant(tenant).await?;
    if running.parts == 0 {
        part.add("about.json".to_owned(), about(&conn, running)?);
    }
    let number = running.parts + 1;
    let at = running.work.table.as_deref();
    let at = at.and_then(|at| GIVEN.iter().position(|(table, _)| *table == at)).unwrap_or(0);
    for (table, key) in GIVEN.into_iter().skip(at) {
        let mut text = String::new();
        let mut is_through = false;
        while !is_through && part.bytes + text.len() < PART_BYTES {
            let lines = whole::lines(&mut conn, (table, key), running.work.cursor).await?;
            running.count(table, lines.len());
            for line in &lines {
                text.push_str(&line.json);
                text.push('\n');
            }
            running.work.cursor = lines.last().map(|line| line.key);
            is_through = lines.is_empty();
        }
        if !text.is_empty() {
            // Unpacked beside each other, the parts of a table do not overwrite one another.
            part.add(format!("tables/{table}.{number}.ndjson"), text.into_bytes());
        }
        if !is_through {
            running.work.table = Some(table.to_owned());
            return Ok(part);
        }
    }
    running.work.table = None;
    running.advance();
    Ok(part)
}

fn about(conn: &TenantConn, running: &Running) -> Result<Vec<u8>, JobError> {
    let withheld: Vec<_> = WITHHELD
        .iter()
        .map(|held| json!({"table": held.table, "columns": held.columns, "reason": held.reason}))
        .collect();
    let about = json!({
        "request": running.id,
        "begunAt": conn.now(),
        "tables": "tables/<table>.<number of the ZIP file>.ndjson: a row a line.",
        "mails": "mails/<id of intake_messages>.eml: the mails as they came.",
        "files": "files/<id of attachments or documents>: the files of these mails and the documents; their names and types are in the tables.",
        "withheld": withheld,
    });
    Ok(serde_json::to_vec_pretty(&about).map_err(anyhow::Error::from)?)
}

async fn mails(app: &App, tenant: TenantId, running: &mut Running) -> Result<Part, JobError> {
    let mut part = Part::default();
    let mut conn = app.db.tenant(tenant).await?;
    let mails = sqlx::query_scalar!(
        "/* privacy.mails_of_tenant */
         SELECT id FROM intake_messages WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        tenant.0,
        running.work.cursor.unwrap_or_default(),
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await?;
    if mails.is_empty() {
        running.advance();
    }
    for id in mails {
        let raw = intake::raw(&mut conn, IntakeId(id)).await?.unwrap_or_default();
        part.add(format!("mails/{id}.eml"), raw);
        running.count("mails", 1);
        running.work.cursor = Some(id);
        if part.is_full() {
            break;
        }
    }
    Ok(part)
}

async fn files(app: &App, tenant: TenantId, running: &mut Running) -> Result<Part, JobError> {
    let mut part = Part::default();
    let mut conn = app.db.tenant(tenant).await?;
    let files = sqlx::query!(
        r#"/* privacy.files_of_tenant */
         SELECT id AS "id!", file_key AS "file_key!" FROM (
             SELECT id, file_key FROM attachments WHERE tenant_id = $1 AND id > $2 AND file_key IS NOT NULL
             UNION ALL
             SELECT id, 'documents/' || tenant_id || '/' || id FROM documents WHERE tenant_id = $1 AND id > $2) AS file
         ORDER BY id LIMIT $3"#,
        tenant.0,
        running.work.cursor.unwrap_or_default(),
        AT_ONCE,
    )
    .fetch_all(conn.sql())
    .await?;
    drop(conn);
    if files.is_empty() {
        running.advance();
    }
    for file in files {
        let key = file.file_key.parse::<FileKey>().map_err(anyhow::Error::from)?;
        match app.files.get(&key).await.map_err(anyhow::Error::from)? {
            Some(bytes) => {
                part.add(format!("files/{}", file.id), bytes);
                running.count("files", 1);
            }
            // The receipt says so; the raw mail has it all the same.
            None => running.count("files_missing", 1),
        }
        running.work.cursor = Some(file.id);
        if part.is_full() {
            break;
        }
    }
    Ok(part)
}
