//! Servers that go away, fall silent or do not tell the truth.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use immivo::ingress::imap::{self, CheckError, SessionError, Target};
use immivo::settings::ImapMailbox;
use serde_json::json;

use super::connections::{Office, Process, change};
use crate::support::TestApp;

#[tokio::test]
async fn a_server_that_restarts_while_it_is_waited_for_loses_nothing() {
    let Some(mut office) = Office::new().await else { return };
    let process = Process::start(&office.test.app);
    let path = office.connect(office.body()).await;
    office.until_state(&path, "OK").await;
    for subject in ["one", "two"] {
        office.dovecot.down();
        office.deliver(subject);
        office.dovecot.up();
        // Whatever pause has grown meanwhile.
        office.put(&path, office.body()).await.json(200);
        office.until("stored", async |office| office.subjects().await.last().is_some_and(|last| last == subject)).await;
    }
    process.end().await;
}

/// Passes bytes on, until it is told to be silent: then its connections stay open and nothing comes through any more.
struct Silence {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Silence {
    fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = Arc::new(AtomicBool::new(false));
        let told = silent.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { return };
                // What is connected later gets through.
                told.store(false, Ordering::SeqCst);
                pass(client.try_clone().unwrap(), server.try_clone().unwrap(), told.clone());
                pass(server, client, told.clone());
            }
        });
        Self { port, silent }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, told: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut is_silent = false;
        let mut bytes = [0; 4096];
        while let Ok(read) = from.read(&mut bytes) {
            is_silent |= told.load(Ordering::SeqCst);
            if is_silent {
                continue;
            }
            if read == 0 || to.write_all(&bytes[..read]).is_err() {
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
        }
    });
}

#[tokio::test]
async fn a_connection_whose_other_end_is_gone_is_noticed() {
    let Some(mut office) = Office::new().await else { return };
    change(&mut office.test, |settings| settings.imap.idle_seconds = 1);
    let silence = Silence::before(office.dovecot.port());
    let process = Process::start(&office.test.app);
    let mut body = office.body();
    body["port"] = json!(silence.port);
    let path = office.connect(body).await;
    office.until_state(&path, "OK").await;
    silence.silent.store(true, Ordering::SeqCst);
    office.deliver("one");
    office.until("stored", async |office| office.subjects().await == ["one"]).await;
    assert!(!silence.silent.load(Ordering::SeqCst), "it connected again");
    process.end().await;
}

/// A server that answers each command with the same lines, by its word.
fn scripted(lines: fn(&str) -> &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            thread::spawn(move || {
                client.write_all(b"* OK here\r\n").unwrap();
                let reader = BufReader::new(client.try_clone().unwrap());
                for line in reader.lines().map_while(Result::ok) {
                    let (tag, command) = line.split_once(' ').unwrap();
                    let answer = lines(command);
                    if client.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

async fn look(test: &TestApp, port: u16) -> Result<imap::Checked, CheckError> {
    imap::check(&test.app, &Target::of_settings(&test.app, &settings_mailbox(port)).await?).await
}

fn settings_mailbox(port: u16) -> ImapMailbox {
    ImapMailbox {
        intake_prefix: "doebling".to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        tls: false,
        username: "info".to_owned(),
        password: Some("secret".into()),
        password_secret: None,
        folder: "INBOX".to_owned(),
    }
}

const FOLDER: &str = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n";

/// A server may hang up after half an hour of IDLE (RFC 2177), so it is ended and begun again, in the same session, long
/// before; the settings refuse 29 minutes and more, and nothing prolongs what they say (`pace`).
#[tokio::test]
async fn waiting_is_ended_and_begun_again_before_the_server_gives_up() {
    let mut test = TestApp::new().await;
    test.agency("doebling").await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            client.write_all(b"* OK here\r\n").unwrap();
            let (reader, mut idle) = (BufReader::new(client.try_clone().unwrap()), String::new());
            for line in reader.lines().map_while(Result::ok) {
                let (tag, command) = line.split_once(' ').unwrap_or((idle.as_str(), line.as_str()));
                let word = command.split(' ').next().unwrap();
                told.lock().unwrap().push(word.to_owned());
                let answer = match word {
                    "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
                    "EXAMINE" => format!("{FOLDER}{tag} OK done\r\n"),
                    "UID" => format!("* SEARCH 3\r\n{tag} OK done\r\n"),
                    "IDLE" => "+ idling\r\n".to_owned(),
                    _ => format!("{tag} OK done\r\n"),
                };
                if word == "IDLE" {
                    idle = tag.to_owned();
                }
                if client.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    let mailbox = settings_mailbox(port);
    change(&mut test, |settings| {
        settings.imap.idle_seconds = 1;
        settings.imap.mailboxes = vec![mailbox];
    });
    let process = Process::start(&test.app);
    let count = |word: &str| heard.lock().unwrap().iter().filter(|heard| *heard == word).count();
    let begun = Instant::now();
    while count("IDLE") < 4 {
        assert!(begun.elapsed().as_secs() < 30, "{:?}", heard.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process.end().await;
    assert!(begun.elapsed() >= Duration::from_millis(2400), "each of three waits was 0.8 s at least");
    let heard = heard.lock().unwrap();
    assert_eq!(heard.iter().filter(|word| *word == "LOGIN").count(), 1, "one session: {heard:?}");
    let idles: Vec<usize> = (0..heard.len()).filter(|&at| heard[at] == "IDLE").collect();
    for (at, next) in idles.iter().zip(&idles[1..]) {
        assert_eq!(heard[at + 1..*next], ["DONE", "EXAMINE", "UID"], "ended in order, looked, and begun again");
    }
}

/// The canary: a search of which one answer is known finds that.
#[tokio::test]
async fn a_server_that_finds_nothing_in_a_full_folder_is_not_believed() {
    let test = TestApp::new().await;
    test.agency("doebling").await;
    let blind = scripted(|command| match command.split(' ').next() {
        Some("EXAMINE") => FOLDER,
        Some("UID") => "* SEARCH\r\n",
        _ => "",
    });
    let error = look(&test, blind).await.unwrap_err();
    assert!(matches!(error, CheckError::Session(SessionError::Inconsistent(3))), "{error:?}");

    // One that only does not know `n:*` is asked otherwise, and believed.
    let odd = scripted(|command| match command {
        "UID SEARCH ALL" => "* SEARCH 1 2 3\r\n",
        _ if command.starts_with("EXAMINE") => FOLDER,
        _ if command.starts_with("UID") => "* SEARCH\r\n",
        _ => "",
    });
    assert_eq!(look(&test, odd).await.unwrap(), imap::Checked::default());
}

#[tokio::test]
async fn a_password_does_not_leave_this_machine_in_the_open() {
    let test = TestApp::new().await;
    test.agency("doebling").await;
    for host in ["imap.agentur.example", "192.0.2.1", "localhost.agentur.example", "127.0.0.1.example"] {
        let mailbox = ImapMailbox {
            intake_prefix: "doebling".to_owned(),
            host: host.to_owned(),
            port: 143,
            tls: false,
            username: "info".to_owned(),
            password: Some("secret".into()),
            password_secret: None,
            folder: "INBOX".to_owned(),
        };
        let target = Target::of_settings(&test.app, &mailbox).await.unwrap();
        let outcome = imap::check(&test.app, &target).await;
        assert!(matches!(outcome, Err(CheckError::Session(SessionError::PlainText))), "{host}");
    }
}
