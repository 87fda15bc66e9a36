//! Booking on real Postgres: what holds when many want the same.

use std::sync::Arc;

use immivo::clock::Timestamp;
use immivo::domain::leads::{Actor, AddressKind, LeadId, Status, Viewer};
use immivo::domain::page::PageRequest;
use immivo::domain::users::{self, Role};
use immivo::domain::viewings::{
    self, BookError, Booking, CancelError, Fit, NewViewing, SeatState, Viewing, ViewingFilter, ViewingState,
};
use tokio::task::JoinSet;

use crate::stage::{NOW, Stage, at, make_tenant, make_user};

/// Wednesday, 10:30 in Vienna.
const WEDNESDAY: &str = "2026-11-25T09:30:00Z";
/// Wednesday, 11:15.
const LATER: &str = "2026-11-25T10:15:00Z";
const THURSDAY: &str = "2026-11-26T09:30:00Z";

const PROSPECT: (Actor, Option<users::UserId>) = (Actor::Prospect, None);

async fn book(stage: &Stage, lead: LeadId, start: &str) -> Result<Booking, BookError> {
    let mut conn = stage.conn().await;
    let mut lead = stage.locked(&mut conn, lead).await;
    let booking = viewings::book(&mut conn, stage.parts(), &stage.tenant, &mut lead, at(start), PROSPECT).await?;
    conn.commit().await.unwrap();
    Ok(booking)
}

async fn reschedule(stage: &Stage, lead: LeadId, start: &str) -> Result<Booking, BookError> {
    let mut conn = stage.conn().await;
    let mut lead = stage.locked(&mut conn, lead).await;
    let booking = viewings::reschedule(&mut conn, stage.parts(), &stage.tenant, &mut lead, at(start), PROSPECT).await?;
    conn.commit().await.unwrap();
    Ok(booking)
}

async fn cancel_seat(stage: &Stage, lead: LeadId) -> Result<(), CancelError> {
    let mut conn = stage.conn().await;
    let mut lead = stage.locked(&mut conn, lead).await;
    viewings::cancel_seat(&mut conn, stage.parts(), &stage.tenant, &mut lead, PROSPECT).await?;
    conn.commit().await.unwrap();
    Ok(())
}

async fn free(stage: &Stage) -> Vec<Timestamp> {
    let mut conn = stage.conn().await;
    let slots = viewings::free_slots(&mut conn, &stage.tenant, stage.property).await.unwrap();
    slots.into_iter().map(|slot| slot.start).collect()
}

async fn all(stage: &Stage, viewer: Viewer) -> Vec<Viewing> {
    let page = PageRequest { after: None, limit: 100 };
    viewings::list(&mut stage.conn().await, &ViewingFilter::default(), viewer, page).await.unwrap().items
}

/// Runs all at once and tells how many got what they wanted; the others must have been told that it is taken.
async fn winners<F>(attempts: impl IntoIterator<Item = F>) -> usize
where
    F: Future<Output = Result<Booking, BookError>> + Send + 'static,
{
    let mut running = JoinSet::new();
    attempts.into_iter().for_each(|attempt| {
        running.spawn(attempt);
    });
    let mut won = 0;
    while let Some(outcome) = running.join_next().await {
        match outcome.unwrap() {
            Ok(_) => won += 1,
            Err(BookError::SlotTaken) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn k_seats_never_take_more_than_k_people() {
    for capacity in [1, 3] {
        let mut stage = Stage::new().await;
        stage.property = stage.make_property("Neubau", capacity).await;
        let mut leads = Vec::new();
        for number in 0..20 {
            leads.push(stage.lead(&format!("Ida{number}"), stage.property).await);
        }
        let stage = Arc::new(stage);
        let won = winners(leads.into_iter().map(|lead| {
            let stage = stage.clone();
            async move { book(&stage, lead, WEDNESDAY).await }
        }))
        .await;
        assert_eq!(won, usize::try_from(capacity).unwrap());
        let viewings = all(&stage, Viewer::SYSTEM).await;
        assert_eq!(viewings.len(), 1);
        let mut seats: Vec<i16> = viewings[0].seats.iter().map(|seat| seat.seat).collect();
        seats.sort_unstable();
        assert_eq!(seats, (1..=capacity).collect::<Vec<_>>());
        assert_eq!(stage.count("SELECT count(*) FROM leads WHERE status = 'BOOKED'").await, i64::from(capacity));
        assert!(!free(&stage).await.contains(&at(WEDNESDAY)));
    }
}

#[tokio::test]
async fn a_named_time_between_the_slots_on_show_is_booked() {
    let stage = Stage::new().await;
    let (three, half_past, four) = ("2026-11-25T14:00:00Z", "2026-11-25T14:30:00Z", "2026-11-25T15:00:00Z");
    let off_grid = "2026-11-25T13:30:00Z"; // 14:30; on show are 14:15 and 15:00
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    assert!(!free(&stage).await.contains(&at(off_grid)));
    assert_eq!(book(&stage, ida, off_grid).await.unwrap().appointment.starts_at, at(off_grid));
    assert!(matches!(book(&stage, udo, three).await, Err(BookError::SlotTaken)), "the buffer reaches till 15:15");
    let wished = [at(three), at(four), at("2026-11-28T14:00:00Z"), at(half_past), at("2026-11-25T15:01:00Z")];
    let mut conn = stage.conn().await;
    let fits = viewings::fits(&mut conn, &stage.tenant, stage.property, None, &wished).await.unwrap();
    let expected = [Fit::Taken, Fit::Free, Fit::NotOffered, Fit::Free, Fit::NotOffered];
    assert_eq!(fits, wished.into_iter().zip(expected).collect::<Vec<_>>(), "in the order they were named");
    drop(conn);
    assert_eq!(book(&stage, udo, four).await.unwrap().appointment.starts_at, at(four));
    let moved = reschedule(&stage, ida, "2026-11-26T13:30:00Z").await.unwrap();
    assert_eq!(moved.appointment.starts_at, at("2026-11-26T13:30:00Z"));
    stage.execute("UPDATE properties SET status = 'RENTED'").await;
    let mut conn = stage.conn().await;
    let fits = viewings::fits(&mut conn, &stage.tenant, stage.property, None, &wished).await.unwrap();
    assert!(fits.iter().all(|(_, fit)| *fit == Fit::NotOffered), "{fits:?}");
}

#[tokio::test]
async fn who_moves_gives_up_the_time_before_unless_others_come_then() {
    let stage = Stage::new().await;
    let (two, half_past) = ("2026-11-25T13:00:00Z", "2026-11-25T13:30:00Z"); // overlapping with the buffer
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    book(&stage, ida, two).await.unwrap();
    assert!(matches!(book(&stage, udo, half_past).await, Err(BookError::SlotTaken)));
    let moved = reschedule(&stage, ida, half_past).await.unwrap();
    assert_eq!((moved.appointment.starts_at, moved.appointment.ics_sequence), (at(half_past), 1));
    stage.execute("UPDATE viewings SET capacity = 2").await;
    book(&stage, udo, half_past).await.unwrap();
    assert!(matches!(reschedule(&stage, ida, two).await, Err(BookError::SlotTaken)), "Udo comes at half past");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agent_is_at_one_property_at_a_time() {
    let stage = Arc::new(Stage::new().await);
    let other = stage.make_property("Neubau", 5).await;
    let mut leads = Vec::new();
    for number in 0..10 {
        leads.push(stage.lead(&format!("Ida{number}"), if number % 2 == 0 { stage.property } else { other }).await);
    }
    winners(leads.into_iter().map(|lead| {
        let stage = stage.clone();
        async move { book(&stage, lead, WEDNESDAY).await }
    }))
    .await;
    let viewings = all(&stage, Viewer::SYSTEM).await;
    assert_eq!(viewings.len(), 1);
    let expected = if viewings[0].property_id == other { 5 } else { 1 };
    assert_eq!(viewings[0].seats.len(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_loses_the_race_for_a_new_time_keeps_the_old_one() {
    let stage = Arc::new(Stage::new().await);
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    book(&stage, ida, WEDNESDAY).await.unwrap();
    book(&stage, udo, LATER).await.unwrap();
    let attempts = [ida, udo].map(|lead| {
        let stage = stage.clone();
        async move { reschedule(&stage, lead, THURSDAY).await }
    });
    assert_eq!(winners(attempts).await, 1);
    let mut starts = Vec::new();
    for lead in [ida, udo] {
        let has = viewings::appointment(&mut stage.conn().await, lead).await.unwrap().unwrap();
        assert_eq!(has.ics_sequence, i32::from(has.starts_at == at(THURSDAY)));
        starts.push(has.starts_at);
    }
    assert!(starts.contains(&at(THURSDAY)) && (starts.contains(&at(WEDNESDAY)) || starts.contains(&at(LATER))));
    let cancelled =
        all(&stage, Viewer::SYSTEM).await.into_iter().filter(|viewing| viewing.state == ViewingState::Cancelled);
    assert_eq!(cancelled.count(), 1, "the winner's old time is free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_want_each_others_time_do_not_wait_for_each_other_forever() {
    let stage = Arc::new(Stage::new().await);
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    book(&stage, ida, WEDNESDAY).await.unwrap();
    book(&stage, udo, LATER).await.unwrap();
    let attempts = [(ida, LATER), (udo, WEDNESDAY)].map(|(lead, start)| {
        let stage = stage.clone();
        async move { reschedule(&stage, lead, start).await }
    });
    assert_eq!(winners(attempts).await, 0);
}

#[tokio::test]
async fn a_cancelled_seat_can_be_taken_again() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    book(&stage, ida, WEDNESDAY).await.unwrap();
    assert_eq!(stage.read_lead(ida).await.status, Status::Booked);
    assert!(matches!(book(&stage, udo, WEDNESDAY).await, Err(BookError::SlotTaken)));
    cancel_seat(&stage, ida).await.unwrap();
    assert_eq!(stage.read_lead(ida).await.status, Status::Conversation);
    assert!(matches!(cancel_seat(&stage, ida).await, Err(CancelError::NotFound)));
    book(&stage, udo, WEDNESDAY).await.unwrap();
    let states: Vec<ViewingState> = all(&stage, Viewer::SYSTEM).await.iter().map(|viewing| viewing.state).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&ViewingState::Cancelled) && states.contains(&ViewingState::Confirmed));
    // in a viewing for two, the seat itself is reused
    let pair = stage.make_property("Neubau", 2).await;
    let three = [stage.lead("A", pair).await, stage.lead("B", pair).await, stage.lead("C", pair).await];
    book(&stage, three[0], THURSDAY).await.unwrap();
    let second = book(&stage, three[1], THURSDAY).await.unwrap();
    cancel_seat(&stage, three[0]).await.unwrap();
    let third = book(&stage, three[2], THURSDAY).await.unwrap();
    assert_eq!(second.appointment.viewing_id, third.appointment.viewing_id);
    let viewing = viewings::find(&mut stage.conn().await, third.appointment.viewing_id, Viewer::SYSTEM).await.unwrap();
    let seats: Vec<_> = viewing.unwrap().seats.iter().map(|seat| (seat.seat, seat.state)).collect();
    assert_eq!(seats, [(1, SeatState::Cancelled), (2, SeatState::Confirmed), (1, SeatState::Confirmed)]);
}

/// Content lines of an iCalendar object, unfolded.
fn property(calendar: &str, name: &str) -> String {
    let unfolded = calendar.replace("\r\n ", "");
    let line = unfolded.split("\r\n").find(|line| line.split([':', ';']).next() == Some(name)).unwrap().to_owned();
    line.get(name.len() + 1..).unwrap().to_owned()
}

#[tokio::test]
async fn both_calendars_learn_of_every_change_as_one_entry() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    book(&stage, ida, WEDNESDAY).await.unwrap();
    reschedule(&stage, ida, THURSDAY).await.unwrap();
    cancel_seat(&stage, ida).await.unwrap();
    for address in ["ida@example.org", "anna@agentur.test"] {
        let mails = stage.mails_to(address).await;
        assert_eq!(mails.len(), 3, "{address}");
        let entries: Vec<&str> = mails.iter().map(|mail| mail.2.as_deref().unwrap()).collect();
        let values = |name| entries.iter().map(|entry| property(entry, name)).collect::<Vec<_>>();
        assert_eq!(values("METHOD"), ["REQUEST", "REQUEST", "CANCEL"]);
        assert_eq!(values("SEQUENCE"), ["0", "1", "2"]);
        assert_eq!(values("DTSTART"), ["20261125T093000Z", "20261126T093000Z", "20261126T093000Z"]);
        assert_eq!(values("DTEND")[0], "20261125T100000Z");
        assert_eq!(values("LOCATION")[0], "Billrothstraße 12/4\\, 1190 Wien");
        assert!(values("UID").iter().all(|uid| *uid == property(entries[0], "UID") && uid.ends_with("@agentur.test")));
        assert!(values("ATTENDEE")[0].ends_with(&format!("mailto:{address}")));
    }
    let mails = stage.mails_to("ida@example.org").await;
    assert!(
        mails[0].1.starts_with("Guten Tag Frau Größe,\n\nIhr Besichtigungstermin ist bestätigt."),
        "{}",
        mails[0].1
    );
    assert!(mails[0].1.contains("Mittwoch, 25. November 2026, 10:30–11:00 Uhr\nBillrothstraße 12/4, 1190 Wien"));
    assert!(mails[0].1.contains("anna Berger, Telefon +4313201234") && mails[0].1.contains("/p/viewing/"));
    assert!(mails[1].1.contains("(bisher: Mittwoch, 25. November 2026"), "{}", mails[1].1);
    assert!(mails.iter().all(|mail| mail.0 == "Re: Besichtigung: Altbau in Döbling"), "{mails:?}");
    let kinds: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM lead_events WHERE kind LIKE 'VIEWING%' ORDER BY at, id")
            .fetch_all(&stage.sql)
            .await
            .unwrap();
    assert_eq!(kinds, ["VIEWING_BOOKED", "VIEWING_RESCHEDULED", "VIEWING_CANCELLED"]);
}

#[tokio::test]
async fn only_what_is_on_offer_can_be_booked_and_a_refusal_leaves_the_transaction_usable() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead("Udo", stage.property).await;
    book(&stage, udo, LATER).await.unwrap();
    let mut conn = stage.conn().await;
    let mut lead = stage.locked(&mut conn, ida).await;
    for (start, expected) in [
        ("2026-11-25T09:31:00Z", "NotOffered"),
        ("2026-11-23T10:15:00Z", "NotOffered"), // today: too soon
        ("2026-11-28T09:30:00Z", "NotOffered"), // Saturday
        ("2027-11-24T09:30:00Z", "NotOffered"),
        ("-009998-01-01T00:00:00Z", "NotOffered"),
        (LATER, "SlotTaken"),
    ] {
        let outcome = viewings::book(&mut conn, stage.parts(), &stage.tenant, &mut lead, at(start), PROSPECT).await;
        assert_eq!(format!("{:?}", outcome.unwrap_err()), expected, "{start}");
    }
    // past the offer check, the constraint itself refuses, and the savepoint keeps the transaction
    let user = users::find(&mut conn, stage.agent).await.unwrap().unwrap();
    let new = NewViewing { property_id: stage.property, starts_at: at("2026-11-25T10:20:00Z"), ends_at: None };
    let outcome = viewings::create(&mut conn, stage.parts(), &stage.tenant, &user, &mut lead, new).await;
    assert!(matches!(outcome, Err(BookError::SlotTaken)), "{outcome:?}");
    viewings::book(&mut conn, stage.parts(), &stage.tenant, &mut lead, at(WEDNESDAY), PROSPECT).await.unwrap();
    let again = viewings::book(&mut conn, stage.parts(), &stage.tenant, &mut lead, at(THURSDAY), PROSPECT).await;
    assert!(matches!(again, Err(BookError::AlreadyBooked(has)) if has.starts_at == at(WEDNESDAY)));
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn closed_leads_and_listings_cannot_be_booked() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let nobody = stage.lead_with("Udo", stage.property, |new| new.property_id = None).await;
    assert!(matches!(book(&stage, nobody, WEDNESDAY).await, Err(BookError::NoProperty)));
    stage.execute("UPDATE properties SET status = 'RENTED'").await;
    assert!(matches!(book(&stage, ida, WEDNESDAY).await, Err(BookError::NotAvailable)));
    assert_eq!(free(&stage).await, []);
    stage.execute("UPDATE properties SET status = 'ACTIVE', agent_id = NULL").await;
    assert!(matches!(book(&stage, ida, WEDNESDAY).await, Err(BookError::NoAgent)));
    assert_eq!(free(&stage).await, []);
    stage.execute(&format!("UPDATE properties SET agent_id = '{}'", stage.agent)).await;
    stage.execute("UPDATE leads SET status = 'LOST', lost_reason = 'x'").await;
    assert!(matches!(book(&stage, ida, WEDNESDAY).await, Err(BookError::Lead(_))));
    assert!(matches!(reschedule(&stage, nobody, WEDNESDAY).await, Err(BookError::Lead(_))));
}

#[tokio::test]
async fn the_agency_books_at_any_time_and_cancels_for_everybody() {
    let mut stage = Stage::new().await;
    stage.property = stage.make_property("Neubau", 2).await;
    let ida = stage.lead("Ida", stage.property).await;
    let udo = stage.lead_with("Udo", stage.property, |new| new.property_id = None).await;
    let saturday = "2026-11-28T17:05:00Z";
    let mut conn = stage.conn().await;
    let anna = users::find(&mut conn, stage.agent).await.unwrap().unwrap();
    let bert = make_user(&mut conn, "bert", Role::Agent).await;
    for lead in [ida, udo] {
        let mut lead = stage.locked(&mut conn, lead).await;
        for (starts, ends) in [(NOW, None), (saturday, Some(saturday)), (saturday, Some("2026-11-30T00:00:00Z"))] {
            let new = NewViewing { property_id: stage.property, starts_at: at(starts), ends_at: ends.map(at) };
            let refused = viewings::create(&mut conn, stage.parts(), &stage.tenant, &anna, &mut lead, new).await;
            assert!(matches!(refused, Err(BookError::InvalidTime)));
        }
        let new = NewViewing { property_id: stage.property, starts_at: at(saturday), ends_at: None };
        viewings::create(&mut conn, stage.parts(), &stage.tenant, &anna, &mut lead, new).await.unwrap();
        assert_eq!((lead.status, lead.property_id), (Status::Booked, Some(stage.property)));
    }
    conn.commit().await.unwrap();
    let viewing = &all(&stage, Viewer::SYSTEM).await[0];
    assert_eq!((viewing.seats.len(), viewing.ends_at), (2, at("2026-11-28T17:35:00Z")));
    assert_eq!(all(&stage, Viewer(Some(stage.agent.0))).await.len(), 1);
    assert!(all(&stage, Viewer(Some(bert.0))).await.is_empty());

    let cancel = async |viewer| {
        let mut conn = stage.conn().await;
        let by = (Actor::Agent, Some(stage.agent));
        let outcome = viewings::cancel(&mut conn, stage.parts(), &stage.tenant, viewing.id, viewer, by).await;
        conn.commit().await.unwrap();
        outcome
    };
    assert!(matches!(cancel(Viewer(Some(bert.0))).await, Err(CancelError::NotFound)));
    let cancelled = cancel(Viewer(Some(stage.agent.0))).await.unwrap();
    assert_eq!(cancelled.state, ViewingState::Cancelled);
    assert!(cancelled.seats.iter().all(|seat| seat.state == SeatState::Cancelled));
    for lead in [ida, udo] {
        assert_eq!(stage.read_lead(lead).await.status, Status::Conversation);
    }
    let mails = stage.mails_to("udo@example.org").await;
    assert!(mails[1].1.contains("leider müssen wir Ihren Besichtigungstermin absagen"), "{}", mails[1].1);
    assert!(matches!(cancel(Viewer::SYSTEM).await, Err(CancelError::AlreadyCancelled)));
}

#[tokio::test]
async fn what_has_taken_place_neither_changes_nor_blocks_a_second_viewing() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    book(&stage, ida, WEDNESDAY).await.unwrap();
    stage.app.clock.set("2026-11-25T09:40:00Z".parse().unwrap());
    assert!(matches!(reschedule(&stage, ida, THURSDAY).await, Err(BookError::Past)));
    assert!(matches!(cancel_seat(&stage, ida).await, Err(CancelError::Past)));
    assert!(matches!(book(&stage, ida, "2026-11-27T09:30:00Z").await, Err(BookError::AlreadyBooked(_))));
    stage.app.clock.set("2026-11-25T12:00:00Z".parse().unwrap());
    book(&stage, ida, "2026-11-27T09:30:00Z").await.unwrap();
    let states: Vec<SeatState> =
        all(&stage, Viewer::SYSTEM).await.iter().map(|viewing| viewing.seats[0].state).collect();
    assert_eq!(states, [SeatState::Done, SeatState::Confirmed]);
}

#[tokio::test]
async fn a_relay_gets_plain_text_and_a_lead_without_address_nothing() {
    let stage = Stage::new().await;
    let relay = stage.lead_with("Ida", stage.property, |new| new.address_kind = AddressKind::Relay).await;
    let silent =
        stage.lead_with("Udo", stage.property, |new| (new.address_kind, new.email) = (AddressKind::None, None)).await;
    assert!(book(&stage, relay, WEDNESDAY).await.unwrap().message.is_some());
    let mails = stage.mails_to("ida@example.org").await;
    assert!(mails[0].2.is_none() && !mails[0].1.contains("Kalendereintrag"));
    assert!(book(&stage, silent, LATER).await.unwrap().message.is_none());
    assert_eq!(stage.mails_to("anna@agentur.test").await.len(), 2);
}

#[tokio::test]
async fn another_tenants_listings_and_viewings_do_not_exist() {
    let stage = Stage::new().await;
    let ida = stage.lead("Ida", stage.property).await;
    let booking = book(&stage, ida, WEDNESDAY).await.unwrap();
    let other = make_tenant(&stage.app.db, "other").await;
    let mut conn = stage.app.db.tenant(other).await.unwrap();
    let tenant = immivo::domain::tenants::current(&mut conn).await.unwrap();
    assert!(viewings::free_slots(&mut conn, &tenant, stage.property).await.unwrap().is_empty());
    let id = booking.appointment.viewing_id;
    assert!(viewings::find(&mut conn, id, Viewer::SYSTEM).await.unwrap().is_none());
    assert!(viewings::appointment(&mut conn, ida).await.unwrap().is_none());
    let by = (Actor::Agent, None);
    let outcome = viewings::cancel(&mut conn, stage.parts(), &tenant, id, Viewer::SYSTEM, by).await;
    assert!(matches!(outcome, Err(CancelError::NotFound)));
}

#[tokio::test]
async fn pages_of_viewings_come_soonest_first_and_filtered() {
    let stage = Stage::new().await;
    for (name, start) in [("A", THURSDAY), ("B", WEDNESDAY), ("C", LATER)] {
        let lead = stage.lead(name, stage.property).await;
        book(&stage, lead, start).await.unwrap();
    }
    let mut conn = stage.conn().await;
    let mut page = PageRequest { after: None, limit: 2 };
    let first = viewings::list(&mut conn, &ViewingFilter::default(), Viewer::SYSTEM, page).await.unwrap();
    page.after = first.next;
    let second = viewings::list(&mut conn, &ViewingFilter::default(), Viewer::SYSTEM, page).await.unwrap();
    let starts: Vec<_> = first.items.iter().chain(&second.items).map(|viewing| viewing.starts_at).collect();
    assert_eq!(starts, [at(WEDNESDAY), at(LATER), at(THURSDAY)]);
    assert!(second.next.is_none());
    let filter = ViewingFilter { from: Some(at(LATER)), to: Some(at(THURSDAY)), ..ViewingFilter::default() };
    page.after = None;
    let some = viewings::list(&mut conn, &filter, Viewer::SYSTEM, page).await.unwrap().items;
    assert_eq!(some.len(), 1);
    let of_lead = ViewingFilter { lead_id: Some(some[0].seats[0].lead_id), ..ViewingFilter::default() };
    let of_lead = viewings::list(&mut conn, &of_lead, Viewer::SYSTEM, page).await.unwrap().items;
    assert_eq!(of_lead.iter().map(|one| one.id).collect::<Vec<_>>(), [some[0].id]);
    assert_eq!(some[0].seats[0].name.as_deref(), Some("C Größe"));
}
