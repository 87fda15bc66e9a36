//! Who is away, and who stands in.

use jiff::civil::Date;

use super::{User, UserId};
use crate::clock::Timestamp;
use crate::db::{TenantConn, broken_constraint};
use crate::domain::fields::FieldProblem;
use crate::domain::page::{Cursor, Page, PageRequest};

crate::ids::id_type!(
    /// An absence.
    AbsenceId
);

/// Days on which somebody takes no new leads.
#[derive(Debug, Clone)]
pub struct Absence {
    /// Id.
    pub id: AbsenceId,
    /// Who is away.
    pub user_id: UserId,
    /// First day, in the agency's zone.
    pub from: Date,
    /// Last day; it belongs to the absence.
    pub to: Date,
    /// Who takes new leads instead.
    pub substitute_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is needed to make one.
#[derive(Debug, Clone)]
pub struct NewAbsence {
    /// Who is away.
    pub user_id: UserId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Who takes new leads instead.
    pub substitute_id: Option<UserId>,
}

/// Why an absence was not made or removed.
#[derive(Debug, thiserror::Error)]
pub enum AbsenceError {
    /// No such absence, or somebody else's.
    #[error("no such absence")]
    NotFound,
    /// The person is away on some of these days already.
    #[error("it overlaps another absence of the same person")]
    Overlaps,
    /// Some fields are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database could not do it.
    #[error("the database could not do it")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for AbsenceError {
    fn from(error: sqlx::Error) -> Self {
        match broken_constraint(&error) {
            Some("absences_apart") => Self::Overlaps,
            _ => Self::Database(error),
        }
    }
}

/// A page of absences, newest first; of one person, if one is named.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list_absences(
    conn: &mut TenantConn,
    user: Option<UserId>,
    page: PageRequest,
) -> Result<Page<Absence>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"/* users.list_absences */
         SELECT id, user_id, from_day, to_day, substitute_id, created_at FROM absences
         WHERE tenant_id = $1 AND ($2::uuid IS NULL OR user_id = $2)
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $5"#,
        conn.tenant().0,
        user.map(|id| id.0),
        page.at() as _,
        page.id(),
        page.fetch(),
    )
    .fetch_all(conn.sql())
    .await?;
    let absences = rows
        .into_iter()
        .map(|row| Absence {
            id: AbsenceId(row.id),
            user_id: UserId(row.user_id),
            from: row.from_day.to_jiff(),
            to: row.to_day.to_jiff(),
            substitute_id: row.substitute_id.map(UserId),
            created_at: row.created_at,
        })
        .collect();
    Ok(page.page(absences, |absence| Cursor { at: absence.created_at, id: absence.id.0 }))
}

/// Makes an absence.
///
/// # Errors
/// [`AbsenceError::Invalid`], [`AbsenceError::Overlaps`].
pub async fn add_absence(conn: &mut TenantConn, new: &NewAbsence) -> Result<Absence, AbsenceError> {
    let mut problems = Vec::new();
    if new.to < new.from {
        problems.push(FieldProblem::new("to", "must not be before `from`"));
    }
    if super::find(conn, new.user_id).await?.is_none() {
        problems.push(FieldProblem::new("userId", "there is no such user"));
    }
    if let Some(substitute) = new.substitute_id {
        if substitute == new.user_id {
            problems.push(FieldProblem::new("substituteId", "must be somebody else"));
        } else if super::find(conn, substitute).await?.is_none_or(|user| !user.active) {
            problems.push(FieldProblem::new("substituteId", "there is no such active user"));
        }
    }
    if !problems.is_empty() {
        return Err(AbsenceError::Invalid(problems));
    }
    let absence = Absence {
        id: AbsenceId::new(),
        user_id: new.user_id,
        from: new.from,
        to: new.to,
        substitute_id: new.substitute_id,
        created_at: conn.now(),
    };
    sqlx::query!(
        "/* users.add_absence */
         INSERT INTO absences (id, tenant_id, user_id, from_day, to_day, substitute_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        absence.id.0,
        conn.tenant().0,
        absence.user_id.0,
        jiff_sqlx::Date::from(absence.from) as _,
        jiff_sqlx::Date::from(absence.to) as _,
        absence.substitute_id.map(|id| id.0),
        absence.created_at as _,
    )
    .execute(conn.sql())
    .await?;
    Ok(absence)
}

/// Removes an absence; of one person, if one is named.
///
/// # Errors
/// [`AbsenceError::NotFound`].
pub async fn remove_absence(conn: &mut TenantConn, id: AbsenceId, user: Option<UserId>) -> Result<(), AbsenceError> {
    let removed = sqlx::query!(
        "/* users.remove_absence */ DELETE FROM absences WHERE tenant_id = $1 AND id = $2 AND ($3::uuid IS NULL OR user_id = $3)",
        conn.tenant().0,
        id.0,
        user.map(|id| id.0),
    )
    .execute(conn.sql())
    .await?;
    if removed.rows_affected() == 0 { Err(AbsenceError::NotFound) } else { Ok(()) }
}

/// Who works when: what decides whether somebody can be given a lead.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    active: Vec<UserId>,
    absences: Vec<(UserId, Date, Date, Option<UserId>)>,
}

impl Presence {
    /// From the agency's people and their absences.
    #[must_use]
    pub fn new(users: &[User], absences: impl IntoIterator<Item = (UserId, Date, Date, Option<UserId>)>) -> Self {
        let active = users.iter().filter(|user| user.active).map(|user| user.id).collect();
        Self { active, absences: absences.into_iter().collect() }
    }

    /// Who takes leads for `user` on this day: themselves; while they are away their substitute, if that one is there;
    /// else nobody. Nobody stands in for a substitute, or for somebody who left.
    #[must_use]
    pub fn stand_in(&self, user: UserId, day: Date) -> Option<UserId> {
        if !self.active.contains(&user) {
            return None;
        }
        let Some(substitute) = self.away(user, day) else { return Some(user) };
        substitute.filter(|substitute| self.active.contains(substitute) && self.away(*substitute, day).is_none())
    }

    /// `Some` with the substitute, if there is one, while `user` is away.
    fn away(&self, user: UserId, day: Date) -> Option<Option<UserId>> {
        let absence = self.absences.iter().find(|(who, from, to, _)| *who == user && (*from..=*to).contains(&day))?;
        Some(absence.3)
    }
}

/// Who works when between two days.
///
/// # Errors
/// When the database cannot be asked.
pub async fn presence(conn: &mut TenantConn, from: Date, to: Date) -> Result<Presence, sqlx::Error> {
    let users = super::list(conn).await?;
    let rows = sqlx::query!(
        "/* users.presence */
         SELECT user_id, from_day, to_day, substitute_id FROM absences WHERE tenant_id = $1 AND from_day <= $3 AND to_day >= $2",
        conn.tenant().0,
        jiff_sqlx::Date::from(from) as _,
        jiff_sqlx::Date::from(to) as _,
    )
    .fetch_all(conn.sql())
    .await?;
    let absences = rows
        .into_iter()
        .map(|row| (UserId(row.user_id), row.from_day.to_jiff(), row.to_day.to_jiff(), row.substitute_id.map(UserId)));
    Ok(Presence::new(&users, absences))
}
