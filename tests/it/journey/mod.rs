//! The loop, from a mail at the SMTP port to what came of it: nothing in between is called by hand.

mod answers;
mod bad_mail;
mod booking;
mod changes;
mod chat;
mod doors;
mod humans;
mod kill;
mod policy;
mod replies;
mod robots;
mod senders;
mod settings;
mod tray;

use std::time::Duration;

use immivo::domain::conversations::{self, Message};
use immivo::domain::leads::{self, Lead, LeadFilter, Viewer};
use immivo::domain::page::PageRequest;
use immivo::domain::properties::{self, PortalId, PropertyInput};
use immivo::ingress;
use lettre::address::Envelope;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use mail_parser::MessageParser;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{Agency, TestApp};

/// An agency with one listing, and its open SMTP port.
pub(crate) struct Stage {
    pub(crate) test: TestApp,
    pub(crate) agency: Agency,
    pub(crate) smtp: std::net::SocketAddr,
    stop: CancellationToken,
    server: Option<JoinHandle<()>>,
}

/// A mail somebody got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) message_id: String,
    pub(crate) in_reply_to: Option<String>,
    pub(crate) raw: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    #[allow(clippy::disallowed_methods, reason = "a server beside the test, ended by it")]
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let test = TestApp::with(variables).await;
        let agency = test.agency("wien").await;
        let mut input = PropertyInput::from(&test.property(&agency).await);
        input.external_number = Some("W-17".to_owned());
        input.portal_ids = vec![PortalId { portal: "willhaben".to_owned(), portal_object_id: "1234567890".to_owned() }];
        input.living_area = Some(72.5);
        input.pets_allowed = Some(true);
        let mut conn = test.tenant_conn(&agency).await;
        let page = PageRequest { after: None, limit: 1 };
        let listing =
            properties::list(&mut conn, &properties::PropertyFilter::default(), page).await.unwrap().items.remove(0);
        properties::update(&mut conn, listing.id, &input, None).await.unwrap();
        conn.commit().await.unwrap();
        let server = ingress::smtp::bind(&test.app).await.unwrap();
        let smtp = ingress::smtp::address(&server);
        let stop = CancellationToken::new();
        let server = tokio::spawn(server.serve(stop.clone(), stop.clone()));
        test.run_jobs().await;
        Self { test, agency, smtp, stop, server: Some(server) }
    }

    /// Hands a mail to the SMTP port; the server's reply code and text.
    pub(crate) async fn post(&self, from: &str, to: &str, raw: &[u8]) -> Result<String, String> {
        let client = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.smtp.ip().to_string())
            .port(self.smtp.port())
            .timeout(Some(Duration::from_secs(60)))
            .build();
        let from = if from.is_empty() { None } else { Some(from.parse().unwrap()) };
        let envelope = Envelope::new(from, vec![to.parse().unwrap()]).unwrap();
        // The client ends the last line itself.
        match client.send_raw(&envelope, raw.strip_suffix(b"\r\n").unwrap_or(raw)).await {
            Ok(reply) => Ok(format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" "))),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A mail of a portal, accepted and worked off.
    pub(crate) async fn portal(&self, raw: &str) {
        let reply =
            self.post("no-reply@willhaben.at", "wien@intake.immivo.test", raw.replace('\n', "\r\n").as_bytes()).await;
        assert!(reply.unwrap().starts_with("250"));
        self.test.run_jobs().await;
    }

    /// An enquiry by willhaben.
    pub(crate) async fn enquiry(&self, name: &str, email: &str, message: &str) {
        self.portal(&willhaben(name, email, message)).await;
    }

    /// An answer to the newest mail that `email` got.
    pub(crate) async fn reply(&self, email: &str, text: &str) {
        self.post_reply(email, text).await;
        self.test.run_jobs().await;
    }

    /// A viewing booked by mail: Thursday, 26 November, 15:00 in Vienna.
    pub(crate) async fn booked() -> Self {
        let stage = Self::new().await;
        stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
        stage.reply("ida@example.org", "Ich möchte die Wohnung am Donnerstag um 15 Uhr besichtigen.").await;
        assert_eq!(stage.lead().await.status, leads::Status::Booked);
        stage
    }

    /// The same, without working anything off.
    pub(crate) async fn post_reply(&self, email: &str, text: &str) {
        let last = self.got(email).await.into_iter().next_back().unwrap();
        let id = immivo::ids::new_id();
        let raw = format!(
            "From: {email}\r\nTo: wien@intake.immivo.test\r\nSubject: Re: {}\r\nMessage-ID: <{id}@example.org>\r\n\
             In-Reply-To: <{last}>\r\nReferences: <{last}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\n\
             Am 23.11.2026 um 09:00 schrieb Agentur wien <buero@wien.test>:\r\n> Sehr geehrte Damen und Herren, wie sind Ihre Kosten?\r\n",
            last.subject,
            last = last.message_id,
        );
        let accepted = self.post(email, "wien@intake.immivo.test", raw.as_bytes()).await;
        assert!(accepted.unwrap().starts_with("250"));
    }

    /// The mails an address got, oldest first.
    pub(crate) async fn got(&self, address: &str) -> Vec<Got> {
        let mailbox = self.test.app.mailer.development().unwrap();
        let mut got = Vec::new();
        for mail in mailbox.list(500).await.unwrap().into_iter().rev() {
            let parsed = MessageParser::default().parse(&mail.mime).unwrap();
            if parsed.to().and_then(|to| to.first()).and_then(|to| to.address()) == Some(address) {
                got.push(Got {
                    subject: parsed.subject().unwrap_or_default().to_owned(),
                    text: parsed.body_text(0).unwrap_or_default().into_owned(),
                    message_id: parsed.message_id().unwrap().to_owned(),
                    in_reply_to: parsed.in_reply_to().as_text().map(str::to_owned),
                    raw: String::from_utf8_lossy(&mail.mime).into_owned(),
                });
            }
        }
        got
    }

    /// All leads, newest first.
    pub(crate) async fn leads(&self) -> Vec<Lead> {
        let mut conn = self.test.tenant_conn(&self.agency).await;
        let page = PageRequest { after: None, limit: 200 };
        leads::list(&mut conn, &LeadFilter::default(), Viewer::SYSTEM, page).await.unwrap().items
    }

    /// The only lead.
    pub(crate) async fn lead(&self) -> Lead {
        let mut leads = self.leads().await;
        assert_eq!(leads.len(), 1, "{leads:?}");
        leads.remove(0)
    }

    /// What was said with the only lead.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let lead = self.lead().await;
        let mut conn = self.test.tenant_conn(&self.agency).await;
        let conversation = conversations::by_lead(&mut conn, lead.id).await.unwrap().unwrap();
        conversations::messages(&mut conn, conversation.id).await.unwrap()
    }

    /// What the API says.
    pub(crate) async fn api(&self, path: &str) -> serde_json::Value {
        self.test.get(path, &self.agency.admin).await.json(200)
    }

    /// The open tasks, as the API shows them.
    pub(crate) async fn tasks(&self) -> Vec<serde_json::Value> {
        self.api("/api/v1/tasks?state=OPEN").await["items"].as_array().unwrap().clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

/// An enquiry as willhaben sends it.
pub(crate) fn willhaben(name: &str, email: &str, message: &str) -> String {
    let id = immivo::ids::new_id();
    format!(
        "From: willhaben <no-reply@willhaben.at>\nTo: wien@intake.immivo.test\nSubject: Anfrage zu Anzeige Altbau (1234567890)\n\
         Message-ID: <{id}@willhaben.at>\nAuto-Submitted: auto-generated\nPrecedence: bulk\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\nCode: 1234567890\nAnfrage von: {name}\nE-Mail: {email}\nTelefon: 0664 5550123\n\n\
         Nachricht:\n{message}\n"
    )
}
