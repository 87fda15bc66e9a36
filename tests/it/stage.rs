//! A small agency on a database of its own, with a clock that stands still.

use std::collections::HashMap;
use std::sync::Arc;

use immivo::app::App;
use immivo::clock::{Clock, Timestamp};
use immivo::db::{self, Database, TenantConn};
use immivo::domain::leads::{self, Accepted, AddressKind, Lead, LeadId, LeadSource, NewLead, Salutation, Viewer};
use immivo::domain::live::Hub;
use immivo::domain::properties::PropertyId;
use immivo::domain::secrets::Vault;
use immivo::domain::tenants::{self, Country, NewTenant, Tenant};
use immivo::domain::users::{self, NewUser, Role, UserId};
use immivo::domain::viewings::Parts;
use immivo::ids::TenantId;
use immivo::integrations::key_wrapper::LocalFile;
use immivo::integrations::smtp_out::DevelopmentMailbox;
use immivo::integrations::storage::LocalFolder;
use immivo::limits::Limits;
use immivo::links::LinkKey;
use immivo::settings::load_from;
use immivo::templates::Templates;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

use crate::support;

/// Monday, 23 November 2026, 10:00 in Vienna.
pub(crate) const NOW: &str = "2026-11-23T09:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp(text.parse().unwrap())
}

pub(crate) struct Stage {
    pub(crate) app: App,
    /// The superuser's view, past every fence; for setting up and for looking.
    pub(crate) sql: PgPool,
    pub(crate) tenant: Tenant,
    pub(crate) agent: UserId,
    pub(crate) property: PropertyId,
    name: String,
    _files: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let (name, url) = support::create_database().await;
        let url = SecretString::from(url);
        let clock = Clock::fixed(NOW.parse().unwrap());
        let database = db::connect(&url, 25, clock.clone()).unwrap();
        let sql = PgPool::connect(url.expose_secret()).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let settings = load_from(files.path(), HashMap::new()).unwrap();
        let links = LinkKey::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let wrapper = Arc::new(LocalFile::open(files.path()).unwrap());
        let jarvis = immivo::cli::jarvis(&settings).unwrap();
        let app = App {
            ses: immivo::cli::ses_inbox(&settings, clock.clone()).unwrap(),
            limits: Limits::new(database.clone(), clock.clone(), links.clone(), settings.limits.clone()),
            live: Hub::new(settings.limits.live_streams),
            vault: Vault::new(database.clone(), wrapper),
            settings: Arc::new(settings),
            db: database,
            clock,
            engine: Arc::new(llm::Builtin),
            fallback: Arc::new(llm::Builtin),
            jarvis,
            mailer: Arc::new(DevelopmentMailbox::open(files.path()).unwrap()),
            senders: None,
            files: Arc::new(LocalFolder::new(&files.path().join("files"))),
            tokens: immivo::tokens::Tokens::local(links.clone()),
            links,
            templates: Templates::new().unwrap(),
        };
        let tenant = make_tenant(&app.db, "doebling").await;
        let mut conn = app.db.tenant(tenant).await.unwrap();
        let agent = make_user(&mut conn, "anna", Role::Agent).await;
        let tenant = tenants::current(&mut conn).await.unwrap();
        conn.commit().await.unwrap();
        let mut stage = Self { app, sql, tenant, agent, property: PropertyId::new(), name, _files: files };
        stage.property = stage.make_property("Altbau in Döbling", 1).await;
        stage
    }

    pub(crate) async fn make_property(&self, title: &str, capacity: i16) -> PropertyId {
        let id = PropertyId::new();
        sqlx::query(
            "INSERT INTO properties (id, tenant_id, title, type, marketing, status, street, house_number, zip, city, country,
                                     agent_id, viewing_capacity, created_at, updated_at)
             VALUES ($1, $2, $3, 'APARTMENT', 'RENT', 'ACTIVE', 'Billrothstraße', '12/4', '1190', 'Wien', 'AT', $4, $5, now(), now())",
        )
        .bind(id.0)
        .bind(self.tenant.id.0)
        .bind(title)
        .bind(self.agent.0)
        .bind(capacity)
        .execute(&self.sql)
        .await
        .unwrap();
        id
    }

    pub(crate) async fn lead(&self, first_name: &str, property: PropertyId) -> LeadId {
        self.lead_with(first_name, property, |_| {}).await
    }

    pub(crate) async fn lead_with(
        &self,
        first_name: &str,
        property: PropertyId,
        change: impl FnOnce(&mut NewLead),
    ) -> LeadId {
        let mut new = NewLead {
            source: LeadSource::Portal,
            portal: Some("willhaben".into()),
            salutation: Some(Salutation::Ms),
            first_name: Some(first_name.into()),
            last_name: Some("Größe".into()),
            email: Some(format!("{}@example.org", first_name.to_lowercase())),
            address_kind: AddressKind::Direct,
            phone: Some("+436601234567".into()),
            language: Some("de".into()),
            property_id: Some(property),
            assignee_id: Some(self.agent),
            incomplete: false,
            reference: serde_json::json!({}),
            enquiry_key: immivo::ids::new_id().as_bytes().to_vec(),
            disclosure: Default::default(),
        };
        change(&mut new);
        let mut conn = self.conn().await;
        let Accepted::New(id) = leads::accept(&mut conn, &new).await.unwrap() else { panic!("a copy") };
        conn.commit().await.unwrap();
        id
    }

    pub(crate) async fn conn(&self) -> TenantConn {
        self.app.db.tenant(self.tenant.id).await.unwrap()
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        (&self.app.settings, &self.app.templates, &self.app.links)
    }

    pub(crate) async fn read_lead(&self, id: LeadId) -> Lead {
        leads::by_id(&mut self.conn().await, id).await.unwrap()
    }

    pub(crate) async fn locked(&self, conn: &mut TenantConn, id: LeadId) -> Lead {
        leads::lock(conn, id, Viewer::SYSTEM).await.unwrap().unwrap()
    }

    /// What a query of one number says.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&self.sql).await.unwrap()
    }

    pub(crate) async fn execute(&self, statement: &str) {
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&self.sql).await.unwrap();
    }

    /// Mails to an address, oldest first: subject, text, iCalendar object.
    pub(crate) async fn mails_to(&self, address: &str) -> Vec<(String, String, Option<String>)> {
        sqlx::query_as("SELECT subject, text, calendar FROM outbox WHERE to_address = $1 ORDER BY created_at, id")
            .bind(address)
            .fetch_all(&self.sql)
            .await
            .unwrap()
    }
}

pub(crate) async fn make_tenant(database: &Database, slug: &str) -> TenantId {
    let mut conn = database.platform().await.unwrap();
    let new = NewTenant {
        name: "Döblinger Wohnträume".into(),
        slug: slug.into(),
        intake_prefix: slug.into(),
        country: Country::At,
        time_zone: "Europe/Vienna".into(),
        mail_from_address: "buero@agentur.test".into(),
    };
    let id = tenants::create(&mut conn, &new).await.unwrap();
    conn.commit().await.unwrap();
    id
}

pub(crate) async fn make_user(conn: &mut TenantConn, name: &str, role: Role) -> UserId {
    let new = NewUser {
        subject: format!("{name}-{}", conn.tenant()),
        email: format!("{name}@agentur.test"),
        first_name: name.to_owned(),
        last_name: "Berger".into(),
        phone: Some("+4313201234".into()),
        role,
    };
    users::create(conn, &new).await.unwrap()
}

impl Drop for Stage {
    fn drop(&mut self) {
        let name = self.name.clone();
        support::block_on(async move { support::remove_database(&name).await });
    }
}
