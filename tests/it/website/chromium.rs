//! A headless Chromium of one test's own, driven over its debugging pipe (Chrome DevTools Protocol): no port, no driver.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::skip;

pub(super) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    calls: u64,
    /// What the page complained about: exceptions, refused loads.
    pub(super) complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

/// How long anything in the browser may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl Chromium {
    /// Starts one with an empty page. `None`, and a loud word about it, where there is none to start; in CI that is a failure.
    pub(super) async fn start() -> Option<Self> {
        let mut program = None;
        for name in ["chromium", "chromium-browser", "google-chrome"] {
            if Command::new(name).arg("--version").output().await.is_ok_and(|output| output.status.success()) {
                program = Some(name);
                break;
            }
        }
        let Some(program) = program else {
            skip("the widget in a browser", "Chromium is not installed (dev/setup --ci does it)");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let id = Command::new("id").arg("-u").output().await.unwrap();
        let mut command = Command::new("sh");
        // The browser reads commands from descriptor 3 and answers on 4.
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", program]);
        command.args(["--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage"]);
        command.args(["--no-first-run", "--disable-background-networking", "--disable-component-update"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).env("HOME", profile.path());
        if id.stdout.starts_with(b"0\n") {
            command.arg("--no-sandbox"); // its sandbox refuses to run as root
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, to, from, session: None, calls: 0, complaints: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"})).await["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true})).await;
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        browser.call("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        Some(browser)
    }

    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).await.unwrap();
        loop {
            let mut bytes = Vec::new();
            let read = tokio::time::timeout(PATIENCE, self.from.read_until(0, &mut bytes)).await;
            assert!(
                read.unwrap_or_else(|_| panic!("{method}: no answer")).unwrap() > 0,
                "{method}: the browser is gone"
            );
            bytes.pop();
            let message: Value = serde_json::from_slice(&bytes).unwrap();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            match message["method"].as_str() {
                Some("Runtime.exceptionThrown") => self.complaints.push(message["params"].to_string()),
                Some("Log.entryAdded") if message["params"]["entry"]["level"] == "error" => {
                    self.complaints.push(message["params"]["entry"]["text"].to_string());
                }
                _ => {}
            }
        }
    }

    pub(super) async fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url})).await;
        self.wait_for(&format!("location.href === {} && document.readyState === 'complete'", json!(url))).await;
    }

    /// The value of an expression, after its promise if it is one.
    pub(super) async fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", params).await;
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    pub(super) async fn wait_for(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.value(&format!("Boolean({expression})")).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "never came true: {expression}; complaints: {:?}", self.complaints);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses a key that writes nothing by itself.
    pub(super) async fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, None),
            "Enter" => (13, Some("\r")),
            " " => (32, Some(" ")),
            other => panic!("{other}: say its code here"),
        };
        let mut down = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if let Some(text) = text {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", down).await;
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code})).await;
    }

    /// Types a text, key by key.
    pub(super) async fn write(&mut self, text: &str) {
        for char in text.chars() {
            let text = char.to_string();
            self.call("Input.dispatchKeyEvent", json!({"type": "keyDown", "key": text, "text": text})).await;
            self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": text})).await;
        }
    }

    pub(super) async fn width(&mut self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// A picture of the whole page, for people to look at.
    pub(super) async fn picture(&mut self, file: &Path) {
        let params = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.call("Page.captureScreenshot", params).await;
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    pub(super) async fn stop(mut self) {
        self.session = None;
        let _ = tokio::time::timeout(
            Duration::from_secs(5),
            self.to.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0"),
        )
        .await;
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            self.child.kill().await.unwrap();
        }
    }
}
