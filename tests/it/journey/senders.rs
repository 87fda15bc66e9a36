//! Who a mail really comes from, and what becomes of one that only says it is a portal's.

use sender_auth::testing::Zone;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Stage, willhaben};

/// An agency whose server asks a name server of the test.
async fn stage(zone: &Zone, mode: &str) -> Stage {
    let server = zone.address().to_string();
    Stage::with(&[
        ("IMMIVO__INTAKE__AUTHENTICATION", mode),
        ("IMMIVO__INTAKE__NAME_SERVERS", &server),
        ("IMMIVO__SMTP__PROXIES", "127.0.0.0/8"),
    ])
    .await
}

fn enquiry() -> String {
    willhaben("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").replace('\n', "\r\n")
}

impl Stage {
    /// Hands a mail over as the load balancer does for a client of this address, and has it read.
    async fn post_from(&self, ip: &str, mail_from: &str, raw: &str) {
        let stream = TcpStream::connect(self.smtp).await.unwrap();
        let mut lines = BufReader::new(stream);
        let commands = [
            format!("PROXY TCP4 {ip} 10.0.0.1 40000 25\r\n"),
            "EHLO mail.example.org\r\n".to_owned(),
            format!("MAIL FROM:<{mail_from}>\r\n"),
            "RCPT TO:<wien@intake.immivo.test>\r\n".to_owned(),
            "DATA\r\n".to_owned(),
            format!("{raw}.\r\n"),
            "QUIT\r\n".to_owned(),
        ];
        for command in commands {
            lines.write_all(command.as_bytes()).await.unwrap();
            loop {
                let mut line = String::new();
                lines.read_line(&mut line).await.unwrap();
                assert!(line.starts_with(['2', '3']), "{command} → {line}");
                if line.as_bytes()[3] != b'-' {
                    break;
                }
            }
        }
        self.test.run_jobs().await;
    }

    /// The only mail there is, whole.
    async fn only_mail(&self) -> Value {
        let mails = self.api("/api/v1/intake/messages").await;
        assert_eq!(mails["items"].as_array().unwrap().len(), 1);
        self.api(&format!("/api/v1/intake/messages/{}", mails["items"][0]["id"].as_str().unwrap())).await
    }

    async fn trust(&self, domain: &str) {
        let trust = |settings: &mut Value| settings["trustedForwarders"] = serde_json::json!([domain]);
        self.test.change_settings(&self.agency, trust).await.json(200);
    }
}

#[tokio::test]
async fn a_mail_signed_by_its_portal_is_answered() {
    let zone = Zone::start().await;
    let stage = stage(&zone, "hold").await;
    zone.txt("willhaben.at", "v=spf1 ip4:192.0.2.0/24 -all");
    let signed = zone.signer("willhaben.at").sign(&enquiry());
    stage.post_from("192.0.2.9", "no-reply@willhaben.at", &signed).await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    let mail = stage.only_mail().await;
    let found = &mail["authentication"];
    assert_eq!(found["door"]["helo"], "mail.example.org");
    assert_eq!(
        (&found["checks"]["dkim"][0]["result"], &found["checks"]["dkim"][0]["domain"]),
        (&"pass".into(), &"willhaben.at".into())
    );
    assert_eq!(found["checks"]["spf"]["result"], "pass", "by the address the load balancer names");
    assert_eq!((&found["portal"]["verdict"], &mail["state"]), (&"proven".into(), &"DONE".into()));
}

#[tokio::test]
async fn a_mail_that_only_says_it_is_a_portals_waits_for_a_human_who_may_believe_it() {
    let zone = Zone::start().await;
    let stage = stage(&zone, "hold").await;
    let forged = Zone::start().await.signer("willhaben.at").sign(&enquiry());
    zone.txt("test._domainkey.willhaben.at", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    stage.post_from("192.0.2.9", "no-reply@willhaben.at", &forged).await;
    let mail = stage.only_mail().await;
    assert_eq!(mail["state"], "TRAY");
    let reasons = mail["reasons"].to_string();
    assert!(reasons.contains("DKIM of willhaben.at failed"), "{reasons}");
    assert_eq!(mail["parsed"][0]["email"], "ida@example.org", "it is parsed all the same");
    assert!(stage.leads().await.is_empty() && stage.got("ida@example.org").await.is_empty());
    let assign = format!("/api/v1/intake/messages/{}/assign", mail["id"].as_str().unwrap());
    let by_hand = serde_json::json!({"email": "ida@example.org"});
    stage.test.post(&assign, &stage.agency.admin, by_hand).await.json(200);
    stage.test.run_jobs().await;
    assert_eq!(stage.leads().await.len(), 1);
}

#[tokio::test]
async fn where_it_is_only_recorded_the_same_mail_is_answered() {
    let zone = Zone::start().await;
    let stage = stage(&zone, "record").await;
    stage.post_from("192.0.2.9", "no-reply@willhaben.at", &enquiry()).await;
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
    let mail = stage.only_mail().await;
    assert_eq!(mail["authentication"]["portal"]["verdict"], "unproven");
    assert_eq!(mail["authentication"]["portal"]["reason"], "no DKIM signature of willhaben.at");
}

#[tokio::test]
async fn a_forwarder_is_believed_once_the_agency_trusts_it() {
    let zone = Zone::start().await;
    let stage = stage(&zone, "hold").await;
    let forwarder = zone.signer("agentur.test");
    // the forwarder changed the mail, which breaks the portal's signature, and says that it held before
    let signed = zone.signer("willhaben.at").sign(&enquiry());
    let passed_on = forwarder.seal(&zone, &signed).await.replace("DKIM-Signature", "X-Former-Signature");
    stage.post_from("192.0.2.9", "buero@agentur.test", &passed_on).await;
    let mail = stage.only_mail().await;
    assert_eq!(mail["state"], "TRAY", "{mail}");
    stage.trust("agentur.test").await;
    let again = format!("/api/v1/intake/messages/{}/reprocess", mail["id"].as_str().unwrap());
    stage.test.post(&again, &stage.agency.admin, serde_json::json!({})).await.json(202);
    stage.test.run_jobs().await;
    let mail = stage.only_mail().await;
    assert_eq!(
        (&mail["state"], &mail["authentication"]["portal"]["reason"]),
        (&"DONE".into(), &"ARC of agentur.test".into())
    );
}

#[tokio::test]
async fn name_servers_that_do_not_answer_neither_lose_a_mail_nor_hold_it_for_ever() {
    let zone = Zone::start().await;
    let stage = stage(&zone, "hold").await;
    let signed = zone.signer("willhaben.at").sign(&enquiry());
    zone.silence(true);
    stage.post_from("192.0.2.9", "no-reply@willhaben.at", &signed).await;
    let mail = stage.only_mail().await;
    assert_eq!(
        (&mail["state"], &mail["authentication"]["portal"]["verdict"]),
        (&"RECEIVED".into(), &"unanswered".into())
    );
    zone.silence(false);
    stage.test.run_all_jobs().await;
    assert_eq!(stage.only_mail().await["state"], "DONE", "asked again, they say that all is well");
    assert_eq!(stage.got("ida@example.org").await.len(), 1);
}
