//! The OpenAPI document, made from the handlers' own descriptions.
//!
//! What holds for every operation (sign-in, problems) is added here from the operation itself, so that no handler can
//! forget it.

use utoipa::ToResponse;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr};

use super::problem::{ApiProblem, Problem};
use super::scopes;

/// The frame of the document: title, groups and shared schemas.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Immivo API",
        description = "Leads, their conversations and viewings of one estate agency. Errors are problem documents (RFC 9457). Lists are pages: send `nextCursor` as `cursor` for the next one. Things two people may edit carry an `ETag`; send it as `If-Match`.",
        version = "1",
        license(name = "Proprietary")
    ),
    components(schemas(Problem), responses(ApiProblem)),
    tags(
        (name = "me", description = "The caller"),
        (name = "settings", description = "What the agency sets for itself"),
        (name = "properties", description = "Listings"),
        (name = "leads", description = "Enquiries and their conversations"),
        (name = "tasks", description = "What a human must decide or do"),
        (name = "drafts", description = "Answers waiting for approval"),
        (name = "viewings", description = "Appointments"),
        (name = "intake", description = "Incoming mail and the tray"),
        (name = "audit", description = "Who changed what"),
        (name = "privacy", description = "What is held of a person: given out, erased"),
        (name = "secrets", description = "Passwords and tokens for use elsewhere; written, never read"),
        (name = "api keys", description = "Keys for other programs of the agency"),
        (name = "widget keys", description = "Public keys for the agency's web pages"),
        (name = "widget", description = "What web pages ask; no sign-in"),
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
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete_operation(path, operation);
        }
    }
    document
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
        // An API key without the scope; often a role as well.
        ("403", true),
        ("404", has(ParameterIn::Path)),
        ("412", has_header(operation, "If-Match")),
        ("413", with_body),
        ("415", with_body),
        ("422", with_body),
        ("428", needs_header(operation, "If-Match")),
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
