//! Mail by portals that is no enquiry (PORTALS.md §2), and enquiries hidden behind a link.

use crate::letter::Letter;
use crate::text::patterns;

/// Noise for certain, whatever labels the body has: copies to the seeker look like leads.
pub(crate) fn certain(letter: &Letter) -> Option<&'static str> {
    let subject = stripped(&letter.subject);
    if MOVING.is_match(subject) {
        return Some("moving service offer");
    }
    if SEEKER_SUBJECT.is_match(subject) || head(letter).any(|line| SEEKER_BODY.is_match(line)) {
        return Some("copy to the seeker");
    }
    if ENQUIRY.is_match(subject) {
        return None;
    }
    KINDS.iter().find(|(_, pattern)| pattern.is_match(subject)).map(|(kind, _)| *kind)
}

/// Noise when no person was found in the mail.
pub(crate) fn likely(letter: &Letter) -> Option<&'static str> {
    let subject = stripped(&letter.subject);
    let by_subject = KINDS.iter().find(|(_, pattern)| pattern.is_match(subject));
    if let Some((kind, _)) = by_subject {
        return Some(kind);
    }
    if is_enquiry(letter) {
        return None;
    }
    let mut lines = head(letter);
    lines.find_map(|line| KINDS.iter().find(|(_, pattern)| pattern.is_match(line))).map(|(kind, _)| *kind)
}

/// Whether subject or opening lines announce an enquiry.
pub(crate) fn is_enquiry(letter: &Letter) -> bool {
    ENQUIRY.is_match(&letter.subject) || head(letter).any(|line| ENQUIRY.is_match(line))
}

/// Whether a line announces an enquiry, as portals do.
pub(crate) fn announces(line: &str) -> bool {
    ENQUIRY.is_match(line)
}

/// Whether the mail shows a link instead of the enquiry.
pub(crate) fn is_behind_link(letter: &Letter) -> bool {
    letter.text.iter().chain(letter.html.iter()).take(400).any(|segment| BEHIND_LINK.is_match(&segment.text))
}

/// Whether a line only points to the enquiry.
pub(crate) fn is_link_phrase(line: &str) -> bool {
    BEHIND_LINK.is_match(line)
}

fn stripped(subject: &str) -> &str {
    match PREFIX.find(subject) {
        Some(prefix) => &subject[prefix.end()..],
        None => subject,
    }
}

fn head(letter: &Letter) -> impl Iterator<Item = &str> {
    letter.body().iter().filter(|segment| segment.text.len() < 600).take(14).map(|segment| segment.text.as_str())
}

type Kind = (&'static str, &'static std::sync::LazyLock<crate::text::Compiled>);

static KINDS: [Kind; 9] = [
    ("search alert", &SEARCH_ALERT),
    ("invoice", &INVOICE),
    ("expiry notice", &EXPIRY),
    ("import report", &IMPORT),
    ("statistics", &STATISTICS),
    ("account notice", &ACCOUNT),
    ("listing status", &LISTING),
    ("rating or survey", &RATING),
    ("newsletter", &NEWSLETTER),
];

patterns! {
    PREFIX = r"(?i)^(?:\s*(?:re|aw|wg|fwd?|tr|i|rv|rif)\s*:\s*)+";
    MOVING = r"(?i)umzugsanfrage|umzugsangebot";
    SEEKER_SUBJECT = concat!(
        r"(?i)^(?:ihre|deine) (?:kontaktaufnahme|(?:immobilien|kontakt|such)?-?anfrage|nachricht|bewerbung|mitteilung)\b(?:[^:]| bei| an| zu| zum| wurde)|^(?:ihre|deine) (?:immobilien|kontakt)?anfrage$|",
        r"kopie (?:ihrer|deiner) (?:anfrage|nachricht|kontakt)|(?:bestätigung|eingangsbestätigung)(?: zu| für)? (?:ihrer|deiner|ihre|deine) |anfrage (?:erfolgreich )?(?:versendet|gesendet|verschickt)|",
        r"vielen dank für (?:ihre|deine) |^(?:votre|ta) (?:demande|message)\b.*|copie de votre (?:demande|message)|(?:votre|ton) message a été envoyé|^your (?:enquiry|inquiry|message|request)\b|",
        r"copy of your (?:enquiry|inquiry|message|request)|^(?:la tua|la sua) richiesta|copia d(?:el|i|e)l?(?:la|lo|el)? ?(?:tuo|sua|tua|tu) |^(?:tu|su) (?:mensaje|solicitud|contacto) |^has (?:contactado|enviado)"
    );
    SEEKER_BODY = concat!(
        r"(?i)^(?:ihre|deine) (?:anfrage|nachricht|kontaktanfrage)[^.]{0,60} (?:wurde|haben wir|ist)[^.]{0,60}(?:gesendet|versendet|verschickt|übermittelt|weitergeleitet|gesandt|erhalten)|",
        r"(?:wir haben|sie haben|du hast) (?:soeben |gerade |uns )?(?:ihre|deine|folgende|diese|die folgende) (?:anfrage|nachricht|kontaktanfrage)[^.]{0,60}(?:gesendet|versendet|geschickt|gestellt|weitergeleitet|übermittelt)|",
        r"(?:kopie|zusammenfassung|bestätigung) (?:ihrer|deiner) (?:anfrage|nachricht|kontakt)|vielen dank für (?:ihre|deine) (?:anfrage|nachricht|kontaktaufnahme)|",
        r"votre (?:demande|message) a (?:bien )?été (?:envoyée?|transmise?)|your (?:enquiry|inquiry|message|request) (?:was|has been) (?:sent|forwarded)|",
        r"la (?:tua|sua) richiesta è stata (?:inviata|inoltrata)|tu mensaje (?:ha sido|fue|se ha) enviado"
    );
    ENQUIRY = concat!(
        r"(?i)(?:anfrage|nachricht|mitteilung) (?:zu|für|über|von|bezüglich|betreffend|auf)\b|kontaktanfrage|nutzer-anfrage|objektanfrage|immobilienanfrage|exposéanfrage|besichtigungs(?:anfrage|wunsch)|",
        r"interessent|neue (?:anfrage|nachricht|kontaktanfrage)|anfrage (?:\(|objekt|\d)|anfrage erhalten|neuer kontakt|interessiert sich|",
        r"nouvelle (?:demande|prise de contact)|nouveau (?:message|contact)|demande (?:de contact|d.information|de visite|pour|concernant|reçue)|est intéressée?|",
        r"nuova richiesta|nuovo (?:messaggio|contatto)|richiesta (?:di|per|da)|è interessat|nuevo (?:mensaje|contacto)|nueva (?:solicitud|consulta)|está interesad|",
        r"new (?:enquiry|inquiry|request|message|lead|contact)|(?:enquiry|inquiry|request|message) (?:about|for|from|regarding|on)\b|contact request|is interested"
    );
    BEHIND_LINK = concat!(
        r"(?i)klick(?:en sie|e|t)? (?:bitte )?(?:hier|auf|den|unten)|(?:anfrage|nachricht|details|kontaktdaten|interessent\w*|lead|daten) (?:jetzt )?(?:ansehen|anzeigen|anschauen|öffnen|einsehen|lesen|abrufen)|zur? (?:anfrage|nachricht)\b|",
        r"(?:um|so) [^.]{0,60}(?:einzusehen|anzusehen|zu sehen|zu lesen)[^.]{0,60}(?:loggen|melden|klick)|loggen sie sich|melden sie sich (?:an|in)|",
        r"cliquez (?:ici|sur)|voir (?:la demande|le message|les détails)|consulter la demande|click (?:here|below|the)|view (?:the )?(?:enquiry|inquiry|request|message|details|lead)|",
        r"clicca (?:qui|su)|vedi (?:la richiesta|il messaggio|i dettagli)|visualizza|haz clic|ver (?:el )?(?:mensaje|solicitud|detalles)"
    );
    SEARCH_ALERT = r"(?i)such(?:auftrag|agent|profil|abo)|neue (?:angebote|immobilien|treffer|inserate|objekte|wohnungen|anzeigen|häuser)|passende (?:angebote|immobilien|wohnungen)|preis(?:senkung|alarm)|alerte|nouvelles annonces|search (?:alert|agent)|new (?:listings|properties|results)|nuovi annunci|nuevos (?:anuncios|inmuebles)|merkliste";
    INVOICE = r"(?i)\brechnung|zahlungs(?:erinnerung|eingang|aufforderung)|\bmahnung|gutschrift|lastschrift|\binvoice\b|\bfacture\b|\bfattura\b|\bfactura\b|kontoauszug|\breceipt\b|buchungsbestätigung";
    EXPIRY = r"(?i)läuft (?:\S+ ){0,5}(?:ab|aus)\b|abgelaufen|verlänger(?:n|ung|t)|\bexpir(?:e|é|es|ed|ing|ation|y)\b|arrive à échéance|sta(?:nno)? per scadere|\bscad(?:e|uto|enza)\b|\bcaduca";
    IMPORT = r"(?i)import(?:bericht|protokoll|report|ergebnis|status|fehler)|(?:übertragungs|export|schnittstellen|upload|import)-?(?:protokoll|bericht|report|fehler|hinweis|status)|openimmo-?(?:import|übertragung)|import (?:abgeschlossen|erfolgreich|fehlgeschlagen|report|completed|failed)|fehlerliste|rapport d.import";
    STATISTICS = r"(?i)statisti[kqs]|performance|(?:wochen|monats|tages|leistungs|jahres)-?(?:bericht|report|übersicht|rückblick|bilanz)|\breporting\b|aufrufe|\breport\b|auswertung|ihre zahlen|zugriffszahlen|resumen (?:semanal|mensual)|rapport (?:hebdomadaire|mensuel)";
    ACCOUNT = r"(?i)passwor[dt]|mot de passe|contraseña|zugangsdaten|registrierung|bestätige(?:n sie)? (?:ihre|deine)|verifizier|verify|\blog-?in\b|anmeldung|nutzungsbedingungen|agb-änderung|allgemeine geschäftsbedingungen|datenschutzerklärung|wartungsarbeiten|sicherheitshinweis";
    LISTING = r"(?i)(?:anzeige|inserat|objekt|immobilie|exposé|annonce|annuncio|anuncio|listing)\b[^.]{0,80}(?:veröffentlicht|aktiviert|deaktiviert|freigeschaltet|gelöscht|online|offline|publi(?:ée|cado|shed|cato)|abgelehnt|gesperrt|aktualisiert)|jetzt online";
    RATING = r"(?i)bewertung (?:erhalten|abgeben|für)|neue bewertung|bewerten sie|umfrage|\bsurvey\b|feedback zu|ihre meinung|sondage|enquête|zufriedenheit";
    NEWSLETTER = r"(?i)newsletter|webinar|marktbericht|marktreport|preisatlas|\brabatt|\baktion\b|\bneuigkeiten\b|gratis-?test|jetzt (?:sichern|testen|upgraden|buchen)|produkt-?(?:news|update)|\btipps\b|einladung zu|sonderaktion|black friday|\bactualité|\bpromo";
}
