//! Numbers, dates, hours and links of a statement, compared with those of its sources.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::{calendar, evidence::Evidence, fault::GroundingFault, measure, numerals};
use crate::{FactKind, FactValue, Language};

pub(super) struct Patterns {
    pub(super) link: Regex,
    pub(super) mail: Regex,
    pub(super) iso: Regex,
    pub(super) numeric_date: Regex,
    pub(super) time: Regex,
    pub(super) number: Regex,
}

/// Compiled on first use. A pattern that does not compile is a programming error its own test finds.
fn patterns() -> Option<&'static Patterns> {
    static PATTERNS: OnceLock<Option<Patterns>> = OnceLock::new();
    PATTERNS.get_or_init(|| compile().ok()).as_ref()
}

fn compile() -> Result<Patterns, regex::Error> {
    Ok(Patterns {
        link: Regex::new(
            r"(?i)\b(?:https?://|www\.)[^\s<>”“»«]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|de|at|ch|net|org|eu|info|io|test|app|fr|it|es)\b(?:/[^\s<>”“»«]*)?",
        )?,
        mail: Regex::new(r"(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}")?,
        iso: Regex::new(r"\b(\d{4})-(\d{2})-(\d{2})\b")?,
        numeric_date: Regex::new(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})?(?:\b|$|\s)")?,
        time: Regex::new(
            r"(?i)\b(\d{1,2})(?:[:.](\d{2})(?:\s*(uhr|am|pm|a\.m\.|p\.m\.|h)\b)|:(\d{2})|\s*h\s*(\d{2})|\s*(uhr|heures|h|am|pm|a\.m\.|p\.m\.|o'clock)\b)",
        )?,
        number: Regex::new(
            r"(?i)(?:(€|eur|chf|usd|\$|£)\s*)?(\d+(?:[.,'’\u{a0}\u{202f}\u{2009} ]\d{3})*(?:[.,]\d{1,2})?)\s*(€|euros?\b|eur\b|chf\b|franken\b|francs?\b|usd\b|\$|dollars?\b|£|m²|m2\b|qm\b|sqm\b|quadratmeter\w*|square\s+met\w+|mètres\s+carrés|metri\s+quad\w+|mq\b|metros\s+cuadrados|%|prozent\b|percent\b|per\s?cent\b|kwh\b)?",
        )?,
    })
}

/// What a number counts, as far as its sign says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// No sign.
    None,
    /// ISO 4217.
    Money(&'static str),
    Area,
    Percent,
    /// kWh.
    Energy,
}

/// A number as written, with every value its separators can mean, in hundredths.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    pub(super) written: String,
    pub(super) values: Vec<i64>,
    pub(super) unit: Unit,
    /// The words right before and after it, folded.
    pub(super) before: Vec<String>,
    pub(super) after: Option<String>,
}

impl Amount {
    /// Whether a fact has this value.
    pub(super) fn is_of(&self, value: &FactValue) -> bool {
        let has = |hundredths: i64| self.values.contains(&hundredths);
        let measured = |value: f64| has((value.abs() * 100.0).round() as i64);
        let bare = self.unit == Unit::None;
        match value {
            FactValue::Money { cents, currency } => {
                has(*cents) && (bare || matches!(self.unit, Unit::Money(code) if currency == code))
            }
            FactValue::Area { square_metres } => measured(*square_metres) && (bare || self.unit == Unit::Area),
            FactValue::Percent(percent) => measured(*percent) && (bare || self.unit == Unit::Percent),
            FactValue::Energy(energy) => measured(*energy) && (bare || self.unit == Unit::Energy),
            FactValue::Number(number) => measured(*number) && bare,
            FactValue::Year(year) => has(i64::from(*year) * 100) && bare,
            FactValue::Date(date) => has(i64::from(date.year()) * 100) && bare,
            FactValue::Text(text) => amounts(text).iter().any(|other| self.repeats(other)),
            FactValue::Flag(_) | FactValue::Status(_) => false,
        }
    }

    /// Whether a field can hold such a number.
    pub(super) fn may_be(&self, kind: FactKind) -> bool {
        use FactKind::{
            ColdRent, Commission, Deposit, HeatingCost, LivingArea, Parking, ParkingPrice, PlotArea,
            PricePerSquareMetre, PurchasePrice, ServiceCharge, UsableArea, WarmRent,
        };
        match self.unit {
            Unit::None => true,
            Unit::Money(_) => matches!(
                kind,
                ColdRent
                    | WarmRent
                    | PurchasePrice
                    | PricePerSquareMetre
                    | ServiceCharge
                    | HeatingCost
                    | Deposit
                    | Commission
                    | Parking
                    | ParkingPrice
            ),
            Unit::Area => matches!(kind, LivingArea | UsableArea | PlotArea),
            Unit::Percent => kind == Commission,
            Unit::Energy => kind == FactKind::EnergyValue,
        }
    }

    /// Whether this number says what `source`, a number of a cited text, says: "6 m²" is neither "6 €" nor "6 Zimmer".
    pub(super) fn repeats(&self, source: &Self) -> bool {
        let same = self.values.iter().any(|value| source.values.contains(value));
        let unit = self.unit == source.unit || self.unit == Unit::None && self.after.is_none();
        let counted = match (&self.after, &source.after) {
            _ if self.unit != Unit::None => true,
            (Some(ours), Some(theirs)) => measure::same_stem(ours, theirs),
            // Years and house numbers stand alone.
            (_, None) => true,
            (None, Some(_)) => true,
        };
        same && unit && counted
    }
}

/// Every number of a text with what it counts.
pub(super) fn amounts(text: &str) -> Vec<Amount> {
    let Some(patterns) = patterns() else { return Vec::new() };
    patterns
        .number
        .captures_iter(text)
        .filter_map(|found| {
            let whole = found.get(0)?;
            let sign = found.get(1).or(found.get(3)).map_or("", |unit| unit.as_str()).to_lowercase();
            Some(Amount {
                written: whole.as_str().trim().to_owned(),
                values: readings(&found[2]),
                unit: unit(&sign),
                before: measure::words_before(&text[..whole.start()]),
                after: if sign.is_empty() { measure::word_after(&text[whole.end()..]) } else { None },
            })
        })
        .collect()
}

fn unit(sign: &str) -> Unit {
    match sign.chars().next() {
        None => Unit::None,
        Some('€' | 'e') => Unit::Money("EUR"),
        Some('c' | 'f') => Unit::Money("CHF"),
        Some('u' | '$' | 'd') => Unit::Money("USD"),
        Some('£') => Unit::Money("GBP"),
        Some('%') => Unit::Percent,
        Some('p') => Unit::Percent,
        Some('k') => Unit::Energy,
        Some(_) => Unit::Area,
    }
}

/// Compares everything countable. What was recognised is removed, so that no figure is read twice.
pub(super) fn check(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    language: Language,
    faults: &mut Vec<GroundingFault>,
) {
    let Some(patterns) = patterns() else {
        faults.push(GroundingFault::Number { statement, found: String::new() });
        return;
    };
    let text = links(statement, text, evidence, patterns, faults);
    let text = calendar::dates(statement, &text, evidence, language, patterns, faults);
    let text = calendar::times(statement, &text, evidence, patterns, faults);
    for amount in amounts(&text) {
        if !supported(&amount, evidence) || measure::is_bent(&amount, evidence) {
            faults.push(GroundingFault::Number { statement, found: amount.written });
        }
    }
    numerals::check(statement, &text, evidence, language, faults);
    measure::check(statement, &text, evidence, faults);
}

/// Whether a cited source has this number.
fn supported(amount: &Amount, evidence: &Evidence) -> bool {
    let in_field = evidence.values.iter().any(|value| !matches!(value, FactValue::Text(_)) && amount.is_of(value))
        && !amount.after.as_deref().is_some_and(measure::counts_something_else);
    in_field || evidence.amounts.iter().any(|source| amount.repeats(source))
}

fn links(
    statement: usize,
    text: &str,
    evidence: &Evidence,
    patterns: &Patterns,
    faults: &mut Vec<GroundingFault>,
) -> String {
    let known = |found: &str| {
        let found = found.trim_end_matches(['.', ',', ')', '!', '?', ';', ':']);
        evidence.links.iter().any(|link| link.trim() == found) || evidence.texts.iter().any(|text| text.contains(found))
    };
    let mut take = |pattern: &Regex, text: &str| {
        pattern
            .replace_all(text, |found: &Captures<'_>| {
                if !known(&found[0]) {
                    faults.push(GroundingFault::Link { statement, found: found[0].to_owned() });
                }
                " ".to_owned()
            })
            .into_owned()
    };
    let text = take(&patterns.mail, text);
    take(&patterns.link, &text)
}

/// A written number in hundredths: "1.290" is 1290, or in English 1.29.
fn readings(written: &str) -> Vec<i64> {
    let written: String = written.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let whole: String = written.chars().filter(char::is_ascii_digit).collect();
    let mut values: Vec<i64> = Vec::new();
    let last = written.rfind(['.', ',']);
    let decimals = last.map_or(0, |at| written.len() - at - 1);
    if last.is_none() || decimals == 3 {
        values.extend(whole.parse::<i64>().ok().and_then(|value| value.checked_mul(100)));
    }
    if let Some(at) = last
        && (decimals == 1 || decimals == 2)
    {
        let head: String = written[..at].chars().filter(char::is_ascii_digit).collect();
        let tail = format!("{:0<2}", &written[at + 1..]);
        values.extend(format!("{head}{tail}").parse::<i64>().ok());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(compile().is_ok());
    }

    #[test]
    fn one_amount_in_every_spelling() {
        let has =
            |written: &str, hundredths: i64| amounts(written).iter().any(|found| found.values.contains(&hundredths));
        for written in ["1.290 €", "EUR 1,290.00", "1290", "1 290 €", "1\u{a0}290,00", "1'290"] {
            assert!(has(written, 129_000), "{written}");
        }
        assert!(!has("1.291 €", 129_000));
        assert!(has("68,5 m²", 6850));
    }

    #[test]
    fn a_number_says_what_it_counts() {
        let one = |text: &str| amounts(text).remove(0);
        assert_eq!(one("1.290 CHF").unit, Unit::Money("CHF"));
        assert_eq!(one("3 Minuten").after.as_deref(), Some("minuten"));
        assert!(one("3 Gehminuten").repeats(&one("In 3 Gehminuten zur U-Bahn")));
        assert!(!one("6 €").repeats(&one("6 m²")));
        assert!(!one("6 Zimmer").repeats(&one("6 Fenster")));
    }
}
