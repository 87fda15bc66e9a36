//! Whether a mail that reads like a portal's is one. Anybody can write a portal's name into a header; what cannot be
//! forged is a signature of the portal's domain, or that of a forwarder the agency trusts. What was asked and answered
//! comes from `authenticate`; what follows from it is decided here, by a pure function.

use portal_mail::Portal;
use sender_auth::{Findings, Verdict};
use serde::Serialize;

/// What a mail claims to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    /// Whose mail it reads like.
    pub(super) portal: Portal,
    /// Domain of the author in the header.
    pub(super) author: Option<&'a str>,
    /// The author is one of the agency's own: a mail forwarded by hand.
    pub(super) is_team: bool,
    /// Domains that forward for the agency.
    pub(super) forwarders: &'a [String],
}

/// Whether it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "verdict", content = "reason")]
pub(super) enum Standing {
    /// It is; says why.
    Proven(String),
    /// Nothing speaks for it; says what is missing.
    Unproven(String),
    /// The name servers did not say; another time they may.
    Unanswered(String),
}

/// Judges a claim by what was found.
pub(super) fn judge(findings: &Findings, claim: Claim<'_>) -> Standing {
    if let Some(proof) = proof(findings, claim) {
        return Standing::Proven(proof);
    }
    let of_portal = |domain: &str| portal_mail::is_domain_of(domain, claim.portal);
    let named = claim.author.filter(|author| of_portal(author)).unwrap_or(claim.portal.as_str());
    if is_unanswered(findings, claim) {
        return Standing::Unanswered(format!("the name servers did not say whether this is from {named}"));
    }
    match findings.dkim.iter().find(|signature| of_portal(&signature.domain)) {
        Some(signature) => Standing::Unproven(format!("DKIM of {} failed", signature.domain)),
        None => Standing::Unproven(format!("no DKIM signature of {named}")),
    }
}

/// What speaks for the claim.
fn proof(findings: &Findings, claim: Claim<'_>) -> Option<String> {
    let of_portal = |domain: &str| portal_mail::is_domain_of(domain, claim.portal);
    let passed = |wanted: &dyn Fn(&str) -> bool| {
        let mut passed = findings.dkim.iter().filter(|signature| signature.result == Verdict::Pass);
        passed.find(|signature| wanted(&signature.domain)).map(|signature| signature.domain.clone())
    };
    if let Some(domain) = passed(&of_portal) {
        return Some(format!("DKIM of {domain}"));
    }
    // Each seal covers the mail as its sealer had it, so all from the one believed to the newest have to be trusted.
    if let Some(chain) = findings.arc.as_ref().filter(|chain| chain.result == Verdict::Pass) {
        let mut trusted = chain.seals.iter().rev().take_while(|seal| is_trusted(&seal.domain, claim.forwarders));
        if let Some(seal) = trusted.find(|seal| seal.dkim_passed.iter().any(|domain| of_portal(domain))) {
            return Some(format!("ARC of {}", seal.domain));
        }
    }
    if let Some(domain) = passed(&|domain| is_trusted(domain, claim.forwarders)) {
        return Some(format!("forwarded by {domain}, DKIM"));
    }
    let by_envelope = findings.spf.as_ref().filter(|spf| spf.result == Verdict::Pass);
    if let Some(spf) = by_envelope.filter(|spf| is_trusted(&spf.domain, claim.forwarders)) {
        return Some(format!("forwarded by {}, SPF", spf.domain));
    }
    // A colleague forwarded it by hand: then it has to be the colleague's own mail.
    let author = claim.author.filter(|_| claim.is_team)?;
    let aligned = findings.dmarc.as_ref().is_some_and(|dmarc| dmarc.result == Verdict::Pass && dmarc.domain == author);
    (aligned || passed(&|domain| domain.eq_ignore_ascii_case(author)).is_some())
        .then(|| format!("forwarded by hand from {author}"))
}

/// Whether something that could have spoken for the claim was not answered.
fn is_unanswered(findings: &Findings, claim: Claim<'_>) -> bool {
    let relevant = |domain: &str| {
        portal_mail::is_domain_of(domain, claim.portal)
            || is_trusted(domain, claim.forwarders)
            || (claim.is_team && claim.author.is_some_and(|author| author.eq_ignore_ascii_case(domain)))
    };
    let is_open = |result: Verdict| result == Verdict::TempError;
    findings.dkim.iter().any(|signature| is_open(signature.result) && relevant(&signature.domain))
        || findings.arc.as_ref().is_some_and(|chain| is_open(chain.result) && !claim.forwarders.is_empty())
        || findings.spf.as_ref().is_some_and(|spf| is_open(spf.result) && is_trusted(&spf.domain, claim.forwarders))
        || findings.dmarc.as_ref().is_some_and(|dmarc| is_open(dmarc.result) && claim.is_team)
}

/// One of the forwarders' domains, or one below it.
fn is_trusted(domain: &str, forwarders: &[String]) -> bool {
    let below =
        |own: &String| domain.strip_suffix(own.as_str()).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    forwarders.iter().any(below)
}

#[cfg(test)]
mod tests {
    use sender_auth::{Chain, Dmarc, Seal, Signature, Spf};

    use super::*;

    fn signature(domain: &str, result: Verdict) -> Signature {
        Signature { result, domain: domain.to_owned(), selector: "s".to_owned() }
    }

    fn signed(domain: &str, result: Verdict) -> Findings {
        Findings { dkim: vec![signature(domain, result)], ..Findings::default() }
    }

    fn sealed(result: Verdict, seals: &[(&str, &[&str])]) -> Findings {
        let seals = seals.iter().map(|(domain, passed)| Seal {
            domain: (*domain).to_owned(),
            dkim_passed: passed.iter().map(|&passed| passed.to_owned()).collect(),
        });
        Findings { arc: Some(Chain { result, seals: seals.collect() }), ..Findings::default() }
    }

    fn standing(findings: &Findings, forwarders: &[&str]) -> Standing {
        let forwarders: Vec<String> = forwarders.iter().map(|&own| own.to_owned()).collect();
        let claim =
            Claim { portal: Portal::Immowelt, author: Some("immowelt.de"), is_team: false, forwarders: &forwarders };
        judge(findings, claim)
    }

    fn is_proven(findings: &Findings, forwarders: &[&str]) -> bool {
        matches!(standing(findings, forwarders), Standing::Proven(_))
    }

    #[test]
    fn only_a_signature_of_the_portals_own_domain_speaks_for_it() {
        assert!(is_proven(&signed("immowelt.de", Verdict::Pass), &[]));
        assert!(is_proven(&signed("mail.immowelt.de", Verdict::Pass), &[]));
        for other in ["notimmowelt.de", "immowelt.de.example.org", "example.org", "willhaben.at", ""] {
            assert!(!is_proven(&signed(other, Verdict::Pass), &[]), "{other}");
        }
        for result in [Verdict::Fail, Verdict::Neutral, Verdict::PermError, Verdict::None] {
            let unproven = standing(&signed("immowelt.de", result), &[]);
            assert_eq!(unproven, Standing::Unproven("DKIM of immowelt.de failed".to_owned()));
        }
        let unsigned = standing(&Findings::default(), &[]);
        assert_eq!(unsigned, Standing::Unproven("no DKIM signature of immowelt.de".to_owned()));
    }

    #[test]
    fn a_forwarder_speaks_for_a_portal_only_if_the_agency_trusts_it() {
        let one = sealed(Verdict::Pass, &[("forwarder.test", &["immowelt.de"])]);
        assert!(is_proven(&one, &["forwarder.test"]));
        assert!(!is_proven(&one, &[]) && !is_proven(&one, &["other.test"]));
        assert!(!is_proven(&sealed(Verdict::Fail, &[("forwarder.test", &["immowelt.de"])]), &["forwarder.test"]));
        assert!(!is_proven(&sealed(Verdict::Pass, &[("forwarder.test", &["willhaben.at"])]), &["forwarder.test"]));
        let then_a_stranger = sealed(Verdict::Pass, &[("forwarder.test", &["immowelt.de"]), ("evil.test", &[])]);
        assert!(!is_proven(&then_a_stranger, &["forwarder.test"]), "the newest sealer may have changed everything");
        let then_a_friend = sealed(Verdict::Pass, &[("forwarder.test", &["immowelt.de"]), ("friend.test", &[])]);
        assert!(is_proven(&then_a_friend, &["forwarder.test", "friend.test"]));
    }

    #[test]
    fn what_came_through_a_known_forwarder_is_believed() {
        assert!(is_proven(&signed("forwarder.test", Verdict::Pass), &["forwarder.test"]));
        let spf = |result| Findings {
            spf: Some(Spf { result, domain: "mail.forwarder.test".to_owned() }),
            ..Findings::default()
        };
        assert!(is_proven(&spf(Verdict::Pass), &["forwarder.test"]));
        for result in [Verdict::Fail, Verdict::SoftFail, Verdict::Neutral, Verdict::None] {
            assert!(!is_proven(&spf(result), &["forwarder.test"]));
        }
    }

    #[test]
    fn a_mail_forwarded_by_hand_has_to_be_the_colleagues_own() {
        let claim = |author| Claim { portal: Portal::Immowelt, author: Some(author), is_team: true, forwarders: &[] };
        let dmarc = |result| Findings {
            dmarc: Some(Dmarc { result, domain: "agency.test".to_owned(), policy: None }),
            ..Findings::default()
        };
        assert!(matches!(judge(&dmarc(Verdict::Pass), claim("agency.test")), Standing::Proven(_)));
        assert!(matches!(judge(&signed("agency.test", Verdict::Pass), claim("agency.test")), Standing::Proven(_)));
        assert!(matches!(judge(&dmarc(Verdict::Fail), claim("agency.test")), Standing::Unproven(_)));
        assert!(matches!(judge(&dmarc(Verdict::TempError), claim("agency.test")), Standing::Unanswered(_)));
        assert!(matches!(judge(&dmarc(Verdict::Pass), claim("other.test")), Standing::Unproven(_)));
    }

    #[test]
    fn only_what_could_have_helped_is_waited_for() {
        assert!(matches!(standing(&signed("immowelt.de", Verdict::TempError), &[]), Standing::Unanswered(_)));
        assert!(matches!(standing(&signed("example.org", Verdict::TempError), &[]), Standing::Unproven(_)));
        let mut both = signed("immowelt.de", Verdict::Pass);
        both.dkim.push(signature("immowelt.de", Verdict::TempError));
        assert!(is_proven(&both, &[]));
    }
}
