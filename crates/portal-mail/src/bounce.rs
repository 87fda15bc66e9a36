//! Delivery reports: RFC 3464 and the non-standard ones of older or proud servers.

use crate::address;
use crate::facts::BounceFacts;
use crate::mime::Mail;
use crate::text::patterns;

/// Facts of the failed mail when this is a delivery report, else none. Success reports and
/// receipts are no bounces.
pub(crate) fn detect(mail: &Mail) -> Option<BounceFacts> {
    let body = std::cell::LazyCell::new(|| body(mail));
    let standard = mail.report_parts.iter().any(|part| FINAL.is_match(part) || STATUS.is_match(part))
        && mail.report_type.as_deref() != Some("disposition-notification")
        && mail.report_type.as_deref() != Some("feedback-report");
    if !standard && !non_standard(mail, &|| body.as_str()) {
        return None;
    }
    let report = mail.report_parts.join("\n");
    if standard
        && ACTION
            .capture(&report)
            .is_some_and(|action| matches!(action.to_ascii_lowercase().as_str(), "delivered" | "relayed" | "expanded"))
    {
        return None;
    }
    let own = mail.from.as_ref().map(|from| from.address.clone()).unwrap_or_default();
    let recipient = FINAL
        .capture(&report)
        .or_else(|| ORIGINAL.capture(&report))
        .and_then(address::first)
        .or_else(|| mail.header("x-failed-recipients").and_then(address::first))
        .or_else(|| FAILED_LINE.capture(&body).and_then(address::first))
        .or_else(|| {
            address::all(crate::text::cut(&body, 3_000)).into_iter().find(|found| *found != own && !is_system(found))
        });
    let status = STATUS
        .capture(&report)
        .or_else(|| ENHANCED.capture(&report))
        .or_else(|| ENHANCED.capture(&body))
        .map(str::to_owned)
        .or_else(|| SMTP_CODE.capture(&body).map(|code| format!("{}.0.0", &code[..1])));
    // One report may speak of several recipients: what failed for one has failed.
    let actions = ACTION.all(&report);
    let delayed = match actions.is_empty() {
        true => DELAY.is_match(mail.subject.as_deref().unwrap_or_default()) && DELAY.is_match(&body),
        false => actions.iter().all(|action| action.to_ascii_lowercase().ends_with("delayed")),
    };
    Some(BounceFacts { original_message_id: original_id(mail, &report, &body), recipient, status, delayed })
}

fn body(mail: &Mail) -> String {
    match (&mail.text, &mail.html) {
        (Some(text), _) => crate::text::cut(text, 64 << 10).to_owned(),
        (None, Some(_)) => crate::segment::to_text(mail.html_lines()),
        (None, None) => String::new(),
    }
}

fn non_standard<'b>(mail: &Mail, body: &dyn Fn() -> &'b str) -> bool {
    let from = mail.from.as_ref().map(|from| from.address.as_str()).unwrap_or_default();
    let name = mail.from.as_ref().and_then(|from| from.name.as_deref()).unwrap_or_default();
    // `From: MAILER-DAEMON <>` has no address that a parser would return.
    let written = mail.header("from").unwrap_or_default();
    let system = is_system(from)
        || SYSTEM_NAME.is_match(name)
        || SYSTEM_FROM.is_match(written)
        || mail.header("x-failed-recipients").is_some();
    let null_path = mail.header("return-path").is_some_and(|path| path.trim() == "<>");
    let subject = mail.subject.as_deref().unwrap_or_default();
    let says = || SUBJECT.is_match(subject);
    let explains = || BODY.is_match(crate::text::cut(body(), 6_000));
    let auto = mail.header("auto-submitted").is_some_and(|value| value.to_ascii_lowercase().starts_with("auto-"));
    // A person may write "undeliverable"; a server that says so names itself or leaves no path back.
    (system && (says() || explains())) || ((null_path || auto) && says() && explains())
}

fn is_system(address: &str) -> bool {
    SYSTEM.is_match(address)
}

/// The Message-ID of the mail that failed, from the returned copy or header block.
fn original_id(mail: &Mail, report: &str, body: &str) -> Option<String> {
    let nested = mail.nested.iter().find_map(|nested| nested.message_id.clone());
    nested
        .or_else(|| mail.header("x-original-message-id").and_then(|id| BARE_ID.capture(id)).map(str::to_owned))
        .or_else(|| MESSAGE_ID.capture(report).map(str::to_owned))
        .or_else(|| MESSAGE_ID.capture(body).map(str::to_owned))
        .or_else(|| mail.in_reply_to.clone())
        .or_else(|| mail.references.last().cloned())
}

patterns! {
    FINAL = r"(?im)^\s*final-recipient\s*:\s*(?:[\w-]+\s*;)?\s*(.+)$";
    ORIGINAL = r"(?im)^\s*original-recipient\s*:\s*(?:[\w-]+\s*;)?\s*(.+)$";
    ACTION = r"(?im)^\s*action\s*:\s*(\w+)";
    STATUS = r"(?im)^\s*status\s*:\s*([245]\.\d{1,3}\.\d{1,3})";
    ENHANCED = r"(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)";
    SMTP_CODE = r"(?m)(?:^|[\s#:(\[<])([45][0-5]\d)(?:[\s\-)\]:>])";
    DELAY = r"(?i)delayed|will (?:keep|continue) (?:trying|to)|do not need to resend|not yet been delivered|verzögert";
    SYSTEM = r"(?i)^(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|mail[._-]?(?:delivery|system|admin)|mailerdaemon|delivery-?(?:status|failure)|bounce[sd]?|microsoftexchange[0-9a-f]+|root|autopostmaster|daemon)(?:[+._-].*)?@|^<>$|^mailer-daemon$";
    SYSTEM_FROM = r"(?i)^\W*(?:mailer-?daemon|mail-?daemon|post_?master|daemon)\W*(?:<[^<>]*>)?\W*$|^\s*<>\s*$|^post_?master@";
    SYSTEM_NAME = r"(?i)mail(?:er)?[ -]?(?:delivery|daemon)|mail ?admin|postmaster|mail (?:system|subsystem)|delivery (?:sub)?system|mail gateway";
    SUBJECT = concat!(
        r"(?i)undeliver|non[- ]?deliver|not deliver|deliver(?:y|ing)?[^.]{0,30}(?:fail|status|problem|delay|error|not|report)|fail(?:ure|ed)[^.]{0,20}(?:notice|delivery|mail|message|deliver)|returned (?:mail|to sender)|mail(?: system)? (?:error|delivery|could not)|",
        r"unzustellbar|nicht (?:zustellbar|zugestellt|übermittelt)|zustell(?:ung|problem|fehler)|unable to deliver|could ?n.t be delivered|message status|bounce|message delayed|warning: (?:message|could not)|undelivered|",
        r"non remis|échec (?:de|d.)|impossible de remettre|mancata consegna|non (?:recapitato|consegnat)|no se (?:ha )?(?:pudo|podido) entregar|mensaje no entregado|devuelto|delayed mail|error sending|trouble delivering"
    );
    BODY = concat!(
        r"(?i)could(?: not|n.t) be delivered|(?:was|were|has|have) not (?:been )?(?:delivered|able)|unable to deliver|delivery (?:to|has|failed|of|attempt)|permanent (?:fatal )?error|user (?:unknown|not found|doesn)|unknown (?:user|recipient|address)|no such (?:user|recipient|address|mailbox|domain)|mailbox (?:full|unavailable|not found|is full|quota)|",
        r"address rejected|recipient (?:rejected|unknown|address|not)|does not exist|host (?:unknown|not found)|(?:over|exceed)\w* (?:the )?quota|undeliver|returned mail|following (?:address|recipient)|transcript of session|not listed in|can.?t be (?:found|reached|delivered)|message you sent|not delivered|",
        r"konnte nicht (?:an|zugestellt|übermittelt|ausgeliefert)|nicht zugestellt|empfänger|unzustellbar|postfach|n.a pas pu être|destinataire|non (?:è stato|ha potuto)|destinatario|no se pudo|rejected|refused|blocked|failed|had (?:trouble|delivery problems)|invalid user"
    );
    FAILED_LINE = r"(?im)^\s*(?:<?([^\s<>:]+@[^\s<>:]+)>?\s*:?\s*$|.{0,60}(?:to|recipient|address(?:es)?|user|empfänger)\s*:?\s*<?[^\s<>]+@[^\s<>]+>?)";
    MESSAGE_ID = r"(?im)^\s*(?:\w+-)?message-id\s*:\s*<?([^\s<>]+@[^\s<>]+)>?";
    BARE_ID = r"<?([^\s<>]+@[^\s<>]+)>?";
}
