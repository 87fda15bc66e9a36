//! Telling the agency's people, each in their own language, what waits for them.

use super::material::Material;
use crate::app::App;
use crate::db::TenantConn;
use crate::domain::leads::Lead;
use crate::domain::mail::{self, NewMail};
use crate::domain::tasks::TaskKind;
use crate::domain::tenants::Tenant;
use crate::domain::users::{self, Locale, Role, User};
use crate::jobs::JobError;

/// What a task is about, for people who read English; its title is German.
pub(super) fn english(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Complaint => "Complaint or discriminatory wish",
        TaskKind::CallBack => "A call is wanted",
        TaskKind::AssignProperty => "Which listing is meant?",
        TaskKind::IncompleteLead => "Confirm the direct e-mail address",
        TaskKind::AnswerQuestion => "Question about a listing",
        // The others are told by mails of their own (`tasks/letter.rs`), or not at all.
        TaskKind::DeliveryFailed
        | TaskKind::ApproveDraft
        | TaskKind::MissingEnergyData
        | TaskKind::AiBudget
        | TaskKind::PortalQuiet
        | TaskKind::PortalFieldMissing
        | TaskKind::MailboxTrouble => "Something to decide",
    }
}

/// What somebody needs to know of a task before they open it.
pub(super) fn asked(locale: Locale, title: &str, material: &Material, details: &serde_json::Value) -> String {
    let none = locale.pick("kein Objekt zugeordnet", "no listing assigned");
    let object = material.property.as_ref().map_or(none, |property| property.title.as_str());
    let mut body = format!("{title}\n\n{}: {object}", locale.pick("Objekt", "Listing"));
    for (label, field) in [(locale.pick("Telefon", "Telephone"), "phone"), (locale.pick("E-Mail", "E-mail"), "email")] {
        if let Some(value) = details[field].as_str() {
            body.push_str(&format!("\n{label}: {value}"));
        }
    }
    for question in details["questions"].as_array().into_iter().flatten().filter_map(|question| question.as_str()) {
        body.push_str(&locale.pick(format!("\n\n„{question}“"), format!("\n\n“{question}”")));
    }
    body.push_str(locale.pick(
        "\n\nBitte die Aufgabe in Immivo erledigen; die Erledigung wird ausgeführt.",
        "\n\nPlease resolve the task in Immivo; what you decide is carried out.",
    ));
    body
}

/// A mail to whoever owns the matter, in their language: the assignee, else every administrator. `said` gives subject
/// and body. It names the prospect, so it says which lead it is about: it is erased with it.
pub(super) async fn notify(
    conn: &mut TenantConn,
    app: &App,
    tenant: &Tenant,
    lead: &Lead,
    said: impl Fn(Locale) -> (String, String),
) -> Result<(), JobError> {
    let people: Vec<User> = match lead.assignee_id {
        Some(id) => users::find(conn, id).await?.filter(|user| user.active).into_iter().collect(),
        None => Vec::new(),
    };
    let people = if people.is_empty() { users::active(conn, Role::Admin).await? } else { people };
    let from = mail::system_sender(&app.settings.mail.system_from);
    for user in people {
        let (subject, body) = said(user.locale);
        let rendered =
            mail::notification(&app.templates, &tenant.name, user.locale, &body).map_err(anyhow::Error::from)?;
        let mail = NewMail {
            lead_id: Some(lead.id.0),
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

/// The prospect's name, or a word for one without.
pub(super) fn called_in(lead: &Lead, locale: Locale) -> String {
    lead.name().unwrap_or_else(|| locale.pick("Interessent", "a prospect").to_owned())
}
