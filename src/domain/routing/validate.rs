//! What rules cannot be, whoever says so.

use portal_mail::Portal;

use super::model::Rule;
use crate::db::TenantConn;
use crate::domain::fields::FieldProblem;
use crate::domain::routing::RoutingError;
use crate::domain::tenants::LANGUAGES;
use crate::domain::users::{self, UserId};

const RULES: usize = 100;
const MEMBERS: usize = 50;

/// Checks rules that somebody wrote, against the agency's people.
pub(super) async fn check(conn: &mut TenantConn, rules: &[Rule]) -> Result<(), RoutingError> {
    let users = users::list(conn).await?;
    let active: Vec<UserId> = users.into_iter().filter(|user| user.active).map(|user| user.id).collect();
    let problems = problems(rules, &active);
    if problems.is_empty() { Ok(()) } else { Err(RoutingError::Invalid(problems)) }
}

fn problems(rules: &[Rule], active: &[UserId]) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if rules.len() > RULES {
        problems.push(FieldProblem::new("rules", format!("must be at most {RULES}")));
    }
    for (index, rule) in rules.iter().enumerate() {
        let mut unless = |good: bool, field: &str, message: String| {
            if !good {
                problems.push(FieldProblem::new(format!("rules[{index}].{field}"), message));
            }
        };
        let nobody = || "there is no such active user".to_owned();
        match rule {
            Rule::PropertyAgent {} => {}
            Rule::Portal { portal, user_id } => {
                let known: Vec<&str> = Portal::ALL.iter().map(|portal| portal.as_str()).collect();
                unless(known.contains(&portal.as_str()), "portal", format!("must be one of {}", known.join(", ")));
                unless(active.contains(user_id), "userId", nobody());
            }
            Rule::ZipPrefix { zip_prefix, user_id } => {
                let digits = zip_prefix.bytes().all(|byte| byte.is_ascii_digit());
                let good = digits && (1..=5).contains(&zip_prefix.len());
                unless(good, "zipPrefix", "must be the first 1 to 5 digits of a postal code".to_owned());
                unless(active.contains(user_id), "userId", nobody());
            }
            Rule::Language { language, user_id } => {
                let message = format!("must be one of {}", LANGUAGES.join(", "));
                unless(LANGUAGES.contains(&language.as_str()), "language", message);
                unless(active.contains(user_id), "userId", nobody());
            }
            Rule::RoundRobin { members } => {
                let good = (1..=MEMBERS).contains(&members.len());
                unless(good, "members", format!("must be 1 to {MEMBERS}"));
                for (place, member) in members.iter().enumerate() {
                    let field = |name: &str| format!("members[{place}].{name}");
                    unless(active.contains(&member.user_id), &field("userId"), nobody());
                    let once = members.iter().take(place).all(|before| before.user_id != member.user_id);
                    unless(once, &field("userId"), "stands here twice".to_owned());
                    unless(
                        (1..=100).contains(&member.weight),
                        &field("weight"),
                        "must be between 1 and 100".to_owned(),
                    );
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::model::Member;
    use super::*;

    #[test]
    fn every_wrong_field_is_named_as_on_the_wire() {
        let (here, gone) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let member = |user_id, weight| Member { user_id, weight };
        let rules = [
            Rule::PropertyAgent {},
            Rule::Portal { portal: "Willhaben".to_owned(), user_id: here },
            Rule::ZipPrefix { zip_prefix: "A-10".to_owned(), user_id: gone },
            Rule::Language { language: "xx".to_owned(), user_id: here },
            Rule::RoundRobin { members: Vec::new() },
            Rule::RoundRobin { members: vec![member(here, 1), member(here, 0), member(gone, 1)] },
        ];
        let fields: Vec<String> = problems(&rules, &[here]).into_iter().map(|problem| problem.field).collect();
        let expected = [
            "rules[1].portal",
            "rules[2].zipPrefix",
            "rules[2].userId",
            "rules[3].language",
            "rules[4].members",
            "rules[5].members[1].userId",
            "rules[5].members[1].weight",
            "rules[5].members[2].userId",
        ];
        assert_eq!(fields, expected);
        let good = Rule::RoundRobin { members: vec![member(here, 100)] };
        assert!(problems(&[good], &[here]).is_empty());
    }
}
