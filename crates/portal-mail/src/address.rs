//! E-mail addresses and links inside text, and whose addresses they are.

use crate::portals;
use crate::text::patterns;

/// Every e-mail address in `text`, lower case, in order.
pub(crate) fn all(text: &str) -> Vec<String> {
    if !text.contains('@') {
        return Vec::new();
    }
    EMAIL.all(crate::text::cut(text, 4_000)).into_iter().map(tidy).collect()
}

/// The first e-mail address in `text`, lower case.
pub(crate) fn first(text: &str) -> Option<String> {
    let text = Some(crate::text::cut(text, 4_000)).filter(|text| text.contains('@'))?;
    EMAIL.find(text).map(|found| tidy(found.as_str()))
}

/// The only address in `text` that is no portal's.
pub(crate) fn only_own(text: &str) -> Option<String> {
    let mut own: Vec<String> =
        all(text).into_iter().filter(|found| !is_relay(found) && !is_portals_own(found)).collect();
    own.sort();
    own.dedup();
    if own.len() == 1 { own.pop() } else { None }
}

fn tidy(address: &str) -> String {
    address.trim_matches(['.', '-', '\'']).to_lowercase().replace("mailto:", "")
}

/// Every link written out in `text`.
pub(crate) fn urls(text: &str) -> Vec<String> {
    if !text.contains("://") {
        return Vec::new();
    }
    let all = URL.all(crate::text::cut(text, 8_000));
    all.into_iter()
        .take(20)
        .map(|url| url.trim_end_matches(['.', ',', ')', '>', ']', ';', '"', '\'']).to_owned())
        .collect()
}

/// The domain behind the `@`.
pub(crate) fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A mask by a portal in front of a prospect's mailbox: an address at a portal's domain whose
/// local part is a token, or at a domain used for nothing else.
pub(crate) fn is_relay(address: &str) -> bool {
    let (local, domain) = address.rsplit_once('@').unwrap_or(("", address));
    if portals::by_domain(domain).is_none() {
        return false;
    }
    const RELAY_HOSTS: [&str; 12] = [
        "contacts.",
        "reply.",
        "relay.",
        "alias.",
        "anfrage.",
        "message.",
        "messages.",
        "msg.",
        "chat.",
        "conversation.",
        "kontakt.",
        "conv.",
    ];
    let token = local.split(['-', '_', '.', '+', '=']).any(|part| {
        part.len() >= 12 && part.chars().any(|c| c.is_ascii_digit())
            || part.len() >= 8 && part.chars().all(|c| c.is_ascii_digit())
    });
    let named = [
        "token-",
        "interessent-",
        "anbieter-",
        "interessent.",
        "alias-",
        "user-",
        "reply-",
        "reply+",
        "chat-",
        "conversation-",
    ];
    RELAY_HOSTS.iter().any(|host| domain.starts_with(host)) && !is_machine(local)
        || token
        || named.iter().any(|prefix| local.starts_with(prefix))
}

/// An address of the portal itself, which is never the prospect's.
pub(crate) fn is_portals_own(address: &str) -> bool {
    portals::by_domain(domain(address)).is_some() && !is_relay(address)
}

/// A sender nobody reads.
pub(crate) fn is_no_reply(address: &str) -> bool {
    is_machine(address.split('@').next().unwrap_or(address))
}

fn is_machine(local: &str) -> bool {
    MACHINE.is_match(local)
}

patterns! {
    EMAIL = r"(?i)[\p{L}0-9._%+'=-]+@[\p{L}0-9](?:[\p{L}0-9-]*[\p{L}0-9])?(?:\.[\p{L}0-9](?:[\p{L}0-9-]*[\p{L}0-9])?)+";
    URL = r#"(?i)https?://[^\s<>"']+"#;
    MACHINE = r"(?i)^(?:no|do|not|donot|keine?|nicht)?[-_.]?(?:no)?[-_.]?(?:reply|antwort(?:en)?)\d*$|^(?:noreply|no-reply|donotreply|mailer-daemon|postmaster|daemon|bounces?|notifications?|newsletter|news|service|info-?service|mail|system|alerts?|robot|automail|nepasrepondre|ne-pas-repondre|mailing)\b.*";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose() {
        assert_eq!(all("a <Ida.Probe@Example.org>, b@x.test."), ["ida.probe@example.org", "b@x.test"]);
        assert_eq!(first("mailto:ida@example.org"), Some("ida@example.org".into()));
        assert!(is_relay("abc123def456@contacts.idealista.com"));
        assert!(is_relay("token-0123456789abcdef0123456789abcdef01234567-ek-ek@mail.kleinanzeigen.de"));
        assert!(is_portals_own("noreply@immobilienscout24.de"));
        assert!(is_portals_own("noreply-immobilien@mail.kleinanzeigen.de"));
        assert!(!is_relay("ida@example.org") && !is_portals_own("ida@example.org"));
        assert_eq!(only_own("LG Ida\nida@example.org, Ida@example.org").as_deref(), Some("ida@example.org"));
        assert_eq!(only_own("an a@example.org oder b@example.org"), None);
        assert_eq!(only_own("über noreply@immobilienscout24.de"), None);
        assert_eq!(urls("siehe https://example.org/a). Ende"), ["https://example.org/a"]);
    }
}
