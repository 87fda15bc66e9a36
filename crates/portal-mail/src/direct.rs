//! Mail a person wrote to the agency without a portal, and contact forms of websites.

use crate::address;
use crate::facts::Mailbox;
use crate::letter::Letter;
use crate::model::{Context, LeadDraft};
use crate::person_draft::{self, PersonParts};
use crate::phone::normalise_phone;
use crate::portals::Parts;
use crate::reply;
use crate::segment;
use crate::signature;
use crate::text::patterns;

/// A form or an unknown portal: labels name a person who can be reached.
pub(crate) fn from_labels(letter: &Letter, ctx: &Context) -> Option<LeadDraft> {
    let mut parts = Parts::read(letter, ctx);
    let writer = letter.from.as_ref().map(|from| from.address.clone()).unwrap_or_default();
    let writers = parts.writer.take().filter(|_| crate::forward::block::find(letter.body()).is_none());
    if let Some(writer) = writers.filter(|_| parts.person.whole.is_none() && parts.person.last.is_none()) {
        parts.person.whole = Some(writer);
        parts.contacts += 1;
    }
    let person = &parts.person;
    let named = person.first.is_some() || person.last.is_some() || person.whole.is_some();
    let reachable = person.email.is_some() || !person.phones.is_empty();
    // A person's own signature has labels too; a form speaks about somebody else or has a message.
    let form =
        parts.contacts >= 2 && (person.message.is_some() || person.email.as_deref().is_some_and(|e| e != writer));
    if !(reachable && named && form || parts.contacts >= 3 && reachable) {
        return None;
    }
    crate::portals::read::generic(letter, &mut parts);
    let mut lead = person_draft::draft(std::mem::take(&mut parts.person), ctx);
    lead.reference = parts.reference;
    crate::portals::introduced::complete(&mut lead, parts.outside.iter().map(String::as_str));
    (lead.email.is_some() || lead.phone.is_some()).then_some(lead)
}

/// A person's own enquiry: the sender is the prospect.
pub(crate) fn from_person(letter: &Letter, ctx: &Context) -> Option<LeadDraft> {
    let sender = writer(letter, ctx)?;
    let body = segment::to_text(letter.body());
    let text = reply::new_text(&body);
    if !reads_like_enquiry(&letter.subject, &text) {
        return None;
    }
    let name = sender.name.clone().filter(|name| !NOT_A_NAME.is_match(name));
    let mut lead = person_draft::draft(
        PersonParts {
            whole: name,
            email: Some(sender.address.clone()),
            phones: phones(&body, ctx),
            message: Some(signature::without_business(&text)),
            ..PersonParts::default()
        },
        ctx,
    );
    // A display name is often the first name alone.
    if lead.last_name.is_none()
        && let Some(name) = signature::name(&body)
        && lead.first_name.as_ref().is_none_or(|first| name.first.as_ref() == Some(first))
    {
        lead.salutation = lead.salutation.or(name.salutation);
        lead.first_name = name.first;
        lead.last_name = name.last;
    }
    lead.email.is_some().then_some(lead)
}

fn writer<'l>(letter: &'l Letter, ctx: &Context) -> Option<&'l Mailbox> {
    let theirs = |mailbox: &&Mailbox| {
        !mailbox.address.is_empty() && !ctx.is_team(&mailbox.address) && !address::is_portals_own(&mailbox.address)
    };
    let from = letter.from.as_ref().filter(theirs).filter(|from| !address::is_no_reply(&from.address));
    from.or_else(|| letter.reply_to.iter().find(theirs))
}

/// Two different signs of wanting to see, rent or buy; or one in the subject with a polite text.
pub(crate) fn reads_like_enquiry(subject: &str, text: &str) -> bool {
    let text = crate::text::cut(text, 6_000);
    if text.split_whitespace().count() < 4 || OFFER.is_match(text) || OFFER.is_match(subject) {
        return false;
    }
    if JOB.is_match(text) || JOB.is_match(subject) {
        return false;
    }
    let wants = WANTS.is_match(text) || WANTS.is_match(subject);
    let home = HOME.is_match(text) || HOME.is_match(subject);
    wants && home
}

/// Numbers in the text, those after a word for phone first.
fn phones(body: &str, ctx: &Context) -> Vec<String> {
    let body = crate::text::cut(body, 20_000);
    let labelled = LABELLED.all(body).into_iter().map(str::to_owned);
    let bare = NUMBER_LINE.all(body).into_iter().map(str::to_owned);
    labelled.chain(bare).filter(|found| normalise_phone(found, ctx.country).is_some()).take(3).collect()
}

patterns! {
    WANTS = concat!(
        r"(?i)interess|besichtig|anschauen|ansehen|angebot|exposé|expose\b|verfügbar|noch (?:frei|zu haben|aktuell)|unterlagen|(?:mehr|weitere|nähere) informationen|\btermin\b|\b(?:zu )?kaufen|\b(?:an)?mieten|\bpreis|anfrage|bewerbe|suchen? (?:eine?|ein)|",
        r"interested|viewing|available|\bvisit|view (?:it|the)|more (?:information|details)|\brent\b|\bbuy\b|enquir|inquir|appointment|looking for|",
        r"intéress|visiter|visite|disponible|renseignement|informations|louer|acheter|rendez-vous|cherch|",
        r"interessat|visitare|visita|disponibil|informazioni|affittare|comprare|appuntamento|cerc(?:o|hiamo)|vedere|",
        r"interesad|visitar|disponible|información|alquilar|comprar|\bcita\b|\bverlo\b|\bver (?:el|la)\b|busc(?:o|amos)"
    );
    HOME = concat!(
        r"(?i)wohnung|\bhaus\b|häuser|einfamilienhaus|\w+haus\b|immobilie|objekt\b|grundstück|apartment|garçonni|zimmer|penthouse|maisonette|loft|garage|stellplatz|gewerbe|büro(?:fläche|räume)|exposé|inserat|besichtigung|doppelhaus|reihenhaus|",
        r"\bflat\b|\bhouse\b|property|listing|bedroom|viewing|studio\b|\bhome\b|",
        r"appartement|\bmaison\b|\bbien\b|logement|annonce|pièces|villa\b|terrain\b|",
        r"appartamento|\bcasa\b|immobile|annuncio|locali\b|alloggio|bilocale|trilocale|",
        r"\bpiso\b|apartamento|vivienda|inmueble|anuncio|habitaci|chalet"
    );
    OFFER = r"(?i)\b(?:seo|backlinks?|webdesign|marketing-?agentur|leadgenerierung|lead generation|ranking|google-?bewertung|kooperation(?:sanfrage)?|unser(?:e)? (?:software|produkt|dienstleistung|plattform|agentur)|wir (?:bieten|sind ein(?:e)? (?:agentur|dienstleister|unternehmen))|we (?:offer|provide)|our (?:services?|agency|software|platform)|unsubscribe|newsletter|reinigungs(?:service|firma)|rechnung (?:nr|im anhang))\b";
    JOB = concat!(
        r"(?i)\binitiativbewerbung|\bbewerb\w*[^.!?]{0,40}\bals (?:\p{L}+ ){0,2}\p{L}*(?:makler|berater|assisten|verkäufer|sachbearbeit|kauffrau|kaufmann|praktikant|trainee|mitarbeiter|sekretär|verwalter|buchhalt|fotograf)\p{L}*|",
        r"\bbewerb\w*[^.!?]{0,30}\b(?:stelle|praktikum|ausbildungsplatz|lehrstelle)\b|\bjob application\b|\bapply(?:ing)? for (?:the|a) (?:job|position|internship)|candidature (?:spontanée|au poste|pour le poste)|candidatura spontanea|solicitud de empleo"
    );
    NOT_A_NAME = r"(?i)@|\d{3}|^(?:info|office|kontakt|mail|admin|team)\b";
    LABELLED = r"(?im)(?:tel(?:efon)?(?:nummer)?|mobil(?:e|nummer|telefon)?|handy(?:nummer)?|phone|cell|natel|tél(?:éphone)?|portable|cellulare|telefono|teléfono|móvil|rückruf|erreichbar (?:unter|sind)|nummer|unter)\b\.?\s*(?:ist|lautet|is|:)?\s*:?\s*\(?\+?\d[\d\s()/.-]{5,22}\d";
    NUMBER_LINE = r"(?m)^\s*(?:[MTP]\s*[:.]\s*)?(?:\+|00?)\d[\d\s()/.-]{6,22}\d\s*$|\+[1-9]\d{0,2}[\d\s()/.-]{7,18}\d";
}
