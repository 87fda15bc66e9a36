//! What an `ARC-Authentication-Results` header says of DKIM (RFC 8617, section 4.1.1; RFC 8601).

/// Longest header that is read.
const MAX_BYTES: usize = 16 * 1024;

/// Domains whose DKIM signatures passed: `dkim=pass (…) header.d=immowelt.de` or `header.i=@immowelt.de`.
pub(crate) fn dkim_passed(header: &[u8]) -> Vec<String> {
    let header = &header[..header.len().min(MAX_BYTES)];
    let text = without_comments(&String::from_utf8_lossy(header)).to_ascii_lowercase();
    let mut domains: Vec<String> = text.split(';').filter_map(passed).collect();
    domains.sort();
    domains.dedup();
    domains
}

/// The domain of one result, if it is a pass of DKIM.
fn passed(result: &str) -> Option<String> {
    let mut words = result.split_whitespace();
    if words.next()? != "dkim=pass" {
        return None;
    }
    let mut named = None;
    for word in words {
        if let Some(domain) = word.strip_prefix("header.d=") {
            return Some(domain.trim_matches('"').to_owned());
        }
        if let Some(identity) = word.strip_prefix("header.i=") {
            let identity = identity.trim_matches('"');
            named = identity.rsplit_once('@').map(|(_, domain)| domain.to_owned());
        }
    }
    named
}

/// A comment may hold anything, also what looks like a result.
fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut escaped = false;
    text.chars()
        .filter(|&c| {
            let was_escaped = escaped;
            escaped = c == '\\' && !was_escaped;
            match c {
                '(' if !was_escaped => depth += 1,
                ')' if !was_escaped && depth > 0 => {
                    depth -= 1;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::dkim_passed;

    #[test]
    fn passes_are_named_by_domain_or_identity() {
        let header = b" i=1; mx.example.net;\r\n dkim=pass (2048-bit key) header.d=Immowelt.de header.s=a;\r\n\
            dkim=pass header.i=@willhaben.at header.s=b; dkim=fail header.d=homegate.ch; spf=pass smtp.mailfrom=x.test";
        assert_eq!(dkim_passed(header), ["immowelt.de", "willhaben.at"]);
    }

    #[test]
    fn what_stands_in_a_comment_is_no_result() {
        let header = b"i=1; mx.example.net; dkim=fail (; dkim=pass header.d=immowelt.de;) header.d=other.test";
        assert!(dkim_passed(header).is_empty());
        assert!(dkim_passed(b"i=1; x; spf=pass (a \\) ; dkim=pass header.d=immowelt.de").is_empty());
    }
}
