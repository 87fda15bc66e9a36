//! Which part of the program may use which (`docs/ARCHITECTURE.md`), read from the `use` paths, and how long a file may
//! be. Paths written out in code count as well.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// Order inside `domain`: each may use only what stands before it.
const DOMAIN: [&str; 26] = [
    "tenants",
    "budget",
    "users",
    "staff",
    "audit",
    "secrets",
    "connections",
    "api_keys",
    "widget_keys",
    "mail",
    "properties",
    "leads",
    "routing",
    "tasks",
    "conversations",
    "viewings",
    "people",
    "live",
    "knowledge",
    "statistics",
    "learning",
    "assistant",
    "jarvis",
    "imports",
    "intake",
    "privacy",
];

/// Longest file, without its tests.
const MOST_LINES: usize = 500;

#[test]
fn no_part_uses_what_it_must_not() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let from = module(&file);
        for path in crate_paths(&text) {
            checked += 1;
            if let Some(rule) = forbidden(&from, &path) {
                broken.push(format!("{} uses {}: {rule}", file.display(), path.join("::")));
            }
        }
    }
    assert!(checked > 500, "only {checked} paths were found; does this test still read the sources?");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter_map(|file| {
            let lines = non_test_lines(&fs::read_to_string(&file).unwrap());
            (lines > MOST_LINES).then(|| format!("{}: {lines} lines without tests", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn the_rules_catch_what_they_are_for() {
    let forbidden = |from: &str, to: &str| {
        let split = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
        forbidden(&split(from), &split(to)).is_some()
    };
    assert!(forbidden("domain::leads::store", "crate::ingress::http"));
    assert!(forbidden("domain::leads::store", "axum::Json"));
    assert!(forbidden("domain::leads", "reqwest::Client"));
    assert!(forbidden("domain::leads", "crate::domain::conversations::Message"));
    assert!(forbidden("ingress::http::me", "sqlx::query"));
    assert!(forbidden("ingress::http::me", "crate::jobs::enqueue"));
    assert!(forbidden("integrations::smtp_out", "crate::domain::mail"));
    assert!(forbidden("db::pool", "crate::domain::users"));
    assert!(!forbidden("domain::conversations::deliver", "crate::domain::leads::note"));
    assert!(!forbidden("domain::leads", "crate::domain::page::Cursor"));
    assert!(!forbidden("ingress::http::me", "crate::domain::tenants"));
    assert!(forbidden("ingress::http::problem", "sqlx::Error"), "it is `crate::db::Error` there");
    assert!(!forbidden("cli::serve", "crate::jobs::worker"));
    let paths =
        crate_paths("use crate::{db::{A, B}, domain::leads as l}; fn f() { crate::jobs::x(); sqlx::query!(\"\"); }");
    let shown: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(shown, ["crate::db::A", "crate::db::B", "crate::domain::leads", "crate::jobs::x", "sqlx::query"]);
}

/// Why `from` must not use `path`; `None` if it may.
fn forbidden(from: &[String], path: &[String]) -> Option<&'static str> {
    let at = |index: usize| path.get(index).map(String::as_str).unwrap_or_default();
    let is_crate = at(0) == "crate";
    let (top, target) = (from[0].as_str(), if is_crate { at(1) } else { "" });
    match top {
        "ingress" => match (is_crate, at(0), target) {
            (false, "sqlx" | "graphile_worker" | "reqwest", _) => Some("an edge holds no SQL and no clients"),
            (true, _, "jobs") => Some("an edge makes domain calls; jobs are the domain's"),
            (true, _, "cli") => Some("nothing uses the command line"),
            // The development mailbox is shown, not sent to.
            (true, _, "integrations") if from.get(1..3).is_none_or(|module| module != ["http", "dev"]) => {
                Some("an edge uses no clients")
            }
            _ => None,
        },
        "domain" => match (is_crate, at(0), target) {
            (false, "axum" | "reqwest" | "tower_http" | "utoipa_axum", _) => Some("the domain knows no protocol"),
            (true, _, "ingress" | "cli") => Some("data flows from the edge into the domain"),
            (true, _, "domain") => domain_order(from, at(2)),
            _ => None,
        },
        "integrations" => match (is_crate, target) {
            (true, "domain" | "db" | "jobs" | "ingress" | "cli" | "app") => Some("an integration is a leaf"),
            _ => None,
        },
        "jobs" => match (is_crate, target) {
            (true, "ingress" | "cli" | "integrations") => {
                Some("the queue runs jobs and knows what they are for only by name")
            }
            (true, "domain") if from.get(1).is_none_or(|module| module != "registry") => {
                Some("only the registry lists the domain's jobs")
            }
            _ => None,
        },
        // What everybody stands on.
        "db" | "clock" | "ids" | "key_file" | "settings" | "telemetry" | "lifecycle" | "limits" | "links"
        | "templates" | "tokens" => match (is_crate, target) {
            (true, "domain" | "ingress" | "cli" | "app" | "integrations") => {
                Some("the ground does not know what stands on it")
            }
            _ => None,
        },
        _ => None,
    }
}

fn domain_order(from: &[String], target: &str) -> Option<&'static str> {
    let place = |name: &str| DOMAIN.iter().position(|capability| *capability == name);
    let (Some(own), Some(other)) = (from.get(1).and_then(|name| place(name)), place(target)) else { return None };
    (other > own).then_some("it stands later in the order of the domain")
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root(), &mut files);
    files.sort();
    assert!(files.len() > 50, "the sources are elsewhere");
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// `src/domain/leads/store.rs` is `domain::leads::store`.
fn module(file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(root()).unwrap().with_extension("");
    let mut parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// All paths of a file that lead out of its module: imports, expanded, and paths and macros in code.
fn crate_paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Paths(Vec::new());
    found.visit_file(&syn::parse_file(text).unwrap());
    found.0
}

struct Paths(Vec<Vec<String>>);

impl Paths {
    fn expand(&mut self, mut before: Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.expand(before, &path.tree);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.expand(before.clone(), item)),
            syn::UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.0.push(before);
            }
            syn::UseTree::Rename(rename) => {
                before.push(rename.ident.to_string());
                self.0.push(before);
            }
            syn::UseTree::Glob(_) => self.0.push(before),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.expand(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    /// Tests may look further than the code they test.
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

fn non_test_lines(text: &str) -> usize {
    let file = syn::parse_file(text).unwrap();
    let tests: usize = file
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if is_test(&module.attrs) => {
                use syn::spanned::Spanned as _;
                let span = module.span();
                Some(span.end().line - span.start().line + 1)
            }
            _ => None,
        })
        .sum();
    text.lines().count() - tests
}
