//! When two mails are the same enquiry.
//!
//! Portals send copies: to the agent and the office, from a second inbox, forwarded once more by hand. Same portal,
//! same listing, same person (the portal's own id for them, else address, else phone) and same words within 24 hours
//! are one enquiry (rule of `PORTALS`, "copies").

use sha2::{Digest, Sha256};

/// The fingerprint of an enquiry. Upper and lower case and white space make no difference.
#[must_use]
pub fn enquiry_key(portal: Option<&str>, object: Option<&str>, person: Option<&str>, message: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [portal, object, person, Some(message)] {
        let normal: String =
            part.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        // The length in front keeps ("ab","c") apart from ("a","bc").
        hash.update((normal.len() as u64).to_be_bytes());
        hash.update(normal.as_bytes());
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_case_make_no_difference_but_words_do() {
        let key = |person, message| enquiry_key(Some("willhaben"), Some("A-1"), Some(person), message);
        assert_eq!(
            key("ida@example.org", "Guten Tag,\r\n ist sie frei?"),
            key("Ida@Example.org", "guten tag, ist sie frei?")
        );
        assert_ne!(key("ida@example.org", "Guten Tag"), key("ida@example.org", "Guten Abend"));
        assert_ne!(key("ida@example.org", "Guten Tag"), key("udo@example.org", "Guten Tag"));
        assert_ne!(enquiry_key(Some("ab"), Some("c"), None, ""), enquiry_key(Some("a"), Some("bc"), None, ""));
    }
}
