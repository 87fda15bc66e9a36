//! The order of decisions: forward, XML, portal, machine, reply, junk, form, person, tray.

use crate::facts::MailFacts;
use crate::language::detect_language;
use crate::letter::Letter;
use crate::mime::{self, Mail};
use crate::model::{AdapterId, Class, Context, Cut, Language, LeadDraft, Portal, Understood};
use crate::portals::read::Outcome;
use crate::segment::Segment;
use crate::{auto, bounce, direct, forward, portals, reply, segment, xml};

pub(crate) fn understand(raw: &[u8], ctx: &Context) -> Understood {
    let mail = mime::decode(raw);
    let mut reasons = Vec::new();
    let text = plain_text(&mail);
    let mut verdict = decide(&mail, &text, ctx, &mut reasons);
    let leads = std::mem::take(&mut verdict.leads);
    // A portal's mail quotes nobody, and what the prospect wrote in it was read already.
    let new = match is_own_words(&verdict) || leads.is_empty() {
        true => reply::cut(&text),
        false => reply::New { text: text.clone(), ..reply::New::default() },
    };
    let cut = cuts(&verdict, &leads, &reasons, &new);
    let language = match leads.first() {
        Some(lead) => lead.language,
        None => detect_language(&new.text),
    };
    let mut facts = facts(mail, text, new.text, language);
    facts.bounce = verdict.bounce;
    let adapter = verdict.adapter.map(AdapterId);
    Understood {
        class: verdict.class,
        portal: verdict.portal,
        version: adapter.as_ref().and_then(AdapterId::version),
        adapter,
        leads,
        reasons,
        cut,
        mail: facts,
    }
}

/// What the person's words were freed from.
fn cuts(verdict: &Verdict, leads: &[LeadDraft], reasons: &[String], new: &reply::New) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let mut cut = |what, why| cuts.push(Cut { what, why });
    if reasons.iter().any(|reason| reason.starts_with("unwrapped")) {
        cut("forward", "the team's own words and the header block around the mail inside");
    }
    if leads.iter().any(|lead| lead.self_disclosure.is_some()) {
        cut("self_disclosure", "the portal's questionnaire is kept apart from the message");
    }
    let by_labels =
        verdict.portal.is_some() || verdict.adapter.as_deref().is_some_and(|name| name.starts_with("generic"));
    if by_labels && leads.iter().any(|lead| lead.message.is_some()) {
        cut("portal_text", "labels, buttons and footer around the message are the portal's");
    }
    let own_words = is_own_words(verdict);
    if own_words && new.history {
        cut("history", "earlier mails quoted in this one were answered before");
    }
    if own_words && new.signature {
        cut("signature", "a signature says nothing new");
    }
    cuts
}

/// Whether the whole mail is what a person wrote, not a portal around them.
fn is_own_words(verdict: &Verdict) -> bool {
    verdict.class == Class::Reply || verdict.adapter.as_deref().is_some_and(|name| name.starts_with("direct"))
}

struct Verdict {
    class: Class,
    portal: Option<Portal>,
    adapter: Option<String>,
    leads: Vec<LeadDraft>,
    bounce: Option<crate::facts::BounceFacts>,
}

impl Verdict {
    fn of(class: Class) -> Self {
        Self { class, portal: None, adapter: None, leads: Vec::new(), bounce: None }
    }

    fn by(self, portal: Option<Portal>) -> Self {
        Self { portal, ..self }
    }

    fn leads(leads: Vec<LeadDraft>, adapter: &str, portal: Option<Portal>) -> Self {
        Self { portal, adapter: Some(adapter.to_owned()), leads, ..Self::of(Class::Lead) }
    }
}

fn decide(mail: &Mail, text: &str, ctx: &Context, reasons: &mut Vec<String>) -> Verdict {
    let mut reason = |text: &str| reasons.push(text.to_owned());
    if mail.from.is_none() && text.trim().is_empty() && mail.attachments.is_empty() && mail.report_parts.is_empty() {
        reason("unknown: no sender and no readable content");
        return Verdict::of(Class::Unknown);
    }
    if let Some(facts) = bounce::detect(mail) {
        reason("bounce: delivery report");
        return Verdict { bounce: Some(facts), ..Verdict::of(Class::Bounce) };
    }
    let letter = forward::resolve(mail, ctx, reasons);
    let portal = portals::identify(&letter, ctx);
    let mut reason = |text: &str| reasons.push(text.to_owned());
    if let Some(found) = from_xml(&letter, ctx) {
        let portal = portal.or_else(|| found.sender.as_deref().and_then(portals::by_name));
        reason("lead: portal XML");
        note_disclosure(&found.leads, &mut reason);
        return Verdict::leads(found.leads, found.adapter, portal);
    }
    match portal {
        Some(portal) => from_portal(portal, mail, &letter, ctx, &mut reason),
        None => without_portal(mail, &letter, text, ctx, &mut reason),
    }
}

fn from_xml(letter: &Letter, ctx: &Context) -> Option<xml::FromXml> {
    // Text whose very markup is escaped, and HTML, hold the XML only once their entities are resolved.
    let of_lines = |lines: &[Segment]| match lines.iter().any(|line| xml::is_begun(&line.text)) {
        true => xml::read(&[], &segment::to_text(lines), ctx),
        false => None,
    };
    xml::read(&letter.xml, &letter.source, ctx).or_else(|| of_lines(&letter.text)).or_else(|| of_lines(&letter.html))
}

fn from_portal(portal: Portal, mail: &Mail, letter: &Letter, ctx: &Context, reason: &mut dyn FnMut(&str)) -> Verdict {
    let verdict = match portals::read::read(portal, letter, ctx) {
        Outcome::Lead { adapter, lead } => {
            reason(match (lead.incomplete, &lead.message) {
                (false, _) => "lead: fields found in a portal mail",
                (true, Some(_)) => "lead: incomplete, the mail names no address and no phone number",
                (true, None) => "lead: incomplete, the enquiry is behind a link of the portal",
            });
            note_disclosure(std::slice::from_ref(&lead), reason);
            Verdict::leads(vec![*lead], &adapter, None)
        }
        Outcome::NotLead(kind) => {
            reason(&format!("noise: {kind}"));
            Verdict::of(Class::Noise)
        }
        Outcome::Unknown => {
            if let Some(why) = auto::auto_reply(mail).filter(|why| !why.ends_with("Suppress") && !letter.forwarded) {
                reason(why);
                Verdict::of(Class::AutoReply)
            } else if mail.header("list-unsubscribe").is_some() && !letter.forwarded {
                reason("noise: bulk mail of a portal without an enquiry");
                Verdict::of(Class::Noise)
            } else {
                reason("unknown: sent by a portal, but no person was found in it");
                Verdict::of(Class::Unknown)
            }
        }
    };
    verdict.by(Some(portal))
}

fn note_disclosure(leads: &[LeadDraft], reason: &mut dyn FnMut(&str)) {
    if leads.iter().any(|lead| lead.self_disclosure.is_some()) {
        reason("cut: self-disclosure taken out of the message and kept apart");
    }
}

fn without_portal(mail: &Mail, letter: &Letter, text: &str, ctx: &Context, reason: &mut dyn FnMut(&str)) -> Verdict {
    let team = letter.from.as_ref().is_some_and(|from| ctx.is_team(&from.address));
    if let Some(why) = auto::auto_reply(mail).filter(|_| !letter.forwarded) {
        reason(why);
        return Verdict::of(Class::AutoReply);
    }
    if !letter.forwarded && letter.threaded && !team {
        if let Some(why) = auto::bulk(mail).filter(|why| why.contains("list headers") || why.contains("Precedence")) {
            reason(why);
            return Verdict::of(Class::Noise);
        }
        reason("reply: answers an earlier mail (In-Reply-To or References)");
        return Verdict::of(Class::Reply);
    }
    let body = segment::to_text(letter.body());
    if let Some(why) = auto::spam(mail, if body.is_empty() { text } else { &body }) {
        reason(why);
        return Verdict::of(Class::Spam);
    }
    if let Some(lead) = direct::from_labels(letter, ctx) {
        reason("lead: labelled fields name a person");
        let leads = vec![lead];
        note_disclosure(&leads, reason);
        return Verdict::leads(leads, "generic@2", None);
    }
    if team {
        reason("unknown: written by the team itself, nothing forwarded inside");
        return Verdict::of(Class::Unknown);
    }
    if let Some(why) = auto::bulk(mail).filter(|_| !letter.forwarded) {
        reason(why);
        return Verdict::of(Class::Noise);
    }
    if let Some(lead) = direct::from_person(letter, ctx) {
        reason("lead: a person's own mail that reads like an enquiry");
        return Verdict::leads(vec![lead], "direct@1", None);
    }
    let nameless = letter.forwarded && letter.from.as_ref().is_none_or(|from| from.address.is_empty());
    if nameless && direct::reads_like_enquiry(&letter.subject, &body) {
        reason("unknown: the forwarded mail reads like an enquiry but names no address of its writer");
        return Verdict::of(Class::Unknown);
    }
    if REPLY_SUBJECT.is_match(&letter.subject) && !body.trim().is_empty() {
        reason("reply: answering subject without thread headers");
        return Verdict::of(Class::Reply);
    }
    reason("unknown: no portal, no labelled fields, does not read like an enquiry");
    Verdict::of(Class::Unknown)
}

fn plain_text(mail: &Mail) -> String {
    match (&mail.text, &mail.html) {
        (Some(text), _) => crate::text::plain(text),
        (None, Some(_)) => segment::to_text(mail.html_lines()),
        (None, None) => String::new(),
    }
}

fn facts(mail: Mail, text: String, new_text: String, language: Option<Language>) -> MailFacts {
    let submitted = mail.header("auto-submitted");
    let auto_submitted = submitted.map(|v| v.split(';').next().unwrap_or_default().trim().to_lowercase());
    MailFacts {
        auto_submitted,
        from: mail.from,
        reply_to: mail.reply_to,
        to: mail.to,
        cc: mail.cc,
        subject: mail.subject,
        message_id: mail.message_id,
        in_reply_to: mail.in_reply_to,
        references: mail.references,
        date: mail.date,
        text,
        new_text,
        html: mail.html,
        language,
        attachments: mail.attachments,
        bounce: None,
    }
}

crate::text::patterns! {
    REPLY_SUBJECT = r"(?i)^\s*(?:(?:wg|fwd?|tr|i)\s*:\s*)*(?:re|aw|antw(?:ort)?|r[eé]f?|rép|ris?)\s*:";
}
