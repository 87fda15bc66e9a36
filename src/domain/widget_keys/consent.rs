//! What a visitor agrees to before an enquiry is taken, in which words.
//!
//! Always true: what the agency decided is kept, version by version; what a visitor agreed to is kept with the enquiry,
//! word for word. A text is named by what it says ([`ConsentText::id`]), so nobody can have agreed to words they did not see.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use sqlx::types::Json;
use url::Url;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::domain::fields::FieldProblem;
use crate::domain::users::UserId;

/// Languages the widget speaks.
pub const WIDGET_LANGUAGES: [&str; 4] = ["de", "en", "fr", "it"];

/// Longest text, characters.
const TEXT: usize = 2000;
const URL: usize = 500;

/// What an agency decided once; the newest holds.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Id.
    pub id: Uuid,
    /// 1 for the first; 0 where nobody has decided anything.
    pub version: i32,
    /// The agency's own words, by language.
    pub texts: Json<BTreeMap<String, String>>,
    /// Web address of its privacy notice.
    pub privacy_url: Option<String>,
    /// Who decided it; `None` for version 0.
    pub created_by: Option<UserId>,
    /// When; `None` for version 0.
    pub created_at: Option<Timestamp>,
}

/// What somebody decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// The agency's own words, by language; a language left out has the words we come with.
    pub texts: BTreeMap<String, String>,
    /// Web address of its privacy notice.
    pub privacy_url: Option<String>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Somebody else decided something since the caller read it.
    #[error("it was changed meanwhile")]
    Changed,
    /// Some fields are wrong.
    #[error("{} fields are not valid", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
}

/// What visitors read, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// Version of the agency's decision.
    pub version: i32,
    /// ISO 639-1.
    pub language: &'static str,
    /// The words.
    pub text: String,
    /// Web address of the agency's privacy notice.
    pub privacy_url: Option<String>,
}

impl ConsentText {
    /// Its name: version, language and the beginning of the hash of what it says.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.text.as_bytes());
        hash.update([0]);
        hash.update(self.privacy_url.as_deref().unwrap_or_default().as_bytes());
        let hash: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{hash}", self.version, self.language)
    }
}

impl Consent {
    /// What holds where nobody has decided anything.
    pub(super) fn none() -> Self {
        Self {
            id: Uuid::nil(),
            version: 0,
            texts: Json(BTreeMap::new()),
            privacy_url: None,
            created_by: None,
            created_at: None,
        }
    }

    /// What visitors of this agency's pages read, in every language of the widget.
    #[must_use]
    pub fn shown(&self, agency: &str) -> Vec<ConsentText> {
        WIDGET_LANGUAGES
            .into_iter()
            .map(|language| ConsentText {
                version: self.version,
                language,
                text: self.texts.get(language).cloned().unwrap_or_else(|| our_words(language, agency)),
                privacy_url: self.privacy_url.clone(),
            })
            .collect()
    }
}

/// The words we come with.
fn our_words(language: &str, agency: &str) -> String {
    match language {
        "en" => format!(
            "I agree that {agency} stores and uses what I enter here to answer my enquiry, also with the help of artificial intelligence. I can withdraw this at any time for the future."
        ),
        "fr" => format!(
            "J’accepte que {agency} conserve et utilise mes données pour répondre à ma demande, y compris à l’aide d’une intelligence artificielle. Je peux retirer cet accord à tout moment pour l’avenir."
        ),
        "it" => format!(
            "Acconsento che {agency} conservi e utilizzi i miei dati per rispondere alla mia richiesta, anche con l’aiuto dell’intelligenza artificiale. Posso revocare il consenso in qualsiasi momento per il futuro."
        ),
        _ => format!(
            "Ich bin einverstanden, dass {agency} meine Angaben speichert und verwendet, um meine Anfrage zu beantworten, auch mit Hilfe künstlicher Intelligenz. Ich kann das jederzeit für die Zukunft widerrufen."
        ),
    }
}

/// The same trimmed; or everything that is wrong with it.
pub(super) fn checked(new: &NewConsent) -> Result<NewConsent, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: &str| problems.push(FieldProblem::new(field, message));
    let mut texts = BTreeMap::new();
    for (language, text) in &new.texts {
        let (field, text) = (format!("texts.{language}"), text.trim());
        if !WIDGET_LANGUAGES.contains(&language.as_str()) {
            wrong(field, "must be one of de, en, fr, it");
        } else if text.is_empty() {
            wrong(field, "must not be empty; leave it out for the words we come with");
        } else if text.chars().count() > TEXT {
            wrong(field, "must have at most 2000 characters");
        } else {
            texts.insert(language.clone(), text.to_owned());
        }
    }
    let privacy_url = new.privacy_url.as_deref().map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned);
    if let Some(url) = &privacy_url {
        let is_web = Url::parse(url).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if !is_web || url.chars().count() > URL {
            wrong("privacyUrl".to_owned(), "must be a web address that begins with https://");
        }
    }
    if problems.is_empty() { Ok(NewConsent { texts, privacy_url }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_named_by_what_it_says() {
        let consent = Consent::none();
        let ids = |consent: &Consent, agency: &str| {
            consent.shown(agency).iter().map(ConsentText::id).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(ids(&consent, "A").len(), WIDGET_LANGUAGES.len());
        assert_eq!(ids(&consent, "A"), ids(&consent, "A"));
        assert!(ids(&consent, "A").is_disjoint(&ids(&consent, "B")), "the agency's name stands in it");
        let linked = Consent { privacy_url: Some("https://a.test/p".to_owned()), ..consent.clone() };
        assert!(ids(&consent, "A").is_disjoint(&ids(&linked, "A")), "the notice belongs to it");
    }

    #[test]
    fn own_words_stand_in_place_of_ours_language_by_language() {
        let texts = Json(BTreeMap::from([("fr".to_owned(), "D’accord.".to_owned())]));
        let shown = Consent { texts, ..Consent::none() }.shown("Agentur");
        let text = |language| &shown.iter().find(|text| text.language == language).unwrap().text;
        assert_eq!(text("fr"), "D’accord.");
        for language in ["de", "en", "it"] {
            assert!(text(language).contains("Agentur"), "{language}");
        }
    }

    #[test]
    fn what_nobody_can_agree_to_is_refused_by_name() {
        let texts = [("de", " "), ("es", "Acepto."), ("it", &*"x".repeat(2001)), ("en", " I agree. ")];
        let new = NewConsent {
            texts: texts.map(|(language, text)| (language.to_owned(), text.to_owned())).into(),
            privacy_url: Some("javascript:alert(1)".to_owned()),
        };
        let fields: Vec<String> = checked(&new).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["texts.de", "texts.es", "texts.it", "privacyUrl"]);
        let fine =
            NewConsent { texts: [("en".to_owned(), " I agree. ".to_owned())].into(), privacy_url: Some(String::new()) };
        let fine = checked(&fine).unwrap();
        assert_eq!((fine.texts["en"].as_str(), fine.privacy_url), ("I agree.", None));
    }
}
