//! Onboarding and invitations.

use axum::http::Method;
use serde_json::{Value, json};

use super::{founder, kind, newcomer, secret_of};
use crate::support::TestApp;

#[tokio::test]
async fn a_stranger_founds_an_agency_and_runs_it() {
    let app = TestApp::new().await;
    let ida = app.stranger("ida", "Ida@Example.org");
    let problem = app.get_as("/api/v1/me", &ida).await.problem(403);
    assert_eq!(kind(&problem), "onboarding-required");

    let joined = app.post_as("/api/v1/onboarding", &ida, founder("Döblinger Wohnträume")).await.json(201);
    assert_eq!(joined["isNewAgency"], true);
    let me = app.get_as("/api/v1/me", &ida).await.json(200);
    assert_eq!(me, joined["me"]);
    assert_eq!((&me["email"], &me["role"]), (&json!("ida@example.org"), &json!("ADMIN")));
    assert_eq!(me["tenant"]["slug"], "doeblinger-wohntraeume");
    assert_eq!(me["tenant"]["intakeAddress"], "doeblinger-wohntraeume@intake.immivo.test");
    assert!(me["rights"].as_array().unwrap().contains(&json!("MANAGE_USERS")), "{me}");

    app.post_as("/api/v1/onboarding", &ida, founder("Noch eine")).await.problem(409);
    // Another one of the same name, and one whose name a mail domain keeps for itself.
    let udo = app.stranger("udo", "udo@example.org");
    let joined = app.post_as("/api/v1/onboarding", &udo, founder("Döblinger Wohnträume")).await.json(201);
    assert_eq!(joined["me"]["tenant"]["slug"], "doeblinger-wohntraeume-2");
    let eve = app.stranger("eve", "eve@example.org");
    let joined = app.post_as("/api/v1/onboarding", &eve, founder("Postmaster")).await.json(201);
    assert_eq!(joined["me"]["tenant"]["slug"], "postmaster-2");
}

#[tokio::test]
async fn two_who_found_at_once_get_two_names() {
    let app = TestApp::new().await;
    let tokens: Vec<String> = (0..4).map(|n| app.stranger(&format!("s{n}"), &format!("s{n}@example.org"))).collect();
    let founded = futures::future::join_all(
        tokens.iter().map(|token| app.post_as("/api/v1/onboarding", token, founder("Alpha"))),
    )
    .await;
    let mut slugs: Vec<Value> = founded.iter().map(|reply| reply.json(201)["me"]["tenant"]["slug"].clone()).collect();
    slugs.sort_by_key(ToString::to_string);
    assert_eq!(slugs, ["alpha", "alpha-2", "alpha-3", "alpha-4"]);

    // The same person twice at once is one user of one agency.
    let twice = app.stranger("twice", "twice@example.org");
    let both = futures::future::join_all(
        (0..2).map(|n| app.post_as("/api/v1/onboarding", &twice, founder(&format!("Beta {n}")))),
    )
    .await;
    let mut statuses: Vec<u16> = both.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn what_is_wrong_with_an_onboarding_is_said() {
    let app = TestApp::new().await;
    let ida = app.stranger("ida", "ida@example.org");
    let cases = [
        (json!({"firstName": "", "lastName": "Probe"}), vec!["firstName"]),
        (newcomer(), vec!["agencyName", "country", "timeZone"]),
        (json!({"firstName": "I", "lastName": "P", "agencyName": "A"}), vec!["country", "timeZone"]),
        (
            json!({"firstName": "I", "lastName": "P", "agencyName": "A", "country": "AT", "timeZone": "Wien"}),
            vec!["timeZone"],
        ),
    ];
    for (body, fields) in cases {
        assert_eq!(app.post_as("/api/v1/onboarding", &ida, body).await.fields(422), fields);
    }
    // A token without an address, as access tokens are.
    let problem = app.post_as("/api/v1/onboarding", &app.token("ida"), founder("A")).await.problem(403);
    assert_eq!(kind(&problem), "id-token-needed");
    assert!(problem["detail"].as_str().unwrap().contains("ID token"));
}

#[tokio::test]
async fn whoever_was_invited_joins_that_agency() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let created = app
        .post("/api/v1/invitations", &agency.admin, json!({"email": "Neu@Example.org", "role": "AGENT"}))
        .await
        .json(201);
    assert_eq!((&created["email"], &created["state"]), (&json!("neu@example.org"), &json!("OPEN")));
    // The mail is German first, its link goes to the application, and the secret is in no row but the mail's.
    let mails = app.mails_to("neu@example.org").await;
    assert!(
        mails[0].contains("lädt Sie ein") && mails[0].contains("http://localhost:5173/invitation#"),
        "{}",
        mails[0]
    );
    let secret = secret_of(&mails[0]);
    let rows: Vec<String> = {
        let mut conn = app.tenant_conn(&agency).await;
        sqlx::query_scalar(
            "SELECT to_jsonb(i)::text FROM invitations i UNION ALL SELECT to_jsonb(a)::text FROM audit_events a",
        )
        .fetch_all(conn.sql())
        .await
        .unwrap()
    };
    assert!(rows.len() >= 2 && rows.iter().all(|row| !row.contains(&secret)), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("\"***\"")), "the log shows that there is a secret, not which");

    // By the verified address alone, with details of an agency that is then not made.
    let neu = app.stranger("neu", "neu@example.org");
    let joined = app.post_as("/api/v1/onboarding", &neu, founder("Meine")).await.json(201);
    assert_eq!((&joined["isNewAgency"], &joined["me"]["role"]), (&json!(false), &json!("AGENT")));
    assert_eq!(joined["me"]["tenant"]["slug"], "here");
    let list = app.get("/api/v1/invitations", &agency.admin).await.json(200);
    assert_eq!(list["items"][0]["state"], "ACCEPTED");
    app.get("/api/v1/invitations", &agency.agent).await.problem(403);
    // Who is here cannot be invited, and an accepted invitation is closed.
    app.post("/api/v1/invitations", &agency.admin, json!({"email": "neu@example.org", "role": "AGENT"}))
        .await
        .problem(409);
    let id = created["id"].as_str().unwrap();
    app.post(&format!("/api/v1/invitations/{id}/resend"), &agency.admin, json!({})).await.problem(409);
    let late = app.stranger("late", "late@example.org");
    let reply =
        app.post_as("/api/v1/invitations/accept", &late, json!({"secret": secret, "profile": newcomer()})).await;
    reply.problem(409);
}

#[tokio::test]
async fn an_invitation_in_one_language_is_written_in_it_and_whoever_joins_by_it_gets_mail_in_it() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let invite = json!({"email": "neu@example.org", "role": "AGENT", "locale": "en"});
    let created = app.post("/api/v1/invitations", &agency.admin, invite).await.json(201);
    assert_eq!(created["locale"], "en");
    let mail = app.mails_to("neu@example.org").await.remove(0);
    assert!(mail.contains("invites you to work") && !mail.contains("Einladung"), "{mail}");
    let joined = app
        .post_as(
            "/api/v1/invitations/accept",
            &app.token("neu"),
            json!({"secret": secret_of(&mail), "profile": newcomer()}),
        )
        .await
        .json(201);
    assert_eq!(joined["me"]["locale"], "en", "{joined}");

    // Without one it is written in both, and German is what they begin with.
    app.post("/api/v1/invitations", &agency.admin, json!({"email": "a@example.org", "role": "AGENT"})).await.json(201);
    let mail = app.mails_to("a@example.org").await.remove(0);
    assert!(mail.contains("invites you to work") && mail.contains("lädt Sie ein"), "{mail}");
}

#[tokio::test]
async fn the_secret_of_the_link_is_enough_and_works_once() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    app.post("/api/v1/invitations", &agency.admin, json!({"email": "a@example.org", "role": "ADMIN"})).await.json(201);
    let secret = app.invited("a@example.org").await;
    let accept = |token: String, body: Value| {
        let app = &app;
        async move { app.post_as("/api/v1/invitations/accept", &token, body).await }
    };
    let whole = json!({"secret": secret, "profile": newcomer()});
    accept(app.token("x"), json!({"secret": "guess", "profile": newcomer()})).await.problem(404);
    assert_eq!(accept(app.token("x"), json!({"secret": secret})).await.fields(422), ["profile"]);
    accept(agency.agent.token.clone(), whole.clone()).await.problem(409);
    // Two at once: one comes in. A token that names no address is good enough here.
    let both =
        futures::future::join(accept(app.token("x"), whole.clone()), accept(app.token("y"), whole.clone())).await;
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let users = app.get("/api/v1/users", &agency.agent).await.json(200);
    let emails: Vec<&str> =
        users["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(emails.iter().filter(|email| **email == "a@example.org").count(), 1, "{emails:?}");
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_hand_and_by_a_newer_link() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let invite = json!({"email": "a@example.org", "role": "AGENT"});
    let first = app.post("/api/v1/invitations", &agency.admin, invite.clone()).await.json(201);
    app.post("/api/v1/invitations", &agency.admin, invite.clone()).await.problem(409);
    let old = app.invited("a@example.org").await;
    let resend = format!("/api/v1/invitations/{}/resend", first["id"].as_str().unwrap());
    app.post(&resend, &agency.admin, json!({})).await.json(200);
    let mails = app.mails_to("a@example.org").await;
    assert_eq!(mails.len(), 2);
    let new = mails.iter().map(|mail| secret_of(mail)).find(|secret| *secret != old).unwrap();
    let accept = |secret: &str| json!({"secret": secret, "profile": newcomer()});
    app.post_as("/api/v1/invitations/accept", &app.token("x"), accept(&old)).await.problem(404);

    // Fifteen days later nobody comes in by it, and the address can be invited anew.
    app.app.clock.set("2026-12-08T08:00:00Z".parse().unwrap());
    let admin = crate::support::Person { token: app.token(&agency.admin.user.subject), ..agency.admin.clone() };
    app.post_as("/api/v1/invitations/accept", &app.token("x"), accept(&new)).await.problem(409);
    let x = app.stranger("x", "a@example.org");
    assert_eq!(
        app.post_as("/api/v1/onboarding", &x, newcomer()).await.fields(422).len(),
        3,
        "it is as if never invited"
    );
    assert_eq!(app.get("/api/v1/invitations", &admin).await.json(200)["items"][0]["state"], "EXPIRED");
    let second = app.post("/api/v1/invitations", &admin, invite).await.json(201);
    let path = format!("/api/v1/invitations/{}", second["id"].as_str().unwrap());
    assert_eq!(app.send(Method::DELETE, &path, Some(&admin.token), None).await.status, 204);
    app.send(Method::DELETE, &path, Some(&admin.token), None).await.problem(409);
    let mails = app.mails_to("a@example.org").await;
    assert_eq!(mails.len(), 3);
    for mail in &mails {
        let reply = app.post_as("/api/v1/invitations/accept", &app.token("x"), accept(&secret_of(mail))).await;
        assert!([404, 409].contains(&reply.status.as_u16()), "{}", reply.text());
    }
}

#[tokio::test]
async fn with_two_invitations_the_link_decides() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    for agency in [&here, &there] {
        app.post("/api/v1/invitations", &agency.admin, json!({"email": "a@example.org", "role": "AGENT"}))
            .await
            .json(201);
    }
    let a = app.stranger("a", "a@example.org");
    let problem = app.post_as("/api/v1/onboarding", &a, newcomer()).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("link"), "{problem}");
    let of_there = app.mails_to("a@example.org").await.into_iter().find(|mail| mail.contains("Agentur there")).unwrap();
    let body = json!({"secret": secret_of(&of_there), "profile": newcomer()});
    let joined = app.post_as("/api/v1/invitations/accept", &a, body).await.json(201);
    assert_eq!(joined["me"]["tenant"]["slug"], "there");
}

#[tokio::test]
async fn a_new_sign_in_needs_an_administrator_and_the_address() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let path = format!("/api/v1/users/{}/reinvite", agency.agent.user.id);
    app.post(&path, &agency.agent, json!({})).await.problem(403);
    app.post(&path, &agency.admin, json!({})).await.json(201);
    app.post(&path, &agency.admin, json!({})).await.problem(409);
    let secret = app.invited(&agency.agent.user.email).await;
    let joined =
        app.post_as("/api/v1/invitations/accept", &app.token("new-subject"), json!({"secret": secret})).await.json(201);
    assert_eq!(joined["me"]["id"], json!(agency.agent.user.id));
    assert_eq!(joined["me"]["lastName"], json!(agency.agent.user.last_name), "the profile stays");
    app.get_as("/api/v1/me", &app.token("new-subject")).await.json(200);
    let problem = app.get("/api/v1/me", &agency.agent).await.problem(403);
    assert_eq!(kind(&problem), "onboarding-required", "the old sign-in is nobody's any more");
}
