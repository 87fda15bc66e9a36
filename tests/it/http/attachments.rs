//! Files that come with mails: kept, listed and given back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use immivo::integrations::storage::FileKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Agency, Reply, TestApp};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
const PDF: &[u8] = b"%PDF-1.7 and so on";
const PAGE: &[u8] = b"<script>alert(1)</script>";

/// A mail with these files: header of the name, declared type, bytes.
fn mail(files: &[(&str, &str, &[u8])]) -> String {
    let mut mail = "From: Udo <udo@example.org>\r\nSubject: Unterlagen\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHier.\r\n"
        .to_owned();
    for (name, declared, bytes) in files {
        mail.push_str(&format!(
            "--b\r\nContent-Type: {declared}\r\nContent-Disposition: attachment; {name}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            STANDARD.encode(bytes)
        ));
    }
    mail + "--b--\r\n"
}

async fn received(app: &TestApp, agency: &Agency, raw: &str) -> (String, Vec<Value>) {
    let id = app.intake(agency, raw).await;
    app.run_jobs().await;
    let path = format!("/api/v1/intake/messages/{id}");
    let mail = app.get(&path, &agency.admin).await.json(200);
    (path, mail["attachments"].as_array().unwrap().clone())
}

async fn file(app: &TestApp, agency: &Agency, path: &str, attachment: &Value) -> Reply {
    app.get(&format!("{path}/attachments/{}", attachment["id"].as_str().unwrap()), &agency.admin).await
}

fn key(agency: &Agency, bytes: &[u8]) -> FileKey {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("attachments/{}/{hash}", agency.tenant).parse().unwrap()
}

#[tokio::test]
async fn pictures_and_documents_are_kept_and_every_file_can_be_had() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let raw = mail(&[
        ("filename*=UTF-8''Grundri%C3%9F.png", "application/octet-stream", PNG),
        ("filename=\"expose.pdf\"", "application/pdf", PDF),
        ("filename=\"../photo.png\"", "image/png", PAGE),
        ("filename=\"list.csv\"", "text/csv", b"a;b"),
    ]);
    let (path, files) = received(&app, &agency, &raw).await;
    let shown: Vec<(&str, &str, i64)> = files
        .iter()
        .map(|file| {
            let text = |name: &str| file[name].as_str().unwrap();
            (text("name"), text("contentType"), file["size"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(shown[0], ("Grundriß.png", "image/png", PNG.len() as i64), "what it is says its content");
    assert_eq!(shown[1], ("expose.pdf", "application/pdf", PDF.len() as i64));
    assert_eq!(shown.len(), 4);
    for (bytes, is_kept) in [(PNG, true), (PDF, true), (PAGE, false), (b"a;b", false)] {
        assert_eq!(app.app.files.get(&key(&agency, bytes)).await.unwrap().is_some(), is_kept);
    }
    for (number, content_type, bytes) in [
        (0, "image/png", PNG),
        (1, "application/pdf", PDF),
        (2, "application/octet-stream", PAGE),
        (3, "application/octet-stream", b"a;b"),
    ] {
        let reply = file(&app, &agency, &path, &files[number]).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_slice()), (200, bytes));
        assert_eq!(reply.header("content-type"), content_type);
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-disposition").starts_with("attachment; filename=\""));
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let first = file(&app, &agency, &path, &files[0]).await;
    assert_eq!(
        first.header("content-disposition"),
        "attachment; filename=\"Grundri_.png\"; filename*=UTF-8''Grundri%C3%9F.png"
    );
}

#[tokio::test]
async fn a_file_the_store_lost_comes_out_of_the_mail() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (path, files) = received(&app, &agency, &mail(&[("filename=a.pdf", "application/pdf", PDF)])).await;
    // From the store while it is there: other bytes under the key come back.
    app.app.files.put(&key(&agency, PDF), PNG).await.unwrap();
    assert_eq!(file(&app, &agency, &path, &files[0]).await.body, PNG);
    app.app.files.remove(&key(&agency, PDF)).await.unwrap();
    let reply = file(&app, &agency, &path, &files[0]).await;
    assert_eq!((reply.header("content-type"), reply.body.as_slice()), ("application/pdf", PDF));
}

#[tokio::test]
async fn a_mail_read_again_has_its_files_once_and_kept() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (path, files) = received(&app, &agency, &mail(&[("filename=a.pdf", "application/pdf", PDF)])).await;
    let mut conn = app.tenant_conn(&agency).await;
    sqlx::query("UPDATE attachments SET file_key = NULL").execute(conn.sql()).await.unwrap();
    conn.commit().await.unwrap();
    app.app.files.remove(&key(&agency, PDF)).await.unwrap();
    app.post(&format!("{path}/reprocess"), &agency.admin, json!({})).await.json(202);
    app.run_jobs().await;
    assert_eq!(app.get(&path, &agency.admin).await.json(200)["attachments"], json!(files));
    assert!(app.app.files.get(&key(&agency, PDF)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_is_found_under_its_own_mail_only() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (one, files) = received(&app, &agency, &mail(&[("filename=a.pdf", "application/pdf", PDF)])).await;
    let (other, _) = received(&app, &agency, &mail(&[("filename=b.png", "image/png", PNG)])).await;
    assert_eq!(file(&app, &agency, &one, &files[0]).await.status, 200);
    file(&app, &agency, &other, &files[0]).await.problem(404);
    app.get(&format!("{one}/attachments/x"), &agency.admin).await.problem(404);
}

#[tokio::test]
async fn only_so_many_and_so_large_files_of_one_mail_are_kept() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let many: Vec<Vec<u8>> = (0..22).map(|number| format!("%PDF-1.7 {number}").into_bytes()).collect();
    let files: Vec<(&str, &str, &[u8])> =
        many.iter().map(|bytes| ("filename=a.pdf", "application/pdf", bytes.as_slice())).collect();
    let (path, listed) = received(&app, &agency, &mail(&files)).await;
    assert_eq!(listed.len(), 22);
    assert!(app.app.files.get(&key(&agency, &many[19])).await.unwrap().is_some());
    assert!(app.app.files.get(&key(&agency, &many[20])).await.unwrap().is_none());
    assert_eq!(file(&app, &agency, &path, &listed[21]).await.body, many[21]);
    let mut large = PDF.to_vec();
    large.resize((20 << 20) + 1, b' ');
    received(&app, &agency, &mail(&[("filename=a.pdf", "application/pdf", &large)])).await;
    assert!(app.app.files.get(&key(&agency, &large)).await.unwrap().is_none());
}

#[tokio::test]
async fn programs_are_flagged_whatever_they_are_called() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let raw = mail(&[
        ("filename=\"expose.pdf\"", "application/pdf", PDF),
        ("filename=\"expose.pdf.exe\"", "application/pdf", PDF),
        ("filename=\"photo.png\"", "image/png", b"MZ and so on"),
    ]);
    let (_, files) = received(&app, &agency, &raw).await;
    let flags: Vec<&Value> = files.iter().map(|file| &file["flag"]).collect();
    assert_eq!(flags, [&Value::Null, &json!("executable"), &json!("executable")]);
}
