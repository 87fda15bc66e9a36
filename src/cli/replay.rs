//! `immivo replay`: what today's readers make of stored mails, compared with what was stored. Changes nothing.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::wire::wire;
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::intake::replay::{self, Difference};
use crate::domain::intake::{self, IntakeMessage};
use crate::domain::page::PageRequest;
use crate::domain::tenants;
use crate::ids::TenantId;
use crate::settings::Settings;

/// Something differs. 2 is a wrong command line's.
const DIFFERS: u8 = 3;

/// Arguments of `replay`.
#[derive(Debug, Clone, clap::Args)]
#[command(
    long_about = "Read stored mails anew, as this version would, and print what differs from what was stored.\n\n\
        Nothing is changed: to have a mail read again for good, use POST /api/v1/intake/messages/{id}/reprocess. Only mails \
        that differ are printed, with each field as it is stored and as it would be now; names, addresses, telephone numbers \
        and messages are masked unless you say --show. What never was read (no class is stored) is counted and not compared.",
    after_long_help = "Exit status: 0 when nothing differs, 3 when something does, 1 when it could not be done.\n\n\
        Examples:\n  immivo replay --tenant donaublick --since 2026-11-01\n  immivo replay --json --limit 1000 > differences.jsonl"
)]
pub(super) struct Args {
    /// Only this agency's mails: the part of its intake address before the @. Left out: every agency's.
    #[arg(long, value_name = "PREFIX")]
    tenant: Option<String>,
    /// Only mails that came on this day (UTC) or later: 2026-11-23.
    #[arg(long, value_name = "DATE")]
    since: Option<jiff::civil::Date>,
    /// Of each agency at most so many mails, the newest.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Print JSON: one object per line and mail that differs, and the summary last.
    #[arg(long)]
    json: bool,
    /// Show personal data instead of masking it.
    #[arg(long)]
    show: bool,
}

/// How many mails did what.
#[derive(Debug, Default)]
struct Summary {
    read: u64,
    differ: u64,
    never_read: u64,
    /// How often each field differs, enquiries taken together.
    fields: BTreeMap<String, u64>,
}

pub(super) async fn run(settings: Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let parts = wire(settings).await?;
    let done = replay(&parts.app, args).await;
    parts.close().await?;
    let Some(summary) = done? else { return Ok(ExitCode::SUCCESS) };
    Ok(if summary.differ == 0 { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}

/// `None`: nobody reads what is printed any more.
async fn replay(app: &App, args: &Args) -> anyhow::Result<Option<Summary>> {
    let mut conn = app.db.platform().await?;
    let tenants = match &args.tenant {
        None => tenants::all(&mut conn).await?,
        Some(prefix) => {
            let found = tenants::by_intake_prefix(&mut conn, prefix).await?;
            vec![found.ok_or_else(|| anyhow::anyhow!("no agency has the intake prefix {prefix}"))?.id]
        }
    };
    drop(conn);
    let mut summary = Summary::default();
    for tenant in tenants {
        match of_tenant(app, args, tenant, &mut summary).await {
            // `immivo replay | head` closes the pipe early; that is no failure.
            Err(error) if is_closed_pipe(&error) => return Ok(None),
            result => result?,
        }
    }
    match print(&summary.text(args.json)) {
        Err(error) if is_closed_pipe(&error) => Ok(None),
        result => result.map(|()| Some(summary)),
    }
}

async fn of_tenant(app: &App, args: &Args, tenant: TenantId, summary: &mut Summary) -> anyhow::Result<()> {
    let mut conn = app.db.tenant(tenant).await?;
    let prefix = tenants::current(&mut conn).await?.intake_prefix;
    let readers = replay::readers(&mut conn, app).await?;
    drop(conn);
    let since = args.since.map(|day| day.to_zoned(jiff::tz::TimeZone::UTC)).transpose()?;
    let since = since.map(|day| Timestamp(day.timestamp()));
    let mut left = args.limit.unwrap_or(u64::MAX);
    let mut after = None;
    loop {
        // A page in a transaction of its own, so that none stays open for long.
        let mut conn = app.db.tenant(tenant).await?;
        let page = intake::list(&mut conn, None, PageRequest { after, limit: 100 }).await?;
        for mail in page.items {
            if left == 0 || since.is_some_and(|since| mail.received_at < since) {
                return Ok(());
            }
            left -= 1;
            // Erased meanwhile.
            let Some(raw) = intake::raw(&mut conn, mail.id).await? else { continue };
            let differences = replay::compare(&mail, &raw, &readers);
            if let Some(differences) = summary.count(differences) {
                print(&told(&prefix, &mail, differences, args))?;
            }
            if summary.read.is_multiple_of(500) && std::io::stderr().is_terminal() {
                eprintln!("immivo: {} mails read, {} differ", summary.read, summary.differ);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

impl Summary {
    /// Counts a mail; its differences, if there are any.
    fn count(&mut self, differences: Option<Vec<Difference>>) -> Option<Vec<Difference>> {
        self.read += 1;
        let Some(differences) = differences else {
            self.never_read += 1;
            return None;
        };
        if differences.is_empty() {
            return None;
        }
        self.differ += 1;
        let kinds: std::collections::BTreeSet<&str> =
            differences.iter().map(|one| one.field.rsplit("].").next().unwrap_or(&one.field)).collect();
        for kind in kinds {
            *self.fields.entry(kind.to_owned()).or_default() += 1;
        }
        Some(differences)
    }

    fn text(&self, json: bool) -> String {
        let Self { read, differ, never_read, fields } = self;
        let same = read - differ - never_read;
        if json {
            return json!({"summary": {"mails": read, "same": same, "differ": differ, "neverRead": never_read, "fields": fields}})
                .to_string();
        }
        let mut text = format!("{read} mails: {same} as before, {differ} differ, {never_read} never read before");
        for (field, count) in fields {
            text.push_str(&format!("\n  {field}: {count}"));
        }
        text
    }
}

/// One mail, and what differs.
fn told(prefix: &str, mail: &IntakeMessage, differences: Vec<Difference>, args: &Args) -> String {
    let differences: Vec<Difference> =
        differences.into_iter().map(|one| if args.show { one } else { one.masked() }).collect();
    let IntakeMessage { id, received_at, state, .. } = mail;
    if args.json {
        return json!({"tenant": prefix, "id": id, "receivedAt": received_at, "state": state, "differences": differences})
            .to_string();
    }
    let mut text = format!("{id}  {received_at}  {prefix}  {state}");
    for Difference { field, stored, now } in &differences {
        text.push_str(&format!("\n  {field}: {} → {}", shown(stored), shown(now)));
    }
    text
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
