//! What a prospect does: reads their mail, opens the booking page, picks a time.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;

use crate::app::App;

/// A mail the prospect got.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) message_id: String,
    pub(super) subject: String,
    pub(super) text: String,
}

/// The mails to `address`, newest first.
async fn inbox(app: &App, address: &str) -> anyhow::Result<Vec<Answer>> {
    let mailbox = app.mailer.development().ok_or_else(|| anyhow::anyhow!("no development mailbox"))?;
    let mut answers = Vec::new();
    for mail in mailbox.list(60).await? {
        let Some(parsed) = MessageParser::default().parse(&mail.mime) else { continue };
        let to = parsed.to().and_then(|to| to.first()).and_then(|to| to.address());
        if to != Some(address) {
            continue;
        }
        answers.push(Answer {
            message_id: parsed.message_id().unwrap_or_default().to_owned(),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).unwrap_or_default().into_owned(),
        });
    }
    Ok(answers)
}

/// Waits for the `count`-th mail to `address`.
pub(super) async fn mail(app: &App, address: &str, count: usize, patience: Duration) -> anyhow::Result<Answer> {
    let deadline = Instant::now() + patience;
    loop {
        let mails = inbox(app, address).await?;
        if mails.len() >= count
            && let Some(newest) = mails.into_iter().next()
        {
            return Ok(newest);
        }
        anyhow::ensure!(Instant::now() < deadline, "a prospect got no answer in {} s", patience.as_secs());
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// Opens the booking page named in a mail and books the first time on offer. Returns the page's address.
pub(super) async fn book(answer: &Answer) -> anyhow::Result<String> {
    let link = answer
        .text
        .split_whitespace()
        .find(|word| word.contains("/p/viewing/"))
        .ok_or_else(|| anyhow::anyhow!("the answer has no booking link"))?
        .trim_matches(['<', '>', '.', ','])
        .to_owned();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
    let page = client.get(&link).send().await?.error_for_status()?.text().await?;
    let start = first_choice(&page).ok_or_else(|| anyhow::anyhow!("the booking page offers no time"))?;
    let response = client
        .post(format!("{link}/book"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("start={}", start.replace(':', "%3A").replace('+', "%2B")))
        .send()
        .await?;
    response.error_for_status()?;
    Ok(link)
}

/// The value of the first radio button named `start`.
fn first_choice(page: &str) -> Option<String> {
    let input =
        page.split("<input").find(|input| input.contains("type=\"radio\"") && input.contains("name=\"start\""))?;
    input.split_once("value=\"")?.1.split_once('"').map(|(value, _)| value.to_owned())
}
