//! One portal mail to leads: labels, then the portal's dialect, then what any mail header tells.

use crate::address;
use crate::facts::Mailbox;
use crate::letter::Letter;
use crate::model::{AddressKind, Context, LeadDraft, Portal};
use crate::person_draft::{self, PersonParts};
use crate::portals::{
    Parts, homegate, idealista, immobilier_ch, immonet, immoscout24, immowelt, introduced, kleinanzeigen, noise,
    sentences, willhaben,
};
use crate::reference;
use crate::text::{filled, patterns};

/// What an adapter makes of a mail.
#[derive(Debug)]
pub(crate) enum Outcome {
    Lead {
        adapter: String,
        lead: Box<LeadDraft>,
    },
    /// Not an enquiry, with the kind of mail it is.
    NotLead(&'static str),
    Unknown,
}

/// Reads a mail that `portal` wrote.
pub(crate) fn read(portal: Portal, letter: &Letter, ctx: &Context) -> Outcome {
    if let Some(kind) = noise::certain(letter) {
        return Outcome::NotLead(kind);
    }
    let mut parts = Parts::read(letter, ctx);
    let adapter = refine(portal, letter, &mut parts);
    bare_lines(ctx, &mut parts);
    headers(letter, ctx, &mut parts);
    sentences::contacts(letter, ctx, &mut parts);
    if parts.person.email.is_some() || !parts.person.phones.is_empty() {
        parts.message_from_prose(letter);
    }
    let link_only = noise::is_behind_link(letter);
    let mut lead = person_draft::draft(std::mem::take(&mut parts.person), ctx);
    lead.reference = parts.reference;
    if lead.reference.portal_object_id.is_none() {
        lead.reference.portal_object_id = lead.reference.expose_url.as_deref().and_then(reference::expose_ids);
    }
    without_listing_link(&mut lead);
    let ours = parts.outside.iter().map(String::as_str);
    introduced::complete(&mut lead, ours.chain(std::iter::once(letter.subject.as_str())));
    let reachable = lead.email.is_some() || lead.phone.is_some();
    let says = lead.message.is_some() || lead.last_name.is_some() || lead.first_name.is_some();
    let about = !lead.reference.is_empty();
    if reachable && (says || about) {
        lead.incomplete = false;
        return Outcome::Lead { adapter, lead: Box::new(lead) };
    }
    if let Some(kind) = noise::likely(letter) {
        return Outcome::NotLead(kind);
    }
    if !reachable && (link_only && noise::is_enquiry(letter) || lead.message.is_some() && says) {
        lead.incomplete = true;
        lead.address_kind = AddressKind::None;
        return Outcome::Lead { adapter, lead: Box::new(lead) };
    }
    Outcome::Unknown
}

/// The bare link to this very listing below a message is the portal's.
fn without_listing_link(lead: &mut LeadDraft) {
    let Some(message) = &lead.message else { return };
    let (before, last) = message.rsplit_once('\n').unwrap_or(("", message));
    let link = last.trim().trim_matches(['<', '>', '(', ')']);
    let this = reference::expose_ids(link).filter(|id| Some(id) == lead.reference.portal_object_id.as_ref());
    if this.is_some() && link.starts_with("http") && !link.contains(' ') {
        lead.reference.expose_url.get_or_insert_with(|| link.to_owned());
        lead.message = filled(before);
    }
}

/// Lets the portal's dialect correct the parts; returns the adapter's name and version.
fn refine(portal: Portal, letter: &Letter, parts: &mut Parts) -> String {
    let body = if parts.from_html { "html" } else { "text" };
    match portal {
        Portal::ImmoScout24 | Portal::ImmoScout24At => immoscout24::refine(letter, parts),
        Portal::Immowelt => immowelt::refine(letter, parts),
        Portal::Immonet => immonet::refine(letter, parts),
        Portal::Kleinanzeigen => return kleinanzeigen::refine(letter, parts),
        Portal::Homegate | Portal::ImmoScout24Ch => homegate::refine(letter, parts),
        Portal::ImmobilierCh => immobilier_ch::refine(letter, parts),
        Portal::Idealista => idealista::refine(letter, parts),
        Portal::Willhaben => willhaben::refine(letter, parts),
        _ => {
            generic(letter, parts);
            return "generic@2".to_owned();
        }
    }
    generic(letter, parts);
    let name = match portal {
        Portal::ImmoScout24At => "immoscout24",
        Portal::ImmoScout24Ch => "homegate",
        Portal::ImmobilierCh => "immobilier_ch",
        other => other.as_str(),
    };
    format!("{name}.{body}@2")
}

/// Numbers in subjects and introductory sentences of any portal.
pub(crate) fn generic(letter: &Letter, parts: &mut Parts) {
    let reference = &mut parts.reference;
    if reference.external_number.is_none() {
        // Without a known message, any line may be the prospect's: only the subject counts.
        let known = if parts.person.message.is_some() { 200 } else { 0 };
        let lines = parts.outside.iter().take(known).map(String::as_str);
        let mut lines = std::iter::once(letter.subject.as_str()).chain(lines);
        reference.external_number = lines.find_map(|line| OWN_NUMBER.capture(line).and_then(filled));
        if reference.external_number.is_none() {
            let lines = parts.outside.iter().take(known.min(40)).map(String::as_str);
            let mut lines = std::iter::once(letter.subject.as_str()).chain(lines);
            let number = lines.find_map(|line| OBJECT_NUMBER.capture(line));
            reference.external_number = number.map(|n| n.trim_end_matches(['.', '-', '/', '_'])).and_then(filled);
        }
    }
    if reference.portal_object_id.is_none() {
        let known = if parts.person.message.is_some() { 60 } else { 0 };
        let lines = parts.outside.iter().take(known).map(String::as_str);
        let mut lines = std::iter::once(letter.subject.as_str()).chain(lines);
        reference.portal_object_id = lines.find_map(|line| PORTAL_NUMBER.capture(line).and_then(filled));
    }
    sentences::name(letter, parts);
}

/// Lines that are nothing but an address or a number, and the name right above them.
fn bare_lines(ctx: &Context, parts: &mut Parts) {
    let lines = &parts.outside;
    let alone = |line: &str| address::first(line).filter(|found| line.len() <= found.len() + 10);
    let foreign = |found: &String| !ctx.is_team(found) && !address::is_portals_own(found);
    let at = lines.iter().position(|line| alone(line).as_ref().is_some_and(foreign));
    let Some(at) = at.filter(|_| parts.person.email.is_none()) else {
        return;
    };
    parts.person.email = alone(&lines[at]);
    let around = &lines[at.saturating_sub(2)..lines.len().min(at + 3)];
    let phones = around.iter().filter(|line| BARE_PHONE.is_match(line)).cloned();
    parts.person.phones.extend(phones);
    let person = &mut parts.person;
    if person.first.is_none() && person.last.is_none() && person.whole.is_none() {
        let above = &lines[at.saturating_sub(2)..at];
        person.whole = above.iter().rev().find(|line| line.len() < 60 && BARE_NAME.is_match(line)).cloned();
    }
}

/// What the mail's own headers say about the prospect, where the body does not.
fn headers(letter: &Letter, ctx: &Context, parts: &mut Parts) {
    let theirs = |mailbox: &&Mailbox| {
        !mailbox.address.is_empty() && !ctx.is_team(&mailbox.address) && !address::is_portals_own(&mailbox.address)
    };
    let writer = letter.reply_to.iter().find(theirs).or_else(|| letter.from.as_ref().filter(theirs));
    if let Some(writer) = writer {
        if parts.person.email.is_none() && !address::is_no_reply(&writer.address) {
            parts.person.email = Some(writer.address.clone());
        }
        name_from(writer, &mut parts.person);
    }
    if let Some(from) = &letter.from {
        name_from(from, &mut parts.person);
    }
}

/// `Ida Probe über Kleinanzeigen`, `Ida via willhaben`; a plain name only beside a person's address.
fn name_from(mailbox: &Mailbox, person: &mut PersonParts) {
    if person.first.is_some() || person.last.is_some() || person.whole.is_some() {
        return;
    }
    let Some(display) = mailbox.name.as_deref() else {
        return;
    };
    let own = address::is_portals_own(&mailbox.address);
    let name = match VIA.find(display) {
        Some(via) => &display[..via.start()],
        None if own || crate::portals::by_name(display).is_some() => return,
        None => display,
    };
    person.whole = filled(name);
    person.single_is_last = false;
}

patterns! {
    VIA = r"(?i)\s+\(?(?:über|via|durch|par|tramite|a través de|on|auf|bei|von)\s+(?:www\.)?[\w.-]+\)?\s*$";
    /// `Kontaktanfrage für Objekt 3050-11`; fewer than three characters are more likely a count.
    OBJECT_NUMBER = r"(?i)\b(?:objekt|immobilie|liegenschaft|angebot|objet|bien|oggetto|immobile|property|inmueble)\s+\(?(?:(?:nr|nummer|no|n)[.°º]*\s*:?\s*|#)?((?:[\p{L}]{0,6}[0-9_./-]){3,}[\p{L}0-9_./-]*|\p{L}{1,6}[-_./]?\d[\p{L}0-9_./-]+)";
    OWN_NUMBER = r"(?i)\b(?:ihr(?:e)? (?:code|nummer|kennung)|obj(?:ekt)?\.?[ -]?(?:nr|nummer|id|kennung)|ref(?:erenz)?(?:\.?-?\s?(?:nr|nummer))?|immobilien-?(?:nr|nummer)|réf(?:érence)?|riferimento|rif|referencia)\b\.?\s*[:#]?\s*\(?([\p{L}0-9_./-]*\d[\p{L}0-9_./-]*)";
    PORTAL_NUMBER = r"(?i)\b(?:anzeigen?-?(?:nr|nummer|id)|scout-?id|inserat[es]?n?-?(?:nr|nummer|id)|(?:willhaben-?)?code|online-?id|expos[eé]-?id|annonce n[°o]|annuncio n\.?)\b\.?\s*[:#]?\s*\(?(\d{4,12}|[0-9a-f]{24})(?:$|[^\w/-])";
    BARE_PHONE = r"^\(?\+?\d[\d\s()/.-]{5,24}$";
    BARE_NAME = r"^(?:\p{Lu}[\p{L}.'’-]*,?)(?: (?:von|van|de|del|della|di|da|zu|der|den|\p{Lu}[\p{L}.'’-]*,?)){1,6}$";
}
