//! Which scope an API key needs for which operation. An operation that is not here takes no key, so a new one is closed
//! to keys until somebody decides otherwise: people, settings, secrets and keys stay that way.
//!
//! The OpenAPI document says the same, because it is made from this table (`document`).

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::MatchedPath;
use axum::http::{Method, request::Parts};

use crate::domain::api_keys::Scope;

/// By `operation_id`.
const SCOPES: &[(&str, Scope)] = &[
    ("listLeads", Scope::LeadsRead),
    ("getLead", Scope::LeadsRead),
    ("getLeadTimeline", Scope::LeadsRead),
    ("listLeadMessages", Scope::LeadsRead),
    ("listLeadConsents", Scope::LeadsRead),
    ("createLead", Scope::LeadsWrite),
    ("editLead", Scope::LeadsWrite),
    ("closeLead", Scope::LeadsWrite),
    ("reopenLead", Scope::LeadsWrite),
    ("pauseLead", Scope::LeadsWrite),
    ("resumeLead", Scope::LeadsWrite),
    ("sendLeadMessage", Scope::LeadsWrite),
    ("listProperties", Scope::PropertiesRead),
    ("getProperty", Scope::PropertiesRead),
    ("listPropertyFacts", Scope::PropertiesRead),
    ("createProperty", Scope::PropertiesWrite),
    ("replaceProperty", Scope::PropertiesWrite),
    ("removeProperty", Scope::PropertiesWrite),
    ("listTasks", Scope::TasksRead),
    ("getTask", Scope::TasksRead),
    ("changeTask", Scope::TasksWrite),
    ("resolveTask", Scope::TasksWrite),
    ("listDrafts", Scope::DraftsRead),
    ("getDraft", Scope::DraftsRead),
    ("editDraft", Scope::DraftsWrite),
    ("approveDraft", Scope::DraftsWrite),
    ("rejectDraft", Scope::DraftsWrite),
    ("listViewings", Scope::ViewingsRead),
    ("getViewing", Scope::ViewingsRead),
    ("createViewing", Scope::ViewingsWrite),
    ("cancelViewing", Scope::ViewingsWrite),
    ("listIntakeMessages", Scope::IntakeRead),
    ("getIntakeMessage", Scope::IntakeRead),
    ("getIntakeMessageSource", Scope::IntakeRead),
    ("getIntakeAttachment", Scope::IntakeRead),
    ("handInMail", Scope::IntakeWrite),
    ("assignIntakeMessage", Scope::IntakeWrite),
    ("discardIntakeMessage", Scope::IntakeWrite),
    ("reprocessIntakeMessage", Scope::IntakeWrite),
];

/// The scope of an operation of the document.
pub(super) fn of_operation(id: &str) -> Option<Scope> {
    SCOPES.iter().find(|(operation, _)| *operation == id).map(|(_, scope)| *scope)
}

/// The scope of the operation a request is for.
pub(super) fn of_request(parts: &Parts) -> Option<Scope> {
    /// By method and path, as the router knows operations.
    static BY_ROUTE: LazyLock<HashMap<(Method, String), Scope>> = LazyLock::new(|| {
        let mut routes = HashMap::new();
        for (path, item) in super::openapi().paths.paths {
            let operations = [
                (Method::GET, item.get),
                (Method::PUT, item.put),
                (Method::POST, item.post),
                (Method::PATCH, item.patch),
                (Method::DELETE, item.delete),
            ];
            for (method, operation) in operations {
                let id = operation.and_then(|operation| operation.operation_id);
                if let Some(scope) = id.as_deref().and_then(of_operation) {
                    routes.insert((method, path.clone()), scope);
                }
            }
        }
        routes
    });
    let route = parts.extensions.get::<MatchedPath>()?;
    BY_ROUTE.get(&(parts.method.clone(), route.as_str().to_owned())).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_is_of_an_operation_and_every_scope_is_good_for_something() {
        let document = serde_json::to_value(crate::ingress::http::openapi()).unwrap();
        let operations: HashSet<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        for (operation, _) in SCOPES {
            assert!(operations.contains(operation), "{operation} is no operation");
        }
        let named: HashSet<&str> = SCOPES.iter().map(|(operation, _)| *operation).collect();
        assert_eq!(named.len(), SCOPES.len(), "an operation stands here twice");
        for scope in Scope::ALL {
            assert!(SCOPES.iter().any(|(_, used)| *used == scope), "{scope} opens nothing");
        }
    }
}
