//! Nothing but CRLF `.` CRLF ends a message.

use smtp_intake::{Limits, TlsMode};

use super::client::Client;
use super::server::{start, start_with};

const ENDS: [&str; 9] =
    ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n\0.\r\n", "\n\r.\r\n", "\r\r\n.\r\r\n"];
const INNER: &str = "MAIL FROM:<admin@example.test>\r\nRCPT TO:<victim@example.test>\r\nDATA\r\nforged";

#[tokio::test]
async fn a_second_message_behind_a_false_end_is_never_seen() {
    for end in ENDS {
        let server = start().await;
        let mut client = Client::ready(server.address).await;
        let reply = client.transact(format!("first{end}{INNER}\r\n.\r\n")).await;
        // a NUL is allowed content and no line end; everything else holds a bare CR or LF
        let expected = if end.contains('\0') { "250 2.0.0 " } else { "550 5.6.0 " };
        assert!(reply.starts_with(expected), "{end:?} → {reply}");
        client.expect("NOOP", "250 2.0.0 Ok").await;
        assert_eq!(*server.recorder.asked.lock().unwrap(), ["b@example.test"], "{end:?}");
        assert_eq!(server.recorder.seen().delivering, usize::from(end.contains('\0')), "{end:?}");
    }
}

#[tokio::test]
async fn allowed_bare_newlines_are_content_and_still_no_end() {
    let limits = Limits { allow_bare_newlines: true, ..Limits::default() };
    for end in ENDS {
        let server = start_with(limits.clone(), TlsMode::Off).await;
        let mut client = Client::ready(server.address).await;
        let reply = client.transact(format!("first{end}{INNER}\r\n.\r\n")).await;
        assert!(reply.starts_with("250 2.0.0 "), "{end:?} → {reply}");
        let messages = server.recorder.messages();
        assert_eq!(messages.len(), 1, "{end:?}");
        assert!(messages[0].ends_with(b"DATA\r\nforged\r\n"), "{end:?}");
        assert_eq!(server.recorder.envelope().recipients, ["b@example.test"]);
    }
}

#[tokio::test]
async fn a_single_bare_cr_or_lf_anywhere_refuses_the_message_and_keeps_the_session() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    for data in ["a\nb\r\n.\r\n", "a\rb\r\n.\r\n", "\n\r\n.\r\n", "a\r\r\n.\r\n", ".\rx\r\n.\r\n"] {
        let reply = client.transact(data).await;
        assert!(reply.starts_with("550 5.6.0 "), "{data:?} → {reply}");
    }
    assert!(client.transact("clean\r\n.\r\n").await.starts_with("250 "));
    assert_eq!(server.recorder.messages(), [b"clean\r\n"]);
    assert_eq!(server.recorder.seen().refused, [550; 5]);
}

#[tokio::test]
async fn a_command_ended_by_bare_lf_ends_the_session_unexecuted() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.send("MAIL FROM:<a@b.example>\nRCPT TO:<b@example.test>\r\n").await;
    client.expect_reply("521 5.5.2 ").await;
    client.expect_closed().await;
    assert!(server.recorder.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_bare_cr_in_a_command_refuses_the_command() {
    let server = start().await;
    let mut client = Client::ready(server.address).await;
    client.expect("MAIL FROM:<a@b.example>\rRCPT TO:<b@example.test>", "500 5.5.2 ").await;
    client.expect("RCPT TO:<b@example.test>", "503 5.5.1 ").await;
}

#[tokio::test]
async fn bare_lf_ends_commands_where_allowed() {
    let limits = Limits { allow_bare_newlines: true, ..Limits::default() };
    let server = start_with(limits, TlsMode::Off).await;
    let mut client = Client::connect(server.address).await;
    client.send("HELO x\nNOOP\n").await;
    client.expect_reply("250 mx.example.test").await;
    client.expect_reply("250 2.0.0 ").await;
}
