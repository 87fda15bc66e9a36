//! What a portal says of a person in whole sentences: `Frau Dr. Ida Probe interessiert sich …`,
//! `Sie erreichen ihn unter 0650 1 oder ida@example.org`.

use crate::address;
use crate::labels::table;
use crate::letter::Letter;
use crate::model::Context;
use crate::person_draft::PersonParts;
use crate::phone::normalise_phone;
use crate::portals::Parts;
use crate::text::patterns;

/// Lines of a portal that are looked at; its sentences about a person are few.
const MAX_LINES: usize = 60;

/// The name in the portal's sentences, where no label gave one.
pub(super) fn name(letter: &Letter, parts: &mut Parts) {
    let person = &mut parts.person;
    if person.first.is_some() || person.last.is_some() || person.whole.is_some() {
        return;
    }
    if let Some(writer) = parts.writer.take().filter(|name| crate::portals::by_name(name).is_none()) {
        person.whole = Some(writer);
        return;
    }
    let lines = parts.outside.iter().take(25).map(String::as_str);
    person.whole = lines.chain(std::iter::once(letter.subject.as_str())).find_map(|line| {
        let line = crate::text::cut(line, 600);
        [&NAMED_FIRST, &NAMED].into_iter().find_map(|pattern| {
            let name = pattern.capture(line)?;
            let sane = name.split(' ').count() <= 8 && crate::portals::by_name(name).is_none();
            (sane && !NO_NAME.is_match(name)).then(|| name.to_owned())
        })
    });
    if person.whole.is_none() {
        let lines = parts.outside.iter().take(25);
        person.whole = lines.map(|line| line.trim()).find(|line| is_name(line)).map(str::to_owned);
    }
}

/// Whether a line says who writes: `Ida Probe hat Ihnen geschrieben`.
pub(crate) fn introduces(line: &str) -> bool {
    line.len() <= 600 && NAMED_FIRST.capture(line).is_some_and(|name| !NO_NAME.is_match(name))
}

/// Whether a line is nothing but a name with its salutation.
pub(super) fn is_name(line: &str) -> bool {
    line.len() <= 80 && SALUTED.is_match(line)
}

/// Address and number inside the portal's own sentences: only when there is one person's address
/// in all of them, and it belongs neither to the portal nor to the recipient.
pub(super) fn contacts(letter: &Letter, ctx: &Context, parts: &mut Parts) {
    let foreign = |found: &String| {
        !ctx.is_team(found)
            && !address::is_portals_own(found)
            && !address::is_no_reply(found)
            && !letter.copies.contains(found)
    };
    let lines: Vec<&str> = parts.outside.iter().take(MAX_LINES).map(|line| crate::text::cut(line, 1_000)).collect();
    let mut found: Vec<String> = lines.iter().flat_map(|line| address::all(line)).filter(foreign).collect();
    found.sort();
    found.dedup();
    let known = parts.person.email.clone();
    let only = match (&found[..], known) {
        ([one], None) => {
            parts.person.email = Some(one.clone());
            Some(one.clone())
        }
        (_, known) => known,
    };
    if parts.person.phones.is_empty() {
        let beside = |line: &&&str| {
            REACH.is_match(line) || only.as_ref().is_some_and(|email| line.to_lowercase().contains(email.as_str()))
        };
        let phone = lines.iter().filter(beside).find_map(|line| phone(line, ctx));
        parts.person.phones.extend(phone);
    }
    beside_address(&lines, only.as_deref(), &mut parts.person);
}

/// `Ida Probe (ida@example.org)`: the words before the address, when they are a name.
fn beside_address(lines: &[&str], email: Option<&str>, person: &mut PersonParts) {
    let Some(email) = email.filter(|_| person.first.is_none() && person.last.is_none() && person.whole.is_none())
    else {
        return;
    };
    person.whole = lines.iter().find_map(|line| {
        let at = line.to_lowercase().find(email)?;
        let name = line.get(..at).and_then(|before| BEFORE_ADDRESS.capture(before))?;
        (table::lookup(name).is_none() && !NO_NAME.is_match(name)).then(|| name.to_owned())
    });
}

fn phone(line: &str, ctx: &Context) -> Option<String> {
    let numbers = NUMBER.all(line).into_iter().filter(|number| !DATE.is_match(number));
    numbers.map(str::to_owned).find(|number| normalise_phone(number, ctx.country).is_some())
}

macro_rules! name_words {
    () => {
        r"(?:(?:Herrn?|Frau|Familie|Mme|Madame|Monsieur|M\.|Mr\.?|Mrs\.?|Ms\.?|Signora?|Sig\.(?:ra|na)?|Sra?\.|Señora?)\s+)?(?:(?:Dr|DDr|Mag|Prof|Ing|DI|Dipl|Univ|Dott|Arch|Avv|med|jur|phil)[\w.()-]*\s+)*\p{Lu}[\p{L}'’.-]*(?:\s+(?:von|van|vom|de|del|della|di|da|du|des|dos|zu|der|den|la|le|el|y|und|&|\p{Lu}[\p{L}'’.-]*)){0,5}\s*[\p{L}.]"
    };
}

patterns! {
    NAMED = concat!(
        r"(?:[Aa]nfrage|[Nn]achricht|[Mm]itteilung|[Kk]ontaktanfrage|[Aa]ntwort|[Ee]nquiry|[Ii]nquiry|[Mm]essage|[Rr]equest|[Aa]pplication|[Dd]emande|[Mm]essaggio|[Rr]ichiesta|[Mm]ensaje|[Ss]olicitud)\s+",
        r"(?:von|from|by|de la part de|de|da parte di|da|di)\s+((?:Herrn?|Frau|Familie|Mme|M\.|Mr\.?|Mrs\.?|Ms\.?|Sig\.(?:ra)?|Signora?|Dr\.|\p{Lu}[\p{L}'’.-]+)(?:\s+(?:von|van|de|del|della|di|da|zu|der|den|\p{Lu}[\p{L}'’.-]*)){0,6})"
    );
    NAMED_FIRST = concat!(
        r"^(?:(?:Der|Die|Ein|Eine|Ihre?) (?:Interessent(?:in)?|Kunde|Kundin|Nutzer(?:in)?|Person),? )?(", name_words!(), r")",
        r"(?:\s*\([^()]{1,200}\)|,? aus \p{Lu}[\p{L}-]+,?)?\s+(?:hat (?:Ihnen|dir|Sie|dich|eine|über|auf|am|zu|Interesse|sich|soeben|Ihr|folgende|Ihre)|haben (?:Ihnen|eine|Interesse)|interessier(?:t|en) sich|ist (?:an|interessiert)|sind (?:an|interessiert)|möchten? |würde|wünscht|bittet|schreibt|schrieb|kontaktiert|fragt|",
        r"is interested|has (?:sent|contacted|written|shown)|sent you|wants|would like|wrote|contacted|is looking|",
        r"s['’]intéresse|(?:vous|t['’]|a) (?:a |envoyé|écrit|contacté|as )|a envoyé|est intéressé|souhaite|désire|aimerait|",
        r"(?:si )?è interessat|si interessa|ti ha|Le ha|le ha|La ha|ha (?:inviato|scritto|mandato|enviado|escrito|contactado)|vorrebbe|desidera|",
        r"está interesad|te ha|quiere|desea|quisiera)"
    );
    /// A line that is nothing but a name with its salutation.
    SALUTED = r"^(?:Herrn?|Frau|Familie|Mme|Madame|Monsieur|Mr\.?|Mrs\.?|Ms\.?|Signora?|Sig\.(?:ra)?)\s+(?:(?:Dr|Mag|Prof|Ing|DI|Dipl)[\w.()-]*\s+)*\p{Lu}[\p{L}'’.-]*(?: (?:von|van|de|del|della|di|da|zu|der|den|\p{Lu}[\p{L}'’.-]*)){0,5}$";
    NO_NAME = r"(?i)^(?:ich|wir|je|nous|i|io|noi|yo|er|es|elle|lui|lei|ella|él|he|she|they|man|ein|eine|der|die|das|sie|du|wir|ihr|ihre|dieser|diese|jemand|un|une|una|a|an|the|your|we|someone|il|la|el|le|kontakt|neue|neuer|anfrage|interessent(?:in)?|person|nutzer|kunde|vielen)(?:\s|$)";
    REACH = r"(?i)erreich|\btel|\bphone|\bcall\b|\bmobil|anrufen|rückruf|\bappel|joindre|\btél|chiama|contatt|\bllam|teléfono|handy|natel";
    NUMBER = r"(?:\+|\(?0)\d?[\d\s()/.–-]{5,24}\d";
    DATE = r"^\s*\d{1,2}\.\d{1,2}\.(?:\d{2}|\d{4})\b";
    BEFORE_ADDRESS = concat!(r"(?:^|[\s:,„]|von |from |de |di )(", name_words!(), r")\s*[,:]?\s*[(<\[]?\s*(?:e-?mail\s*:?\s*)?$");
}
