//! The portals: how to tell which one wrote, and what each does differently.

use crate::address;
use crate::letter::Letter;
use crate::model::{Context, Portal};

mod dialect;
pub(crate) mod introduced;
pub(crate) mod noise;
mod prose;
pub(crate) mod read;
mod sentences;

pub(crate) mod homegate;
pub(crate) mod idealista;
pub(crate) mod immobilier_ch;
pub(crate) mod immonet;
pub(crate) mod immoscout24;
pub(crate) mod immowelt;
pub(crate) mod kleinanzeigen;
pub(crate) mod willhaben;

pub(crate) use dialect::Parts;

const DOMAINS: &[(&str, Portal)] = &[
    ("immobilienscout24.de", Portal::ImmoScout24),
    ("immoscout24.de", Portal::ImmoScout24),
    ("immobilienscout24.at", Portal::ImmoScout24At),
    ("immoscout24.at", Portal::ImmoScout24At),
    ("immoscout24.ch", Portal::ImmoScout24Ch),
    ("immowelt.de", Portal::Immowelt),
    ("immowelt.at", Portal::Immowelt),
    ("immowelt.ch", Portal::Immowelt),
    ("immonet.de", Portal::Immonet),
    ("immonet.at", Portal::Immonet),
    ("kleinanzeigen.de", Portal::Kleinanzeigen),
    ("ebay-kleinanzeigen.de", Portal::Kleinanzeigen),
    ("ivd24immobilien.de", Portal::Ivd24),
    ("ivd24.de", Portal::Ivd24),
    ("homegate.ch", Portal::Homegate),
    ("immobilier.ch", Portal::ImmobilierCh),
    ("idealista.com", Portal::Idealista),
    ("idealista.pt", Portal::Idealista),
    ("idealista.it", Portal::Idealista),
    ("willhaben.at", Portal::Willhaben),
    ("derstandard.at", Portal::DerStandard),
    ("findmyhome.at", Portal::FindMyHome),
    ("immmo.at", Portal::Immmo),
    ("kalaydo.de", Portal::Kalaydo),
    ("immozentral.com", Portal::Immozentral),
    ("immopool.de", Portal::Immopool),
    ("1a-immobilienmarkt.de", Portal::EinsAImmobilienmarkt),
    ("neubaukompass.de", Portal::Neubaukompass),
    ("neubaukompass.com", Portal::Neubaukompass),
    ("comparis.ch", Portal::Comparis),
    ("newhome.ch", Portal::Newhome),
    ("immostreet.ch", Portal::Immostreet),
    ("flatfox.ch", Portal::Flatfox),
];

/// Names as XML senders and display names write them, as keys; the longer ones first.
const NAMES: &[(&str, Portal)] = &[
    ("immobilienscout24at", Portal::ImmoScout24At),
    ("immoscout24at", Portal::ImmoScout24At),
    ("immoscout24ch", Portal::ImmoScout24Ch),
    ("immobilienscout24", Portal::ImmoScout24),
    ("immobilienscout", Portal::ImmoScout24),
    ("immoscout24", Portal::ImmoScout24),
    ("immoscout", Portal::ImmoScout24),
    ("scout24", Portal::ImmoScout24),
    ("is24", Portal::ImmoScout24),
    ("immowelt", Portal::Immowelt),
    ("immonet", Portal::Immonet),
    ("kleinanzeigen", Portal::Kleinanzeigen),
    ("ivd24", Portal::Ivd24),
    ("homegate", Portal::Homegate),
    ("immobilierch", Portal::ImmobilierCh),
    ("idealista", Portal::Idealista),
    ("willhaben", Portal::Willhaben),
    ("derstandard", Portal::DerStandard),
    ("findmyhome", Portal::FindMyHome),
    ("immmo", Portal::Immmo),
    ("kalaydo", Portal::Kalaydo),
    ("immozentral", Portal::Immozentral),
    ("immopool", Portal::Immopool),
    ("1aimmobilienmarkt", Portal::EinsAImmobilienmarkt),
    ("neubaukompass", Portal::Neubaukompass),
    ("comparis", Portal::Comparis),
    ("newhome", Portal::Newhome),
    ("immostreet", Portal::Immostreet),
    ("flatfox", Portal::Flatfox),
];

/// The portal whose domain this is, subdomains included.
pub(crate) fn by_domain(domain: &str) -> Option<Portal> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    DOMAINS
        .iter()
        .find(|(own, _)| domain == *own || domain.strip_suffix(own).is_some_and(|sub| sub.ends_with('.')))
        .map(|(_, portal)| *portal)
}

/// The portal a name means (`sender/name` of XML, display names of unwrapped forwards).
pub(crate) fn by_name(name: &str) -> Option<Portal> {
    let key = crate::text::key(name);
    NAMES.iter().find(|(known, _)| key.contains(known)).map(|(_, portal)| *portal)
}

/// The portal that wrote the letter. Senders decide; signing domains only where a forwarder took
/// the author's place.
pub(crate) fn identify(letter: &Letter, ctx: &Context) -> Option<Portal> {
    if let Some(portal) = letter.senders.iter().find_map(|sender| by_domain(address::domain(sender))) {
        return Some(portal);
    }
    if letter.copies.iter().any(|copy| copy == "objektanfragen@immowelt.de") {
        return Some(Portal::Immowelt);
    }
    let from = letter.from.as_ref();
    let hidden = from.is_none_or(|from| from.address.is_empty() || ctx.is_team(&from.address));
    if hidden {
        let named = from.filter(|_| letter.forwarded).and_then(|from| by_name(from.name.as_deref()?));
        return named.or_else(|| letter.domains.iter().find_map(|domain| by_domain(domain)));
    }
    None
}
