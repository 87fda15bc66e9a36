//! Everything a database and the folders beside it hold, as text: for proofs that something is nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::TestApp;

/// Rows as text, by table (`schema.table`); binary columns also as the text they hold. Files stand under `files`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dump(pub(crate) BTreeMap<String, BTreeSet<String>>);

impl TestApp {
    /// Every column of every row of every table of every schema, and every file.
    pub(crate) async fn dump(&self) -> Dump {
        let mut conn = PgConnection::connect(&self.url).await.unwrap();
        let tables: Vec<(String, String)> = sqlx::query_as(
            "SELECT table_schema::text, table_name::text FROM information_schema.tables
             WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        let mut all = BTreeMap::new();
        for (schema, table) in tables {
            let sql = format!("SELECT held::text FROM \"{schema}\".\"{table}\" AS held");
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
            all.insert(format!("{schema}.{table}"), rows.into_iter().map(|row| readable(&row)).collect());
        }
        let mut files = BTreeSet::new();
        walk(self.folder(), &mut files);
        all.insert("files".to_owned(), files);
        Dump(all)
    }
}

impl Dump {
    /// In which tables a text stands, with the beginning of each row.
    pub(crate) fn places(&self, text: &str) -> Vec<String> {
        self.find(text).iter().map(|(table, row)| format!("{table}: {:.300}", row)).collect()
    }

    /// Where a text stands, in any case; the whole rows.
    pub(crate) fn find(&self, text: &str) -> Vec<(&str, &str)> {
        let text = text.to_lowercase();
        let rows = self.0.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table.as_str(), row.as_str())));
        rows.filter(|(_, row)| row.to_lowercase().contains(&text)).collect()
    }

    /// What is here and not in `other`, by table.
    pub(crate) fn without(&self, other: &Self) -> BTreeMap<&str, Vec<&str>> {
        let mut rest = BTreeMap::new();
        for (table, rows) in &self.0 {
            let others = other.0.get(table);
            let more: Vec<&str> =
                rows.iter().filter(|row| others.is_none_or(|rows| !rows.contains(*row))).map(String::as_str).collect();
            if !more.is_empty() {
                rest.insert(table.as_str(), more);
            }
        }
        rest
    }
}

/// The row, and behind it what its binary columns say.
fn readable(row: &str) -> String {
    let mut text = row.to_owned();
    for piece in row.split("\\x").skip(1) {
        let digits: Vec<u8> = piece.bytes().take_while(u8::is_ascii_hexdigit).collect();
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

fn walk(folder: &Path, files: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.insert(format!("{}\n{}", path.display(), String::from_utf8_lossy(&std::fs::read(&path).unwrap())));
        }
    }
}
