//! Reading stored mails as this version would, without changing anything: what a change of the readers would do.

use std::collections::BTreeMap;

use portal_mail::Context;
use serde::Serialize;
use serde_json::Value;

use super::layouts::{self, RememberedLayout};
use super::model::IntakeMessage;
use super::process::{self, Reading};
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::tenants;
use crate::telemetry::masked;

/// One thing that is understood otherwise now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Which: `class`, `portal`, `adapter`, `leads`, or a field of an enquiry such as `leads[0].email`.
    pub field: String,
    /// As stored; null if it was not there.
    pub stored: Value,
    /// As it would be now.
    pub now: Value,
}

/// What the readers have to know of the tenant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn readers(conn: &mut TenantConn, app: &App) -> Result<Readers, sqlx::Error> {
    let tenant = tenants::current(conn).await?;
    let context = process::context(conn, &tenant, &app.settings.smtp.intake_domain).await?;
    Ok(Readers { context, layouts: layouts::all(conn).await? })
}

/// How mails of one agency are read.
#[derive(Debug)]
pub struct Readers {
    context: Context,
    layouts: Vec<RememberedLayout>,
}

impl Readers {
    /// What this agency makes of a mail today.
    #[must_use]
    pub fn read(&self, raw: &[u8]) -> portal_mail::Understood {
        Reading::of(raw, &self.context, &self.layouts).understood
    }
}

/// What differs for one mail; `None` when it was never read, so that there is nothing to compare with.
#[must_use]
pub fn compare(stored: &IntakeMessage, raw: &[u8], readers: &Readers) -> Option<Vec<Difference>> {
    let class = stored.class.as_deref()?;
    let now = process::verdict(&readers.read(raw));
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let mut before = BTreeMap::from([
        ("class".to_owned(), text(Some(class))),
        ("portal".to_owned(), text(stored.portal.as_deref())),
        ("adapter".to_owned(), text(stored.adapter.as_deref())),
    ]);
    let mut after = BTreeMap::from([
        ("class".to_owned(), text(now.class.as_deref())),
        ("portal".to_owned(), text(now.portal.as_deref())),
        ("adapter".to_owned(), text(now.adapter.as_deref())),
    ]);
    flatten("leads", stored.parsed.as_ref().unwrap_or(&Value::Null), &mut before);
    flatten("leads", now.parsed.as_ref().unwrap_or(&Value::Null), &mut after);
    let fields: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |of: &BTreeMap<String, Value>, field: &String| of.get(field).cloned().unwrap_or(Value::Null);
    let differences = fields.into_iter().filter_map(|field| {
        let (stored, now) = (value(&before, field), value(&after, field));
        (stored != now).then(|| Difference { field: field.clone(), stored, now })
    });
    Some(differences.collect())
}

/// Every value by its path. A list is also named by its length, so that one more is one difference with its parts.
fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            if !items.is_empty() {
                into.insert(path.to_owned(), items.len().into());
            }
            items.iter().enumerate().for_each(|(index, item)| flatten(&format!("{path}[{index}]"), item, into));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| flatten(&format!("{path}.{name}"), field, into));
        }
        plain => {
            into.insert(path.to_owned(), plain.clone());
        }
    }
}

impl Difference {
    /// The same without what tells of a person: of an enquiry only what names the listing, and words out of a fixed list.
    #[must_use]
    pub fn masked(self) -> Self {
        const PLAIN: [&str; 4] = ["addressKind", "incomplete", "language", "salutation"];
        let of_lead = self.field.split_once("].").map(|(_, name)| name);
        match of_lead {
            Some(name) if !PLAIN.contains(&name) && !name.starts_with("reference.") => {
                Self { stored: mask(self.stored), now: mask(self.now), field: self.field }
            }
            _ => self,
        }
    }
}

fn mask(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('@') && !text.contains(' ') => masked(&text).into(),
        Value::String(text) => {
            let first: String = text.chars().take(1).collect();
            format!("{first}… ({} characters)", text.chars().count()).into()
        }
        Value::Null => Value::Null,
        _ => "…".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_named_by_their_path() {
        let mut all = BTreeMap::new();
        flatten("leads", &json!([{"email": "a@b.test", "phone": null, "reference": {"city": "Wien"}}]), &mut all);
        let expected =
            [("leads", json!(1)), ("leads[0].email", json!("a@b.test")), ("leads[0].reference.city", json!("Wien"))];
        assert_eq!(all, BTreeMap::from(expected.map(|(path, value)| (path.to_owned(), value))));
    }

    #[test]
    fn what_tells_of_a_person_is_masked() {
        let masked = |field: &str, value: Value| {
            let difference = Difference { field: field.to_owned(), stored: Value::Null, now: value };
            difference.masked().now
        };
        assert_eq!(masked("leads[0].email", json!("ida@example.org")), "i…@example.org");
        assert_eq!(masked("leads[0].message", json!("Mail an ida@example.org")), "M… (23 characters)");
        assert_eq!(masked("leads[0].lastName", json!("Probe")), "P… (5 characters)");
        assert_eq!(masked("leads[0].birthYear", json!(1980)), "…");
        assert_eq!(masked("leads[0].language", json!("de")), "de");
        assert_eq!(masked("leads[0].reference.externalNumber", json!("A-1")), "A-1");
        assert_eq!(masked("adapter", json!("willhaben/2")), "willhaben/2");
    }
}
