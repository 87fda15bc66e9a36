//! Several processes and one mailbox: one watches, another takes over, and who lost it stores nothing.

use std::time::Duration;

use immivo::domain::intake::mailboxes::{
    self, Beginning, MailboxName, MailboxPlace, PollerId, Taken, beat, claim, held, release,
};

use super::connections::{Office, Process};
use super::mail;
use crate::support::TestApp;

const DEAD_AFTER: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_takes_over_when_one_dies_or_ends() {
    let Some(mut office) = Office::new().await else { return };
    let (second, _) = office.test.another_process();
    let path = office.connect(office.body()).await;
    let first = Process::start(&office.test.app);
    office.until_state(&path, "OK").await;
    let other = Process::start(&second);
    let fence = async |office: &Office| -> i64 {
        sqlx::query_scalar("SELECT fence FROM imap_cursors").fetch_one(&office.sql).await.unwrap()
    };
    office.deliver("one");
    office.until("stored", async |office| office.subjects().await == ["one"]).await;
    assert_eq!(fence(&office).await, 1, "as long as the first lives, it is the first one's");

    first.die().await;
    office.deliver("two");
    // So long ago, says the database, was the dead one seen; the living one says every two seconds that it lives.
    sqlx::query(
        "UPDATE imap_pollers SET seen_at = seen_at - interval '14 seconds' WHERE id = (SELECT owner FROM imap_cursors)",
    )
    .execute(&office.sql)
    .await
    .unwrap();
    office.until("taken over", async |office| office.subjects().await == ["one", "two"]).await;
    assert_eq!(fence(&office).await, 2);

    let third = Process::start(&office.test.app);
    other.end().await;
    office.deliver("three");
    office.until("taken over", async |office| office.subjects().await == ["one", "two", "three"]).await;
    assert_eq!(fence(&office).await, 3, "given back, it is free at once");
    third.end().await;
}

#[tokio::test]
async fn who_lost_a_mailbox_stores_nothing() {
    let test = TestApp::new().await;
    let agency = test.agency("doebling").await;
    let name = MailboxName { tenant: agency.tenant, mailbox: "info@imap.test/INBOX".to_owned() };
    let db = &test.app.db;
    let (slow, quick) = (PollerId::new(), PollerId::new());
    let claim_as = async |poller: PollerId, dead_after: Duration| {
        let mut conn = db.platform().await.unwrap();
        beat(&mut conn, poller).await.unwrap();
        let claimed = claim(&mut conn, poller, std::slice::from_ref(&name), dead_after).await.unwrap();
        conn.commit().await.unwrap();
        claimed.first().map(|(_, lease)| *lease)
    };
    let old = claim_as(slow, DEAD_AFTER).await.unwrap();
    assert_eq!(claim_as(quick, DEAD_AFTER).await, None, "the owner lives");
    let mut conn = test.tenant_conn(&agency).await;
    let since = conn.now();
    let beginning = Beginning { uid_validity: 7, last_uid: 10, since, asked_since: None };
    let cursor = mailboxes::begin(&mut conn, &name.mailbox, old, None, beginning).await.unwrap().unwrap();
    conn.commit().await.unwrap();

    // It sleeps, and counts as dead.
    let new = claim_as(quick, Duration::ZERO).await.unwrap();
    assert_eq!(new.fence, old.fence + 1);
    let place = |lease| MailboxPlace { mailbox: &name.mailbox, epoch: cursor.epoch, uid: 11, lease };
    let mails = [mail("late")];
    let mut conn = test.tenant_conn(&agency).await;
    assert_eq!(mailboxes::receive_at(&mut conn, place(old), "info", &mails).await.unwrap(), Taken::Lost);
    assert_eq!(mailboxes::pass_over(&mut conn, place(old)).await.unwrap(), Taken::Lost);
    assert_eq!(mailboxes::note_unfetched(&mut conn, place(old)).await.unwrap(), 0);
    assert_eq!(mailboxes::begin(&mut conn, &name.mailbox, old, Some(&cursor), beginning).await.unwrap(), None);
    conn.commit().await.unwrap();
    let mut conn = test.tenant_conn(&agency).await;
    assert_eq!(mailboxes::cursor(&mut conn, &name.mailbox).await.unwrap(), Some(cursor));
    assert_eq!(mailboxes::receive_at(&mut conn, place(new), "info", &mails).await.unwrap(), Taken::Stored);
    assert_eq!(mailboxes::receive_at(&mut conn, place(new), "info", &mails).await.unwrap(), Taken::Already);
    conn.commit().await.unwrap();

    // Had again, the old right is worth as little as before.
    let again = claim_as(slow, Duration::ZERO).await.unwrap();
    assert_ne!(again, old);
    let mut conn = test.tenant_conn(&agency).await;
    let next = MailboxPlace { uid: 12, ..place(old) };
    assert_eq!(mailboxes::receive_at(&mut conn, next, "info", &mails).await.unwrap(), Taken::Lost);
    drop(conn);

    // Only the owner gives back.
    let mut conn = db.platform().await.unwrap();
    release(&mut conn, quick, std::slice::from_ref(&name)).await.unwrap();
    assert_eq!(held(&mut conn, slow).await.unwrap(), [(name.clone(), again)]);
    release(&mut conn, slow, std::slice::from_ref(&name)).await.unwrap();
    assert_eq!(held(&mut conn, slow).await.unwrap(), []);
}
