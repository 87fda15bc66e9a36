//! Taking turns by weight, smoothly: with weights 5, 1, 1 the turns are A A B A C A A, not A A A A A B C.
//!
//! Everybody who is there earns their weight in each turn; whoever has most takes the turn and pays what all earned
//! together (nginx' "smooth weighted round robin"). Who is away earns nothing and so has nothing to catch up with.

use std::collections::BTreeMap;

use super::model::Member;
use crate::domain::users::UserId;

/// What everybody of one rule has earned and not spent yet.
pub type Credits = BTreeMap<UserId, i64>;

/// Whose turn it is among those who are there; `None` when nobody is. Of several who have the same, the one who stands
/// first in the rule.
pub fn take(present: &[Member], credits: &mut Credits) -> Option<UserId> {
    let mut turn: Option<(i64, UserId)> = None;
    let mut total = 0;
    for member in present {
        let weight = i64::from(member.weight);
        let credit = credits.entry(member.user_id).or_insert(0);
        *credit += weight;
        total += weight;
        if turn.is_none_or(|(most, _)| *credit > most) {
            turn = Some((*credit, member.user_id));
        }
    }
    let (_, user) = turn?;
    credits.entry(user).and_modify(|credit| *credit -= total);
    Some(user)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn members(weights: &[i16]) -> Vec<Member> {
        weights.iter().zip(1..).map(|(weight, number)| Member { user_id: user(number), weight: *weight }).collect()
    }

    fn run(members: &[Member], turns: usize, credits: &mut Credits) -> Vec<u128> {
        (0..turns).map(|_| take(members, credits).unwrap().0.as_u128()).collect()
    }

    #[test]
    fn turns_are_spread_evenly() {
        assert_eq!(run(&members(&[5, 1, 1]), 7, &mut Credits::new()), [1, 1, 2, 1, 3, 1, 1]);
        assert_eq!(run(&members(&[1, 1, 1]), 6, &mut Credits::new()), [1, 2, 3, 1, 2, 3]);
        assert_eq!(take(&[], &mut Credits::new()), None);
    }

    /// For every set of weights up to a size: each round gives everybody exactly their weight, ends where it began, and at
    /// no moment anybody is more than one turn from their fair share.
    #[test]
    fn every_round_gives_each_their_weight_and_never_one_turn_more() {
        for a in 1..=6_i16 {
            for b in 1..=6 {
                for c in 1..=6 {
                    let members = members(&[a, b, c]);
                    let total = i64::from(a + b + c);
                    let mut credits = Credits::new();
                    let mut got = Credits::new();
                    for turn in 1..=total * 2 {
                        *got.entry(take(&members, &mut credits).unwrap()).or_insert(0) += 1;
                        for member in &members {
                            let fair = turn * i64::from(member.weight);
                            let has = got.get(&member.user_id).copied().unwrap_or(0) * total;
                            assert!((has - fair).abs() <= total, "{a} {b} {c} after {turn}");
                        }
                        if turn % total == 0 {
                            assert!(credits.values().all(|credit| *credit == 0), "{a} {b} {c}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn who_comes_back_has_nothing_to_catch_up_with() {
        let all = members(&[2, 1, 1]);
        let mut credits = Credits::new();
        run(&all, 4, &mut credits);
        let without_the_first = &all[1..];
        assert_eq!(run(without_the_first, 6, &mut credits), [2, 3, 2, 3, 2, 3]);
        let mut back = run(&all, 8, &mut credits);
        back.sort_unstable();
        assert_eq!(back, [1, 1, 1, 1, 2, 2, 3, 3]);
    }
}
