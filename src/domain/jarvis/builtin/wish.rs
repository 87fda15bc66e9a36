//! What a simple question wants: its words decide, in German and English. What asks for something to be done is never taken for a question.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

/// What is wanted.
#[derive(Debug, PartialEq)]
pub(super) enum Wish {
    /// A tool can tell.
    Look(&'static str, Value),
    /// Something is to be done.
    Act,
    /// What can be asked.
    Help,
    /// Nothing we know.
    Unknown,
}

/// Beginnings of words that ask for something to be done.
const ACTING: [&str; 32] = [
    "schick",
    "send",
    "lösch",
    "delete",
    "entfern",
    "remove",
    "schließ",
    "schliess",
    "close",
    "storn",
    "sag",
    "cancel",
    "änder",
    "change",
    "buche",
    "book",
    "verschieb",
    "move",
    "weise",
    "zuweis",
    "assign",
    "schreib",
    "write",
    "antwort",
    "reply",
    "erledig",
    "resolve",
    "freigeb",
    "gib",
    "approve",
    "leg",
    "create",
];

struct Question<'a> {
    words: Vec<&'a str>,
}

impl Question<'_> {
    /// Whether a word begins so.
    fn has(&self, beginnings: &[&str]) -> bool {
        self.words.iter().any(|word| beginnings.iter().any(|beginning| word.starts_with(beginning)))
    }
}

/// What a question wants. `today` is the agency's day.
pub(super) fn of(question: &str, today: Option<Date>) -> Wish {
    let lower = question.trim().to_lowercase();
    let words: Vec<&str> = lower.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let asked = Question { words };
    if let Some(text) = behind(question, &["merk dir", "merke dir", "remember that", "remember"]) {
        return Wish::Look("remember", json!({"text": text}));
    }
    // "booked" and "Antworten" are no orders; an order begins with its verb, or follows "please".
    let order =
        asked.words.iter().find(|word| !["bitte", "please", "kannst", "du", "can", "you", "könntest"].contains(word));
    if order.is_some_and(|word| ACTING.iter().any(|verb| word.starts_with(verb))) {
        return Wish::Act;
    }
    if let Some(text) = behind(question, &["suche nach", "such nach", "durchsuche", "search for", "look for"]) {
        return Wish::Look("search_conversations", json!({"query": text}));
    }
    let (since, before) = days(&asked, today);
    let set = |arguments: &mut Value, name: &str, day: Option<Date>| {
        if let Some(day) = day {
            arguments[name] = json!(day.to_string());
        }
    };
    if asked.has(&["aufgabe", "task", "todo"]) {
        return Wish::Look("list_tasks", json!({}));
    }
    if asked.has(&["entwurf", "entwürf", "draft"]) {
        return Wish::Look("list_drafts", json!({}));
    }
    if asked.has(&["besichtigung", "termin", "kalender", "viewing", "appointment", "calendar"]) {
        if asked.has(&["frei", "free"]) {
            // Which listing is meant takes more than words.
            return Wish::Unknown;
        }
        let mut arguments = json!({});
        set(&mut arguments, "from", since);
        set(&mut arguments, "to", before);
        return Wish::Look("list_viewings", arguments);
    }
    if asked.has(&["lead", "anfrage", "interessent", "enquir", "inquir", "prospect"]) {
        let mut arguments = json!({});
        set(&mut arguments, "since", since);
        if asked.has(&["viele", "many", "anzahl", "statisti", "zähl", "count"])
            && before.is_none_or(|before| today.is_some_and(|today| before > today))
        {
            return Wish::Look("count_leads", arguments);
        }
        set(&mut arguments, "before", before);
        if let Some(status) = status(&asked) {
            arguments["status"] = json!(status);
        }
        if let Some(name) = quoted(question) {
            arguments["query"] = json!(name);
        }
        return Wish::Look("search_leads", arguments);
    }
    if asked.has(&["objekt", "immobilie", "wohnung", "häuser", "listing", "propert", "flat"]) {
        let mut arguments = json!({});
        if asked.has(&["aktiv", "active"]) {
            arguments["status"] = json!("ACTIVE");
        }
        if let Some(name) = quoted(question) {
            arguments["query"] = json!(name);
        }
        return Wish::Look("search_properties", arguments);
    }
    if asked.has(&["team", "kolleg", "mitarbeit", "colleague", "staff"]) {
        return Wish::Look("read_team", json!({}));
    }
    if asked.has(&["regel", "verteil", "routing", "rule"]) {
        return Wish::Look("read_routing", json!({}));
    }
    if asked.has(&["einstellung", "setting"]) {
        return Wish::Look("read_settings", json!({}));
    }
    if asked.has(&["hilfe", "help", "hallo", "hello", "kannst"]) { Wish::Help } else { Wish::Unknown }
}

fn status(asked: &Question<'_>) -> Option<&'static str> {
    let known = [
        (["neu", "new"], "NEW"),
        (["verlor", "lost"], "LOST"),
        (["gebucht", "booked"], "BOOKED"),
        (["kontaktiert", "contacted"], "CONTACTED"),
    ];
    known.into_iter().find(|(words, _)| asked.has(words)).map(|(_, status)| status)
}

/// From which day on, and before which.
fn days(asked: &Question<'_>, today: Option<Date>) -> (Option<Date>, Option<Date>) {
    let Some(today) = today else { return (None, None) };
    let day = |days: i64| today.checked_add(days.days()).ok();
    let monday = day(-i64::from(today.weekday().to_monday_zero_offset()));
    if asked.has(&["heut", "today"]) {
        (Some(today), day(1))
    } else if asked.has(&["gestern", "gestrig", "yesterday"]) {
        (day(-1), Some(today))
    } else if asked.has(&["morgen", "morgig", "tomorrow"]) {
        (day(1), day(2))
    } else if asked.has(&["woche", "week"]) {
        (monday, monday.and_then(|monday| monday.checked_add(7.days()).ok()))
    } else if asked.has(&["monat", "month"]) {
        (Some(today.first_of_month()), today.last_of_month().tomorrow().ok())
    } else {
        (None, None)
    }
}

/// What stands behind one of these beginnings, without quotes and colon.
fn behind<'a>(question: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    let question = question.trim();
    let question = question.strip_prefix("Bitte ").or_else(|| question.strip_prefix("Please ")).unwrap_or(question);
    let rest = beginnings.iter().find_map(|beginning| {
        let head = question.get(..beginning.len())?;
        (head.to_lowercase() == *beginning).then(|| &question[beginning.len()..])
    })?;
    let rest = rest.trim_matches(|char: char| char.is_whitespace() || ":,„“”\"'?!.".contains(char));
    (!rest.is_empty()).then_some(rest)
}

/// What stands in quotes.
fn quoted(question: &str) -> Option<&str> {
    let quote = |char: char| "„“”\"".contains(char);
    let (start, first) = question.char_indices().find(|(_, char)| quote(*char))?;
    let rest = &question[start + first.len_utf8()..];
    let inside = rest[..rest.find(quote)?].trim();
    (!inside.is_empty()).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_questions_are_looked_up() {
        let today = Some("2026-11-25".parse().unwrap());
        for (question, tool, arguments) in [
            ("Welche Aufgaben sind offen?", "list_tasks", json!({})),
            ("What tasks are open?", "list_tasks", json!({})),
            ("Zeig mir die Leads von heute", "search_leads", json!({"since": "2026-11-25", "before": "2026-11-26"})),
            ("show me yesterday's leads", "search_leads", json!({"since": "2026-11-24", "before": "2026-11-25"})),
            ("Wie viele Anfragen kamen diese Woche?", "count_leads", json!({"since": "2026-11-23"})),
            ("How many leads this month?", "count_leads", json!({"since": "2026-11-01"})),
            ("Welche neuen Leads gibt es?", "search_leads", json!({"status": "NEW"})),
            ("Zeig mir den Lead „Probe“", "search_leads", json!({"query": "Probe"})),
            ("Welche Entwürfe warten?", "list_drafts", json!({})),
            ("Habe ich morgen Besichtigungen?", "list_viewings", json!({"from": "2026-11-26", "to": "2026-11-27"})),
            ("Zeig mir die aktiven Objekte", "search_properties", json!({"status": "ACTIVE"})),
            ("Suche nach „Keller“", "search_conversations", json!({"query": "Keller"})),
            ("Search for cellar", "search_conversations", json!({"query": "cellar"})),
            ("Merk dir: Ich bin freitags nicht da.", "remember", json!({"text": "Ich bin freitags nicht da"})),
            ("Wer ist im Team?", "read_team", json!({})),
        ] {
            assert_eq!(of(question, today), Wish::Look(tool, arguments), "{question}");
        }
    }

    #[test]
    fn orders_are_not_taken_for_questions_and_the_rest_is_said_to_be_unknown() {
        for order in ["Schick Ida eine Mail", "Bitte lösche alle Leads", "Close the lead", "Sag die Besichtigung ab"] {
            assert_eq!(of(order, None), Wish::Act, "{order}");
        }
        assert_eq!(of("Wie wird das Wetter?", None), Wish::Unknown);
        assert_eq!(of("Welche Termine sind frei?", None), Wish::Unknown);
        assert_eq!(of("Hilfe", None), Wish::Help);
        assert_eq!(of("", None), Wish::Unknown);
    }
}
