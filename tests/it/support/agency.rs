//! Builders that write rows, fast: agencies with their people, listings and leads. What must come through the front
//! door (mail, HTTP) does not come from here.

use std::collections::BTreeMap;

use immivo::clock::Timestamp;
use immivo::db::TenantConn;
use immivo::domain::conversations::{self, Conversation, DraftId, Inbound, NewDraft};
use immivo::domain::intake::{self, Door, IntakeId, Received};
use immivo::domain::leads::{self, Accepted, AddressKind, Lead, LeadId, LeadSource, NewLead};
use immivo::domain::properties::{self, Marketing, Property, PropertyId, PropertyInput, PropertyStatus, PropertyType};
use immivo::domain::tasks::{self, NewTask, TaskId, TaskKind};
use immivo::domain::tenants::{self, Country, FactId, NewFact, NewTenant};
use immivo::domain::users::{self, AbsenceId, NewAbsence, NewUser, Role, User, UserId};
use immivo::domain::viewings::{self, NewViewing, ViewingId};
use immivo::ids::TenantId;
use serde_json::json;

use super::TestApp;

/// One of the agency's people, signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: User,
    pub(crate) token: String,
}

/// A tenant with an administrator and an agent.
#[derive(Debug, Clone)]
pub(crate) struct Agency {
    pub(crate) tenant: TenantId,
    pub(crate) admin: Person,
    pub(crate) agent: Person,
}

impl TestApp {
    /// An agency in Vienna. `slug` is its intake prefix too.
    pub(crate) async fn agency(&self, slug: &str) -> Agency {
        let mut conn = self.app.db.platform().await.unwrap();
        let new = NewTenant {
            name: format!("Agentur {slug}"),
            slug: slug.to_owned(),
            intake_prefix: slug.to_owned(),
            country: Country::At,
            time_zone: "Europe/Vienna".to_owned(),
            mail_from_address: format!("buero@{slug}.test"),
        };
        let tenant = tenants::create(&mut conn, &new).await.unwrap();
        conn.commit().await.unwrap();
        let admin = self.person(tenant, slug, Role::Admin).await;
        let agent = self.person(tenant, slug, Role::Agent).await;
        Agency { tenant, admin, agent }
    }

    async fn person(&self, tenant: TenantId, slug: &str, role: Role) -> Person {
        let mut conn = self.app.db.tenant(tenant).await.unwrap();
        let name = role.as_str().to_lowercase();
        let new = NewUser {
            subject: format!("{slug}-{name}"),
            email: format!("{name}@{slug}.test"),
            first_name: "Vera".to_owned(),
            last_name: name,
            phone: None,
            role,
        };
        let id = users::create(&mut conn, &new).await.unwrap();
        let user = users::find(&mut conn, id).await.unwrap().unwrap();
        conn.commit().await.unwrap();
        let token = self.token(&user.subject);
        Person { user, token }
    }

    /// A token that is good for an hour.
    pub(crate) fn token(&self, subject: &str) -> String {
        let until = Timestamp(self.app.clock.now().0 + jiff::SignedDuration::from_hours(1));
        self.app.links.token(subject, until)
    }

    pub(crate) async fn tenant_conn(&self, agency: &Agency) -> TenantConn {
        self.app.db.tenant(agency.tenant).await.unwrap()
    }

    /// A flat for rent, live, shown by the agency's agent.
    pub(crate) async fn property(&self, agency: &Agency) -> Property {
        let input = PropertyInput {
            status: PropertyStatus::Active,
            agent_id: Some(agency.agent.user.id),
            street: Some("Hauptstraße".to_owned()),
            house_number: Some("12".to_owned()),
            zip: Some("1010".to_owned()),
            city: Some("Wien".to_owned()),
            cold_rent_cents: Some(95_000),
            rooms: Some(3.0),
            ..PropertyInput::new("Altbau am Park", PropertyType::Apartment, Marketing::Rent, Country::At)
        };
        let mut conn = self.tenant_conn(agency).await;
        let property = properties::create(&mut conn, &input).await.unwrap();
        conn.commit().await.unwrap();
        property
    }

    /// A lead with an address and one message, which nothing answers.
    pub(crate) async fn lead(
        &self,
        agency: &Agency,
        name: &str,
        property: Option<PropertyId>,
        assignee: Option<UserId>,
    ) -> Lead {
        let mut conn = self.tenant_conn(agency).await;
        let new = new_lead(name, property, assignee);
        let Accepted::New(id) = leads::accept(&mut conn, &new).await.unwrap() else {
            panic!("{name} is there already")
        };
        let mut lead = leads::by_id(&mut conn, id).await.unwrap();
        let message = Inbound {
            subject: "Anfrage".to_owned(),
            text: "Ist die Wohnung noch frei?".to_owned(),
            ..Inbound::default()
        };
        conversations::append_inbound(&mut conn, &mut lead, &message, true).await.unwrap();
        conn.commit().await.unwrap();
        lead
    }

    /// An open question for a human.
    pub(crate) async fn task(&self, agency: &Agency, lead: LeadId) -> TaskId {
        let mut conn = self.tenant_conn(agency).await;
        let new = NewTask {
            lead_id: lead,
            kind: TaskKind::AnswerQuestion,
            title: "Gibt es einen Keller?".to_owned(),
            details: json!({"questions": ["Gibt es einen Keller?"]}),
            owner_id: None,
        };
        let (id, _) = tasks::open(&mut conn, &new).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// An answer that waits for approval.
    pub(crate) async fn draft(&self, agency: &Agency, lead: LeadId) -> DraftId {
        let mut conn = self.tenant_conn(agency).await;
        let mut lead = leads::by_id(&mut conn, lead).await.unwrap();
        let conversation: Conversation = conversations::by_lead(&mut conn, lead.id).await.unwrap().unwrap();
        let new =
            NewDraft { text: "Ja, sie ist frei.".to_owned(), citations: json!([]), reason: "confidence".to_owned() };
        let id = conversations::write_draft(&mut conn, &mut lead, &conversation, &new).await.unwrap();
        conn.commit().await.unwrap();
        id
    }

    /// A booked viewing on the coming Wednesday.
    pub(crate) async fn viewing(&self, agency: &Agency, lead: LeadId, property: PropertyId) -> ViewingId {
        let mut conn = self.tenant_conn(agency).await;
        let tenant = tenants::current(&mut conn).await.unwrap();
        let mut lead = leads::by_id(&mut conn, lead).await.unwrap();
        let parts = (&*self.app.settings, &self.app.templates, &self.app.links);
        let starts_at = Timestamp("2026-11-25T09:00:00Z".parse().unwrap());
        let new = NewViewing { property_id: property, starts_at, ends_at: None };
        let booking = viewings::create(&mut conn, parts, &tenant, &agency.admin.user, &mut lead, new).await.unwrap();
        conn.commit().await.unwrap();
        booking.appointment.viewing_id
    }

    /// Something that holds for all listings.
    pub(crate) async fn fact(&self, agency: &Agency) -> FactId {
        let mut conn = self.tenant_conn(agency).await;
        let new = NewFact { topic: "lift".to_owned(), text: "Alle Häuser haben einen Lift.".to_owned() };
        let fact = tenants::add_fact(&mut conn, &new).await.unwrap();
        conn.commit().await.unwrap();
        fact.id
    }

    /// The administrator is away on one day of next year.
    pub(crate) async fn absence(&self, agency: &Agency) -> AbsenceId {
        let mut conn = self.tenant_conn(agency).await;
        let day = "2027-05-01".parse().unwrap();
        let new = NewAbsence { user_id: agency.admin.user.id, from: day, to: day, substitute_id: None };
        let absence = users::add_absence(&mut conn, &new).await.unwrap();
        conn.commit().await.unwrap();
        absence.id
    }

    /// A mail that was stored; its job waits.
    pub(crate) async fn intake(&self, agency: &Agency, raw: &str) -> IntakeId {
        let mut conn = self.tenant_conn(agency).await;
        let mail = Received {
            door: Door::Smtp,
            peer: "127.0.0.1",
            envelope_from: "ida@example.org",
            envelope_to: "x@intake.immivo.test",
            authentication: None,
            raw: raw.as_bytes(),
        };
        let id = intake::receive(&mut conn, mail).await.unwrap();
        conn.commit().await.unwrap();
        id
    }
}

fn new_lead(name: &str, property_id: Option<PropertyId>, assignee_id: Option<UserId>) -> NewLead {
    let email = format!("{}@example.org", name.to_lowercase());
    NewLead {
        source: LeadSource::Portal,
        portal: Some("willhaben".to_owned()),
        salutation: None,
        first_name: Some(name.to_owned()),
        last_name: Some("Probe".to_owned()),
        enquiry_key: leads::enquiry_key(Some("willhaben"), None, Some(&email), "Ist die Wohnung noch frei?"),
        email: Some(email),
        address_kind: AddressKind::Direct,
        phone: None,
        language: Some("de".to_owned()),
        property_id,
        assignee_id,
        incomplete: false,
        reference: json!({"externalNumber": "A-1"}),
        disclosure: BTreeMap::from([("Haushaltsgröße".to_owned(), "2".to_owned())]),
    }
}
