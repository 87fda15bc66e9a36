//! `immivo replay`, as somebody types it.

use std::process::{Command, Output};

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::journey::willhaben;
use crate::support::TestApp;

async fn replay(app: &TestApp, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_immivo"));
    command
        .arg("replay")
        .args(arguments)
        .env("DATABASE_URL", &app.url)
        .env("IMMIVO__DATA_FOLDER", app.folder())
        .current_dir(app.folder());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_would_be_understood_otherwise_is_shown_and_nothing_is_changed() {
    let app = TestApp::new().await;
    let (here, there) = (app.agency("here").await, app.agency("there").await);
    let enquiry = |name: &str, email: &str| willhaben(name, email, "Ist die Wohnung noch frei?");
    let changed = app.intake(&here, &enquiry("Frau Ida Probe", "ida@example.org")).await;
    app.intake(&here, "From: news@example.org\r\nSubject: Newsletter\r\nList-Unsubscribe: <x>\r\n\r\nx\r\n").await;
    app.intake(&there, &enquiry("Herr Udo Probe", "udo@example.org")).await;
    app.run_jobs().await;
    let same = replay(&app, &["--json"]).await;
    assert_eq!(same.status.code(), Some(0), "{same:?}");
    assert_eq!(lines(&same), [json!({"summary": {"mails": 3, "same": 3, "differ": 0, "neverRead": 0, "fields": {}}})]);

    // As an older version would have read it.
    let mut owner = sqlx::PgConnection::connect(&app.url).await.unwrap();
    let older = "UPDATE intake_messages SET adapter = 'willhaben/0', parsed = jsonb_set(parsed #- '{0,phone}', '{0,email}', '\"other@example.org\"') WHERE id = $1";
    sqlx::query(older).bind(changed.0).execute(&mut owner).await.unwrap();
    let stored = async |owner: &mut sqlx::PgConnection| -> Value {
        let all = "SELECT jsonb_agg(to_jsonb(i) ORDER BY id) FROM intake_messages i";
        sqlx::query_scalar(all).fetch_one(owner).await.unwrap()
    };
    let before = stored(&mut owner).await;

    let output = replay(&app, &["--json", "--tenant", "here"]).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let [mail, summary] = lines(&output).try_into().unwrap();
    assert_eq!((&mail["id"], &mail["tenant"], &mail["state"]), (&json!(changed), &json!("here"), &json!("DONE")));
    let differences = mail["differences"].as_array().unwrap();
    let of =
        |field: &str| differences.iter().find(|one| one["field"] == field).unwrap_or_else(|| panic!("{field}: {mail}"));
    assert_eq!(differences.len(), 3, "{mail}");
    assert_eq!(of("adapter")["stored"], "willhaben/0");
    assert_eq!(
        (&of("leads[0].email")["stored"], &of("leads[0].email")["now"]),
        (&json!("o…@example.org"), &json!("i…@example.org"))
    );
    assert_eq!(of("leads[0].phone")["stored"], Value::Null);
    assert_eq!((&summary["summary"]["mails"], &summary["summary"]["differ"]), (&json!(2), &json!(1)));
    assert_eq!(summary["summary"]["fields"], json!({"adapter": 1, "email": 1, "phone": 1}));

    let text = replay(&app, &["--show"]).await;
    let shown = String::from_utf8_lossy(&text.stdout).into_owned();
    assert_eq!(text.status.code(), Some(3));
    assert!(shown.contains("leads[0].email: other@example.org → ida@example.org"), "{shown}");
    assert!(shown.contains("3 mails: 2 as before, 1 differ, 0 never read before"), "{shown}");
    let masked = String::from_utf8_lossy(&replay(&app, &[]).await.stdout).into_owned();
    assert!(!masked.contains("ida@") && !masked.contains("+43"), "{masked}");

    // The clock of these tests stands at 23 November.
    assert_eq!(replay(&app, &["--since", "2026-11-24"]).await.status.code(), Some(0));
    assert_eq!(replay(&app, &["--since", "2026-11-23"]).await.status.code(), Some(3));
    let newest = replay(&app, &["--json", "--limit", "1", "--tenant", "here"]).await;
    assert_eq!(lines(&newest)[0]["summary"]["mails"], 1);
    assert_eq!(stored(&mut owner).await, before, "it only reads");
}

#[tokio::test]
async fn what_cannot_be_replayed_is_said() {
    let app = TestApp::new().await;
    let unknown = replay(&app, &["--tenant", "nobody"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no agency has the intake prefix nobody"), "{unknown:?}");
    for wrong in [["--since", "yesterday"], ["--limit", "0"]] {
        assert_eq!(replay(&app, &wrong).await.status.code(), Some(2), "{wrong:?}");
    }
    let agency = app.agency("here").await;
    app.intake(&agency, "From: a@example.org\r\n\r\nx\r\n").await;
    let waiting = replay(&app, &["--json"]).await;
    assert_eq!(lines(&waiting)[0]["summary"]["neverRead"], 1);
    app.run_jobs().await;
}
