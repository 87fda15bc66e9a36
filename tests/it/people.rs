//! The agency's people through the production router: coming, staying, going; and the platform's own.

mod cognito;
mod coming;
mod going;
mod roles;
mod staff;
mod tokens;
mod unassigned;

use axum::http::Method;
use immivo::domain::users::{self, NewUser, Role};
use serde_json::{Value, json};

use crate::support::{Agency, Person, Reply, TestApp};

impl TestApp {
    /// Another of the agency's people.
    async fn colleague(&self, agency: &Agency, name: &str, role: Role) -> Person {
        let mut conn = self.tenant_conn(agency).await;
        let new = NewUser {
            subject: format!("{}-{name}", agency.tenant),
            email: format!("{name}@colleagues.test"),
            first_name: "Kim".to_owned(),
            last_name: name.to_owned(),
            phone: None,
            role,
        };
        let id = users::create(&mut conn, &new).await.unwrap();
        let user = users::find(&mut conn, id).await.unwrap().unwrap();
        conn.commit().await.unwrap();
        let token = self.token(&user.subject);
        Person { user, token }
    }

    /// The token of somebody who is nobody's user, with a verified address.
    fn stranger(&self, subject: &str, email: &str) -> String {
        let until = immivo::clock::Timestamp(self.app.clock.now().0 + jiff::SignedDuration::from_hours(1));
        self.app.links.token_with_email(subject, email, until)
    }

    async fn post_as(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(token), Some(body)).await
    }

    pub(crate) async fn get_as(&self, path: &str, token: &str) -> Reply {
        self.send(Method::GET, path, Some(token), None).await
    }

    /// Mails to this address so far, as text, newest first.
    async fn mails_to(&self, address: &str) -> Vec<String> {
        self.run_jobs().await;
        let mailbox = self.app.mailer.development().unwrap();
        let mut texts = Vec::new();
        for mail in mailbox.list(100).await.unwrap() {
            let parsed = mail_parser::MessageParser::default().parse(&mail.mime).unwrap();
            let is_to = parsed.to().and_then(|to| to.first()).and_then(|to| to.address()) == Some(address);
            if is_to {
                texts.push(parsed.body_text(0).unwrap().into_owned());
            }
        }
        texts
    }

    /// The secret in the newest invitation to this address.
    async fn invited(&self, address: &str) -> String {
        let mails = self.mails_to(address).await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        secret_of(&mails[0])
    }
}

fn secret_of(mail: &str) -> String {
    let link = mail.split_whitespace().find(|word| word.contains("/invitation#")).unwrap();
    link.split_once('#').unwrap().1.to_owned()
}

fn newcomer() -> Value {
    json!({"firstName": "Ida", "lastName": "Probe"})
}

fn founder(agency: &str) -> Value {
    json!({"firstName": "Ida", "lastName": "Probe", "agencyName": agency, "country": "AT", "timeZone": "Europe/Vienna"})
}

/// The last part of a problem's type.
fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().rsplit(':').next().unwrap()
}
