//! Which rule decides, as a pure function.

use jiff::civil::Date;

use super::model::{Member, Rule};
use super::turns::{self, Credits};
use crate::domain::users::{Presence, UserId};

/// What the rules may ask of a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enquiry {
    /// Whoever shows the listing.
    pub agent: Option<UserId>,
    /// Which portal it came from.
    pub portal: Option<String>,
    /// Postal code of the listing, or else as the mail says it.
    pub zip: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Place of the rule in the list, from 0.
    pub rule: usize,
    /// Who gets the lead.
    pub whom: Whom,
}

/// Who gets a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// This one, who is there or has a substitute who is.
    One(UserId),
    /// One of these, whose turn it is; never empty, and of each the same holds.
    InTurn(Vec<Member>),
}

/// The first rule that finds somebody who works on this day.
#[must_use]
pub fn decide(rules: &[Rule], enquiry: &Enquiry, presence: &Presence, day: Date) -> Option<Found> {
    rules.iter().enumerate().find_map(|(rule, asked)| Some(Found { rule, whom: whom(asked, enquiry, presence, day)? }))
}

fn whom(rule: &Rule, enquiry: &Enquiry, presence: &Presence, day: Date) -> Option<Whom> {
    let meant = match rule {
        Rule::PropertyAgent {} => enquiry.agent,
        Rule::Portal { portal, user_id } => (enquiry.portal.as_ref() == Some(portal)).then_some(*user_id),
        Rule::ZipPrefix { zip_prefix, user_id } => {
            enquiry.zip.as_deref().is_some_and(|zip| zip.trim().starts_with(zip_prefix.as_str())).then_some(*user_id)
        }
        Rule::Language { language, user_id } => (enquiry.language.as_ref() == Some(language)).then_some(*user_id),
        Rule::RoundRobin { members } => {
            let there = |member: &&Member| presence.stand_in(member.user_id, day).is_some();
            let there: Vec<Member> = members.iter().filter(there).copied().collect();
            return (!there.is_empty()).then_some(Whom::InTurn(there));
        }
    };
    meant.filter(|user| presence.stand_in(*user, day).is_some()).map(Whom::One)
}

/// Who gets the lead in the end, and for whom they stand in. Only [`Whom::InTurn`] looks at `credits`.
#[must_use]
pub fn settle(whom: &Whom, credits: &mut Credits, presence: &Presence, day: Date) -> Option<(UserId, Option<UserId>)> {
    let meant = match whom {
        Whom::One(user) => *user,
        Whom::InTurn(members) => turns::take(members, credits)?,
    };
    let user = presence.stand_in(meant, day)?;
    Some((user, (user != meant).then_some(meant)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::domain::users::{Locale, Role, User};
    use crate::ids::TenantId;

    const TODAY: Date = date(2026, 11, 23);

    const TWO_IS_AWAY: [(u128, Option<u128>); 1] = [(2, Some(3))];

    fn id(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    /// Users 1 to 4; 4 has left. Those named are away until today, with their substitutes.
    fn presence(away: &[(u128, Option<u128>)]) -> Presence {
        let users: Vec<User> = (1..=4)
            .map(|number| User {
                id: id(number),
                tenant_id: TenantId(Uuid::nil()),
                subject: String::new(),
                email: String::new(),
                first_name: String::new(),
                last_name: String::new(),
                phone: None,
                locale: Locale::De,
                signature: None,
                viewing_weekdays: None,
                viewing_from_minute: None,
                viewing_to_minute: None,
                role: Role::Agent,
                active: number != 4,
                version: 1,
                created_at: jiff::Timestamp::UNIX_EPOCH.into(),
            })
            .collect();
        let absence =
            |(user, substitute): &(u128, Option<u128>)| (id(*user), date(2026, 11, 20), TODAY, substitute.map(id));
        Presence::new(&users, away.iter().map(absence))
    }

    fn decided(rules: &[Rule], enquiry: &Enquiry, presence: &Presence) -> Option<(usize, UserId, Option<UserId>)> {
        let found = decide(rules, enquiry, presence, TODAY)?;
        let (user, instead_of) = settle(&found.whom, &mut Credits::new(), presence, TODAY)?;
        Some((found.rule, user, instead_of))
    }

    fn rules() -> Vec<Rule> {
        let portal = |portal: &str, user| Rule::Portal { portal: portal.to_owned(), user_id: id(user) };
        vec![
            Rule::Language { language: "fr".to_owned(), user_id: id(4) },
            portal("willhaben", 2),
            Rule::ZipPrefix { zip_prefix: "10".to_owned(), user_id: id(3) },
            Rule::PropertyAgent {},
        ]
    }

    #[test]
    fn the_first_rule_that_finds_somebody_decides() {
        let here = presence(&[]);
        let enquiry = |agent, portal: Option<&str>, zip: Option<&str>, language: &str| Enquiry {
            agent,
            portal: portal.map(str::to_owned),
            zip: zip.map(str::to_owned),
            language: Some(language.to_owned()),
        };
        let cases = [
            (enquiry(Some(id(1)), Some("willhaben"), Some("1010"), "de"), Some((1, id(2), None))),
            (enquiry(Some(id(1)), Some("immowelt"), Some(" 1010"), "de"), Some((2, id(3), None))),
            (enquiry(Some(id(1)), None, Some("2100"), "de"), Some((3, id(1), None))),
            // Whoever left is passed over, and so is a rule about what is not known.
            (enquiry(Some(id(1)), None, None, "fr"), Some((3, id(1), None))),
            (enquiry(None, None, None, "fr"), None),
            (enquiry(Some(id(4)), None, None, "de"), None),
        ];
        for (enquiry, expected) in cases {
            assert_eq!(decided(&rules(), &enquiry, &here), expected, "{enquiry:?}");
        }
    }

    #[test]
    fn a_substitute_stands_in_and_somebody_without_one_is_passed_over() {
        let enquiry = Enquiry { portal: Some("willhaben".to_owned()), ..Enquiry::default() };
        assert_eq!(decided(&rules(), &enquiry, &presence(&TWO_IS_AWAY)), Some((1, id(3), Some(id(2)))));
        // The substitute is away as well: nobody stands in for a substitute.
        assert_eq!(decided(&rules(), &enquiry, &presence(&[(2, Some(3)), (3, Some(1))])), None);
        assert_eq!(decided(&rules(), &enquiry, &presence(&[(2, None)])), None);
        let after = decide(&rules(), &enquiry, &presence(&TWO_IS_AWAY), date(2026, 11, 24)).unwrap();
        assert_eq!(
            settle(&after.whom, &mut Credits::new(), &presence(&TWO_IS_AWAY), date(2026, 11, 24)),
            Some((id(2), None))
        );
    }

    #[test]
    fn a_round_goes_on_among_those_who_are_there() {
        let member = |user, weight| Member { user_id: id(user), weight };
        let rules = [Rule::RoundRobin { members: vec![member(1, 1), member(2, 2), member(4, 9)] }];
        let mut credits = Credits::new();
        let mut turn = |presence: &Presence| {
            let found = decide(&rules, &Enquiry::default(), presence, TODAY).unwrap();
            let (user, instead_of) = settle(&found.whom, &mut credits, presence, TODAY).unwrap();
            (user.0.as_u128(), instead_of.map(|user| user.0.as_u128()))
        };
        let here = presence(&[]);
        assert_eq!([turn(&here), turn(&here), turn(&here)], [(2, None), (1, None), (2, None)]);
        let away = presence(&TWO_IS_AWAY);
        assert_eq!([turn(&away), turn(&away), turn(&away)], [(3, Some(2)), (1, None), (3, Some(2))]);
    }
}
