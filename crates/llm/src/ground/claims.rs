//! What a sentence of fact may only say when a cited text says it: when, where, who, and whether it can still be had.

use std::sync::OnceLock;

use regex::{Regex, RegexSet};

use super::{calendar::quoted, evidence::Evidence, fault::GroundingFault};
use crate::{AnswerRequest, FactKind, FactValue, Language, ListingStatus, Statement, format};

/// Times without a date, seasons and parts of a month.
const VAGUE_TIMES: [&str; 6] = [
    r"\b(sofort|heute|morgen|übermorgen|gestern|demnächst|mittags|mitternacht|(n(ä|ae)chste[nrms]?|kommende[nrms]?) (tag|woche|monat|jahr)\w*|(fr(ü|ue)hjahr|fr(ü|ue)hling|sommer|herbst|winter)s?)\b",
    r"\b(immediately|right away|straight away|today|tomorrow|tonight|yesterday|noon|midnight|(next|this|coming) (day|week|month|year|spring|summer|autumn|fall|winter)|in (the )?(spring|summer|autumn|winter))\b",
    r"\b(immédiatement|de suite|aujourd'hui|demain|midi|minuit|(la semaine|le mois|l'année) prochaine?|printemps|été prochain|automne|hiver)\b",
    r"\b(subito|immediatamente|oggi|domani|mezzogiorno|mezzanotte|(la settimana|il mese|l'anno) prossim[oa]|prossim[oa] (settimana|mese|anno)|primavera|estate|autunno|inverno)\b",
    r"\b(inmediatamente|de inmediato|hoy|mañana|mediodía|medianoche|(la semana|el mes|el año) (próxim[oa]|que viene)|próxim[oa] (semana|mes|año)|primavera|verano|otoño|invierno)\b",
    r"\b(anfang|mitte|ende|early|mid|late|beginning of|end of|début|mi-|fin|inizio|metà|fine|principios de|mediados de|finales de)[ -]?(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|enero|febrero|abril|mayo|junio|julio|septiembre|octubre|noviembre|diciembre)\b",
];

/// Streets and squares. What only ends alike ("Stellplatz", "Radweg") is no address.
const STREETS: [&str; 4] = [
    r"\b\p{Lu}[\p{L}-]*(straße|strasse|gasse|allee|damm|ufer|chaussee|str\.)|\b\p{Lu}\p{L}+(er|en|s) (Straße|Strasse|Gasse|Allee|Platz|Weg|Ring)\b",
    r"\b\p{Lu}\p{L}+ (Street|Road|Avenue|Lane|Square|Drive)\b",
    r"\b(rue|avenue|boulevard|quai|impasse) (de la |du |des |de |d')?\p{Lu}\p{L}+",
    r"\b([Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Cc]alle|[Aa]venida|[Pp]laza|[Pp]aseo) (del |della |dei |de la |de |di )?\p{Lu}\p{L}+",
];

/// Other people, and how many of them there are. None of it is ours to tell.
const PEOPLE: [&str; 7] = [
    r"\b(Herr|Herrn|Frau|Familie|Mr|Mrs|Ms|Monsieur|Madame|Signor|Signora|Señor|Señora|Dr)\.? \p{Lu}\p{L}+",
    r"(?i)\b(andere[rnms]?|weitere[rnms]?|mehrere|viele|einige|bisherige[rn]?) (interessent|bewerber|anfrag|kunde|k(ä|ae)ufer|mieter|personen)\w*",
    r"(?i)\b(vormieter|vorbesitzer|eigent(ü|ue)mer|verk(ä|ae)ufer|vermieter|nachmieter|mitbewerber)(in|innen|s|n)?\b",
    r"(?i)\b(other|more|several|many|some|previous|current) (applicants?|prospects?|enquir\w+|buyers?|tenants?|people|candidates?)\b|\b(the|our) (owner|landlord|seller|vendor)s?\b",
    r"(?i)\b(autres|plusieurs|nombreux|anciens?) (candidats?|intéressés|acheteurs?|locataires?|demandes?|personnes)\b|\b(le|la|du) (propriétaire|vendeur)\b",
    r"(?i)\b(altr[ie]|molt[ie]|divers[ie]) (interessati|candidati|acquirenti|inquilini|richieste|persone)\b|\bil (proprietario|venditore)\b",
    r"(?i)\b(otros|otras|varios|varias|muchos|muchas) (interesad\w+|candidat\w+|compradores|inquilinos|solicitudes|personas)\b|\bel (propietario|vendedor|dueño)\b",
];

/// Words for the lowest and the highest storey.
const GROUND: &str = r"(?i)\b(erdgeschoss|erdgeschoß|parterre|ground floor|rez-de-chaussée|piano terra|planta baja)\b";
const OTHER_STOREYS: &str = r"(?i)\b(dachgeschoss|dachgeschoß|penthouse|souterrain|attic|top floor|basement flat|dernier étage|ultimo piano|mansarda|ático|última planta)\b";

struct Claims {
    times: Vec<Regex>,
    streets: Vec<Regex>,
    people: Vec<Regex>,
    ground: Regex,
    other_storeys: Regex,
}

fn claims() -> Option<&'static Claims> {
    static CLAIMS: OnceLock<Option<Claims>> = OnceLock::new();
    CLAIMS.get_or_init(|| compile().ok()).as_ref()
}

fn compile() -> Result<Claims, regex::Error> {
    let all = |patterns: &[&str]| patterns.iter().map(|pattern| Regex::new(pattern)).collect::<Result<Vec<_>, _>>();
    Ok(Claims {
        times: VAGUE_TIMES.iter().map(|time| Regex::new(&format!("(?i){time}"))).collect::<Result<_, _>>()?,
        streets: all(&STREETS)?,
        people: all(&PEOPLE)?,
        ground: Regex::new(GROUND)?,
        other_storeys: Regex::new(OTHER_STOREYS)?,
    })
}

/// Checks a statement of fact. `text` is the statement without the names of the request.
pub(super) fn check(
    index: usize,
    statement: &Statement,
    text: &str,
    request: &AnswerRequest,
    evidence: &Evidence,
    faults: &mut Vec<GroundingFault>,
) {
    let Some(claims) = claims() else {
        faults.push(GroundingFault::Uncited { statement: index });
        return;
    };
    let unsaid = |found: &str| !quoted(evidence, found);
    for found in claims.times.iter().filter_map(|time| time.find(text)).map(|found| found.as_str()) {
        if unsaid(found) {
            faults.push(GroundingFault::DateTime { statement: index, found: found.to_owned() });
        }
    }
    months(index, text, request.language, evidence, faults);
    for found in claims.streets.iter().flat_map(|street| street.find_iter(text)).map(|found| found.as_str()) {
        if unsaid(found) {
            faults.push(GroundingFault::Address { statement: index, found: found.to_owned() });
        }
    }
    for found in claims.people.iter().filter_map(|person| person.find(text)).map(|found| found.as_str()) {
        if unsaid(found) {
            faults.push(GroundingFault::OtherPerson { statement: index });
        }
    }
    let floor = request.facts.iter().find_map(|fact| match fact.value {
        FactValue::Number(floor) if fact.kind == FactKind::Floor && statement.sources.contains(&fact.id) => Some(floor),
        _ => None,
    });
    let storey = claims.ground.find(text).filter(|_| floor != Some(0.0)).or_else(|| claims.other_storeys.find(text));
    if storey.is_some_and(|found| unsaid(found.as_str())) || misstates(statement, text, request) {
        faults.push(GroundingFault::WrongField { statement: index });
    }
}

/// A month without a day must be that of a cited date, too.
fn months(index: usize, text: &str, language: Language, evidence: &Evidence, faults: &mut Vec<GroundingFault>) {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    for (number, name) in (1_i8..).zip(format::month_names(language)) {
        let said = words.iter().enumerate().any(|(at, word)| match language {
            // "May I" and "march on" are no months.
            Language::En => at > 0 && word == name,
            _ => word.to_lowercase() == name.to_lowercase(),
        });
        if said && !evidence.dates.iter().any(|date| date.month() == number) && !quoted(evidence, name) {
            faults.push(GroundingFault::DateTime { statement: index, found: (*name).to_owned() });
        }
    }
}

/// Whether a statement on the listing's status says another one.
fn misstates(statement: &Statement, text: &str, request: &AnswerRequest) -> bool {
    let status = request.facts.iter().find_map(|fact| match fact.value {
        FactValue::Status(status) if statement.sources.contains(&fact.id) => Some(status),
        _ => None,
    });
    let Some(status) = status else { return false };
    static WORDS: OnceLock<Option<RegexSet>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        RegexSet::new([
            r"(?i)\b(reserviert|under offer|réservée?|riservat[oa]|reservad[oa])\b",
            r"(?i)\b(verkauft|sold|vendue?|vendut[oa]|vendido|vendida)\b",
            r"(?i)\b(vermietet|vergeben|let|rented|taken|louée?|affittat[oa]|alquilad[oa])\b",
            r"(?i)\b(nicht mehr|no longer|not available|n'est plus|non è più|ya no)\b",
        ])
        .ok()
    });
    let Some(words) = words else { return true };
    let said: Vec<usize> = words.matches(text).into_iter().collect();
    match status {
        ListingStatus::Available => !said.is_empty(),
        ListingStatus::Reserved => !said.contains(&0) || said.contains(&1) || said.contains(&2),
        ListingStatus::Sold => !said.contains(&1) && !said.contains(&3),
        ListingStatus::Rented => !said.contains(&2) && !said.contains(&3),
        ListingStatus::Withdrawn => !said.contains(&3),
    }
}

/// Whether a statement addresses the person otherwise than the letter does. Quotations do not count: `text` is without
/// them. What is polite in one language only by its verb is not found.
pub(super) fn wrong_address(text: &str, request: &AnswerRequest) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let (polite, familiar): (&[&str], &[&str]) = match request.language {
        Language::De => (
            &["Ihnen", "Ihre", "Ihren", "Ihrem", "Ihrer", "Ihres"],
            &["du", "dich", "dir", "dein", "deine", "deinen", "deinem", "deiner"],
        ),
        Language::En => (&[], &[]),
        Language::Fr => (&["vous", "votre", "vos"], &["tu", "toi", "te", "ton", "ta", "tes"]),
        Language::It => (&["Lei", "Suo", "Sua", "Suoi", "Sue"], &["tu", "tuo", "tua", "tuoi", "tue", "ti"]),
        Language::Es => (&["usted", "ustedes"], &["tú", "tu", "tus", "ti", "contigo"]),
    };
    let sie = request.language == Language::De && words.iter().skip(1).any(|word| *word == "Sie");
    if request.formal {
        words.iter().any(|word| familiar.contains(&word.to_lowercase().as_str()))
    } else {
        sie || words.iter().any(|word| polite.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(compile().is_ok());
    }

    #[test]
    fn streets_are_told_from_places_to_park() {
        let streets = compile().map(|claims| claims.streets).unwrap_or_default();
        let found = |text: &str| streets.iter().any(|street| street.is_match(text));
        for text in [
            "Sie liegt in der Goethestraße.",
            "in der Wiener Gasse",
            "It is on Baker Street.",
            "rue de la Paix",
            "in via Roma",
        ] {
            assert!(found(text), "{text}");
        }
        for text in
            ["Ein Stellplatz ist vorhanden.", "Der Radweg beginnt hier.", "une rue calme", "C'è una via di fuga."]
        {
            assert!(!found(text), "{text}");
        }
    }
}
