//! What a questionnaire and the messages of a prospect say, in the rule's words.
//!
//! Labels are those portals print (`crates/portal-mail/src/disclosure.rs`); answers are what people chose or typed.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::rule::Finding;

/// What was asked for, as far as the price goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Price {
    /// For sale, cents.
    Sale(i64),
    /// For rent, with everything if that is known, cents a month.
    Rent(i64),
}

/// A questionnaire by folded labels.
#[derive(Debug, Default)]
pub(super) struct Answers(Vec<(String, String)>);

impl Answers {
    pub(super) fn new(data: &BTreeMap<String, String>) -> Self {
        Self(data.iter().map(|(label, answer)| (fold(label), answer.trim().to_lowercase())).collect())
    }

    /// The first answer to a question whose label begins with one of these.
    fn to(&self, labels: &[&str]) -> Option<&str> {
        let found = self.0.iter().find(|(label, _)| labels.iter().any(|known| label.starts_with(known)));
        found.map(|(_, answer)| answer.as_str()).filter(|answer| !answer.is_empty())
    }

    /// Yes or no; `None` where it is not answered, or neither.
    fn is(&self, labels: &[&str]) -> Option<bool> {
        let answer = self.to(labels)?;
        if ["ja", "yes", "vorhanden", "positiv", "liegt vor"].iter().any(|yes| answer.starts_with(yes)) {
            Some(true)
        } else if ["nein", "no", "keine", "nicht"].iter().any(|no| answer.starts_with(no)) {
            Some(false)
        } else {
            None
        }
    }
}

/// Days from the enquiry to when they want to move or buy.
pub(super) fn days(answers: &Answers, text: &str, asked: Date) -> Option<i32> {
    const WHEN: [&str; 7] = [
        "gewunschtereinzugstermin",
        "einzugstermin",
        "einzugsdatum",
        "kaufzeitpunkt",
        "gewunschteranmietzeitpunkt",
        "einzug",
        "movein",
    ];
    if let Some(days) = answers.to(&WHEN).and_then(|answer| days_in(answer, asked)) {
        return Some(days);
    }
    let text = text.to_lowercase();
    [
        "ab sofort",
        "schnellstmöglich",
        "so bald wie möglich",
        "sobald wie möglich",
        "as soon as possible",
        "dès que possible",
    ]
    .iter()
    .any(|phrase| text.contains(phrase))
    .then_some(0)
}

fn days_in(answer: &str, asked: Date) -> Option<i32> {
    if ["sofort", "schnell", "so bald", "sobald", "asap", "immediate"].iter().any(|soon| answer.contains(soon)) {
        return Some(0);
    }
    if let Some(date) = date(answer) {
        return asked.until(date).ok().map(|span| span.get_days().max(0));
    }
    let number = numbers(answer).first().copied()?;
    let unit =
        [("monat", 30), ("month", 30), ("woche", 7), ("week", 7), ("jahr", 365), ("year", 365), ("tag", 1), ("day", 1)]
            .into_iter()
            .find(|(name, _)| answer.contains(name))?
            .1;
    i32::try_from(number / 100).ok()?.checked_mul(unit)
}

/// `01.03.2027` or `2027-03-01`.
fn date(text: &str) -> Option<Date> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).find_map(|word| {
        let part = |text: &str| text.parse::<i16>().ok();
        if let [day, month, year] = word.split('.').filter_map(part).collect::<Vec<_>>()[..] {
            return Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
        }
        word.parse().ok()
    })
}

/// Whether they can pay.
pub(super) fn financing(answers: &Answers, text: &str, price: Option<Price>) -> Finding {
    if let Some(Price::Rent(_)) = price {
        let against = [answers.is(&["mietruckstande"]), answers.is(&["insolvenzverfahren"])].contains(&Some(true))
            || answers.is(&["mietschuldenfrei"]) == Some(false);
        if against {
            return Finding::Open;
        }
        if answers.is(&["schufa", "mietschuldenfrei", "burgschaft"]) == Some(true) {
            return Finding::Confirmed;
        }
        let is_employed = answers.to(&["anstellungsverhaltnis", "beschaftigung", "arbeitgeber"]).is_some();
        return if is_employed { Finding::Partly } else { Finding::Unknown };
    }
    match answers.is(&["finanzierungsbestatigung", "finanzrahmengepruft"]) {
        Some(true) => return Finding::Confirmed,
        Some(false) => return Finding::Open,
        None => {}
    }
    let text = text.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if says(&["noch keine finanzierung", "finanzierung ist noch offen", "finanzierung noch nicht"]) {
        return Finding::Open;
    }
    if says(&[
        "finanzierungszusage",
        "finanzierungsbestätigung",
        "finanzierung steht",
        "finanzierung ist gesichert",
        "barzahl",
        "cash buyer",
        "mortgage approval",
    ]) {
        return Finding::Confirmed;
    }
    if answers.to(&["eigenkapital", "finanzierung"]).is_some() { Finding::Partly } else { Finding::Unknown }
}

/// Whether what they have fits the price: a third of the income for a rent, a fifth of the price as equity.
pub(super) fn budget(answers: &Answers, price: Option<Price>) -> Finding {
    let amount = |labels: &[&str]| answers.to(labels).and_then(|answer| numbers(answer).first().copied());
    let (has, comfortable, just) = match price {
        Some(Price::Rent(rent)) => {
            let income = [
                "haushaltsnettoeinkommen",
                "nettohaushaltseinkommen",
                "haushaltseinkommen",
                "monatlichesnettoeinkommen",
                "nettoeinkommen",
                "einkommen",
            ];
            (amount(&income), rent.saturating_mul(3), rent.saturating_mul(11) / 5)
        }
        Some(Price::Sale(price)) => (amount(&["eigenkapital"]), price / 5, price / 10),
        None => return Finding::Unknown,
    };
    match has {
        None => Finding::Unknown,
        Some(has) if has >= comfortable => Finding::Fits,
        Some(has) if has >= just => Finding::Tight,
        Some(_) => Finding::Beyond,
    }
}

/// The amounts of a text in hundredths: `3.000 - 4.000 €`, `3500,50`, `1'200 CHF`.
fn numbers(text: &str) -> Vec<i64> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’');
    text.split(|c: char| !is_part(c))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .filter_map(|word| {
            let word = word.trim_matches(|c: char| !c.is_ascii_digit());
            let (whole, cents) = match word.rsplit_once([',', '.']) {
                Some((whole, cents)) if cents.len() <= 2 => (whole, format!("{cents:0<2}")),
                _ => (word, "00".to_owned()),
            };
            let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
            format!("{whole}{cents}").parse().ok()
        })
        .collect()
}

/// A label's letters and digits, lower case, without accents.
fn fold(label: &str) -> String {
    label
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'ä' => Some('a'),
            'ö' => Some('o'),
            'ü' => Some('u'),
            'ß' => Some('s'),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        Answers::new(&pairs.iter().map(|(label, answer)| ((*label).to_owned(), (*answer).to_owned())).collect())
    }

    #[test]
    fn a_time_is_read_from_the_questionnaire_or_the_message() {
        let asked = "2026-11-23".parse().unwrap();
        for (answer, expected) in [
            ("sofort", Some(0)),
            ("01.03.2027", Some(98)),
            ("2027-03-01", Some(98)),
            ("ab 01.01.2020", Some(0)),
            ("in 3 Monaten", Some(90)),
            ("3-6 Monate", Some(90)),
            ("in 2 Wochen", Some(14)),
            ("nach Absprache", None),
        ] {
            assert_eq!(days(&answers(&[("Gewünschter Einzugstermin", answer)]), "", asked), expected, "{answer}");
        }
        assert_eq!(days(&answers(&[]), "Ich suche ab sofort.", asked), Some(0));
        assert_eq!(days(&answers(&[]), "Ich suche.", asked), None);
    }

    #[test]
    fn who_can_pay_is_read_for_rent_and_for_sale() {
        let (rent, sale) = (Some(Price::Rent(100_000)), Some(Price::Sale(30_000_000)));
        for (pairs, text, price, expected) in [
            (vec![("SCHUFA-Auskunft", "Ja")], "", rent, Finding::Confirmed),
            (vec![("Schufa", "ja"), ("Mietrückstände", "Ja")], "", rent, Finding::Open),
            (vec![("Mietrückstände", "Nein")], "", rent, Finding::Unknown),
            (vec![("Anstellungsverhältnis", "angestellt")], "", rent, Finding::Partly),
            (vec![("Finanzierungsbestätigung", "vorhanden")], "", sale, Finding::Confirmed),
            (vec![("Finanzrahmen geprüft", "nein")], "", sale, Finding::Open),
            (vec![("Eigenkapital", "50.000 €")], "", sale, Finding::Partly),
            (vec![], "Unsere Finanzierung steht.", sale, Finding::Confirmed),
            (vec![], "Die Finanzierung ist noch offen.", sale, Finding::Open),
            (vec![], "Ist das Haus noch zu haben?", sale, Finding::Unknown),
        ] {
            assert_eq!(financing(&answers(&pairs), text, price), expected, "{pairs:?} {text}");
        }
    }

    #[test]
    fn money_fits_when_a_third_of_the_income_or_a_fifth_of_the_price_is_there() {
        let (rent, sale) = (Some(Price::Rent(100_000)), Some(Price::Sale(30_000_000)));
        for (label, answer, price, expected) in [
            ("Haushaltsnettoeinkommen", "3.000 - 4.000 €", rent, Finding::Fits),
            ("Haushaltsnettoeinkommen", "2999,99", rent, Finding::Tight),
            ("Nettoeinkommen", "2'200 CHF", rent, Finding::Tight),
            ("Einkommen", "1500", rent, Finding::Beyond),
            ("Einkommen", "keine Angabe", rent, Finding::Unknown),
            ("Eigenkapital", "60.000 €", sale, Finding::Fits),
            ("Eigenkapital", "30.000", sale, Finding::Tight),
            ("Eigenkapital", "10.000", sale, Finding::Beyond),
            ("Einkommen", "9.000", None, Finding::Unknown),
            ("Kinder im Haushalt", "9000", rent, Finding::Unknown),
        ] {
            assert_eq!(budget(&answers(&[(label, answer)]), price), expected, "{label} {answer}");
        }
    }
}
