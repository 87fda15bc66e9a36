//! Phrases that must never be sent, and words that deny.

use std::sync::OnceLock;

use regex::RegexSet;

use crate::Language;

static PROMISES: OnceLock<Option<RegexSet>> = OnceLock::new();
static NEGOTIATION: OnceLock<Option<RegexSet>> = OnceLock::new();

/// Promises of the property or of a legal outcome, whatever the letter's language.
const PROMISE_PHRASES: [&str; 22] = [
    r"geh(ö|oe)rt (schon |bereits |damit |jetzt |nun )?(ihnen|dir)\b",
    r"\b(bekommen|erhalten|kriegen) sie (die|das|den) (wohnung|haus|objekt|immobilie|zuschlag|mietvertrag)|\bsie (bekommen|erhalten|kriegen) (die|das|den) (wohnung|haus|objekt|immobilie|zuschlag|mietvertrag)",
    r"\b(bekommst|erh(ä|ae)ltst|kriegst) du (die|das|den) (wohnung|haus|objekt|zuschlag|mietvertrag)",
    r"\bgarantier|\bgarantiert|\bgarantie,? dass|\bzugesichert|\bsichern? (wir )?(ihnen|dir) .{0,30}zu\b",
    r"(f(ü|ue)r sie|f(ü|ue)r dich|ihnen|dir) (fest |verbindlich |bereits )?(reserviert|zugesagt|vorgemerkt|freigehalten)",
    r"(halten|halte|reservieren|reserviere) .{0,40}(f(ü|ue)r sie|f(ü|ue)r dich|ihnen|dir)( .{0,20}(frei|zur(ü|ue)ck))?",
    r"verbindlich(e|er|es|en)? (zusage|reserv|zugesagt|best(ä|ae)tig)",
    r"\bzusage (f(ü|ue)r|zu) (die|das|der) (wohnung|haus|objekt|immobilie)|zuschlag (haben|erhalten|bekommen)",
    r"\bguarantee",
    r"\b(reserved|held|secured) for you\b|\b(reserve|hold|secure) (it|the \w+|this \w+) for you",
    r"\b(is|are) (already |now )?yours\b|\byou (will|'ll) (definitely |certainly )?(get|have) the (flat|apartment|house|property|contract)",
    r"\blegally binding|\bwe promise|\bi promise|\byou have a right to",
    r"\bgarantis?\b|\bgaranti(t|r|ssons|ssez)\b",
    r"r(é|e)serv(é|e)e? (pour|à) (vous|toi|votre)|(est|sera) (à|a) (vous|toi)\b|vous (aurez|obtiendrez) (l'|le |la )",
    r"nous (vous )?promettons|juridiquement contraignant",
    r"\bgarantit|\bgarantiamo|\bgarantisc",
    r"riservat[oa] (per|a) (lei|te|voi)|(è|e|sar(à|a)) (già )?(su[oa]|tu[oa]|vostr[oa])[.!]|(avrà|avrai|avrete) (l'appartamento|la casa)",
    r"\bpromettiamo|vincolante",
    r"\bgarantiz",
    r"reservad[oa] (para|a) (usted|ti|vosotros)|(es|será) (suy[oa]|tuy[oa])\b|(tendrá|tendrás|conseguirá) el piso",
    r"\bprometemos|legalmente vinculante",
    r"rechtlich (gesehen|sind sie|bist du|haben sie)|rechtsanspruch|steuerlich absetz",
];

/// Offers to change the price.
const NEGOTIATION_PHRASES: [&str; 13] = [
    r"verhandel|verhandlungs(basis|spielraum|bereit|sache)|\bvhb\b",
    r"(nachlass|rabatt|preisnachlass|preissenkung|reduzier|senken|g(ü|ue)nstiger|entgegenkomm|preislich|spielraum)",
    r"\bkomm(e|en|t|st)\b.{0,40}\bentgegen\b|\bentgegen (zu )?(ge)?komm(en|e)\b",
    r"\b(miete|preis|kaufpreis|provision|kaution)\b.{0,40}\b(erlassen|mindern|verringern|heruntergehen|runtergehen)",
    r"negotia|discount|\brebate|reduce the (price|rent|deposit)|lower the (price|rent)|price reduction",
    r"(price|rent) is flexible|better price|knock off|come down on",
    r"n(é|e)goci|remise de|rabais|r(é|e)duction (de|du|sur) (prix|loyer)|baisser le (prix|loyer)",
    r"(un )?(geste|effort) (commercial|sur le prix)|marge de (n|man)",
    r"trattabil|trattativ|sconto|ribass|ridurre il (prezzo|canone)|abbassare il (prezzo|canone)",
    r"negociab|negociar|descuento|rebaja|bajar el (precio|alquiler)|reducir el (precio|alquiler)",
    r"(ohne|keine|erlass(en)?) (der |die )?(kaution|provision) (erlassen|verzichten)",
    r"waive the|we (can|could) offer you a lower",
    r"(un|il|el|le) (prix|prezzo|precio) (plus bas|pi(ù|u) basso|m(á|a)s bajo)",
];

/// True when the phrases cannot be compiled: nothing may be sent unchecked.
fn found(set: &'static OnceLock<Option<RegexSet>>, phrases: &[&str], text: &str) -> bool {
    set.get_or_init(|| RegexSet::new(phrases.iter().map(|phrase| format!("(?i){phrase}"))).ok())
        .as_ref()
        .is_none_or(|set| set.is_match(text))
}

/// Whether a text promises the property or gives legal advice.
pub(crate) fn promises(text: &str) -> bool {
    found(&PROMISES, &PROMISE_PHRASES, text)
}

/// Whether a text moves on the price.
pub(super) fn negotiates(text: &str) -> bool {
    found(&NEGOTIATION, &NEGOTIATION_PHRASES, text)
}

/// Whether a text has a word that denies.
pub(super) fn denies(language: Language, text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’');
    let deniers: &[&str] = match language {
        Language::De => &[
            "nicht",
            "kein",
            "keine",
            "keinen",
            "keiner",
            "keinem",
            "keinerlei",
            "ohne",
            "unmöbliert",
            "leider",
            "nein",
            "verboten",
            "untersagt",
            "provisionsfrei",
            "weder",
        ],
        Language::En => &[
            "not",
            "no",
            "none",
            "without",
            "isn't",
            "aren't",
            "doesn't",
            "don't",
            "unfurnished",
            "unfortunately",
            "cannot",
            "can't",
            "neither",
        ],
        Language::Fr => &["pas", "non", "sans", "aucun", "aucune", "malheureusement", "interdit", "interdits", "ni"],
        Language::It => &["non", "no", "senza", "nessun", "nessuna", "purtroppo", "vietati", "vietato", "né"],
        Language::Es => &["no", "sin", "ningún", "ninguna", "lamentablemente", "prohibido", "prohibidas", "tampoco"],
    };
    words.any(|word| deniers.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_compiles() {
        assert!(RegexSet::new(PROMISE_PHRASES).is_ok());
        assert!(RegexSet::new(NEGOTIATION_PHRASES).is_ok());
    }
}
