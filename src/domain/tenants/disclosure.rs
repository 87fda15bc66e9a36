//! The words under a mail that no human approved (EU AI Act, Art. 50).

use super::{Country, Tenant};

/// The words we come with, by language; an agency may write its own.
pub const DISCLOSURES: [(&str, &str); 5] = [
    (
        "de",
        "Diese Nachricht wurde mit Hilfe künstlicher Intelligenz aus den Angaben zum Objekt erstellt. Antworten Sie einfach, wenn Sie mit einem Menschen sprechen möchten.",
    ),
    (
        "en",
        "This message was written with the help of artificial intelligence from the property's data. Just reply if you would like to speak to a person.",
    ),
    (
        "fr",
        "Ce message a été rédigé à l'aide d'une intelligence artificielle à partir des données du bien. Répondez simplement si vous souhaitez parler à une personne.",
    ),
    (
        "it",
        "Questo messaggio è stato redatto con l'aiuto dell'intelligenza artificiale in base ai dati dell'immobile. Risponda pure se desidera parlare con una persona.",
    ),
    (
        "es",
        "Este mensaje se ha redactado con ayuda de inteligencia artificial a partir de los datos del inmueble. Responda si desea hablar con una persona.",
    ),
];

impl Country {
    /// Agencies of the EU must say that a machine wrote; elsewhere the text may be left empty.
    #[must_use]
    pub fn must_disclose_ai(self) -> bool {
        match self {
            Self::De | Self::At => true,
            Self::Ch => false,
        }
    }
}

impl Tenant {
    /// What this agency says under a mail that no human approved; `None` where it says nothing, which only an agency
    /// outside the EU can choose.
    #[must_use]
    pub fn ai_disclosure(&self, language: &str) -> Option<&str> {
        let ours = || DISCLOSURES.iter().find(|(code, _)| *code == language).unwrap_or(&DISCLOSURES[0]).1;
        match self.ai_disclosures.get(language) {
            Some(text) if text.is_empty() && self.country.must_disclose_ai() => Some(ours()),
            Some(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
            None => Some(ours()),
        }
    }
}
