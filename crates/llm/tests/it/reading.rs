//! Single properties of the built-in reading.

use jiff::{Timestamp, tz::TimeZone};
use llm::{Builtin, EMBEDDING_DIMENSIONS, Engine, Intent, Language, UnderstandRequest, Understanding};

use crate::support::{local, mail};

async fn read(request: &UnderstandRequest) -> Understanding {
    Builtin.understand(request).await.unwrap().0
}

#[tokio::test]
async fn the_hint_decides_only_what_the_text_leaves_open() {
    let mut request = mail("ok", false);
    assert_eq!(read(&request).await.language, Language::De);
    request.language_hint = Some(Language::It);
    assert_eq!(read(&request).await.language, Language::It);
    request.text = "Thank you, that sounds good to me.".into();
    assert_eq!(read(&request).await.language, Language::En);
}

#[tokio::test]
async fn sie_and_du() {
    for (text, formal) in [
        ("Können Sie mir die Kaution nennen?", Some(true)),
        ("koennen sie mir sagen wie hoch die kaution ist", Some(true)),
        ("Kannst du mir die Kaution nennen?", Some(false)),
        ("Habt ihr noch Termine?", Some(false)),
        ("Wie hoch ist die Kaution?", None),
        ("Pouvez-vous me dire si c'est libre ?", Some(true)),
        ("Peux-tu me dire si ton appartement est libre ?", Some(false)),
        ("Y a-t-il une cave ?", None),
        ("What is the deposit?", None),
    ] {
        assert_eq!(read(&mail(text, false)).await.formal, formal, "{text}");
    }
}

/// The clocks go back on 25 October 2026 and forward on 28 March 2027.
#[tokio::test]
async fn hours_are_those_of_the_tenants_clock() {
    let zone = TimeZone::get("Europe/Vienna").unwrap();
    for (now, text, expected) in [
        ("2026-10-23T08:00:00Z", "Samstag um 15 Uhr passt mir", Some("2026-10-24T13:00:00Z")),
        ("2026-10-23T08:00:00Z", "Sonntag um 15 Uhr passt mir", Some("2026-10-25T14:00:00Z")),
        ("2027-03-26T08:00:00Z", "Sonntag um 15 Uhr passt mir", Some("2027-03-28T13:00:00Z")),
        // 02:30 comes twice on the first and never on the second day.
        ("2026-10-23T08:00:00Z", "Sonntag um 02:30 Uhr", None),
        ("2027-03-26T08:00:00Z", "Sonntag um 02:30 Uhr", None),
        // 23:30 UTC is the next day in Vienna.
        ("2026-11-23T23:30:00Z", "morgen um 10 Uhr passt", Some("2026-11-25T09:00:00Z")),
    ] {
        let mut request = mail(text, false);
        request.now = now.parse().unwrap();
        request.zone = zone.clone();
        let expected: Vec<Timestamp> = expected.into_iter().map(|time| time.parse().unwrap()).collect();
        assert_eq!(read(&request).await.wished_times, expected, "{now} {text}");
    }
}

#[tokio::test]
async fn only_the_coming_year() {
    for (text, expected) in [
        ("heute um 8 Uhr hätte ich Zeit gehabt", None),
        ("Am 20.11. um 15 Uhr", Some("2027-11-20T15:00")),
        ("Am 26.11.2027 um 15 Uhr", None),
        ("Am 20.11.2026 um 15 Uhr", None),
        ("Am 30.2. um 15 Uhr", None),
        ("Mittwoch, 26.11. um 15 Uhr", None),
        ("Donnerstag, 26.11., 15 Uhr", Some("2026-11-26T15:00")),
        ("Dienstag kann ich nicht, Mittwoch 15 Uhr geht", Some("2026-11-25T15:00")),
        ("erreichbar bis 17 Uhr am Mittwoch", None),
    ] {
        let expected: Vec<Timestamp> = expected.into_iter().map(local).collect();
        assert_eq!(read(&mail(text, false)).await.wished_times, expected, "{text}");
    }
}

#[tokio::test]
async fn what_nobody_understands_is_left_to_a_person() {
    let found = read(&mail("Lorem ipsum dolor sit amet 4711", false)).await;
    assert!(found.confidence < 0.5, "{found:?}");
    let empty = read(&mail("", true)).await;
    assert_eq!(empty.intents, [Intent::ViewingRequest]);
}

#[tokio::test]
async fn a_subject_counts_when_the_writer_put_the_message_there() {
    let mut request = mail("LG Ida", false);
    request.subject = Some("Muss den Termin morgen absagen".into());
    assert_eq!(read(&request).await.intents, [Intent::CancelViewing]);
    request.subject = Some("Re: Muss den Termin morgen absagen".into());
    assert_ne!(read(&request).await.intents, [Intent::CancelViewing]);
}

#[tokio::test]
async fn nothing_in_a_mail_makes_the_reading_fail() {
    let long = "Ist die Wohnung noch frei? ".repeat(2000);
    for text in [
        "\u{0}",
        "🏠🏠🏠",
        "¿¿¿",
        "...",
        "99999999999999999999.99.9999 um 99:99",
        "halb",
        "um",
        "am .",
        "zwischen und",
        long.as_str(),
    ] {
        let found = read(&mail(text, false)).await;
        assert!(!found.intents.is_empty(), "{text:.20}");
        assert!((0.0..=1.0).contains(&found.confidence));
    }
}

#[tokio::test]
async fn embeddings_are_unit_vectors() {
    let texts = ["Haustiere erlaubt".to_owned(), String::new()];
    let (vectors, usage) = Builtin.embed(&texts).await.unwrap();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        assert_eq!(vector.len(), EMBEDDING_DIMENSIONS);
        assert!((vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-4);
    }
    assert_eq!((usage.engine.as_str(), usage.input_tokens), ("builtin", 0));
}
