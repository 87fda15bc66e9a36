//! What administrators are told of a mailbox that needs them, and what they see of mailboxes the operator watches.

use axum::http::Method;
use immivo::settings::ImapMailbox;
use serde_json::{Value, json};

use super::connections::{Office, Process, change};
use super::{PREFIX, Post};
use crate::support::{Person, TestApp};

async fn alarms(test: &TestApp, person: &Person) -> Vec<Value> {
    let open = test.get("/api/v1/tasks?state=OPEN", person).await.json(200);
    let all = open["items"].as_array().unwrap().clone();
    all.into_iter().filter(|task| task["kind"] == "MAILBOX_TROUBLE").collect()
}

#[tokio::test]
async fn a_mailbox_in_trouble_is_told_once_and_the_task_goes_with_the_trouble() {
    let Some(mut post) = Post::new().await else { return };
    post.dovecot.down();
    post.check().await.unwrap_err();
    assert!(alarms(&post.test, &post.admin()).await.is_empty(), "it may pass");
    post.pass(300);
    for _ in 0..2 {
        post.check().await.unwrap_err();
        post.pass(60);
    }
    let open = alarms(&post.test, &post.admin()).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["title"], "Postfach info@127.0.0.1/INBOX wird nicht abgerufen");
    assert_eq!((&open[0]["leadId"], &open[0]["details"]["problem"]), (&Value::Null, &json!("UNREACHABLE")));
    assert!(open[0]["details"]["de"].as_str().unwrap().contains("nicht erreichbar"), "{open:?}");
    assert!(alarms(&post.test, &post.agent()).await.is_empty(), "an administrator's");

    // Somebody looks after it: the same outage is not told again.
    let path = format!("/api/v1/tasks/{}/resolve", open[0]["id"].as_str().unwrap());
    post.test.post(&path, &post.admin(), json!({"note": "Anbieter angerufen"})).await.json(200);
    post.check().await.unwrap_err();
    assert!(alarms(&post.test, &post.admin()).await.is_empty());

    // It comes back, and goes again: another outage, closed by the next good check.
    post.dovecot.up();
    post.check().await.unwrap();
    post.mailbox.password = Some("wrong".into());
    post.check().await.unwrap_err();
    let open = alarms(&post.test, &post.admin()).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["details"]["problem"], "LOGIN_REFUSED");
    post.mailbox = post.dovecot.mailbox(PREFIX);
    post.check().await.unwrap();
    assert!(alarms(&post.test, &post.admin()).await.is_empty());
}

#[tokio::test]
async fn nobody_is_told_of_a_mailbox_that_is_not_wanted_any_more() {
    let Some(office) = Office::new().await else { return };
    let process = Process::start(&office.test.app);
    let admin = &office.agency.admin;
    let mut wrong = office.body();
    wrong["secret"] = json!("wrong");
    let path = office.connect(wrong.clone()).await;
    let told = async |office: &Office| alarms(&office.test, admin).await.len() == 1;
    office.until("told", told).await;
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(alarms(&office.test, admin).await[0]["details"]["connectionId"], id);

    let mut paused = wrong.clone();
    paused["active"] = json!(false);
    office.put(&path, paused).await.json(200);
    assert!(alarms(&office.test, admin).await.is_empty(), "paused");
    office.put(&path, office.body()).await.json(200);
    office.until_state(&path, "OK").await;
    let clock = &office.test.app.clock;
    clock.set(clock.now().0 + jiff::SignedDuration::from_secs(60));
    office.put(&path, wrong).await.json(200);
    office.until("told", told).await;
    office.test.send(Method::DELETE, &path, Some(&admin.token), None).await;
    assert!(alarms(&office.test, admin).await.is_empty(), "removed");
    process.end().await;
    assert!(alarms(&office.test, admin).await.is_empty(), "and it stays so");
}

#[tokio::test]
async fn mailboxes_of_the_operator_are_listed_and_cannot_be_changed() {
    let mut test = TestApp::new().await;
    let (agency, other) = (test.agency(PREFIX).await, test.agency("linz").await);
    let mailbox = |username: &str, prefix: &str| ImapMailbox {
        intake_prefix: prefix.to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 143,
        tls: false,
        username: username.to_owned(),
        password: Some("never-shown".into()),
        password_secret: None,
        folder: "INBOX".to_owned(),
    };
    let mailboxes = vec![mailbox("office", PREFIX), mailbox("sales", PREFIX), mailbox("theirs", "linz")];
    change(&mut test, |settings| settings.imap.mailboxes = mailboxes);
    let own = json!({"host": "imap.example.org", "username": "own", "secret": "x"});
    test.post("/api/v1/connections", &agency.admin, own).await.json(201);

    let listed = test.get("/api/v1/connections", &agency.admin).await.json(200);
    let items = listed["items"].as_array().unwrap();
    let mut names: Vec<_> =
        items.iter().map(|item| (item["managedBy"].as_str().unwrap(), item["username"].as_str().unwrap())).collect();
    assert_eq!(names[0], ("AGENCY", "own"), "their own first");
    names.sort_unstable();
    assert_eq!(names, [("AGENCY", "own"), ("OPERATOR", "office"), ("OPERATOR", "sales")]);
    assert!(!listed.to_string().contains("never-shown"));

    // Page by page it is the same list.
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = test.get(&format!("/api/v1/connections?limit=1{cursor}"), &agency.admin).await.json(200);
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(&paged, items);

    let path = format!("/api/v1/connections/{}", items[1]["id"].as_str().unwrap());
    assert_eq!(test.get(&path, &agency.admin).await.json(200)["username"], items[1]["username"]);
    test.get(&path, &other.admin).await.problem(404);
    let body = json!({"host": "imap.example.org", "username": "own", "secret": "x"});
    test.send(Method::PUT, &path, Some(&agency.admin.token), Some(body)).await.problem(403);
    test.send(Method::DELETE, &path, Some(&agency.admin.token), None).await.problem(403);
}
