//! Sign-up, confirmation, login and our router, against a stand-in for AWS Cognito that signs with keys of its own per
//! pool: `ministack`, which `dev/setup --ci` installs.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use immivo::clock::Clock;
use serde_json::{Value, json};

use super::{founder, kind};
use crate::support::{TestApp, skip};

const PASSWORD: &str = "Correct-horse-7";

struct Cognito {
    child: Child,
    url: String,
    client: reqwest::Client,
}

impl Drop for Cognito {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Cognito {
    /// Starts one. `None`, and a loud word about it, where there is none to start.
    async fn start() -> Option<Self> {
        let Some(program) = program() else {
            skip("sign-in against a Cognito stand-in", "ministack is not installed (dev/setup --ci does it)");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::new();
        let cognito = Self { child, url: format!("http://127.0.0.1:{port}"), client };
        for _ in 0..300 {
            if cognito.client.get(&cognito.url).send().await.is_ok() {
                return Some(cognito);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("ministack does not answer");
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        let response = self
            .client
            .post(&self.url)
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20261125/eu-central-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{operation}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn sign_in(&self, client: &str, email: &str) -> (String, String) {
        let login = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
                           "AuthParameters": {"USERNAME": email, "PASSWORD": PASSWORD}});
        let tokens = self.call("InitiateAuth", login).await["AuthenticationResult"].take();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        (text("IdToken"), text("AccessToken"))
    }
}

/// Where `dev/setup --ci` puts it.
#[allow(clippy::disallowed_methods, reason = "a test looks where the setup installed it")]
fn program() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    Some(cache.join("immivo/ministack-1.5.33/bin/ministack")).filter(|program| program.exists())
}

#[tokio::test]
async fn sign_up_confirmation_login_and_our_door() {
    let Some(cognito) = Cognito::start().await else { return };
    let pool = json!({"PoolName": "immivo", "AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["email"]});
    let pool = cognito.call("CreateUserPool", pool).await["UserPool"]["Id"].as_str().unwrap().to_owned();
    let mut clients = Vec::new();
    for name in ["web", "somebody-elses"] {
        let client = json!({"UserPoolId": pool, "ClientName": name, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
        let client = cognito.call("CreateUserPoolClient", client).await;
        clients.push(client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned());
    }
    let email = "ida@example.org";
    let sign_up = json!({"ClientId": clients[0], "Username": email, "Password": PASSWORD,
                         "UserAttributes": [{"Name": "email", "Value": email}]});
    let subject = cognito.call("SignUp", sign_up).await["UserSub"].as_str().unwrap().to_owned();
    // The code that this stand-in mails to everybody.
    let code = json!({"ClientId": clients[0], "Username": email, "ConfirmationCode": "123456"});
    cognito.call("ConfirmSignUp", code).await;
    let (id, access) = cognito.sign_in(&clients[0], email).await;

    let region = pool.split_once('_').unwrap().0;
    let app = TestApp::with(&[
        ("IMMIVO__AUTH__ISSUER", &format!("https://cognito-idp.{region}.amazonaws.com/{pool}")),
        ("IMMIVO__AUTH__JWKS_URL", &format!("{}/{pool}/.well-known/jwks.json", cognito.url)),
        ("IMMIVO__AUTH__CLIENT_IDS", &clients[0]),
    ])
    .await;
    // The stand-in signs with the time of this machine.
    app.app.clock.set(Clock::default().now().0);
    assert_eq!(kind(&app.get_as("/api/v1/me", &access).await.problem(403)), "onboarding-required");
    assert_eq!(kind(&app.post_as("/api/v1/onboarding", &access, founder("A")).await.problem(403)), "id-token-needed");
    let joined = app.post_as("/api/v1/onboarding", &id, founder("Donaublick")).await.json(201);
    assert_eq!(joined["me"]["email"], email);
    for token in [&id, &access] {
        assert_eq!(app.get_as("/api/v1/me", token).await.json(200)["tenant"]["slug"], "donaublick");
    }
    let mut conn = app.app.db.platform().await.unwrap();
    let user = immivo::domain::users::sign_in(&mut conn, &subject).await.unwrap();
    assert!(user.is_some(), "the subject is the identity");
    // Good tokens of the same pool for another client are not for us.
    let (id, access) = cognito.sign_in(&clients[1], email).await;
    for token in [&id, &access] {
        app.get_as("/api/v1/me", token).await.problem(401);
    }
}
