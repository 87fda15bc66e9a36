use super::*;
use crate::templates::Templates;

fn context() -> Context<'static> {
    Context {
        news: "booked",
        by_agency: false,
        farewell: false,
        offer: Vec::new(),
        formal: true,
        salutation: "MS",
        first_name: Some("Ida"),
        last_name: Some("Größe"),
        title: "Altbau <3 & hell",
        when: "Dienstag, 24. November 2026, 14:15–14:45 Uhr".into(),
        before: None,
        address: Some("Gasse 1, 1190 Wien".into()),
        agent_name: Some("Anna Berger".into()),
        agent_phone: Some("+431234567"),
        link: Some("https://immivo.test/p/viewing/x"),
        has_entry: true,
    }
}

fn written(language: &str, context: &Context<'_>) -> String {
    tidy(&Templates::new().unwrap().render(&format!("viewings/{language}.txt"), context).unwrap())
}

#[test]
fn a_confirmation_says_what_where_when_who_and_how_to_change_it() {
    assert_eq!(
        written("de", &context()),
        "Guten Tag Frau Größe,

Ihr Besichtigungstermin ist bestätigt.

Altbau <3 & hell
Dienstag, 24. November 2026, 14:15–14:45 Uhr
Gasse 1, 1190 Wien

Vor Ort erwartet Sie Anna Berger, Telefon +431234567.

Termin verschieben oder absagen:
https://immivo.test/p/viewing/x

Der Kalendereintrag liegt dieser E-Mail bei."
    );
}

#[test]
fn every_language_says_every_news_to_everybody() {
    for language in ["de", "en", "fr", "it", "es"] {
        for news in ["booked", "moved", "handed_over", "cancelled"] {
            for (by_agency, formal, salutation, first_name, last_name, link) in [
                (false, true, "MR", Some("Ida"), Some("Größe"), Some("https://immivo.test/p")),
                (true, true, "MS", None, Some("Größe"), None),
                (true, false, "", Some("Ida"), None, Some("https://immivo.test/p")),
                (false, false, "DIVERSE", None, None, None),
            ] {
                let link = if news == "cancelled" { link } else { Some("https://immivo.test/p") };
                let before = (news == "moved").then(|| "gestern".to_owned());
                let context = Context {
                    news,
                    by_agency,
                    formal,
                    salutation,
                    first_name,
                    last_name,
                    link,
                    before,
                    agent_name: None,
                    ..context()
                };
                let text = written(language, &context);
                assert!(text.contains("Altbau <3 & hell\nDienstag"), "{text}");
                assert_eq!(text.contains("https://"), link.is_some(), "{text}");
                assert_eq!(text.contains("gestern"), news == "moved", "{text}");
                assert!(!text.contains("  ") && !text.contains("\n\n\n") && !text.contains(" ,"), "{text:?}");
            }
        }
    }
}

#[test]
fn the_informal_german_prospect_is_addressed_so_throughout() {
    for news in ["booked", "moved", "handed_over", "cancelled"] {
        let text = written("de", &Context { formal: false, news, ..context() });
        assert!(text.starts_with("Hallo Ida,\n") && !text.contains("Sie") && !text.contains("Ihr"), "{text}");
    }
}
