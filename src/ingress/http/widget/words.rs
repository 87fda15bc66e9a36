//! What visitors of an agency's page read of ours when something is wrong: German first, then the widget's other languages.
//! Nobody is addressed, so that it fits agencies that say Sie and those that say du. What the form itself says is in
//! `templates/widget/widget.js`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::intake::website::Flaw;

/// Language of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormLanguage {
    /// German.
    #[default]
    De,
    /// English.
    En,
    /// French.
    Fr,
    /// Italian.
    It,
}

/// A headline and what to do. `{address}` stands for where the agency reads mail, `{number}` for a number.
type Notice = (&'static str, &'static str);

/// What is said in one language.
pub(super) struct Words {
    pub(super) fields: Notice,
    missing: &'static str,
    too_long: &'static str,
    not_an_address: &'static str,
    not_a_phone: &'static str,
    pub(super) not_agreed: &'static str,
    pub(super) automated: Notice,
    pub(super) consent_changed: Notice,
    pub(super) challenge_needed: Notice,
    pub(super) too_many: Notice,
}

impl FormLanguage {
    /// ISO 639-1.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
            Self::Fr => "fr",
            Self::It => "it",
        }
    }

    /// What is said in it.
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::De => &GERMAN,
            Self::En => &ENGLISH,
            Self::Fr => &FRENCH,
            Self::It => &ITALIAN,
        }
    }
}

impl Words {
    /// What is wrong with a field.
    pub(super) fn flaw(&self, flaw: Flaw) -> String {
        match flaw {
            Flaw::Missing => self.missing.to_owned(),
            Flaw::TooLong(most) => self.too_long.replace("{number}", &most.to_string()),
            Flaw::NotAnAddress => self.not_an_address.to_owned(),
            Flaw::NotAPhone => self.not_a_phone.to_owned(),
        }
    }
}

const GERMAN: Words = Words {
    fields: ("Einige Angaben fehlen oder stimmen nicht", "Bitte die markierten Felder prüfen."),
    missing: "Diese Angabe fehlt.",
    too_long: "Das ist zu lang: höchstens {number} Zeichen.",
    not_an_address: "Das ist keine gültige E-Mail-Adresse. Beispiel: name@example.org",
    not_a_phone: "Das ist keine gültige Telefonnummer. Beispiel: 0664 1234567",
    not_agreed: "Ohne dieses Einverständnis kann die Anfrage nicht gesendet werden.",
    automated: (
        "Die Anfrage wurde nicht gesendet",
        "Sie sieht aus, als hätte ein Programm sie ausgefüllt. Bitte noch einmal auf „Anfrage senden“ drücken. Hilft das nicht, erreicht eine E-Mail an {address} die Agentur sicher.",
    ),
    consent_changed: (
        "Der Text der Einwilligung hat sich geändert",
        "Bitte den neuen Text lesen, zustimmen und die Anfrage noch einmal senden.",
    ),
    challenge_needed: (
        "Die Anfrage wurde nicht gesendet",
        "Die Seite war lange offen. Bitte die Anfrage noch einmal senden.",
    ),
    too_many: (
        "Zu viele Anfragen",
        "Es kamen zu viele Anfragen auf einmal. Bitte in {number} Sekunden noch einmal senden oder eine E-Mail an {address} schreiben.",
    ),
};

const ENGLISH: Words = Words {
    fields: ("Some details are missing or not valid", "Please check the marked fields."),
    missing: "Please fill in this field.",
    too_long: "This is too long: at most {number} characters.",
    not_an_address: "This is not a valid e-mail address. Example: name@example.org",
    not_a_phone: "This is not a valid telephone number. Example: +43 664 1234567",
    not_agreed: "The enquiry cannot be sent without this consent.",
    automated: (
        "The enquiry was not sent",
        "It looks as if a program had filled it in. Please press “Send enquiry” once more. If that does not help, an e-mail to {address} is sure to reach the agency.",
    ),
    consent_changed: (
        "The text of the consent has changed",
        "Please read the new text, agree to it and send the enquiry once more.",
    ),
    challenge_needed: (
        "The enquiry was not sent",
        "The page was open for a long time. Please send the enquiry once more.",
    ),
    too_many: (
        "Too many enquiries",
        "Too many enquiries came at once. Please send yours again in {number} seconds, or write an e-mail to {address}.",
    ),
};

const FRENCH: Words = Words {
    fields: ("Certaines informations manquent ou sont incorrectes", "Veuillez vérifier les champs signalés."),
    missing: "Veuillez remplir ce champ.",
    too_long: "C’est trop long : {number} caractères au maximum.",
    not_an_address: "Cette adresse e-mail n’est pas valable. Exemple : nom@example.org",
    not_a_phone: "Ce numéro de téléphone n’est pas valable. Exemple : 079 123 45 67",
    not_agreed: "Sans cet accord, la demande ne peut pas être envoyée.",
    automated: (
        "La demande n’a pas été envoyée",
        "Elle semble avoir été remplie par un programme. Veuillez appuyer encore une fois sur « Envoyer la demande ». Sinon, un e-mail à {address} parviendra sûrement à l’agence.",
    ),
    consent_changed: (
        "Le texte du consentement a changé",
        "Veuillez lire le nouveau texte, l’accepter et envoyer la demande encore une fois.",
    ),
    challenge_needed: (
        "La demande n’a pas été envoyée",
        "La page est restée longtemps ouverte. Veuillez envoyer la demande encore une fois.",
    ),
    too_many: (
        "Trop de demandes",
        "Trop de demandes sont arrivées à la fois. Veuillez renvoyer la vôtre dans {number} secondes ou écrire un e-mail à {address}.",
    ),
};

const ITALIAN: Words = Words {
    fields: ("Alcuni dati mancano o non sono validi", "Si prega di controllare i campi evidenziati."),
    missing: "Si prega di compilare questo campo.",
    too_long: "È troppo lungo: al massimo {number} caratteri.",
    not_an_address: "Questo indirizzo e-mail non è valido. Esempio: nome@example.org",
    not_a_phone: "Questo numero di telefono non è valido. Esempio: 079 123 45 67",
    not_agreed: "Senza questo consenso la richiesta non può essere inviata.",
    automated: (
        "La richiesta non è stata inviata",
        "Sembra compilata da un programma. Si prega di premere ancora una volta «Invia richiesta». Se non funziona, un’e-mail a {address} raggiunge sicuramente l’agenzia.",
    ),
    consent_changed: (
        "Il testo del consenso è cambiato",
        "Si prega di leggere il nuovo testo, accettarlo e inviare di nuovo la richiesta.",
    ),
    challenge_needed: (
        "La richiesta non è stata inviata",
        "La pagina è rimasta aperta a lungo. Si prega di inviare di nuovo la richiesta.",
    ),
    too_many: (
        "Troppe richieste",
        "Sono arrivate troppe richieste insieme. Si prega di riprovare tra {number} secondi o di scrivere un’e-mail a {address}.",
    ),
};
