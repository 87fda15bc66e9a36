//! Unwraps forwards to the mail inside (PORTALS.md §6).
//!
//! Forwards by hand are unwrapped only when the outer sender belongs to the tenant: anybody can
//! write a mail that looks like a forward, and the first address in a body proves nothing.

use std::rc::Rc;

use crate::address;
use crate::facts::Mailbox;
use crate::letter::Letter;
use crate::mime::Mail;
use crate::model::Context;
use crate::segment::{self, Segment};
use crate::text::patterns;

pub(crate) mod block;

/// Forwards of forwards that are followed.
const MAX_LEVELS: usize = 5;

/// The mail that matters, with the reasons for every layer taken off.
pub(crate) fn resolve(mail: &Mail, ctx: &Context, reasons: &mut Vec<String>) -> Letter {
    let mut letter = Letter::of(mail);
    original_senders(mail, &mut letter, ctx, reasons);
    let mut current = mail;
    for _ in 0..MAX_LEVELS {
        if !by_team(&letter, ctx) {
            break;
        }
        if let Some(nested) = current.nested.first() {
            reasons.push("unwrapped: mail attached as message/rfc822 by the team".to_owned());
            letter = Letter { forwarded: true, ..Letter::of(nested) };
            original_senders(nested, &mut letter, ctx, reasons);
            current = nested;
            continue;
        }
        if answers_outside(&letter, ctx) {
            reasons.push("not unwrapped: the team's own answer to somebody".to_owned());
            break;
        }
        let Some(inner) = inline(&letter) else { break };
        reasons.push("unwrapped: forwarded by the team, header block in the body".to_owned());
        letter = inner;
    }
    letter
}

fn by_team(letter: &Letter, ctx: &Context) -> bool {
    letter.from.as_ref().is_some_and(|from| ctx.is_team(&from.address))
}

/// An answer by the team to a person outside quotes that person's mail exactly as a forward does.
fn answers_outside(letter: &Letter, ctx: &Context) -> bool {
    ANSWER.is_match(&letter.subject)
        && letter.copies.iter().any(|to| !ctx.is_team(to))
        && letter.threaded
        && !letter.forwarded
}

/// Automatic forwards change From or the envelope; what they keep of the author is read here.
fn original_senders(mail: &Mail, letter: &mut Letter, ctx: &Context, reasons: &mut Vec<String>) {
    for name in ["x-original-from", "x-original-sender", "x-google-original-from", "x-envelope-from", "sender"] {
        for value in mail.header_all(name) {
            letter.senders.extend(address::first(value));
        }
    }
    for value in mail.header_all("return-path") {
        letter.senders.extend(rewritten_sender(value).or_else(|| address::first(value)));
    }
    letter.senders.extend(mail.reply_to.iter().map(|reply| reply.address.clone()));
    letter.senders.dedup();
    let rewritten = by_team(letter, ctx) || letter.from.as_ref().is_some_and(is_group_rewrite);
    let original = ["x-original-from", "x-google-original-from", "x-original-sender"]
        .iter()
        .find_map(|name| mailbox(mail.header(name)?))
        .filter(|original| !ctx.is_team(&original.address));
    if let Some(original) = original.filter(|_| rewritten) {
        reasons.push("automatic forward: author taken from the original-sender header".to_owned());
        letter.from = Some(original);
    } else if rewritten
        && let Some(sender) = mail.header_all("return-path").find_map(rewritten_sender)
        && crate::portals::by_domain(address::domain(&sender)).is_some()
    {
        reasons.push("automatic forward: sender taken from a rewritten return path".to_owned());
        letter.from = Some(Mailbox { name: None, address: sender });
    }
}

/// `"Ida via Vertrieb" <vertrieb@agency>`: a mailing group put its own address into From.
fn is_group_rewrite(from: &Mailbox) -> bool {
    from.name.as_deref().is_some_and(|name| VIA.is_match(name))
        && crate::portals::by_domain(address::domain(&from.address)).is_none()
}

/// `SRS0=hash=tt=domain=local@forwarder` back to `local@domain`.
fn rewritten_sender(path: &str) -> Option<String> {
    let parts = SRS.captures(path)?;
    Some(format!("{}@{}", &parts[2], &parts[1]).to_lowercase())
}

pub(crate) fn mailbox(value: &str) -> Option<Mailbox> {
    let address = address::first(value)?;
    let name = value.split(['<', '[', '(']).next().unwrap_or_default().replace(['"', '\''], " ");
    let name = crate::text::squeeze(&name);
    let name = (!name.is_empty() && !name.contains('@')).then_some(name);
    Some(Mailbox { name, address })
}

/// The mail inside a body with a forwarded header block.
fn inline(letter: &Letter) -> Option<Letter> {
    let in_text = block::find(&letter.text);
    let in_html = block::find(&letter.html);
    let head = in_text.as_ref().or(in_html.as_ref())?;
    let from = head.from.as_deref().and_then(mailbox);
    let name_only = head.from.clone().filter(|_| from.is_none());
    let reply_to = head.reply_to.as_deref().and_then(mailbox).into_iter().collect::<Vec<_>>();
    let body = |segments: &[Segment], found: &Option<block::Block>| match found {
        Some(block) => segment::unquoted(&segment::tail(segments, block.body)),
        None => Vec::new(),
    };
    let mut senders: Vec<String> = from.iter().map(|from| from.address.clone()).collect();
    senders.extend(reply_to.iter().map(|reply| reply.address.clone()));
    Some(Letter {
        from: from.or_else(|| name_only.map(|name| Mailbox { name: Some(name), address: String::new() })),
        reply_to,
        senders,
        domains: Vec::new(),
        copies: head.copies.iter().flat_map(|line| address::all(line)).collect(),
        subject: head.subject.clone().unwrap_or_else(|| letter.subject.clone()),
        text: Rc::new(body(&letter.text, &in_text)),
        html: Rc::new(body(&letter.html, &in_html)),
        xml: letter.xml.clone(),
        source: letter.source.clone(),
        threaded: false,
        forwarded: true,
    })
}

patterns! {
    ANSWER = r"(?i)^\s*(?:re|aw|antw|antwort|r[eé]f?|rép|ris?|odp|sv)\s*:";
    VIA = r"(?i)\b(?:via|über|durch|par|tramite|a través de)\b";
    SRS = r"(?i)SRS[01]=[^=@]*=[^=@]*=([a-z0-9.-]+)=([^@\s>]+)@";
}
