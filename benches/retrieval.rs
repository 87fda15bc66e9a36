//! Measures how pieces of text are found: recall against exact search, and time against the bare statement.
//!
//! ```sh
//! dev/with-postgres cargo bench --bench retrieval -- [--chunks 200000] [--tenants 1000] [--queries 400]
//! ```
//!
//! It fills the database that `DATABASE_URL` names, which must be empty: tenants of very unequal size (Zipf: the n-th has an
//! n-th of the largest), whose pieces are German and English sentences about flats with the vectors of the built-in
//! embedder, so they come in clusters as real ones do. Then it asks questions, each three ways in the same run and in turns:
//! by `knowledge::search` as the API does, by the same SQL on a bare connection, and exactly. A database that is filled
//! already with as many pieces is used as it is.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use immivo::clock::Clock;
use immivo::db;
use immivo::domain::knowledge::{self, Question};
use immivo::domain::leads::Viewer;
use immivo::ids::TenantId;
use llm::Engine as _;
use pgvector::Vector;
use secrecy::SecretString;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

struct Wanted {
    chunks: usize,
    tenants: usize,
    queries: usize,
}

fn main() {
    let mut wanted = Wanted { chunks: 200_000, tenants: 1000, queries: 400 };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for pair in arguments.windows(2) {
        let Ok(value) = pair[1].parse() else { continue };
        match pair[0].as_str() {
            "--chunks" => wanted.chunks = value,
            "--tenants" => wanted.tenants = value,
            "--queries" => wanted.queries = value,
            _ => {}
        }
    }
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("set DATABASE_URL to an empty database, or run it by dev/with-postgres");
        return;
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(measure(&url, &wanted));
}

async fn measure(url: &str, wanted: &Wanted) {
    let database = db::connect(&SecretString::from(url.to_owned()), 4, Clock::default()).unwrap();
    let mut bare = PgConnection::connect(url).await.unwrap();
    let there: Result<i64, _> = sqlx::query_scalar("SELECT count(*) FROM knowledge_chunks").fetch_one(&mut bare).await;
    let sizes = sizes(wanted);
    if there.ok() != i64::try_from(sizes.iter().sum::<usize>()).ok() {
        db::migrate(&database).await.unwrap();
        fill(&mut bare, &sizes).await;
    }
    println!(
        "{} pieces of {} tenants; the largest has {}, the tenth {}, the median {}",
        sizes.iter().sum::<usize>(),
        sizes.len(),
        sizes[0],
        sizes[9],
        sizes[sizes.len() / 2]
    );
    let mut random = Random(7);
    let largest = |_: &mut Random| 0;
    let any = |random: &mut Random| random.below(sizes.len());
    // As often as it has pieces: who has much asks much.
    let by_size = |random: &mut Random| {
        let mut at = random.below(sizes.iter().sum());
        sizes
            .iter()
            .position(|size| {
                let found = at < *size;
                at = at.saturating_sub(*size);
                found
            })
            .unwrap_or(0)
    };
    let mut all = Vec::new();
    all.push(ask(&database, &mut bare, "tenants by their size", wanted.queries, || by_size(&mut random)).await);
    let mut random = Random(8);
    all.push(ask(&database, &mut bare, "every tenant alike", wanted.queries, || any(&mut random)).await);
    let mut random = Random(9);
    all.push(ask(&database, &mut bare, "the largest tenant", wanted.queries, || largest(&mut random)).await);
    for figures in all {
        figures.report();
    }
}

/// Sizes of tenants, largest first: a Zipf distribution that adds up to the pieces wanted.
fn sizes(wanted: &Wanted) -> Vec<usize> {
    let sum: f64 = (1..=wanted.tenants).map(|rank| 1.0 / rank as f64).sum();
    (1..=wanted.tenants).map(|rank| ((wanted.chunks as f64 / sum / rank as f64).round() as usize).max(1)).collect()
}

fn id(kind: u8, number: usize) -> Uuid {
    let mut bytes = [kind; 16];
    bytes[8..].copy_from_slice(&(number as u64).to_be_bytes());
    Uuid::from_bytes(bytes)
}

async fn fill(conn: &mut PgConnection, sizes: &[usize]) {
    let started = Instant::now();
    for rank in 0..sizes.len() {
        sqlx::query(
            "INSERT INTO tenants (id, name, slug, intake_prefix, country, time_zone, mail_from_name, mail_from_address, created_at)
             VALUES ($1, $2, $2, $2, 'AT', 'Europe/Vienna', $2, $2 || '@agentur.test', now())",
        )
        .bind(id(1, rank)).bind(format!("agentur-{rank}")).execute(&mut *conn).await.unwrap();
        sqlx::query(
            "INSERT INTO documents (id, tenant_id, name, content_type, size, sha256, language, text, created_at)
             VALUES ($1, $2, 'alles', 'text/plain', 0, '', 'de', 'x', now())",
        )
        .bind(id(2, rank))
        .bind(id(1, rank))
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    for index in ["knowledge_chunks_vector", "knowledge_chunks_words"] {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX {index}"))).execute(&mut *conn).await.unwrap();
    }
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (rank, size) in sizes.iter().enumerate() {
        order.extend((0..*size).map(|ordinal| (rank, ordinal)));
    }
    // Tenants write at the same time, so their rows lie mixed.
    let mut random = Random(1);
    for at in (1..order.len()).rev() {
        order.swap(at, random.below(at + 1));
    }
    for (part, rows) in order.chunks(4000).enumerate() {
        let half = rows.len() / 2;
        let both =
            [rows[..half].to_vec(), rows[half..].to_vec()].map(|rows| std::thread::spawn(move || encoded(part, &rows)));
        let mut copy = conn
            .copy_in_raw(
                "COPY knowledge_chunks (id, tenant_id, source, source_id, document_id, ordinal, language, text, model,
                                        source_sha256, embedding, created_at) FROM STDIN (FORMAT binary)",
            )
            .await
            .unwrap();
        copy.send(&b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"[..]).await.unwrap();
        for bytes in both {
            copy.send(bytes.join().unwrap()).await.unwrap();
        }
        copy.send(&[0xff, 0xff][..]).await.unwrap();
        copy.finish().await.unwrap();
    }
    println!("filled in {} s", started.elapsed().as_secs());
    for sql in [
        "SET maintenance_work_mem = '2GB'",
        "CREATE INDEX knowledge_chunks_words ON knowledge_chunks USING gin (tenant_id, words)",
        "CREATE INDEX knowledge_chunks_vector ON knowledge_chunks USING hnsw (embedding halfvec_ip_ops) WITH (m = 32, ef_construction = 200)",
        "VACUUM ANALYZE",
    ] {
        let started = Instant::now();
        sqlx::query(sql).execute(&mut *conn).await.unwrap();
        println!("{sql}: {} s", started.elapsed().as_secs());
    }
}

/// Rows as `COPY` takes them.
fn encoded(part: usize, rows: &[(usize, usize)]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let texts: Vec<String> = rows.iter().map(|(rank, ordinal)| text(*rank, *ordinal)).collect();
    let (vectors, usage) = runtime.block_on(llm::Builtin.embed(&texts)).unwrap();
    let mut bytes = Vec::with_capacity(rows.len() * 4000);
    for (((rank, ordinal), text), vector) in rows.iter().zip(&texts).zip(vectors) {
        bytes.extend_from_slice(&12_u16.to_be_bytes());
        let mut field = |value: &[u8]| {
            bytes.extend_from_slice(&u32::try_from(value.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(value);
        };
        field(id(3, rank * 100_000 + ordinal).as_bytes());
        field(id(1, *rank).as_bytes());
        field(b"DOCUMENT");
        field(id(2, *rank).as_bytes());
        field(id(2, *rank).as_bytes());
        field(&i16::try_from(*ordinal).unwrap().to_be_bytes());
        field(if ordinal % 5 == 0 { b"en" } else { b"de" });
        field(text.as_bytes());
        field(usage.model.as_bytes());
        field(b"x");
        let mut half = Vec::with_capacity(4 + vector.len() * 2);
        half.extend_from_slice(&u16::try_from(vector.len()).unwrap().to_be_bytes());
        half.extend_from_slice(&[0, 0]);
        vector.iter().for_each(|value| half.extend_from_slice(&to_half(*value).to_be_bytes()));
        field(&half);
        field(&(part as i64).to_be_bytes());
    }
    bytes
}

/// IEEE 754 half precision, rounded to nearest; vectors of length 1 need neither infinity nor denormals.
fn to_half(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = u16::try_from(bits >> 31).unwrap() << 15;
    let exponent = i32::try_from((bits >> 23) & 0xff).unwrap() - 112;
    if exponent <= 0 {
        return sign;
    }
    let mantissa = (bits & 0x007f_ffff) + 0x1000;
    let rounded = (u32::try_from(exponent).unwrap() << 23) + mantissa;
    sign | u16::try_from(rounded >> 13).unwrap()
}

/// A paragraph about a flat: what a tenant's listings are about differs, and so does every paragraph.
fn text(rank: usize, ordinal: usize) -> String {
    const PLACES: [&str; 12] = [
        "Wien",
        "Graz",
        "Linz",
        "Salzburg",
        "Innsbruck",
        "Berlin",
        "Hamburg",
        "München",
        "Köln",
        "Zürich",
        "Basel",
        "Bern",
    ];
    const STREETS: [&str; 10] = [
        "Lindengasse",
        "Hauptstraße",
        "Bergweg",
        "Seestraße",
        "Parkring",
        "Marktplatz",
        "Rosenweg",
        "Kirchengasse",
        "Uferweg",
        "Bahnhofstraße",
    ];
    const GERMAN: [&str; 24] = [
        "Die Wohnung liegt im {n}. Stock und hat einen Lift.",
        "Haustiere sind nach Rücksprache erlaubt, {n} Katzen sind kein Problem.",
        "Die Betriebskosten betragen {n}5 Euro im Monat.",
        "Die Kaution beträgt {n} Monatsmieten.",
        "Ein Stellplatz in der Tiefgarage kostet {n}0 Euro.",
        "Der Balkon misst {n} Quadratmeter und liegt nach Süden.",
        "Die Heizung wurde im Jahr 20{n} erneuert und läuft mit Fernwärme.",
        "Zur Schule sind es {n} Minuten zu Fuß.",
        "Das Kellerabteil hat {n} Quadratmeter.",
        "Die Küche ist möbliert und hat {n} Geräte.",
        "Der Garten wird von {n} Parteien genutzt.",
        "Die Fenster sind dreifach verglast, das Bad hat eine Wanne.",
        "Die Übergabe ist am {n}. des Monats möglich.",
        "Die Hausordnung verbietet Lärm nach {n} Uhr.",
        "Die Provision beträgt {n} Prozent des Kaufpreises.",
        "Das Dach wurde vor {n} Jahren gedeckt.",
        "Im Hof stehen {n} alte Bäume und eine Bank.",
        "Die Rücklage beträgt {n}000 Euro.",
        "Der Energieausweis nennt {n}2 Kilowattstunden.",
        "Die Miete ist für {n} Jahre befristet.",
        "Das Parkett in {n} Zimmern ist abgeschliffen.",
        "Die U-Bahn hält in {n} Minuten Entfernung.",
        "Waschküche und Fahrradraum stehen allen {n} Mietern offen.",
        "Der Verkäufer überlässt die Einbauschränke in {n} Räumen.",
    ];
    const ENGLISH: [&str; 8] = [
        "The flat is on floor {n} and the building has a lift.",
        "Pets are welcome, up to {n} cats are fine.",
        "Service charges are {n}5 euros a month.",
        "The deposit is {n} months of rent.",
        "A parking space costs {n}0 euros.",
        "The balcony has {n} square metres.",
        "Heating was renewed in 20{n}.",
        "School is {n} minutes away.",
    ];
    let mut random = Random((rank * 100_003 + ordinal) as u64 + 1);
    let list: &[&str] = if ordinal % 5 == 0 { &ENGLISH } else { &GERMAN };
    let place = PLACES[(rank + random.below(3)) % PLACES.len()];
    let mut text = format!("{} {}, {place}.", STREETS[random.below(STREETS.len())], 1 + random.below(150));
    for _ in 0..3 + random.below(4) {
        let number = 1 + random.below(40);
        let _ = write!(text, " {}", list[random.below(list.len())].replace("{n}", &number.to_string()));
    }
    text
}

const QUESTIONS: [&str; 14] = [
    "Gibt es in der {s} einen Lift?",
    "Sind Katzen in {p} erlaubt?",
    "Wie hoch sind die Betriebskosten?",
    "Was kostet der Tiefgaragenplatz in {p}?",
    "Wie viele Monatsmieten Kaution?",
    "Ist der Balkon nach Süden?",
    "Wie wird geheizt?",
    "Wie weit ist die Schule von der {s}?",
    "Is there a parking space?",
    "Are pets allowed in {p}?",
    "Wann wurde das Dach gedeckt?",
    "Wie groß ist das Kellerabteil?",
    "Ist die Miete befristet?",
    "How far is the school?",
];

/// Numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most
    }
}

#[derive(Default)]
struct Figures {
    name: String,
    /// Of the ten nearest, how many were found.
    found: usize,
    asked: usize,
    product: Vec<Duration>,
    /// The statement of the search, words and all.
    statement: Vec<Duration>,
    /// The nearest by the best plan there is for the tenant's size.
    near: Vec<Duration>,
    exact: Vec<Duration>,
}

const SEARCH: &str = "SELECT c.id, c.text, hit.score FROM (
    SELECT coalesce(near.id, worded.id) AS id, (coalesce(1.0 / (60 + near.place), 0) + coalesce(1.0 / (60 + worded.place), 0))::float8 AS score
    FROM knowledge_near($2::vector::halfvec, $3, NULL, 30) AS near FULL JOIN knowledge_worded($4, NULL, 30) AS worded ON worded.id = near.id) AS hit
    JOIN knowledge_chunks c ON c.id = hit.id WHERE c.tenant_id = $1 ORDER BY hit.score DESC, c.id LIMIT 10";
const NEAR: &str = "SELECT id FROM knowledge_near($1::vector::halfvec, $2, NULL, 10) ORDER BY place";
const EXACT: &str = "SELECT id, away FROM (SELECT c.id, c.embedding <#> $2::vector::halfvec AS away FROM knowledge_chunks c WHERE c.tenant_id = $1 OFFSET 0) AS whole
    ORDER BY away LIMIT 10";

async fn ask(
    database: &db::Database,
    bare: &mut PgConnection,
    name: &str,
    queries: usize,
    mut tenant: impl FnMut() -> usize,
) -> Figures {
    let mut figures = Figures { name: name.to_owned(), ..Figures::default() };
    let mut random = Random(99);
    for number in 0..queries + 20 {
        let tenant = TenantId(id(1, tenant()));
        let place = ["Wien", "Graz", "Berlin", "München", "Basel"][random.below(5)];
        let street = ["Lindengasse", "Seestraße", "Rosenweg"][random.below(3)];
        let text = QUESTIONS[random.below(QUESTIONS.len())].replace("{p}", place).replace("{s}", street);
        let (vectors, usage) = llm::Builtin.embed(std::slice::from_ref(&text)).await.unwrap();
        let vector = vectors.into_iter().next().unwrap();
        let question = Question { text: text.clone(), vector: Some((vector.clone(), usage.model.clone())) };
        let vector = Vector::from(vector);

        sqlx::query("SELECT set_config('app.tenant_id', $1, false)")
            .bind(tenant.to_string())
            .execute(&mut *bare)
            .await
            .unwrap();
        let started = Instant::now();
        let mut conn = database.tenant(tenant).await.unwrap();
        let hits = knowledge::search(&mut conn, &question, Viewer::SYSTEM, 10).await.unwrap();
        drop(conn);
        let product = started.elapsed();
        let started = Instant::now();
        let same: Vec<(Uuid, String, f64)> = sqlx::query_as(SEARCH)
            .bind(tenant.0)
            .bind(&vector)
            .bind(&usage.model)
            .bind(&text)
            .fetch_all(&mut *bare)
            .await
            .unwrap();
        let statement = started.elapsed();
        assert_eq!(
            hits.iter().map(|hit| hit.id).collect::<Vec<_>>(),
            same.iter().map(|hit| hit.0).collect::<Vec<_>>(),
            "{text}"
        );
        let started = Instant::now();
        let nearest: Vec<Uuid> =
            sqlx::query_scalar(NEAR).bind(&vector).bind(&usage.model).fetch_all(&mut *bare).await.unwrap();
        let near = started.elapsed();
        let started = Instant::now();
        let exact: Vec<(Uuid, f64)> =
            sqlx::query_as(EXACT).bind(tenant.0).bind(&vector).fetch_all(&mut *bare).await.unwrap();
        let exactly = started.elapsed();
        if number < 20 {
            continue; // connections and plans get warm
        }
        // Of pieces that are equally near any may be found.
        let last = exact.last().map_or(0.0, |(_, away)| *away);
        let distances: Vec<f64> =
            sqlx::query_scalar("SELECT embedding <#> $2::vector::halfvec FROM knowledge_chunks WHERE id = ANY ($1)")
                .bind(&nearest)
                .bind(&vector)
                .fetch_all(&mut *bare)
                .await
                .unwrap();
        figures.asked += exact.len();
        figures.found += distances.iter().filter(|away| **away <= last + 1e-6).count().min(exact.len());
        figures.product.push(product);
        figures.statement.push(statement);
        figures.near.push(near);
        figures.exact.push(exactly);
    }
    figures
}

impl Figures {
    fn report(self) {
        let p = |mut times: Vec<Duration>, share: f64| {
            times.sort();
            times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0
        };
        let both = |times: &[Duration]| (p(times.to_vec(), 0.5), p(times.to_vec(), 0.95));
        let (product, statement, near, exact) =
            (both(&self.product), both(&self.statement), both(&self.near), both(&self.exact));
        println!("\n{}: recall@10 {:.4}", self.name, self.found as f64 / self.asked as f64);
        println!(
            "  p50 and p95 in ms: search {:.1} {:.1}, its statement {:.1} {:.1}, nearest ten {:.1} {:.1}, exact {:.1} {:.1}",
            product.0, product.1, statement.0, statement.1, near.0, near.1, exact.0, exact.1
        );
        println!(
            "  search is {:.2} times its bare statement at p95; exact takes {:.1} times as long as the nearest ten at p50, {:.1} times at p95",
            product.1 / statement.1,
            exact.0 / near.0,
            exact.1 / near.1
        );
    }
}
