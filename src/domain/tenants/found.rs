//! Making an agency whose names are free.

use super::model::{Country, NewTenant};
use super::store;
use crate::db::PlatformConn;
use crate::ids::TenantId;

/// What somebody says who signs their agency up.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Name as prospects read it.
    pub name: String,
    /// Country.
    pub country: Country,
    /// IANA zone; [`is_zone`] knows it.
    pub time_zone: String,
}

/// Local parts that a mail domain keeps for itself (RFC 2142), and names that would mislead.
const RESERVED: [&str; 14] = [
    "abuse",
    "admin",
    "administrator",
    "hostmaster",
    "immivo",
    "info",
    "mailer-daemon",
    "no-reply",
    "noreply",
    "postmaster",
    "root",
    "security",
    "support",
    "webmaster",
];
/// Longest short name; the suffix that makes it unique comes on top, and 63 is what the schema takes.
const LONGEST: usize = 40;

/// Whether this machine knows the zone.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// Makes an agency. Its short name is also its intake prefix; both are derived from the name, with a number behind
/// them if somebody has them already. Until the agency says otherwise, its mails come from its intake address.
///
/// # Errors
/// When the database cannot do it.
pub async fn found(conn: &mut PlatformConn, new: &Founding, intake_domain: &str) -> Result<TenantId, sqlx::Error> {
    let base = short_name(&new.name);
    let mut taken = u32::from(RESERVED.contains(&base.as_str()));
    loop {
        let slug = if taken == 0 { base.clone() } else { format!("{base}-{}", taken + 1) };
        let tenant = NewTenant {
            name: new.name.clone(),
            mail_from_address: format!("{slug}@{intake_domain}"),
            intake_prefix: slug.clone(),
            slug,
            country: new.country,
            time_zone: new.time_zone.clone(),
        };
        // Two who found at once: the second waits here and takes the next number.
        if let Some(id) = store::create_if_free(conn, &tenant).await? {
            return Ok(id);
        }
        taken += 1;
    }
}

/// Letters and digits of the name in lower case, joined by dashes. German letters are spelled out, accents left off.
fn short_name(name: &str) -> String {
    let mut short = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => short.push(c),
            'ä' => short.push_str("ae"),
            'ö' => short.push_str("oe"),
            'ü' => short.push_str("ue"),
            'ß' => short.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' => short.push('a'),
            'è' | 'é' | 'ê' | 'ë' => short.push('e'),
            'ì' | 'í' | 'î' | 'ï' => short.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ø' => short.push('o'),
            'ù' | 'ú' | 'û' => short.push('u'),
            'ç' | 'č' => short.push('c'),
            'ñ' => short.push('n'),
            'š' => short.push('s'),
            'ž' => short.push('z'),
            '\'' | '’' => {}
            _ if short.ends_with('-') || short.is_empty() => {}
            _ => short.push('-'),
        }
    }
    short.truncate(LONGEST);
    let short = short.trim_end_matches('-');
    if short.is_empty() { "agentur".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_an_address_and_a_url() {
        for (name, short) in [
            ("Döblinger Wohnträume GmbH", "doeblinger-wohntraeume-gmbh"),
            ("  Weiß & Söhne – Immobilien  ", "weiss-soehne-immobilien"),
            ("L’Étoile d'Or SA", "letoile-dor-sa"),
            ("ИММО", "agentur"),
            ("---", "agentur"),
            ("4you", "4you"),
        ] {
            assert_eq!(short_name(name), short);
        }
        let long = short_name(&"Immobilien ".repeat(20));
        assert!(long.len() <= LONGEST && !long.ends_with('-'), "{long}");
    }
}
