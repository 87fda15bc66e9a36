//! Mails about tasks to the agency's own people, each in their own language.

use crate::db::TenantConn;
use crate::domain::leads::Lead;
use crate::domain::mail::{self, NewMail};
use crate::domain::tenants::{self, Tenant};
use crate::domain::users::{self, Locale, Role, User};
use crate::settings::Settings;
use crate::templates::{TemplateError, Templates};

use super::model::{Task, TaskError};

/// What is told about a task.
#[derive(Debug, Clone, Copy)]
pub enum Letter<'a> {
    /// It is open and due.
    Reminder,
    /// It is still open; told to every administrator.
    Escalation,
    /// It is yours now.
    HandedOver {
        /// Who gave it.
        by: &'a User,
    },
}

impl Letter<'_> {
    fn words(self, locale: Locale, task: &Task, tenant: &Tenant, link: &str) -> (String, String) {
        let title = &task.title;
        let opened = tenant.zone().to_datetime(task.created_at.0);
        let since = opened.strftime(locale.pick("%d.%m.%Y, %H:%M Uhr", "%Y-%m-%d %H:%M"));
        let (subject, lead) = match (self, locale) {
            (Self::Reminder, Locale::De) => {
                (format!("Erinnerung: {title}"), "diese Aufgabe wartet noch auf Sie:".to_owned())
            }
            (Self::Reminder, Locale::En) => {
                (format!("Reminder: {title}"), "this task is still waiting for you:".to_owned())
            }
            (Self::Escalation, Locale::De) => (
                format!("Noch immer offen: {title}"),
                "diese Aufgabe hat trotz Erinnerung niemand erledigt:".to_owned(),
            ),
            (Self::Escalation, Locale::En) => {
                (format!("Still open: {title}"), "nobody has done this task, in spite of a reminder:".to_owned())
            }
            (Self::HandedOver { by }, Locale::De) => {
                (format!("Aufgabe für Sie: {title}"), format!("{} hat Ihnen diese Aufgabe übergeben:", by.name()))
            }
            (Self::HandedOver { by }, Locale::En) => {
                (format!("A task for you: {title}"), format!("{} has handed this task to you:", by.name()))
            }
        };
        let body = match locale {
            Locale::De => format!(
                "Guten Tag,\n\n{lead}\n\n{title}\nOffen seit {since}\n\n{link}\n\nDie Erledigung in Immivo wird sofort ausgeführt."
            ),
            Locale::En => format!(
                "Hello,\n\n{lead}\n\n{title}\nOpen since {since}\n\n{link}\n\nWhat you decide in Immivo is carried out at once."
            ),
        };
        (subject, body)
    }
}

/// Mails `people` about a task. The mails go with the lead they name, when it is erased.
///
/// # Errors
/// When the database cannot do it, or a template is broken.
pub(super) async fn send(
    conn: &mut TenantConn,
    (settings, templates): (&Settings, &Templates),
    letter: Letter<'_>,
    task: &Task,
    lead: Option<&Lead>,
    people: Vec<User>,
) -> Result<(), TaskError> {
    let tenant = tenants::current(conn).await?;
    let link = format!("{}/tasks/{}", settings.http.app_url.trim_end_matches('/'), task.id);
    let said = |locale| letter.words(locale, task, &tenant, &link);
    mail_to(conn, (settings, templates), &tenant, said, lead, people).await.map_err(TaskError::from)
}

/// Mails every administrator of the agency, about nobody's lead: German and English words, subject first.
///
/// # Errors
/// When the database cannot do it, or a template is broken.
pub async fn to_admins(
    conn: &mut TenantConn,
    parts: (&Settings, &Templates),
    tenant: &Tenant,
    german: (&str, &str),
    english: (&str, &str),
) -> Result<(), LetterError> {
    let said = |locale: Locale| {
        let (subject, body) = locale.pick(german, english);
        (subject.to_owned(), body.to_owned())
    };
    let people = users::active(conn, Role::Admin).await?;
    mail_to(conn, parts, tenant, said, None, people).await
}

/// Why a mail about a task was not written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// A template is broken.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[from] sqlx::Error),
}

impl From<LetterError> for TaskError {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Template(error) => Self::Template(error),
            LetterError::Database(error) => Self::Database(error),
        }
    }
}

async fn mail_to(
    conn: &mut TenantConn,
    (settings, templates): (&Settings, &Templates),
    tenant: &Tenant,
    said: impl Fn(Locale) -> (String, String),
    lead: Option<&Lead>,
    people: Vec<User>,
) -> Result<(), LetterError> {
    let from = mail::system_sender(&settings.mail.system_from);
    for user in people {
        let (subject, body) = said(user.locale);
        let rendered = mail::notification(templates, &tenant.name, user.locale, &body)?;
        let mail = NewMail {
            lead_id: lead.map(|lead| lead.id.0),
            from: from.clone(),
            to: (Some(user.name()), user.email),
            subject,
            text: rendered.text,
            html: Some(rendered.html),
            auto_submitted: true,
            ..NewMail::default()
        };
        mail::queue(conn, &mail).await?;
    }
    Ok(())
}
