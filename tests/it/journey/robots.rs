//! Robots that answer our answers.

use immivo::domain::leads::Automation;
use immivo::domain::properties::{self, PortalId, PropertyInput};

use super::{Stage, willhaben};

#[tokio::test]
async fn a_robot_that_answers_every_answer_is_left_alone_and_a_human_told() {
    let stage = Stage::new().await;
    stage.enquiry("Frau Ida Probe", "ida@example.org", "Ist die Wohnung noch frei?").await;
    let mut last = 0;
    for turn in 0..14 {
        let got = stage.got("ida@example.org").await.len();
        if turn > 0 && got == last {
            break;
        }
        last = got;
        stage.reply("ida@example.org", &format!("Danke! Frage {turn}: Wie groß ist die Wohnung?")).await;
    }
    assert_eq!(last, 8, "eight mails in an hour and no more");
    assert_eq!(stage.lead().await.automation, Automation::Paused);
    let tasks = stage.tasks().await;
    let task = tasks.iter().find(|task| task["details"]["reason"] == "too many automatic answers");
    assert!(task.is_some(), "{tasks:?}");
    stage.reply("ida@example.org", "Und noch eine Frage: Sind Haustiere erlaubt?").await;
    assert_eq!(stage.got("ida@example.org").await.len(), last, "paused is paused");
}

#[tokio::test]
async fn one_address_that_enquires_without_end_is_answered_some_times_only() {
    let stage = Stage::new().await;
    for at in 0..18 {
        let code = format!("22345678{at:02}");
        let mut input = PropertyInput::from(&stage.test.property(&stage.agency).await);
        input.portal_ids = vec![PortalId { portal: "willhaben".to_owned(), portal_object_id: code.clone() }];
        let mut conn = stage.test.tenant_conn(&stage.agency).await;
        properties::create(&mut conn, &input).await.unwrap();
        conn.commit().await.unwrap();
        let enquiry = willhaben("Frau Ida Probe", "ida@example.org", &format!("Ist die Wohnung {at} noch frei?"));
        stage.portal(&enquiry.replace("1234567890", &code)).await;
    }
    assert_eq!(stage.leads().await.len(), 18);
    assert_eq!(stage.got("ida@example.org").await.len(), 16);
    stage.enquiry("Herr Udo Muster", "udo@example.org", "Ist die Wohnung noch frei?").await;
    assert_eq!(stage.got("udo@example.org").await.len(), 1, "others are answered");
}
