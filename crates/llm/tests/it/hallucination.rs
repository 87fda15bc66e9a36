//! A model that makes something up in every answer: nothing of it is sent, and what it says truly is.
//!
//! Scenarios are generated: listings of random figures, questions on some of them, and an answer in which true sentences
//! stand beside made-up ones of every sort. What comes through is judged by the strings the lies were made of.

use llm::{
    Answer, AnswerKind, AnswerRequest, Fact, FactKind, FactValue, Intent, Language, ListingStatus, QuestionTopic,
    Statement, StatementRole, Topic, mend, render_text,
};

use crate::support::{Wrong, letter, slots, wants};

const SCENARIOS: u64 = 400;

/// Numbers without a seed of their own would make a failure nobody can repeat.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // Numerical Recipes' generator; its high bits are good enough for test data.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// A listing whose figures differ from each other, so that a swapped one shows.
struct Listing {
    rent: u64,
    warm: u64,
    charges: u64,
    deposit: u64,
    area: u64,
    rooms: u64,
    floor: u64,
    year: u64,
    pets: bool,
    lift: bool,
    day: u64,
}

impl Listing {
    fn roll(dice: &mut Dice) -> Self {
        let rent = 700 + 10 * dice.below(150);
        let charges = 141 + dice.below(120);
        Self {
            rent,
            charges,
            warm: rent + charges,
            deposit: rent * 3,
            area: 41 + dice.below(90),
            rooms: 2 + dice.below(4),
            floor: 7 + dice.below(5),
            year: 1900 + dice.below(120),
            pets: dice.below(2) == 0,
            lift: dice.below(2) == 0,
            day: 2 + dice.below(26),
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let euro = |whole: u64| FactValue::Money { cents: i64::try_from(whole * 100).unwrap(), currency: "EUR".into() };
        let number = |whole: u64| FactValue::Number(f64::from(u32::try_from(whole).unwrap()));
        vec![
            Fact::new("status", FactKind::Availability, FactValue::Status(ListingStatus::Available)),
            Fact::new("rent", FactKind::ColdRent, euro(self.rent)),
            Fact::new("warm", FactKind::WarmRent, euro(self.warm)),
            Fact::new("charges", FactKind::ServiceCharge, euro(self.charges)),
            Fact::new("deposit", FactKind::Deposit, euro(self.deposit)),
            Fact::new(
                "area",
                FactKind::LivingArea,
                FactValue::Area { square_metres: f64::from(u32::try_from(self.area).unwrap()) },
            ),
            Fact::new("rooms", FactKind::Rooms, number(self.rooms)),
            Fact::new("floor", FactKind::Floor, number(self.floor)),
            Fact::new("year", FactKind::YearBuilt, FactValue::Year(i16::try_from(self.year).unwrap())),
            Fact::new("pets", FactKind::Pets, FactValue::Flag(self.pets)),
            Fact::new("lift", FactKind::Lift, FactValue::Flag(self.lift)),
            Fact::new(
                "from",
                FactKind::AvailableFrom,
                FactValue::Date(format!("2027-03-{:02}", self.day).parse().unwrap()),
            ),
            Fact::new("city", FactKind::City, FactValue::Text("Berlin".into())),
            Fact::new(
                "note",
                FactKind::Text,
                FactValue::Text("Zur U-Bahn sind es 4 Gehminuten. Im Hof steht eine Linde.".into()),
            ),
        ]
    }

    /// What is true, in the words of a model rather than of our templates.
    fn truths(&self, language: Language) -> Vec<(String, &'static str)> {
        let Self { rent, warm, charges, deposit, area, rooms, floor, year, day, .. } = self;
        let group = |amount: &u64, separator: char| {
            if *amount < 1000 {
                amount.to_string()
            } else {
                format!("{}{separator}{:03}", amount / 1000, amount % 1000)
            }
        };
        match language {
            Language::De => vec![
                (format!("Die monatliche Kaltmiete liegt bei {} Euro.", group(rent, '.')), "rent"),
                (format!("Warm sind es {} € Warmmiete im Monat.", group(warm, '.')), "warm"),
                (format!("An Nebenkosten fallen {charges} EUR an."), "charges"),
                (format!("Als Kaution sind {},00 € zu hinterlegen.", group(deposit, '.')), "deposit"),
                (format!("Auf {area} m² Wohnfläche verteilt sich alles."), "area"),
                (format!("Es sind insgesamt {rooms} Zimmer."), "rooms"),
                (format!("Sie befindet sich im {floor}. Stock."), "floor"),
                (format!("Das Haus wurde {year} gebaut."), "year"),
                (format!("Der Einzug ist ab dem {day}.03.2027 möglich."), "from"),
                ("Die U-Bahn ist 4 Gehminuten entfernt.".to_owned(), "note"),
                (
                    if self.pets { "Ein Hund ist erlaubt." } else { "Hunde sind leider nicht gestattet." }.to_owned(),
                    "pets",
                ),
                (
                    if self.lift { "Das Haus hat einen Aufzug." } else { "Das Haus hat keinen Aufzug." }.to_owned(),
                    "lift",
                ),
            ],
            Language::En => vec![
                (format!("The monthly base rent comes to €{}.", group(rent, ',')), "rent"),
                (format!("Service charges add up to {charges} euros."), "charges"),
                (format!("We ask for a deposit of EUR {}.", group(deposit, ',')), "deposit"),
                (format!("It offers {area} sqm of living space."), "area"),
                (format!("There are {rooms} rooms in total."), "rooms"),
                (format!("You can move in from {day} March 2027."), "from"),
                (
                    if self.pets { "Yes, a dog is welcome." } else { "Unfortunately, dogs are not allowed." }
                        .to_owned(),
                    "pets",
                ),
                (
                    if self.lift { "The house has a lift." } else { "The house does not have a lift." }.to_owned(),
                    "lift",
                ),
            ],
            Language::Fr => vec![
                (format!("Le loyer hors charges s'élève à {} € par mois.", group(rent, '\u{a0}')), "rent"),
                (format!("Le dépôt de garantie demandé est de {} euros.", group(deposit, ' ')), "deposit"),
                (format!("La surface habitable fait {area} m²."), "area"),
                (format!("Vous pouvez emménager à partir du {day} mars 2027."), "from"),
            ],
            Language::It => vec![
                (format!("Il canone senza spese ammonta a {} euro al mese.", group(rent, '.')), "rent"),
                (format!("La cauzione richiesta è di {} €.", group(deposit, '.')), "deposit"),
                (format!("La superficie abitabile è di circa {area} mq."), "area"),
                (format!("È disponibile dal {day} marzo 2027."), "from"),
            ],
            Language::Es => vec![
                (format!("El alquiler sin gastos asciende a {} € al mes.", group(rent, '.')), "rent"),
                (format!("La fianza que se pide es de {} euros.", group(deposit, '.')), "deposit"),
                (format!("La superficie habitable es de unos {area} m²."), "area"),
                (format!("Está disponible desde el {day} de marzo de 2027."), "from"),
            ],
        }
    }
}

/// One made-up sentence with what it pretends to rest on, and its sort.
type Lie = (String, Vec<&'static str>, &'static str);

fn lies(listing: &Listing, language: Language, dice: &mut Dice) -> Vec<Lie> {
    let Listing { rent, deposit, area, rooms, floor, charges, day, .. } = listing;
    let off = 1 + dice.below(9);
    let (wrong, other_day) = (rent + off, 1 + (day + off) % 27);
    let lie = |text: String, source: &'static str, sort: &'static str| (text, vec![source], sort);
    match language {
        Language::De => vec![
            lie(format!("Die Kaltmiete beträgt {wrong} €."), "rent", "number"),
            lie(format!("Die Kaltmiete beträgt {}.{:03},00 EUR.", wrong / 1000 + 1, wrong % 1000), "rent", "number"),
            lie(format!("Die Kaution beträgt {rent} €."), "rent", "swapped source"),
            lie(format!("Die Warmmiete beträgt {rent} €."), "rent", "swapped source"),
            (
                format!("Die Kaltmiete beträgt {deposit} € und die Kaution {rent} €."),
                vec!["rent", "deposit"],
                "swapped source",
            ),
            (
                format!("Die Wohnung hat {floor} Zimmer und liegt im {rooms}. Stock."),
                vec!["rooms", "floor"],
                "swapped source",
            ),
            lie(format!("Die Kaltmiete beträgt {rent} €."), "area", "swapped source"),
            lie(format!("Die Kaltmiete liegt zwischen {rent} und {wrong} €."), "rent", "range"),
            lie(format!("Die Kaltmiete beträgt {}–{wrong} €.", rent - 50), "rent", "range"),
            lie(format!("Die Kaltmiete liegt bei höchstens {rent} €."), "rent", "limit"),
            lie(
                format!("Die Nebenkosten betragen nur {charges} € im Jahr bei einer Zahlung je Jahr."),
                "charges",
                "period",
            ),
            lie(format!("Die Nebenkosten betragen {charges} € pro Woche."), "charges", "period"),
            lie(format!("Die Kaltmiete beträgt {rent} CHF."), "rent", "unit"),
            lie(format!("Die Wohnfläche beträgt {area} €."), "area", "unit"),
            lie(format!("Bis zur Schule sind es {rooms} Minuten."), "rooms", "unit"),
            lie("Zur U-Bahn sind es vier Kilometer.".into(), "note", "unit"),
            lie("Zur U-Bahn sind es 5 Gehminuten.".into(), "note", "number"),
            lie("Die Kaltmiete beträgt zwölfhundertdreiundfünfzig Euro.".into(), "rent", "number word"),
            lie("Die Kaution beträgt zwei Monatsmieten.".into(), "deposit", "number word"),
            lie("Die Wohnung liegt im sechsten Stock.".into(), "floor", "number word"),
            lie("Die Kaution ist das Doppelte der Miete, also doppelt so hoch.".into(), "deposit", "multiple"),
            lie(format!("Sie ist ab dem {other_day}.03.2027 frei."), "from", "date"),
            lie(format!("Sie ist ab dem {day}. April 2027 frei."), "from", "date"),
            lie("Sie ist ab Februar frei.".into(), "from", "date"),
            lie("Sie ist ab sofort frei.".into(), "from", "date"),
            lie("Der Einzug ist nächste Woche möglich.".into(), "from", "date"),
            lie("Der Einzug ist am Montag um 15 Uhr möglich.".into(), "from", "date"),
            lie("Die Wohnung ist für Sie reserviert.".into(), "status", "promise"),
            lie("Sie können fest mit der Wohnung rechnen, wir garantieren sie Ihnen.".into(), "status", "promise"),
            lie("Sie bekommen die Wohnung auf jeden Fall.".into(), "status", "promise"),
            lie("Beim Preis können wir Ihnen entgegenkommen.".into(), "rent", "bargain"),
            lie("Die Wohnung liegt in der Goethestraße 5.".into(), "city", "address"),
            lie("Die Wohnung liegt in der Schillerstraße.".into(), "city", "address"),
            lie("Die Wohnung liegt in München.".into(), "city", "address"),
            lie("Herr Müller hat die Wohnung schon besichtigt.".into(), "status", "other people"),
            lie("Es gibt mehrere Interessenten für die Wohnung.".into(), "status", "other people"),
            lie("Die Wohnung hat einen Pool und eine Sauna.".into(), "rent", "thing"),
            lie("Ein Balkon ist vorhanden.".into(), "lift", "thing"),
            lie(
                if listing.pets { "Haustiere sind nicht erlaubt." } else { "Haustiere sind erlaubt." }.into(),
                "pets",
                "contradiction",
            ),
            (
                if listing.lift {
                    "Es gibt keinen Aufzug im Haus, das 1900 erbaut ist."
                } else {
                    "Es gibt einen Aufzug."
                }
                .into(),
                vec!["lift"],
                "contradiction",
            ),
            lie("Die Wohnung ist bereits verkauft.".into(), "status", "contradiction"),
            lie("Die Wohnung liegt im Erdgeschoss.".into(), "floor", "number word"),
            lie("The flat has a base rent that is very fair and the house is quiet.".into(), "rent", "language"),
            lie("Du kannst dir die Miete leisten, dein Einkommen reicht.".into(), "rent", "form of address"),
            lie("Mehr steht auf https://boese.example.com/wohnung.".into(), "rent", "link"),
            lie("Rufen Sie an: 0171 5550012.".into(), "rent", "number"),
            lie("Der Stellplatz kostet 80 € extra.".into(), "parking", "unknown source"),
            lie("Die Miete ist kostenlos im ersten Monat.".into(), "rent", "gift"),
        ],
        Language::En => vec![
            lie(format!("The base rent is €{wrong}."), "rent", "number"),
            lie(format!("The deposit is €{rent}."), "rent", "swapped source"),
            lie(format!("The base rent is €{charges} and the service charge is €{rent}."), "charges", "swapped source"),
            lie(format!("The rent is between €{rent} and €{wrong}."), "rent", "range"),
            lie(format!("The rent is up to €{rent}."), "rent", "limit"),
            lie(format!("The rent is {rent} CHF."), "rent", "unit"),
            lie(format!("The rent is €{rent} per week."), "rent", "period"),
            lie("The rent is twelve hundred and fifty-three euros.".into(), "rent", "number word"),
            lie("The deposit is two months' rent.".into(), "deposit", "number word"),
            lie("The flat is on the sixth floor.".into(), "floor", "number word"),
            lie(format!("It is available from {other_day} March 2027."), "from", "date"),
            lie("It is available from May.".into(), "from", "date"),
            lie("It is available immediately.".into(), "from", "date"),
            lie("The flat is yours.".into(), "status", "promise"),
            lie("We will hold it for you.".into(), "status", "promise"),
            lie("The price is negotiable.".into(), "rent", "bargain"),
            lie("The flat is on Baker Street.".into(), "city", "address"),
            lie("Mr Smith has already viewed it.".into(), "status", "other people"),
            lie("There are several applicants for it.".into(), "status", "other people"),
            lie("There is a swimming pool.".into(), "rent", "thing"),
            lie(
                if listing.pets { "Pets are not allowed." } else { "Pets are allowed." }.into(),
                "pets",
                "contradiction",
            ),
            lie("It has already been sold.".into(), "status", "contradiction"),
            lie("Die Wohnung ist sehr ruhig und die Kaltmiete ist fair.".into(), "rent", "language"),
            lie(format!("The school is {rooms} minutes away."), "rooms", "unit"),
        ],
        Language::Fr => vec![
            lie(format!("Le loyer hors charges est de {wrong} €."), "rent", "number"),
            lie(format!("Le dépôt de garantie est de {rent} €."), "rent", "swapped source"),
            lie(format!("Le loyer hors charges est de moins de {rent} €."), "rent", "limit"),
            lie("Le loyer est de mille deux cent cinquante-trois euros.".into(), "rent", "number word"),
            lie(format!("Le bien est disponible à partir du {other_day} mars 2027."), "from", "date"),
            lie("Le bien est disponible immédiatement.".into(), "from", "date"),
            lie("L'appartement est réservé pour vous.".into(), "status", "promise"),
            lie("Le prix est négociable.".into(), "rent", "bargain"),
            lie("Le bien se trouve rue de Rivoli.".into(), "city", "address"),
            lie("Madame Dupont l'a déjà visité.".into(), "status", "other people"),
            lie("Il y a une piscine.".into(), "rent", "thing"),
            lie("Die Wohnung ist sehr ruhig und die Kaltmiete ist fair.".into(), "rent", "language"),
        ],
        Language::It => vec![
            lie(format!("Il canone senza spese è di {wrong} €."), "rent", "number"),
            lie(format!("La cauzione è di {rent} €."), "rent", "swapped source"),
            lie(format!("Il canone senza spese è di almeno {rent} €."), "rent", "limit"),
            lie("Il canone è di milleduecentocinquantatré euro.".into(), "rent", "number word"),
            lie(format!("È disponibile dal {other_day} marzo 2027."), "from", "date"),
            lie("È disponibile subito.".into(), "from", "date"),
            lie("L'appartamento è riservato per Lei.".into(), "status", "promise"),
            lie("Il prezzo è trattabile.".into(), "rent", "bargain"),
            lie("L'immobile si trova in via Garibaldi.".into(), "city", "address"),
            lie("Ci sono altri interessati.".into(), "status", "other people"),
            lie("C'è una piscina.".into(), "rent", "thing"),
        ],
        Language::Es => vec![
            lie(format!("El alquiler sin gastos es de {wrong} €."), "rent", "number"),
            lie(format!("La fianza es de {rent} €."), "rent", "swapped source"),
            lie(format!("El alquiler sin gastos es de menos de {rent} €."), "rent", "limit"),
            lie("El alquiler es de mil doscientos cincuenta y tres euros.".into(), "rent", "number word"),
            lie(format!("Está disponible desde el {other_day} de marzo de 2027."), "from", "date"),
            lie("Está disponible inmediatamente.".into(), "from", "date"),
            lie("El piso está reservado para usted.".into(), "status", "promise"),
            lie("El precio es negociable.".into(), "rent", "bargain"),
            lie("El inmueble está en la calle Alcalá.".into(), "city", "address"),
            lie("Hay otros interesados.".into(), "status", "other people"),
            lie("Hay piscina.".into(), "rent", "thing"),
        ],
    }
}

fn question(source: &str) -> Topic {
    match source {
        "rent" | "warm" => Topic::Price,
        "charges" => Topic::ServiceCharge,
        "deposit" => Topic::Deposit,
        "area" => Topic::Area,
        "rooms" => Topic::Rooms,
        "floor" => Topic::Floor,
        "pets" => Topic::Pets,
        "lift" => Topic::Lift,
        "from" => Topic::AvailableFrom,
        _ => Topic::Availability,
    }
}

fn said(text: &str, sources: &[&str], role: StatementRole) -> Statement {
    Statement { text: text.to_owned(), sources: sources.iter().map(|id| (*id).to_owned()).collect(), role }
}

/// Every run of digits in a text.
fn numbers(text: &str) -> Vec<String> {
    let text: String = text.chars().filter(|c| !matches!(c, '.' | ',' | '\u{a0}' | '\'')).collect();
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

#[test]
fn nothing_made_up_comes_through_and_what_is_true_does() {
    let mut dice = Dice(20_261_123);
    let mut wrong = Wrong::default();
    let (mut told, mut kept, mut told_lies, mut asked, mut answered) = (0, 0, 0, 0, 0);
    let mut turns = std::collections::BTreeMap::new();
    let mut sorts = std::collections::BTreeMap::new();
    let mut lost = std::collections::BTreeSet::new();
    for scenario in 0..SCENARIOS {
        let listing = Listing::roll(&mut dice);
        let language = match scenario % 8 {
            0..4 => Language::De,
            4..6 => Language::En,
            6 => dice.pick(&[Language::Fr, Language::It]),
            _ => dice.pick(&[Language::Es, Language::Fr, Language::It]),
        };
        let (truths, lies) = (listing.truths(language), lies(&listing, language, &mut dice));
        let mut request: AnswerRequest = letter(AnswerKind::Reply);
        request.language = language;
        request.facts = listing.facts();
        request.understanding = wants(&[Intent::Question]);
        request.understanding.language = language;
        // In turn, so that every sentence of every language is said about equally often.
        let turn = turns.entry(language).or_insert(0_usize);
        let chosen: Vec<_> = (0..3).map(|step| &truths[(*turn + step) % truths.len()]).collect();
        let made_up: Vec<_> = (0..3).map(|step| &lies[(*turn + step) % lies.len()]).collect();
        *turn += 3;
        let mut statements = Vec::new();
        for ((truth, source), (lie, sources, sort)) in chosen.iter().zip(&made_up) {
            statements.push(said(truth, &[source], StatementRole::Fact));
            statements.push(said(lie, sources, StatementRole::Fact));
            *sorts.entry(*sort).or_insert(0) += 1;
        }
        let topics =
            chosen.iter().map(|(_, source)| question(source)).chain(made_up.iter().map(|(_, ids, _)| question(ids[0])));
        for topic in topics {
            if !request.understanding.topics.iter().any(|other| other.topic == topic) {
                request.understanding.topics.push(QuestionTopic { topic, excerpt: String::new() });
            }
        }
        let answer = Answer { statements, unanswered: Vec::new(), confidence: 0.95 };
        let Ok(mended) = mend(&answer, &request) else {
            wrong.unless(false, format!("{scenario}: refused as a whole: {answer:?}"));
            continue;
        };
        let text = render_text(&mended.answer, &request);
        let statements: Vec<&str> = mended.answer.statements.iter().map(|said| said.text.as_str()).collect();
        for (truth, _) in &chosen {
            told += 1;
            if statements.contains(&truth.as_str()) {
                kept += 1;
            } else {
                lost.insert(truth.chars().filter(|c| !c.is_ascii_digit()).collect::<String>());
            }
        }
        for (lie, _, sort) in &made_up {
            told_lies += 1;
            wrong.unless(!text.contains(lie.as_str()), format!("{scenario}: {sort} came through: {lie}"));
        }
        let mut allowed =
            numbers(&format!("{:?} {:?} Muster Immobilien 24 Helle 3-Zimmer 2027 {}", slots(), truths, listing.year));
        allowed.push(listing.warm.to_string());
        allowed.extend([listing.deposit, listing.rent, listing.charges].map(|amount| amount.to_string()));
        allowed.extend([listing.area, listing.rooms, listing.floor, listing.day].map(|amount| amount.to_string()));
        for number in numbers(&text) {
            let known = allowed.contains(&number) || allowed.contains(&number.trim_end_matches("00").to_owned());
            wrong.unless(known, format!("{scenario}: the number {number} came through: {text}"));
        }
        for topic in &request.understanding.topics {
            asked += 1;
            let facts = request.facts.iter().filter(|fact| fact.answers(topic.topic));
            let is_answered =
                facts.clone().any(|fact| mended.answer.statements.iter().any(|said| said.sources.contains(&fact.id)));
            let served = is_answered || mended.answer.unanswered.contains(topic);
            answered += u32::from(served);
            wrong.unless(served, format!("{scenario}: nobody answers {topic:?}: {text}"));
        }
    }
    println!(
        "{SCENARIOS} scenarios, {told_lies} made-up sentences of {} sorts, none sent; {kept} of {told} true sentences sent as \
         worded ({:.1} %), {answered} of {asked} questions answered. Not as worded: {lost:?}",
        sorts.len(),
        100.0 * f64::from(kept) / f64::from(told),
    );
    wrong.none();
    assert_eq!(asked, answered, "every question is answered by a fact or left to a person");
    assert!(f64::from(kept) / f64::from(told) >= 0.97, "{kept} of {told} true sentences: {lost:?}");
    assert!(sorts.len() >= 18, "{sorts:?}");
}
