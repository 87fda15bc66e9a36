//! Tables of what prospects write, in every language: wishes that must be seen, and their look-alikes.

use llm::{Builtin, DayPart, Engine, Intent, Topic, Understanding, WishedDay};

use crate::support::{Wrong, local, mail};

async fn read(text: &str) -> Understanding {
    Builtin.understand(&mail(text, false)).await.unwrap().0
}

#[tokio::test]
async fn discriminatory_wishes() {
    let mut wrong = Wrong::default();
    for text in [
        "Gibt es keine Ausländer im Haus?",
        "keine Ausländer im Haus?",
        "Wohnen in dem Haus Ausländer? Wir möchten nur deutsche Nachbarn.",
        "Ist die Nachbarschaft deutsch?",
        "Vermieten Sie auch an Türken? Mein Name ist Yilmaz.",
        "Wir suchen nur für Christen. Gibt es Muslime im Haus?",
        "Wie hoch ist der Ausländeranteil?",
        "Wohnen dort Schwule?",
        "Hoffentlich gibt es keine Behinderten im Haus.",
        "Bitte keine alten Leute als Nachbarn.",
        "I only want to live in a house without foreigners. Is that the case?",
        "Are there any Muslims in the building?",
        "We prefer a building with only white neighbours.",
        "What nationality are the neighbours?",
        "Y a-t-il des étrangers dans l'immeuble ?",
        "Je ne veux pas de musulmans comme voisins.",
        "Les voisins sont-ils français ?",
        "Ci sono stranieri nel palazzo?",
        "Vorrei solo vicini italiani.",
        "¿Viven extranjeros en el edificio?",
        "No quiero gitanos en el edificio.",
    ] {
        wrong.unless(read(text).await.wants(Intent::DiscriminatoryWish), text.to_owned());
    }
    wrong.none();
}

#[tokio::test]
async fn what_people_say_about_themselves_is_no_discriminatory_wish() {
    let mut wrong = Wrong::default();
    for text in [
        "Ich bin Ausländer und arbeite seit drei Jahren in Wien. Ist die Wohnung noch frei?",
        "Mein Mann ist Türke, wir haben zwei Kinder.",
        "Gibt es einen Behindertenparkplatz?",
        "Ist die Wohnung behindertengerecht?",
        "Wir sprechen leider nur wenig Deutsch.",
        "Sind die Nachbarn ruhig?",
        "Ist das Haus kinderfreundlich?",
        "Meine alte Wohnung ist zu klein, wir suchen eine größere.",
        "I am a foreigner living in Berlin. Is the flat still available?",
        "Is the building accessible for wheelchairs?",
        "Do the neighbours make noise?",
        "Je suis étranger, quels documents faut-il ?",
        "Sono straniero, quali documenti servono?",
        "Soy extranjero, ¿qué documentos necesito?",
    ] {
        wrong.unless(!read(text).await.wants(Intent::DiscriminatoryWish), text.to_owned());
    }
    wrong.none();
}

#[tokio::test]
async fn another_price() {
    let mut wrong = Wrong::default();
    for text in [
        "Geht beim Preis noch etwas? Ich würde 1.000 Euro Miete zahlen.",
        "Geht da preislich noch was, ist die Miete verhandelbar?",
        "Wir bieten 350.000 Euro.",
        "Können Sie die Kaution reduzieren?",
        "Ich könnte maximal 900 Euro zahlen.",
        "We'd like to offer 1,050 a month, would the landlord agree?",
        "On pourrait faire 1000 euros par mois ?",
        "Potreste scendere a 1000 euro?",
        "¿Me lo dejarían en 1000 euros al mes?",
        "Wir wären auch bereit, etwas weniger Kaution zu zahlen, geht das?",
        "Would you accept 1000 per month?",
        "What is your best price?",
        "I can offer 950 euros.",
        "Is there any room for negotiation?",
        "Le prix est-il négociable ?",
        "Je vous propose 900 euros par mois.",
        "Si può abbassare il canone?",
        "Offro 900 euro al mese.",
        "¿El precio es negociable?",
        "Podría pagar 900 euros.",
    ] {
        let found = read(text).await;
        wrong.unless(
            found.topics.iter().any(|question| question.topic == Topic::PriceNegotiation),
            format!("{text} {found:?}"),
        );
        wrong.unless(found.topics.iter().all(|question| question.topic != Topic::Price), format!("{text} {found:?}"));
    }
    wrong.none();
    let mut wrong = Wrong::default();
    for text in [
        "Wie hoch ist die Miete?",
        "Was kostet die Wohnung?",
        "Wie viel Kaution muss ich zahlen?",
        "How much is the rent?",
        "Do I have to pay a commission?",
        "Quel est le loyer ?",
        "Quanto costa l'appartamento?",
        "¿Cuánto cuesta el piso?",
    ] {
        let found = read(text).await;
        wrong.unless(
            found.topics.iter().all(|question| question.topic != Topic::PriceNegotiation),
            format!("{text} {found:?}"),
        );
    }
    wrong.none();
}

#[tokio::test]
async fn calls_wanted_and_not_wanted() {
    let mut wrong = Wrong::default();
    for text in [
        "Können Sie mich anrufen?",
        "Können Sie mich bitte anrufen? Am besten unter 0664 5550123 nach 17 Uhr.",
        "Könnten Sie uns morgen kurz anrufen?",
        "Rufen Sie mich bitte an unter 0664 5550777.",
        "Ruf mich bitte an.",
        "Can you please call me?",
        "Pourriez-vous m'appeler, s'il vous plaît ?",
        "Potete chiamarmi domani mattina?",
        "¿Me pueden llamar?",
    ] {
        wrong.unless(read(text).await.wants(Intent::HumanRequest), text.to_owned());
    }
    wrong.none();
    let mut wrong = Wrong::default();
    for text in [
        "Bitte keinen Anruf, lieber per Mail. Wie hoch ist die Kaution?",
        "Bitte nicht anrufen! Ist ein Lift da?",
        "Rufen Sie mich bitte nicht an. Ist ein Lift da?",
        "Ein Rückruf ist nicht nötig. Ist ein Lift da?",
        "Please don't call me. Is there a lift?",
        "Please email rather than phone me. Which floor is it on?",
        "Ich möchte nicht angerufen werden. Gibt es einen Balkon?",
        "No phone calls please. Is there a lift?",
        "Merci de ne pas m'appeler. Y a-t-il un ascenseur ?",
        "Per favore non chiamatemi. C'è l'ascensore?",
        "Por favor, no me llamen. ¿Hay ascensor?",
    ] {
        let found = read(text).await;
        wrong.unless(!found.wants(Intent::HumanRequest), format!("{text} {found:?}"));
        wrong.unless(found.wants(Intent::Question), format!("{text} {found:?}"));
    }
    wrong.none();
}

#[tokio::test]
async fn calm_people_are_not_angry() {
    let mut wrong = Wrong::default();
    for text in [
        "Ich bin nicht verärgert, nur neugierig: Wie wird geheizt?",
        "I'm not angry, just curious: how is it heated?",
        "Je ne suis pas fâché, mais comment est chauffé l'appartement ?",
        "Non sono arrabbiato, ma com'è il riscaldamento?",
        "No estoy enfadado, ¿qué calefacción tiene?",
    ] {
        let found = read(text).await;
        wrong.unless(!found.wants(Intent::Complaint) && found.wants(Intent::Question), format!("{text} {found:?}"));
    }
    wrong.none();
    assert!(read("Ich bin nicht verärgert, ich bin stinksauer!").await.wants(Intent::Complaint));
}

#[tokio::test]
async fn the_texts_portals_send_most_are_enquiries() {
    let mut wrong = Wrong::default();
    for text in [
        "",
        "Hallo",
        "Servus",
        "Bitte kontaktieren Sie mich.",
        "Ich bitte um Kontaktaufnahme.",
        "Please contact me",
        "Hello",
        "Bonjour, merci de me contacter.",
        "Vi prego di contattarmi.",
        "Por favor, contácteme.",
        "Wir sind eine kleine Familie mit zwei Kindern.",
    ] {
        let found = Builtin.understand(&mail(text, true)).await.unwrap().0;
        wrong.unless(found.confidence >= 0.8 && found.wants(Intent::ViewingRequest), format!("{text} {found:?}"));
    }
    wrong.none();
    assert_eq!(read("👍").await.intents, [Intent::Acknowledgement]);
}

#[tokio::test]
async fn hours_in_the_order_they_are_preferred() {
    let mut wrong = Wrong::default();
    for (text, expected) in [
        ("Je voudrais visiter mardi prochain à 14h30.", &["2026-11-24T14:30"][..]),
        ("Mardi à 14 h 30.", &["2026-11-24T14:30"]),
        ("Dienstag um 14 Uhr 30.", &["2026-11-24T14:30"]),
        ("14 Uhr 26.11. würde passen", &["2026-11-26T14:00"]),
        ("heute in einer Woche um 20 Uhr", &["2026-11-30T20:00"]),
        ("morgen in zwei Wochen um 10 Uhr", &["2026-12-08T10:00"]),
        ("Dienstag in einer Woche um 10 Uhr", &["2026-12-01T10:00"]),
        ("demain en huit à 10h", &["2026-12-01T10:00"]),
        ("Sunday at 3:45 pm or at 3:30 pm", &["2026-11-29T15:45", "2026-11-29T15:30"]),
        ("Vorrei visitare domenica alle 15:45, oppure alle tre e mezza.", &["2026-11-29T15:45", "2026-11-29T15:30"]),
        ("How about 12/6 at 4pm?", &["2026-12-06T16:00"]),
        ("How about 6/12 at 4pm?", &["2026-12-06T16:00"]),
        ("Mittwoch ab 16 Uhr", &["2026-11-25T16:00"]),
        ("zwischen 14 und 16 Uhr am Freitag", &["2026-11-27T14:00"]),
        ("nächsten Dienstag um halb 5", &["2026-11-24T16:30"]),
        ("jeudi après-midi", &[]),
        ("el sábado por la mañana o el lunes a las cinco y media de la tarde", &["2026-11-30T17:30"]),
        ("Mittwoch zwischen 10 und 12 oder Donnerstag halb 5.", &["2026-11-25T10:00", "2026-11-26T16:30"]),
        ("Demain à 17h15. Merci !", &["2026-11-24T17:15"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|time| local(time)).collect();
        let found = read(text).await.wished_times;
        wrong.unless(found == expected, format!("{text} {found:?}"));
    }
    wrong.none();
}

#[tokio::test]
async fn days_without_an_hour() {
    use DayPart::{Afternoon, Evening, Morning};
    let mut wrong = Wrong::default();
    for (text, expected) in [
        ("Passt bei Ihnen am 3.12. nachmittags?", &[("2026-12-03", Some(Afternoon))][..]),
        ("übermorgen Vormittag wäre super", &[("2026-11-25", Some(Morning))]),
        ("Mittwoch oder Donnerstag nachmittags", &[("2026-11-25", Some(Afternoon)), ("2026-11-26", Some(Afternoon))]),
        ("Dienstag Vormittag oder Freitag", &[("2026-11-24", Some(Morning)), ("2026-11-27", None)]),
        ("Dienstag geht bei mir leider nicht, Mittwoch schon.", &[("2026-11-25", None)]),
        ("Freitag um 18 Uhr", &[("2026-11-27", Some(Evening))]),
        ("Would Friday afternoon work?", &[("2026-11-27", Some(Afternoon))]),
        ("Est-il possible de visiter jeudi après-midi ?", &[("2026-11-26", Some(Afternoon))]),
        ("È possibile visitare sabato mattina?", &[("2026-11-28", Some(Morning))]),
        ("¿Puedo visitar el piso el jueves por la tarde?", &[("2026-11-26", Some(Afternoon))]),
        ("Danke, super! Dann bis Donnerstag.", &[("2026-11-26", None)]),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|(date, part)| WishedDay { date: date.parse().unwrap(), part: *part }).collect();
        let found = read(text).await.wished_days;
        wrong.unless(found == expected, format!("{text} {found:?}"));
    }
    wrong.none();
    let thursday = WishedDay { date: "2026-11-26".parse().unwrap(), part: Some(Afternoon) };
    assert!(thursday.suits("2026-11-26T12:00".parse().unwrap()));
    assert!(!thursday.suits("2026-11-26T17:00".parse().unwrap()));
    assert!(!thursday.suits("2026-11-27T14:00".parse().unwrap()));
}
