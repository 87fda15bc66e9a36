//! What portals write around an enquiry. Nothing of it may end up in the prospect's message.

use crate::text::patterns;

/// Whether a line ends the prospect's message: buttons, notes and footers of portals.
pub(crate) fn ends_message(line: &str) -> bool {
    let line = line.trim();
    if line.len() >= 2 && line.chars().all(|c| "-_=*~#–—".contains(c)) {
        return true;
    }
    // `Inserat ansehen: https://…` is the button with its target.
    let button = line.find("http").map_or(line, |link| line[..link].trim_end_matches([':', ' ', '<', '(']));
    let columns = line.matches('|').take(2).count() == 2 && line.len() <= 300 && SIGNED.is_match(line);
    columns
        || PHRASES.is_match(line)
        || line.len() <= 60 && SHORT.is_match(line)
        || is_button(button) && button.len() < line.len()
}

fn is_button(line: &str) -> bool {
    !line.is_empty() && line.len() <= 60 && SHORT.is_match(line)
}

/// Whether a line is a closing formula (`Mit freundlichen Grüßen`), in five languages.
pub(crate) fn is_greeting(line: &str) -> bool {
    line.len() <= 80 && GREETING.is_match(line)
}

/// Whether a line is signed by a portal, not by a person.
pub(crate) fn is_portal_signature(line: &str) -> bool {
    line.len() <= 100 && SIGNED.is_match(line)
}

patterns! {
    PHRASES = concat!(
        r"(?i)^(?:[>|*\s]*)(?:",
        "nachrichtenverlauf|(?:über|details zu|informationen zu|angaben zu|infos zu)r?m? (?:diese[rm]?|der|dem|ihre[rm]?)? ?(?:anfrage|immobilie|objekt|inserat|anzeige|interessent\\w*)\\s*:?\\s*$|beantworte diese nachricht|antworte einfach auf diese|schütze dich vor|zum schutz unserer nutzer|",
        "dein team von|ihr team von|das team von|(?:ihr|dein|euer|das|votre|your|il tuo|tu) .{0,30}(?:-team|\\bteam|équipe|equipo)\\b.{0,20}$|view (?:the |this )?(?:message|listing|enquiry|request|profile|property) |(?:diese|dies ist eine) (?:e-?mail|nachricht|anfrage)s? (?:wurde|ist) (?:automatisch|über|von|via|eine automat)|",
        "dies ist eine automatisch|diese automatisch|bitte antworten sie nicht|bitte antworte nicht|bitte nicht auf diese|",
        "(?:sie|du) k[aoö]nn(?:en|st) (?:direkt|einfach|dem|der|diese|auf|ihr|ihm)[^.]{0,60}antworten|(?:sie|du) k[aoö]nn(?:en|st) \\S.{0,160}(?:erreichen|kontaktieren)\\W*$|(?:sie|du) erreich(?:en|st) (?:ihn|sie|den|die|interessent)|antworten sie (?:direkt|einfach|bitte|dem|auf|jetzt)|",
        "um (?:dem|der|ihrem|auf) [^.]{0,60}(?:antworten|beantworten)|(?:hier|jetzt) (?:klicken|antworten|beantworten)|klicken sie (?:hier|bitte)|",
        "(?:diese|die) anfrage (?:wurde|erreicht|stammt|kommt)|sie erhalten diese|du erh[aä]ltst diese|sie haben diese|",
        "zur? (?:anzeige|inserat|immobilie|objekt|expos[eé]|anfrage|nachricht)\\s*:|haben sie (?:noch )?fragen (?:zu unser|an uns|zu [a-z0-9]*(?:scout|welt|net|haben))|unser kundenservice|tipp:|hinweis:|wichtiger hinweis|sicherheitshinweis|",
        "aus datenschutzgr|informationen zum datenschutz|der interessent hat|die interessentin hat|",
        "r[eé]pondez? (?:directement|à ce|au)|pour r[eé]pondre|vous (?:pouvez|recevez)[^.]{0,40}(?:r[eé]pondre|ce message|cet e-?mail)|",
        "(?:ce message|cet? e-?mail|ce courriel) (?:a [eé]t[eé]|vous)|ne r[eé]pondez pas|merci de ne pas r[eé]pondre|attention ?: ?ne|",
        "(?:this|the) (?:message|e-?mail|enquiry|inquiry|request) (?:was|has been|is) |you (?:can|may) (?:reply|respond|answer)|reply (?:directly|to this|from|via|on|in) ?|",
        "please (?:do not|don't) reply|you (?:are receiving|received) this|to (?:reply|respond|answer) |",
        "rispondi (?:direttamente|a questo)|per rispondere|questo messaggio|questa e-?mail|non rispondere|riceve questo|puoi rispondere|può rispondere|",
        "responder (?:desde|a este|al|a partir d[oae]|ao)|para responder|este (?:mensaje|correo)|no respondas|responde (?:desde|a este)|has recibido|puedes responder|",
        "weitere (?:anfragen|details finden|informationen finden)|viel erfolg (?:bei|mit|w[uü]nsch)|copyright|©|\\(c\\) ?20|all rights reserved|alle rechte vorbehalten|",
        "(?:mehr|weitere) (?:tipps|infos) |sie (?:m[oö]chten|wollen) keine (?:weiteren )?(?:e-?mails|nachrichten)|newsletter abbestellen|",
        "anfrage gesendet (?:am|über|via)|gesendet (?:über|via) [a-z0-9.]*(?:scout|immo|willhaben|homegate|kleinanzeigen|idealista)|",
        "(?:https?://)?(?:www\\.)?(?:[a-z0-9-]+\\.)*(?:immobilienscout24|immoscout24|immowelt|immonet|kleinanzeigen|willhaben|homegate|idealista|derstandard|findmyhome|ivd24|ivd24immobilien|kalaydo|immozentral|immopool|1a-immobilienmarkt|neubaukompass|comparis|newhome|immostreet|flatfox|immmo|immobilier)\\.(?:de|at|ch|com|pt|it)/?(?:\\s+(?:gmbh|ag|sa|kg|se)\\b.{0,30}|\\s*[-–|·].{0,60})?\\s*$|",
        "(?:vous pouvez|vous pourrez) (?:le|la|les|lui|contacter|joindre)|(?:puoi|può) contattar|puedes contactar|you can (?:reach|contact)|",
        "(?:see|view|open|voir|vedi|ver|zum inserat|zur anzeige|zum objekt|zum expos[eé])\\b[^.!?]{0,30}https?://\\S+\\s*$",
        ")"
    );
    SHORT = concat!(
        r"(?i)^[\s>\[»→]*(?:",
        "(?:jetzt |direkt |hier )?(?:antworten|beantworten)|(?:zu[rm]?|alle) (?:anfragen?|nachricht|immobilie|inserat|expos[eé]|anzeige|objekt|postfach|nachrichten)(?: ansehen| anzeigen| [öo]ffnen)?|",
        "(?:anfrage|nachricht|details|expos[eé]|inserat|objekt|anzeige|interessentenprofil|profil) (?:ansehen|anzeigen|beantworten|[öo]ffnen|anschauen)|",
        "impressum(?: .*)?|datenschutz(?:erkl[aä]rung|hinweise?)?(?: .*)?|agb(?: .*)?|kontakt \\| .*|mentions l[eé]gales.*|r[eé]pondre(?: .*)?|voir (?:l.annonce|la demande|le message)|",
        "reply(?: now| to .*)?|view (?:listing|message|enquiry|request|profile)|rispondi(?: .*)?|vedi (?:annuncio|richiesta)|responder|ver (?:anuncio|mensaje)|",
        "termin vereinbaren|interessent anrufen|hilfe(?: & kontakt)?|abmelden|unsubscribe|abbestellen|d[eé]sabonner.*|privacy.*|datensicherheit",
        r")[\s\]«→›>!.]*$"
    );
    GREETING = concat!(
        r"(?i)^(?:(?:mit )?(?:freundlich|best|herzlich|lieb|sch[öo]n|viel)\w* (?:gr[üu]+(?:ß|ss)\w*|dank)|mfg|lg|vg|gr[üu](?:ß|ss)e?|hochachtungsvoll|",
        r"(?:best|kind|warm)(?: regards| wishes)?|regards|sincerely|yours (?:sincerely|faithfully|truly)|cheers|",
        r"cordialement|(?:bien |tr[eè]s )?cordialement|(?:meilleures|sinc[eè]res|cordiales) salutations|bien à vous|avec nos .*salutations|",
        r"cordiali saluti|distinti saluti|(?:un )?saluti?|saludos(?: cordiales)?|un (?:cordial )?saludo|atentamente)[\s,.!]*$"
    );
    SIGNED = concat!(
        r"(?i)(?:\bteam\b|kundenservice|kundendienst|\béquipe\b|\bequipo\b|immobilienscout24|immoscout24|immowelt|immonet|kleinanzeigen|willhaben|homegate|",
        r"idealista|immobilier\.ch|derstandard|findmyhome|ivd24|kalaydo|immozentral|immopool|1a-immobilienmarkt|neubau ?kompass|comparis|newhome|immostreet|flatfox|immmo)"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portals_speak_not_people() {
        for line in [
            "Nachrichtenverlauf",
            "Beantworte diese Nachricht, um …",
            "Jetzt antworten",
            "Responder desde idealista",
            "Diese E-Mail wurde automatisch erstellt.",
            "-----------",
            "Impressum | Datenschutz",
            "© 2026 Beispiel",
            "Sie können dem Interessenten direkt antworten.",
            "This message was sent via Example",
        ] {
            assert!(ends_message(line), "{line}");
        }
        for line in [
            "Ich habe noch Fragen zum Datenschutz beim Einzug und würde gern kommen.",
            "Können Sie mir antworten?",
            "Diese Wohnung gefällt uns.",
            "Bitte antworten Sie bald.",
            "Is this flat still available?",
            "Ich möchte das Objekt ansehen.",
            "Questo appartamento mi piace",
        ] {
            assert!(!ends_message(line), "{line}");
        }
        assert!(is_greeting("Mit freundlichen Grüßen"));
        assert!(is_greeting("Viele Grüße,"));
        assert!(!is_greeting("Mit freundlichen Grüßen aus Wien sende ich Ihnen meine Unterlagen"));
        assert!(is_portal_signature("Ihr ImmoScout24-Team"));
        assert!(!is_portal_signature("Ida Probe"));
    }
}
