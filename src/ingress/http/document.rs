//! The OpenAPI document, made from the handlers' own descriptions.
//!
//! What holds for every operation (sign-in, problems) is added here from the operation itself, so that no handler can
//! forget it.

use std::collections::BTreeMap;

use utoipa::ToResponse;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr};

use super::problem::{ApiProblem, Problem};
use super::scopes;
use crate::domain::leads::LeadOrder;

/// The frame of the document: title, groups and shared schemas.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Immivo API",
        description = "Leads, their conversations and viewings of one estate agency. Errors are problem documents (RFC 9457). Lists are pages: send `nextCursor` as `cursor` for the next one. Things two people may edit carry an `ETag`; send it as `If-Match`. Whose token is good and who is nobody's user yet gets 403 `urn:immivo:problem:onboarding-required`. The platform's people send the id of an impersonation as `X-Impersonation`.",
        version = "1",
        license(name = "Proprietary")
    ),
    components(schemas(Problem, LeadOrder), responses(ApiProblem)),
    tags(
        (name = "me", description = "The caller"),
        (name = "onboarding", description = "Coming in: a new agency, or an invitation"),
        (name = "users", description = "The agency's people"),
        (name = "settings", description = "What the agency sets for itself"),
        (name = "properties", description = "Listings"),
        (name = "knowledge", description = "Documents, and finding what the agency knows in words"),
        (name = "leads", description = "Enquiries and their conversations"),
        (name = "tasks", description = "What a human must decide or do"),
        (name = "drafts", description = "Answers waiting for approval"),
        (name = "viewings", description = "Appointments"),
        (name = "statistics", description = "Figures of the agency"),
        (name = "assistant", description = "Chats with Jarvis, the assistant of the agency's own people"),
        (name = "intake", description = "Incoming mail and the tray"),
        (name = "audit", description = "Who changed what"),
        (name = "privacy", description = "What is held of a person: given out, erased"),
        (name = "events", description = "What changes while a page is open"),
        (name = "secrets", description = "Passwords and tokens for use elsewhere; written, never read"),
        (name = "connections", description = "Mailboxes of the agency that are watched"),
        (name = "api keys", description = "Keys for other programs of the agency"),
        (name = "widget keys", description = "Public keys for the agency's web pages"),
        (name = "widget consent", description = "What visitors of the agency's web pages agree to"),
        (name = "widget", description = "What web pages ask; no sign-in"),
        (name = "platform", description = "For the platform's own people"),
        (name = "system", description = "For whoever runs it")
    )
)]
pub(super) struct Frame;

const SCHEME: &str = "bearer";
const KEY_SCHEME: &str = "apiKey";

/// Adds what holds for every operation.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let bearer = |description: &str| {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        SecurityScheme::Http(scheme)
    };
    components.add_security_scheme(SCHEME, bearer("A person's token."));
    let key = "A key from `POST /api/v1/api-keys`, sent as a person's token is. Operations name the scope a key needs; those that name none take no key.";
    components.add_security_scheme(KEY_SCHEME, bearer(key));
    open_parts(&mut components.schemas);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete_operation(path, operation);
        }
    }
    document
}

/// A body that admits no unknown field makes a schema that admits none beside its own. Where an answer holds the same
/// fields and others (`serde(flatten)`), it stands without that rule: nothing could be both.
fn open_parts(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let open = |schema: &RefOr<Schema>| match schema {
        RefOr::T(Schema::Object(object))
            if object.additional_properties.as_deref() == Some(&AdditionalProperties::FreeForm(false)) =>
        {
            let mut object = object.clone();
            object.additional_properties = None;
            Some(RefOr::T(Schema::Object(object)))
        }
        _ => None,
    };
    let opened: BTreeMap<String, RefOr<Schema>> = schemas
        .iter()
        .filter_map(|(name, schema)| Some((Ref::from_schema_name(name).ref_location, open(schema)?)))
        .collect();
    schemas.values_mut().for_each(|schema| open_in(schema, &opened));
}

/// The same, in the schemas that stand inside this one: a page holds its items as a whole.
fn open_in(schema: &mut RefOr<Schema>, opened: &BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::T(Schema::AllOf(all)) => {
            for part in &mut all.items {
                if let RefOr::Ref(reference) = part
                    && let Some(opened) = opened.get(&reference.ref_location)
                {
                    *part = opened.clone();
                }
            }
        }
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(|property| open_in(property, opened));
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                open_in(items, opened);
            }
        }
        _ => {}
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn complete_operation(path: &str, operation: &mut Operation) {
    if !path.starts_with("/api/v1/") {
        return;
    }
    let mut security = vec![SecurityRequirement::new::<_, [&str; 0], &str>(SCHEME, [])];
    if let Some(scope) = operation.operation_id.as_deref().and_then(scopes::of_operation) {
        security.push(SecurityRequirement::new(KEY_SCHEME, [scope.as_str()]));
    }
    operation.security = Some(security);
    let has = |kind: ParameterIn| {
        let parameters = operation.parameters.iter().flatten();
        parameters
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter),
                RefOr::Ref(_) => None,
            })
            .any(|parameter| parameter.parameter_in == kind)
    };
    let with_body = operation.request_body.is_some();
    let problems = [
        ("400", has(ParameterIn::Query) || with_body),
        ("401", true),
        // Nobody's subject yet, deactivated, a suspended agency, an API key without the scope; often a role as well.
        ("403", true),
        ("404", has(ParameterIn::Path)),
        // The same key for another request.
        ("409", has_header(operation, "Idempotency-Key")),
        ("412", has_header(operation, "If-Match")),
        ("413", with_body),
        ("415", with_body),
        ("422", with_body),
        ("428", needs_header(operation, "If-Match")),
        ("429", true),
        ("500", true),
        ("503", true),
    ];
    for (status, applies) in problems {
        if applies {
            operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
                let (name, _) = ApiProblem::response();
                RefOr::Ref(Ref::from_response_name(name))
            });
        }
    }
}

fn needs_header(operation: &Operation, name: &str) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name && parameter.required == Required::True))
}

fn has_header(operation: &Operation, name: &str) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
}

impl<'r> ToResponse<'r> for ApiProblem {
    fn response() -> (&'r str, RefOr<Response>) {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description("What is wrong and what to do")
            .content("application/problem+json", content)
            .build();
        ("Problem", response.into())
    }
}
