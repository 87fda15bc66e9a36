//! What a tool is. The value of its type is its arguments; the schema a model is told comes from the type.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use llm::ToolSpec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::TenantConn;
use crate::domain::leads::{LeadId, Viewer};
use crate::domain::tenants::Tenant;
use crate::domain::users::{Role, User};

/// What using a tool means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing changes.
    Reads,
    /// Something changes that only the agency's own people see and can change back.
    Changes,
    /// It cannot be undone, others are told, or what they are told later changes: the user confirms a card first.
    Asks,
}

/// Where a tool works: a transaction with the user's rights.
pub struct Desk<'a> {
    /// The program.
    pub app: &'a App,
    /// The transaction. Kept if the tool succeeds.
    pub conn: &'a mut TenantConn,
    /// In whose name, read for this call.
    pub user: &'a User,
    /// The agency.
    pub tenant: &'a Tenant,
    leads: Vec<LeadId>,
}

impl<'a> Desk<'a> {
    /// A desk nobody has worked at.
    pub fn new(app: &'a App, conn: &'a mut TenantConn, user: &'a User, tenant: &'a Tenant) -> Self {
        Self { app, conn, user, tenant, leads: Vec::new() }
    }

    /// Which leads the user may see.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer::from(self.user)
    }

    /// Whether the user is an administrator; `what` completes "Only administrators may …".
    ///
    /// # Errors
    /// [`ToolError::Refused`].
    pub fn require_admin(&self, what: &str) -> Result<(), ToolError> {
        match self.user.role {
            Role::Admin => Ok(()),
            Role::Agent => Err(ToolError::Refused(format!("Only administrators may {what}."))),
        }
    }

    /// The result speaks of these leads: an erasure must find it.
    pub fn speaks_of(&mut self, leads: impl IntoIterator<Item = LeadId>) {
        self.leads.extend(leads);
    }

    pub(super) fn into_leads(self) -> Vec<LeadId> {
        self.leads
    }
}

/// What a tool gave.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What the model reads. Lists have `items`, each with a `line` for people.
    pub data: Value,
    /// In one line, for people.
    pub summary: String,
    /// Pictures to show: path in this API, and what it shows.
    pub images: Vec<(String, String)>,
}

impl Outcome {
    /// Without pictures.
    pub fn new(data: Value, summary: impl Into<String>) -> Self {
        Self { data, summary: summary.into(), images: Vec::new() }
    }
}

/// What a user is asked to confirm, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// What would be done.
    pub title: String,
    /// With what: names and texts from the database and exactly what would be written or sent.
    pub lines: Vec<String>,
}

/// Why a tool did nothing. The model is told, and so is the user.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The model's arguments do not fit.
    #[error("the arguments do not fit: {0}")]
    Arguments(String),
    /// There is no such thing for this user.
    #[error("there is no such {0} for this user")]
    NotFound(&'static str),
    /// Not allowed, or not as things stand.
    #[error("{0}")]
    Refused(String),
    /// Our fault.
    #[error("it could not be done")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for ToolError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// A tool; the value is its arguments. Types say `deny_unknown_fields`: what a model makes up is told so.
pub trait Tool: DeserializeOwned + ToSchema + Send + Sync + 'static {
    /// `verb_thing`; cards keep it, so it never changes.
    const NAME: &'static str;
    /// For people, while it works: "Leads suchen".
    const TITLE: &'static str;
    /// For the model: what it does and when to use it.
    const ABOUT: &'static str;
    /// What using it means.
    const EFFECT: Effect;

    /// What the user is asked, for a tool that [`Effect::Asks`]; checks what can be checked. Changes nothing.
    fn card(&self, _desk: &mut Desk<'_>) -> impl Future<Output = Result<Card, ToolError>> + Send {
        async { Ok(Card { title: Self::TITLE.to_owned(), lines: Vec::new() }) }
    }

    /// Does it.
    fn run(self, desk: &mut Desk<'_>) -> impl Future<Output = Result<Outcome, ToolError>> + Send;
}

/// A tool whose type is forgotten.
#[async_trait]
pub(super) trait AnyTool: Send + Sync {
    fn effect(&self) -> Effect;
    fn title(&self) -> &'static str;
    async fn card(&self, desk: &mut Desk<'_>, arguments: &str) -> Result<Card, ToolError>;
    async fn run(&self, desk: &mut Desk<'_>, arguments: &str) -> Result<Outcome, ToolError>;
}

struct Kind<T>(PhantomData<fn() -> T>);

#[async_trait]
impl<T: Tool> AnyTool for Kind<T> {
    fn effect(&self) -> Effect {
        T::EFFECT
    }
    fn title(&self) -> &'static str {
        T::TITLE
    }
    async fn card(&self, desk: &mut Desk<'_>, arguments: &str) -> Result<Card, ToolError> {
        read::<T>(arguments)?.card(desk).await
    }
    async fn run(&self, desk: &mut Desk<'_>, arguments: &str) -> Result<Outcome, ToolError> {
        read::<T>(arguments)?.run(desk).await
    }
}

fn read<T: Tool>(arguments: &str) -> Result<T, ToolError> {
    // Models send nothing at all where nothing is asked for.
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    if arguments.contains("\\u0000") {
        return Err(ToolError::Arguments("U+0000 is not allowed".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_str(arguments);
    serde_path_to_error::deserialize(&mut json).map_err(|error| ToolError::Arguments(error.to_string()))
}

/// The tools there are.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, (ToolSpec, Arc<dyn AnyTool>)>);

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Registry {
    /// With one more.
    #[must_use]
    pub fn with<T: Tool>(mut self) -> Self {
        let about = match T::EFFECT {
            Effect::Asks => {
                format!("{} The user is shown a card and confirms it first; never claim that it is done.", T::ABOUT)
            }
            Effect::Reads | Effect::Changes => T::ABOUT.to_owned(),
        };
        let spec = ToolSpec { name: T::NAME.to_owned(), description: about, parameters: parameters::<T>() };
        self.0.insert(T::NAME, (spec, Arc::new(Kind::<T>(PhantomData))));
        self
    }

    /// What a model is told of them.
    #[must_use]
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.0.values().map(|(spec, _)| spec.clone()).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<dyn AnyTool>> {
        self.0.get(name).map(|(_, tool)| tool)
    }
}

/// JSON Schema of the arguments: the one of the API's document (OpenAPI 3.1 has JSON Schema 2020-12), with what it names put in its place.
fn parameters<T: ToSchema>() -> Value {
    let mut named = Vec::new();
    T::schemas(&mut named);
    let named: BTreeMap<String, Value> =
        named.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    inline(&mut schema, &named);
    // A tool without arguments still takes an object.
    if schema.get("properties").is_none() {
        schema["properties"] = json!({});
    }
    schema["type"] = json!("object");
    schema["additionalProperties"] = json!(false);
    schema
}

fn inline(value: &mut Value, named: &BTreeMap<String, Value>) {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    if let Some(mut schema) = target.and_then(|name| named.get(name)).cloned() {
        // What is said of the field is more than what is said of its type.
        if let (Some(about), Some(schema)) = (value.get("description").cloned(), schema.as_object_mut()) {
            schema.insert("description".to_owned(), about);
        }
        *value = schema;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| inline(field, named)),
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, named)),
        _ => {}
    }
}
