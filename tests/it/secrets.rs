//! Sealed secrets on a real database: what was moved does not open, and keys stay where they belong.

use envelope::OpenError;
use immivo::domain::secrets::{self, KeyState, SecretError, SecretName, Vault, VaultError};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::{Agency, TestApp};

mod rotation;

fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

/// The keys as another process has them: the same database and key file, nothing in memory.
fn another_process(app: &TestApp) -> Vault {
    Vault::new(app.app.db.clone(), immivo::cli::key_wrapper(&app.app.settings, app.app.clock.clone()).unwrap())
}

async fn put(app: &TestApp, vault: &Vault, agency: &Agency, secret: &str, value: &str) {
    let sealed = secrets::seal(vault, agency.tenant, name(secret), &SecretString::from(value)).await.unwrap();
    let mut conn = app.tenant_conn(agency).await;
    secrets::put(&mut conn, &sealed, agency.admin.user.id, None).await.unwrap();
    conn.commit().await.unwrap();
}

async fn read(vault: &Vault, agency: &Agency, secret: &str) -> Result<String, SecretError> {
    let opened = secrets::read(vault, agency.tenant, &name(secret)).await?;
    Ok(opened.expose_secret().to_owned())
}

/// Each key's state and number of rows, oldest first.
async fn keys(app: &TestApp) -> Vec<(KeyState, i64)> {
    let mut keys = secrets::status(&mut app.app.db.platform().await.unwrap()).await.unwrap();
    keys.sort_by_key(|key| key.id);
    keys.into_iter().map(|key| (key.state, key.rows)).collect()
}

async fn sql(app: &TestApp, statement: &str) -> u64 {
    let mut conn = PgConnection::connect(&app.url).await.unwrap();
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut conn).await.unwrap().rows_affected()
}

fn is_tampered(result: &Result<String, SecretError>) -> bool {
    matches!(result, Err(SecretError::Vault(VaultError::Open(OpenError::Tampered))))
}

#[tokio::test]
async fn what_was_moved_swapped_or_changed_does_not_open() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let vault = app.app.vault.clone();
    for (agency, secret) in [(&here, "one"), (&here, "other"), (&there, "one")] {
        put(&app, &vault, agency, secret, secret).await;
    }
    let copy = |from: &Agency, from_name: &str, to: &Agency, to_name: &str| {
        format!(
            "UPDATE secrets t SET sealed = f.sealed, key_id = f.key_id FROM secrets f
             WHERE f.tenant_id = '{}' AND f.name = '{from_name}' AND t.tenant_id = '{}' AND t.name = '{to_name}'",
            from.tenant, to.tenant
        )
    };
    // To another name of the same agency.
    assert_eq!(sql(&app, &copy(&here, "one", &here, "other")).await, 1);
    assert!(is_tampered(&read(&vault, &here, "other").await));
    // To the same name of another agency.
    assert_eq!(sql(&app, &copy(&here, "one", &there, "one")).await, 1);
    assert!(is_tampered(&read(&vault, &there, "one").await));
    assert_eq!(read(&vault, &here, "one").await.unwrap(), "one");
    // The row itself, under another name.
    sql(&app, &format!("DELETE FROM secrets WHERE tenant_id = '{}' AND name = 'other'", here.tenant)).await;
    sql(&app, &format!("UPDATE secrets SET name = 'other' WHERE tenant_id = '{}'", here.tenant)).await;
    assert!(is_tampered(&read(&vault, &here, "other").await));
    sql(&app, &format!("UPDATE secrets SET name = 'one' WHERE tenant_id = '{}'", here.tenant)).await;
    assert_eq!(read(&vault, &here, "one").await.unwrap(), "one");
    // A bit.
    sql(&app, "UPDATE secrets SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)").await;
    assert!(is_tampered(&read(&vault, &here, "one").await));
}

#[tokio::test]
async fn keys_stay_wrapped_and_open_after_a_restart() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    put(&app, &app.app.vault, &agency, "one", "geheim").await;
    assert_eq!(read(&another_process(&app), &agency, "one").await.unwrap(), "geheim");
    // The first key is made once, whoever comes first.
    assert_eq!(keys(&app).await, [(KeyState::Current, 1)]);

    // The tenant's role has no business with keys, and the platform's none with what is sealed.
    for (role, statement) in [
        ("immivo_app", "SELECT id FROM data_keys"),
        ("immivo_platform", "SELECT sealed FROM secrets"),
        ("immivo_platform", "UPDATE secrets SET name = 'x'"),
        ("immivo_platform", "DELETE FROM data_keys"),
        ("immivo_platform", "UPDATE data_keys SET wrapped = ''"),
    ] {
        let mut conn = PgConnection::connect(&app.url).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("SET ROLE {role}"))).execute(&mut conn).await.unwrap();
        let refused = sqlx::query(AssertSqlSafe(statement)).execute(&mut conn).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{role}: {statement}: {refused}");
    }
}

#[tokio::test]
async fn two_who_need_the_first_key_make_one() {
    let app = TestApp::new().await;
    let agency = app.agency("here").await;
    let (one, other) = (another_process(&app), another_process(&app));
    tokio::join!(put(&app, &one, &agency, "one", "1"), put(&app, &other, &agency, "other", "2"));
    assert_eq!(keys(&app).await, [(KeyState::Current, 2)]);
    assert_eq!(read(&one, &agency, "other").await.unwrap(), "2");
    assert_eq!(read(&other, &agency, "one").await.unwrap(), "1");
}
