//! What the built-in engine says.

/// In which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    De,
    En,
}

/// Words that no German question has.
const ENGLISH: [&str; 22] = [
    "the", "which", "what", "show", "list", "my", "are", "is", "how", "many", "today", "please", "who", "from", "me",
    "of", "search", "find", "remember", "hello", "help", "send",
];

impl Words {
    /// The language of a question; German if unclear.
    pub(super) fn of(question: &str) -> Self {
        let lower = question.to_lowercase();
        let english = lower.split(|char: char| !char.is_alphanumeric()).filter(|word| ENGLISH.contains(word)).count();
        let german = lower
            .split(|char: char| !char.is_alphanumeric())
            .filter(|word| {
                ["die", "der", "das", "den", "welche", "zeig", "mir", "sind", "wie", "viele", "bitte", "ist"]
                    .contains(word)
            })
            .count();
        if english > german { Self::En } else { Self::De }
    }

    fn pick(self, de: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::De => de,
            Self::En => en,
        }
    }

    pub(super) fn help(self) -> &'static str {
        self.pick(
            "Ich bin hier ohne Sprachmodell und verstehe einfache Fragen, zum Beispiel:\n\
             • Welche Aufgaben sind offen?\n• Zeig mir die Leads von heute\n• Wie viele Leads kamen diese Woche?\n\
             • Welche Entwürfe warten?\n• Welche Besichtigungen sind morgen?\n• Zeig mir die aktiven Objekte\n\
             • Suche nach „Keller“\n• Wer ist im Team?\n• Merk dir: …",
            "I work here without a language model and understand simple questions, for example:\n\
             • Which tasks are open?\n• Show me today's leads\n• How many leads came this week?\n\
             • Which drafts are waiting?\n• Which viewings are tomorrow?\n• Show me the active properties\n\
             • Search for \"cellar\"\n• Who is in the team?\n• Remember: …",
        )
    }

    pub(super) fn not_understood(self) -> &'static str {
        self.pick("Das habe ich leider nicht verstanden.", "I am afraid I did not understand that.")
    }

    pub(super) fn cannot_act(self) -> &'static str {
        self.pick(
            "Ohne Sprachmodell kann ich nichts ausführen, nur nachsehen. Bitte erledigen Sie das auf der jeweiligen Seite.",
            "Without a language model I can only look things up, not do them. Please do this on the page it belongs to.",
        )
    }

    pub(super) fn nothing(self) -> &'static str {
        self.pick("Nichts gefunden.", "Nothing found.")
    }

    pub(super) fn more(self) -> &'static str {
        self.pick("Es gibt weitere.", "There are more.")
    }

    pub(super) fn total(self) -> &'static str {
        self.pick("Insgesamt:", "In total:")
    }

    pub(super) fn failed(self) -> &'static str {
        self.pick("Das ging nicht:", "That did not work:")
    }
}
