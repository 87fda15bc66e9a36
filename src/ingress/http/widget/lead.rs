//! An enquiry, as a visitor sends it.
//!
//! What a program filled in is refused, not kept: a lead is answered by mail, and whoever sends forms by the thousand must
//! not have us write to strangers. A human is never lost by it: the form keeps what was written, says what to do, and the
//! second try of a human passes. docs/decisions/0024 says why.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::page::Page;
use super::words::{FormLanguage, Words};
use crate::app::App;
use crate::domain::intake::website::{self, Flaw, WebEnquiry, WebEnquiryError, WebForm};
use crate::domain::leads::Salutation;
use crate::domain::widget_keys::{self, ConsentText, challenge};
use crate::ingress::http::address;
use crate::ingress::http::json::{body_of, read};
use crate::ingress::http::problem::{ApiProblem, ApiResult, FieldError};
use crate::ingress::http::throttle::seconds;
use crate::limits::{Counted, LimitError};

/// Longest body, bytes: a message of 5000 characters of four bytes each, and the rest.
pub(super) const MOST_BYTES: usize = 32 << 10;

/// What a visitor fills in, and what the widget says of itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EnquiryBody {
    /// As given; good for one enquiry. The same enquiry with the same challenge counts once.
    challenge: String,
    /// The numbers found for it.
    solution: Vec<u32>,
    /// Language of the form, and of what is answered here.
    #[serde(default)]
    language: FormLanguage,
    /// How to address the visitor.
    salutation: Option<Salutation>,
    /// Given name.
    first_name: Option<String>,
    /// Family name; needed.
    last_name: Option<String>,
    /// Where the answer goes; needed.
    email: Option<String>,
    /// Telephone, as people write it.
    phone: Option<String>,
    /// What the visitor wants to know, at most 5000 characters; needed.
    message: Option<String>,
    /// Which listing the page is about: its id, or the agency's own number. One that is unknown loses no enquiry: a human is
    /// asked which listing is meant.
    property: Option<String>,
    /// Address of the page; looked up where `property` says nothing.
    page: Option<String>,
    /// Id of the text the visitor agreed to; needed.
    consent: Option<String>,
    /// A field no human sees. Must be empty.
    website: Option<String>,
}

/// The enquiry is kept and will be answered by mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnquiryView {
    /// Id of the enquiry.
    pub id: Uuid,
}

/// Send an enquiry
///
/// For a page whose origin the key allows. 409 `challenge-needed`: get a new challenge and send it again. 409
/// `consent-changed`: show the new text first. 422 `looks-automated`: a program seems to have filled it in. What is wrong is
/// said in `language`.
#[utoipa::path(post, path = "/public/v1/widget/{widgetKey}/leads", operation_id = "createWidgetLead", tag = "widget",
    params(("widgetKey" = String, Path, description = "Public id of a widget key"),
        ("Origin" = Option<String>, Header, description = "Set by browsers: the page that asks")),
    request_body = EnquiryBody,
    responses((status = 201, body = EnquiryView, description = "Kept; also when it was sent before"),
        (status = 400, response = ApiProblem), (status = 403, response = ApiProblem), (status = 404, response = ApiProblem),
        (status = 409, response = ApiProblem), (status = 413, response = ApiProblem), (status = 415, response = ApiProblem),
        (status = 422, response = ApiProblem), (status = 429, response = ApiProblem), (status = 500, response = ApiProblem),
        (status = 503, response = ApiProblem)))]
pub(super) async fn create(State(app): State<App>, Path(key): Path<String>, request: Request) -> ApiResult<Response> {
    let page = Page::find(&app, key, request.headers()).await?;
    let answer = take(&app, &page, request).await;
    Ok(page.answer(answer))
}

async fn take(app: &App, page: &Page, request: Request) -> ApiResult<Response> {
    let client = address::client(request.extensions(), request.headers(), &app.settings.http.trusted_proxies);
    let bytes = body_of(request, app).await?;
    let body: EnquiryBody = read(&bytes)?;
    let visitor = Visitor { words: body.language.words(), agency: &page.config.agency_address };
    app.limits.spend(Counted::FormOf(client)).await.map_err(|error| visitor.limited(error))?;

    let now = app.clock.now();
    let challenge = challenge::done(&app.links, &page.key, &body.challenge, &body.solution, now)
        .ok_or_else(|| visitor.challenge_needed())?;
    let trapped = body.website.as_deref().is_some_and(|website| !website.trim().is_empty());
    if trapped || challenge::is_too_quick(&challenge, now) {
        return Err(visitor.refused("looks-automated", StatusCode::UNPROCESSABLE_ENTITY, visitor.words.automated));
    }
    let sent = sent(&bytes);
    let (language, agreed) = (body.language.code(), body.consent.clone());
    let form = website::check(form(body), page.config.country);
    let agreed = agreed.filter(|id| !id.trim().is_empty());
    let (form, agreed) = match (form, agreed) {
        (Ok(form), Some(agreed)) => (form, agreed),
        (form, agreed) => return Err(visitor.flaws(&form.err().unwrap_or_default(), agreed.is_some())),
    };
    let consent = consent(app, page, &agreed)
        .await?
        .ok_or_else(|| visitor.refused("consent-changed", StatusCode::CONFLICT, visitor.words.consent_changed))?;
    app.limits.spend(Counted::FormFor(page.config.tenant_id)).await.map_err(|error| visitor.limited(error))?;

    let origin = page.origin().to_owned();
    let enquiry = WebEnquiry { id: challenge.id, origin, sent, language, consent, form };
    let mut conn = app.db.tenant(page.config.tenant_id).await?;
    match website::enquire(&mut conn, &enquiry).await {
        Ok(_) => conn.commit().await?,
        Err(WebEnquiryError::Spent) => return Err(visitor.challenge_needed()),
        Err(error) => return Err(ApiProblem::internal(&error)),
    }
    metrics::counter!("immivo_forms_total", "outcome" => "taken").increment(1);
    Ok((StatusCode::CREATED, Json(EnquiryView { id: enquiry.id })).into_response())
}

/// The text a visitor agreed to, if it is what is shown now, in whichever language.
async fn consent(app: &App, page: &Page, id: &str) -> ApiResult<Option<ConsentText>> {
    let mut conn = app.db.tenant(page.config.tenant_id).await?;
    let consent = widget_keys::consent(&mut conn).await?;
    Ok(consent.shown(&page.config.agency_name).into_iter().find(|text| text.id() == id))
}

/// The fields as they came, without what proves that they may come.
fn sent(body: &[u8]) -> Value {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    for name in ["challenge", "solution", "website"] {
        fields.remove(name);
    }
    Value::Object(fields)
}

fn form(body: EnquiryBody) -> WebForm {
    WebForm {
        salutation: body.salutation,
        first_name: body.first_name,
        last_name: body.last_name,
        email: body.email,
        phone: body.phone,
        message: body.message,
        property: body.property,
        page: body.page,
    }
}

/// Whom a refusal is for.
struct Visitor<'a> {
    words: &'static Words,
    /// Where the agency reads mail.
    agency: &'a str,
}

impl Visitor<'_> {
    fn refused(&self, kind: &'static str, status: StatusCode, notice: (&'static str, &str)) -> ApiProblem {
        metrics::counter!("immivo_forms_total", "outcome" => kind).increment(1);
        ApiProblem::worded((status, kind), (notice.0, notice.1.replace("{address}", self.agency)), Vec::new())
    }

    /// Expired, spent, of another page, or without its work: for a browser all the same, it gets a new one.
    fn challenge_needed(&self) -> ApiProblem {
        self.refused("challenge-needed", StatusCode::CONFLICT, self.words.challenge_needed)
    }

    fn flaws(&self, flaws: &[(&'static str, Flaw)], is_agreed: bool) -> ApiProblem {
        let mut errors: Vec<FieldError> =
            flaws.iter().map(|(field, flaw)| FieldError::new(*field, self.words.flaw(*flaw))).collect();
        if !is_agreed {
            errors.push(FieldError::new("consent", self.words.not_agreed));
        }
        let (title, detail) = self.words.fields;
        ApiProblem::worded((StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields"), (title, detail.to_owned()), errors)
    }

    fn limited(&self, error: LimitError) -> ApiProblem {
        match error {
            LimitError::TooMany(wait) => {
                metrics::counter!("immivo_forms_total", "outcome" => "too-many-requests").increment(1);
                let wait = seconds(wait).max(1);
                let detail = self.words.too_many.1.replace("{address}", self.agency);
                ApiProblem::too_many(detail.replace("{number}", &wait.to_string()), wait)
            }
            error @ LimitError::Database(_) => error.into(),
        }
    }
}
