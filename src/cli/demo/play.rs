//! The story: who writes what, and what has to come of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use lettre::address::Envelope;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::mails::{self, Mail, Prospect};
use super::{agency, browser, show};
use crate::app::App;
use crate::domain::intake::{self, IntakeState};
use crate::domain::leads::{self, Lead, LeadFilter, Status, Viewer};
use crate::domain::page::PageRequest;
use crate::domain::tasks::{self, TaskFilter, TaskKind, TaskState};
use crate::ids::{TenantId, new_id};

/// What came of the story.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) booked: bool,
    pub(super) question: bool,
    pub(super) declined: bool,
    pub(super) in_tray: bool,
    pub(super) booking_page: Option<String>,
    /// From handing in each mail to its answer in the mailbox.
    pub(super) answer_times: Vec<Duration>,
}

impl Outcome {
    /// Everything that has to happen did.
    pub(super) fn is_complete(&self) -> bool {
        self.booked && self.question && self.declined && self.in_tray
    }
}

/// One run.
struct Stage<'a> {
    app: &'a App,
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    intake: String,
    run: String,
    patience: Duration,
}

impl Stage<'_> {
    async fn send(&self, mail: Mail) -> anyhow::Result<()> {
        let envelope = Envelope::new(Some(mail.from.parse()?), vec![self.intake.parse()?])?;
        self.smtp.send_raw(&envelope, mail.raw.as_bytes()).await.context("the SMTP port did not take a mail")?;
        Ok(())
    }

    fn date(&self) -> String {
        jiff::fmt::rfc2822::to_string(&self.app.clock.now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default()
    }

    async fn answer(&self, prospect: &Prospect, count: usize) -> anyhow::Result<browser::Answer> {
        browser::mail(self.app, &prospect.address, count, self.patience).await
    }
}

/// Plays it, and prints every lead's timeline as it grows.
pub(super) async fn play(app: &App, smtp: SocketAddr, patience: Duration) -> anyhow::Result<Outcome> {
    let tenant = agency::ensure(app).await?;
    let stage = Stage {
        app,
        smtp: AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string()).port(smtp.port()).build(),
        intake: format!("{}@{}", agency::PREFIX, app.settings.smtp.intake_domain),
        run: new_id().simple().to_string().chars().skip(20).collect(),
        patience,
    };
    let people = mails::prospects(&stage.run);
    println!("Four portal mails arrive at {} …\n", stage.intake);
    let (done, finished) = tokio::sync::watch::channel(false);
    let narrate = show::narrate(app, tenant, &people, finished);
    let act = async {
        let outcome = perform(&stage, tenant, &people).await;
        let _ = done.send(true);
        outcome
    };
    let (outcome, narrated) = tokio::join!(act, narrate);
    narrated?;
    outcome
}

async fn perform(stage: &Stage<'_>, tenant: TenantId, people: &[Prospect; 3]) -> anyhow::Result<Outcome> {
    let [ida, tom, nora] = people;
    let (run, to, date) = (stage.run.as_str(), stage.intake.as_str(), stage.date());
    let began = Instant::now();
    stage.send(mails::willhaben(run, to, &date, ida)).await?;
    stage.send(mails::immoscout24(run, to, &date, tom)).await?;
    stage.send(mails::immowelt(run, to, &date, nora)).await?;
    stage.send(mails::unreadable(run, to, &date)).await?;

    let booking = async {
        let answer = stage.answer(ida, 1).await?;
        let took = began.elapsed();
        browser::book(&answer).await.map(|page| (page, took))
    };
    let question = async {
        let answer = stage.answer(tom, 1).await?;
        let took = began.elapsed();
        let text = "Danke für die rasche Antwort. Gibt es im Haus einen Kinderwagenraum?";
        stage.send(mails::reply(run, to, &stage.date(), tom, &answer, 1, text)).await?;
        stage.answer(tom, 2).await.map(|_| took)
    };
    let decline = async {
        let answer = stage.answer(nora, 1).await?;
        let took = began.elapsed();
        let text = "Vielen Dank, wir haben inzwischen etwas anderes gefunden und sind nicht mehr interessiert.";
        stage.send(mails::reply(run, to, &stage.date(), nora, &answer, 1, text)).await?;
        stage.answer(nora, 2).await.map(|_| took)
    };
    let (booking, question, decline) = tokio::join!(booking, question, decline);
    let (page, booking_took) = booking?;
    let answer_times = vec![booking_took, question?, decline?];

    let deadline = Instant::now() + stage.patience;
    loop {
        let mut outcome = look(stage, tenant, people).await?;
        if outcome.is_complete() || Instant::now() > deadline {
            outcome.booking_page = Some(page);
            outcome.answer_times = answer_times;
            return Ok(outcome);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What the database says has become of this run's prospects.
async fn look(stage: &Stage<'_>, tenant: TenantId, [ida, tom, nora]: &[Prospect; 3]) -> anyhow::Result<Outcome> {
    let mut conn = stage.app.db.tenant(tenant).await?;
    let page = PageRequest { after: None, limit: 20 };
    let is = |lead: Option<Lead>, status| lead.is_some_and(|lead| lead.status == status);
    let mut outcome = Outcome {
        booked: is(lead(&mut conn, ida).await?, Status::Booked),
        declined: is(lead(&mut conn, nora).await?, Status::Lost),
        ..Outcome::default()
    };
    if let Some(lead) = lead(&mut conn, tom).await? {
        let filter = TaskFilter { state: Some(TaskState::Open), lead_id: Some(lead.id), ..TaskFilter::default() };
        let open = tasks::list(&mut conn, &filter, Viewer::SYSTEM, page).await?;
        outcome.question = open.items.iter().any(|task| task.kind == TaskKind::AnswerQuestion);
    }
    let tray = intake::list(&mut conn, Some(IntakeState::Tray), page).await?;
    outcome.in_tray =
        tray.items.iter().any(|mail| mail.subject.as_deref().is_some_and(|subject| subject.contains(&stage.run)));
    Ok(outcome)
}

/// The lead of one prospect.
pub(super) async fn lead(conn: &mut crate::db::TenantConn, prospect: &Prospect) -> anyhow::Result<Option<Lead>> {
    let filter = LeadFilter { search: Some(prospect.address.clone()), ..LeadFilter::default() };
    let found = leads::list(conn, &filter, Viewer::SYSTEM, PageRequest { after: None, limit: 1 }).await?;
    Ok(found.items.into_iter().next())
}
