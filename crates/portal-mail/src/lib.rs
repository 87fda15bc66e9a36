//! Understands one e-mail from a property portal; knows no tenant, database or network.
//!
//! [`understand`] turns raw RFC 5322 bytes into what intake makes of them: what the mail is
//! ([`Class`]), where it came from ([`Portal`]) and the enquiries in it ([`LeadDraft`]). It is a
//! pure function: no clock, no randomness, no input but its arguments; it never panics and its
//! time and memory are bounded by the size of the mail.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod auto;
mod bounce;
mod charset;
mod direct;
mod disclosure;
mod facts;
mod forward;
mod html;
mod labels;
mod language;
mod layout;
mod letter;
mod mime;
mod model;
mod person;
mod person_draft;
mod phone;
mod portals;
mod reference;
mod reply;
mod segment;
mod signature;
mod sniff;
mod tame;
mod text;
mod understand;
mod xml;

pub use facts::{AttachmentFacts, BounceFacts, MailFacts, Mailbox};
pub use language::detect_language;
pub use layout::{Layout, LayoutField, Place, Rule, apply as apply_layout, infer as infer_layout};
pub use model::{
    AdapterId, AddressKind, Class, Context, Country, Cut, Language, LeadDraft, Portal, Reference, Salutation,
    SelfDisclosure, Understood,
};
pub use person::{PersonName, salutation, split_name};
pub use phone::normalise_phone;
pub use reference::{expose_ids, normalise_reference, split_address, split_street, split_zip_city};

/// What intake makes of the raw bytes of one mail.
pub fn understand(raw: &[u8], ctx: &Context) -> Understood {
    understand::understand(raw, ctx)
}

/// Whether `portal` sends its mail from this domain, or one below it.
pub fn is_domain_of(domain: &str, portal: Portal) -> bool {
    portals::by_domain(domain) == Some(portal)
}

/// What a person wrote now in the plain text of a mail: quoted history and signature removed.
pub fn new_text(text: &str) -> String {
    reply::new_text(text)
}

/// What a person reads in a page of HTML: no markup, no scripts, paragraphs kept.
pub fn text_of_html(html: &str) -> String {
    segment::to_text(&html::segments(html))
}

/// Bytes of a text file as text: by its byte order mark, else UTF-8, else the one-byte encoding of Western Europe.
pub fn decode_text(bytes: &[u8]) -> String {
    charset::decode(bytes, None).unwrap_or_default()
}

/// The decoded bytes of the attachment with this [`AttachmentFacts::part_index`].
pub fn attachment_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    attachments_bytes(raw, &[index]).pop().flatten()
}

/// The same for several attachments, in the order asked for, taking the mail apart once.
pub fn attachments_bytes(raw: &[u8], indexes: &[usize]) -> Vec<Option<Vec<u8>>> {
    mime::attachments(raw, indexes)
}

/// The MIME type these bytes have by their own signature, whatever anybody declares; none when they have none we know.
pub fn signature(bytes: &[u8]) -> Option<&'static str> {
    sniff::signature(bytes)
}

/// The one address of their own that somebody wrote into a text; none when there are several. Portals' addresses, masked
/// ones among them, do not count.
pub fn own_address(text: &str) -> Option<String> {
    address::only_own(text)
}

/// Whether an address is a portal's own or a mask it puts in front of a prospect's: `None` for everybody else's.
pub fn portal_address(address: &str) -> Option<AddressKind> {
    if address::is_relay(address) {
        Some(AddressKind::Relay)
    } else if address::is_portals_own(address) {
        Some(AddressKind::None)
    } else {
        None
    }
}
