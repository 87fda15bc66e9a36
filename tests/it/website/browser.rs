//! The widget in a real browser, on a page of another origin that makes it as hard as pages do.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::RawQuery;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use immivo::domain::leads::LeadSource;
use immivo::domain::widget_keys::{NewConsent, decide_consent};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Site;
use super::chromium::Chromium;
use crate::support::skip;

/// The form inside its shadow root.
const ROOT: &str = "document.querySelector('main > div[lang]').shadowRoot";

/// An agency's site on one port, we on another, and time that passes.
struct Web {
    site: Site,
    page: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Web {
    #[allow(clippy::disallowed_methods, reason = "servers beside the test, ended by it")]
    async fn new() -> Self {
        let (ours, theirs) = (listen().await, listen().await);
        let page = format!("http://localhost:{}", theirs.local_addr().unwrap().port());
        let real = [("IMMIVO__WIDGET__WORK_BITS", "15")];
        let site = Site::with(&real, json!([page])).await;
        let api = format!("http://127.0.0.1:{}", ours.local_addr().unwrap().port());
        let script = format!("{api}/widget/{}.js", site.key);
        let agency = Router::new().route("/", get(async move |RawQuery(query): RawQuery| html(&api, &script, query)));
        let router = site.stage.test.router.clone();
        let clock = site.stage.test.app.clock.clone();
        let (begin, begun) = (clock.now().0, Instant::now());
        let tick = async move {
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                clock.set(begin + jiff::SignedDuration::try_from(begun.elapsed()).unwrap());
            }
        };
        let tasks = vec![
            tokio::spawn(async move { axum::serve(ours, router).await.unwrap() }),
            tokio::spawn(async move { axum::serve(theirs, agency).await.unwrap() }),
            tokio::spawn(tick),
        ];
        Self { site, page, tasks }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A page whose policy allows our script and our answers and nothing else, and whose styles would ruin every form.
fn html(api: &str, script: &str, query: Option<String>) -> impl axum::response::IntoResponse + use<> {
    let language = query.unwrap_or_else(|| "de".to_owned());
    let policy =
        format!("default-src 'none'; script-src {api}; connect-src {api}; style-src 'sha256-{}'", style_hash());
    let body = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>Altbau</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main><h1>Altbau am Park</h1>\
         <script async src=\"{script}\" data-property=\"W-17\"></script></main></body></html>"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)], body)
        .into_response()
}

const STYLE: &str =
    "body { margin: 8px; } input, button, label, p, div * { display: none !important; color: #fff !important; }";

fn style_hash() -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(STYLE.as_bytes()))
}

async fn open(browser: &mut Chromium, web: &Web, language: &str) {
    browser.open(&format!("{}/?{language}", web.page)).await;
    browser.wait_for("document.querySelector('main > div[lang]')").await;
}

/// Name of the field that has the focus; of what has no name, its kind.
async fn focused(browser: &mut Chromium) -> String {
    let value =
        browser.value(&format!("({ROOT}.activeElement || {{}}).name || {ROOT}.activeElement?.localName || ''")).await;
    value.as_str().unwrap().to_owned()
}

async fn text(browser: &mut Chromium, selector: &str) -> String {
    let value = browser.value(&format!("{ROOT}.querySelector({})?.textContent || ''", json!(selector))).await;
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_visitor_fills_in_the_form_by_keyboard_and_is_answered() {
    let Some(mut browser) = Chromium::start().await else { return };
    let web = Web::new().await;
    open(&mut browser, &web, "de").await;

    // An empty form: what is missing is said, and the first of it has the focus.
    browser.press("Tab").await;
    assert_eq!(focused(&mut browser).await, "salutation");
    browser.value(&format!("{ROOT}.querySelector('button').focus()")).await;
    browser.press("Enter").await;
    browser.wait_for(&format!("{ROOT}.querySelector('[role=alert]').textContent")).await;
    assert_eq!(focused(&mut browser).await, "lastName");
    let invalid = format!("[...{ROOT}.querySelectorAll('[aria-invalid]')].map((field) => field.name)");
    assert_eq!(browser.value(&invalid).await, json!(["lastName", "email", "message", "consent"]));
    assert_eq!(text(&mut browser, "#f-email-error").await, "Diese Angabe fehlt.");
    assert!(web.site.stage.leads().await.is_empty());

    // By keyboard alone, in the order one reads.
    for (name, value) in [
        ("lastName", "Größe"),
        ("email", "ida@example.org"),
        ("phone", "0664 5550123"),
        ("message", "Guten Tag, ist die Wohnung noch frei?"),
        ("consent", " "),
        ("button", "\r"),
    ] {
        let there = focused(&mut browser).await;
        assert_eq!(if there.is_empty() { "button".to_owned() } else { there }, name);
        match value {
            " " => browser.press(" ").await,
            "\r" => browser.press("Enter").await,
            value => browser.write(value).await,
        }
        if name != "button" {
            browser.press("Tab").await;
        }
    }
    browser.press("Enter").await; // impatient: counts once
    browser.wait_for(&format!("{ROOT}.querySelector('.done')")).await;
    assert_eq!(
        text(&mut browser, ".done").await,
        "Die Anfrage ist angekommenDie Antwort kommt per E-Mail an ida@example.org."
    );
    assert_eq!(focused(&mut browser).await, "div", "what happened is read out");

    let lead = web.site.stage.lead().await;
    assert_eq!((lead.source, lead.last_name.as_deref()), (LeadSource::Widget, Some("Größe")));
    assert_eq!(lead.phone.as_deref(), Some("+436645550123"));
    assert!(lead.property_id.is_some(), "{lead:?}");
    web.site.stage.test.run_jobs().await;
    assert_eq!(web.site.stage.got("ida@example.org").await.len(), 1);
    assert_eq!(browser.complaints, Vec::<String>::new());
    browser.stop().await;
}

#[tokio::test]
async fn a_human_who_looks_like_a_program_is_told_and_passes_the_second_time() {
    let Some(mut browser) = Chromium::start().await else { return };
    let web = Web::new().await;
    open(&mut browser, &web, "en").await;
    let fill = format!(
        "(() => {{ const root = {ROOT}; const set = (name, value) => {{ root.querySelector(`[name=${{name}}]`).value = value; }};
         set('lastName', 'Probe'); set('email', 'ida@example.org'); set('message', 'Is it still available?'); set('website', 'https://a.test');
         root.querySelector('[name=consent]').click(); root.querySelector('[name=phone]').value = 'evenings';
         root.querySelector('button').focus(); }})()"
    );
    browser.value(&fill).await;
    browser.press("Enter").await;
    browser.wait_for(&format!("{ROOT}.querySelector('[role=alert] strong')")).await;
    let alert = text(&mut browser, "[role=alert]").await;
    assert!(alert.contains("program") && alert.contains("buero@wien.test"), "{alert}");
    assert!(web.site.stage.leads().await.is_empty());

    // The second try passes the trap, and what the server alone knows to be wrong is shown at its field.
    browser.press("Enter").await;
    browser.wait_for(&format!("{ROOT}.querySelector('#f-phone-error').textContent")).await;
    assert_eq!(focused(&mut browser).await, "phone");
    browser.value(&format!("{ROOT}.querySelector('[name=phone]').value = ''")).await;

    // Meanwhile the agency decides on another text: it is shown, and nobody agrees to it unread.
    agency_decides(&web, &[("en", "I agree to everything.")]).await;
    browser.value(&format!("{ROOT}.querySelector('button').focus()")).await;
    browser.press("Enter").await;
    browser.wait_for(&format!("{ROOT}.querySelector('.agree label').textContent === 'I agree to everything.'")).await;
    browser.wait_for(&format!("{ROOT}.activeElement.name === 'consent' && !{ROOT}.activeElement.checked")).await;
    assert_eq!(text(&mut browser, ".agree a").await, "Privacy notice (new tab)");
    browser.press(" ").await;
    browser.press("Enter").await;
    browser.wait_for(&format!("{ROOT}.querySelector('.done')")).await;
    assert_eq!(web.site.stage.leads().await.len(), 1);
    browser.stop().await;
}

async fn agency_decides(web: &Web, texts: &[(&str, &str)]) {
    let mut conn = web.site.stage.test.tenant_conn(&web.site.stage.agency).await;
    let new = NewConsent {
        texts: texts.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect(),
        privacy_url: Some("https://www.agentur.test/privacy".to_owned()),
    };
    decide_consent(&mut conn, web.site.stage.agency.admin.user.id, &new, None).await.unwrap();
    conn.commit().await.unwrap();
}

/// A colour and a privacy notice.
async fn agency_sets_itself_up(web: &Web) {
    agency_decides(web, &[]).await;
    let mut conn = web.site.stage.test.tenant_conn(&web.site.stage.agency).await;
    sqlx::query("UPDATE tenants SET primary_color = '#7a1f3d' WHERE id = $1")
        .bind(web.site.stage.agency.tenant.0)
        .execute(conn.sql())
        .await
        .unwrap();
    conn.commit().await.unwrap();
}

/// axe-core comes in a Python package, which `dev/setup --ci` fetches.
#[allow(clippy::disallowed_methods, reason = "no settings are there")]
fn axe() -> Option<String> {
    let cache = std::env::var("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|_| std::env::var("HOME").map(|home| Path::new(&home).join(".cache"))).ok()?;
    std::fs::read_to_string(cache.join("immivo/axe-4.12.1/axe_playwright_python/axe.min.js")).ok()
}

async fn violations(browser: &mut Chromium) -> Value {
    let run = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then((result) => result.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' | ')))";
    browser.value(run).await
}

#[tokio::test]
async fn everybody_can_use_it_in_every_language_and_width() {
    let Some(mut browser) = Chromium::start().await else { return };
    let axe = axe();
    if axe.is_none() {
        skip("the widget in a browser", "axe-core is not there (dev/setup --ci fetches it)");
    }
    let web = Web::new().await;
    agency_sets_itself_up(&web).await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("widget");
    std::fs::create_dir_all(&folder).unwrap();
    for (language, title) in [
        ("de", "Anfrage an Agentur wien"),
        ("en", "Enquiry to Agentur wien"),
        ("fr-CH", "Demande à Agentur wien"),
        ("it", "Richiesta a Agentur wien"),
        ("pl", "Enquiry to Agentur wien"), // the browser's own language, where the page's is none of ours
    ] {
        browser.width(1280).await;
        open(&mut browser, &web, language).await;
        assert_eq!(text(&mut browser, ".title").await, title);
        let color = format!("getComputedStyle({ROOT}.querySelector('button')).backgroundColor");
        assert_eq!(browser.value(&color).await, json!("rgb(122, 31, 61)"), "the agency's own");
        browser.picture(&folder.join(format!("{language}-desktop.png"))).await;
        if let Some(axe) = &axe {
            browser.value(axe).await;
            assert_eq!(violations(&mut browser).await, json!([]), "{language}");
        }
        browser.value(&format!("{ROOT}.querySelector('button').click()")).await;
        browser.wait_for(&format!("{ROOT}.querySelector('[role=alert]').textContent")).await;
        browser.width(320).await;
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.value(wide).await, json!(false), "{language}: nothing sticks out of a narrow page");
        browser.picture(&folder.join(format!("{language}-320.png"))).await;
        if axe.is_some() {
            assert_eq!(violations(&mut browser).await, json!([]), "{language}, with errors");
        }
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
    browser.stop().await;
}
