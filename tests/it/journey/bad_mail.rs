//! Mail that is broken, hostile or huge: a clear refusal or the tray, and nothing lost.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Stage;

async fn accepted(stage: &Stage, raw: &[u8]) -> String {
    let reply = stage.post("no-reply@willhaben.at", "wien@intake.immivo.test", raw).await.unwrap();
    assert!(reply.starts_with("250"), "{reply}");
    stage.test.run_jobs().await;
    let mails = stage.api("/api/v1/intake/messages").await;
    assert_eq!(mails["items"].as_array().unwrap().len(), 1, "{mails}");
    mails["items"][0]["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn data_that_breaks_off_is_not_accepted_and_leaves_nothing() {
    let stage = Stage::new().await;
    let mut client = TcpStream::connect(stage.smtp).await.unwrap();
    client
        .write_all(b"EHLO a\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<wien@intake.immivo.test>\r\nDATA\r\nSubject: x\r\n\r\nhalf a mai")
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert!(said.contains("354") && !said.contains("250 2.6.0"), "{said}");
    assert!(stage.api("/api/v1/intake/messages").await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn thirty_megabytes_are_refused_with_a_size_error() {
    let stage = Stage::new().await;
    let mut raw = b"Subject: big\r\n\r\n".to_vec();
    raw.resize(30 * 1024 * 1024, b'x');
    for line in raw.chunks_mut(1000) {
        let end = line.len();
        if end == 1000 {
            line[998..].copy_from_slice(b"\r\n");
        }
    }
    let refused = stage.post("a@example.org", "wien@intake.immivo.test", &raw).await.unwrap_err();
    assert!(refused.contains("552") && refused.contains("5.3.4"), "{refused}");
    assert!(stage.api("/api/v1/intake/messages").await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn ten_thousand_parts_end_in_the_tray() {
    let stage = Stage::new().await;
    let mut raw = String::from(
        "From: a@example.org\r\nSubject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    );
    for _ in 0..10_000 {
        raw.push_str("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n");
    }
    raw.push_str("--b--\r\n");
    let state = accepted(&stage, raw.as_bytes()).await;
    assert!(["TRAY", "IGNORED"].contains(&state.as_str()), "{state}");
}

#[tokio::test]
async fn nul_bytes_wrong_charsets_and_missing_headers_lose_nothing() {
    for raw in [
        b"From: a@willhaben.at\r\nSubject: nul \0 here\r\nContent-Type: text/plain\r\n\r\nText with \0 NUL and \xff bytes\r\n".as_slice(),
        b"From: no-reply@willhaben.at\r\nSubject: =?no-such-charset?Q?=FC?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xfc\xfe\r\n",
        b"\r\nno headers at all\r\n",
        b"just one line\r\n",
    ] {
        let stage = Stage::new().await;
        let state = accepted(&stage, raw).await;
        assert!(["TRAY", "IGNORED"].contains(&state.as_str()), "{state}");
        let mail = stage.api("/api/v1/intake/messages").await["items"][0].clone();
        assert!(!mail["reasons"].as_array().unwrap().is_empty());
        let mut conn = stage.test.tenant_conn(&stage.agency).await;
        let id = serde_json::from_value(mail["id"].clone()).unwrap();
        assert_eq!(immivo::domain::intake::raw(&mut conn, id).await.unwrap().as_deref(), Some(raw), "bit for bit");
    }
}

#[tokio::test]
async fn an_enquiry_in_the_wrong_charset_is_answered_all_the_same() {
    let stage = Stage::new().await;
    let text =
        super::willhaben("Frau Ida Größe", "ida@example.org", "Sind Haustiere erlaubt? Grüße").replace('\n', "\r\n");
    let mut raw = Vec::new();
    for c in text.chars() {
        raw.push(u8::try_from(u32::from(c)).unwrap()); // ISO-8859-1 bytes under a label that says UTF-8
    }
    assert_eq!(accepted(&stage, &raw).await, "DONE");
    assert_eq!(stage.lead().await.last_name.as_deref(), Some("Größe"));
}
