//! The tools of the capabilities that stand before this one. Each file has those of one capability; a tool does nothing that its user
//! could not do by the API, and through the same functions of the domain.

pub(super) mod drafts;
mod errors;
pub(super) mod leads;
mod mails;
mod notes;
mod office;
pub(super) mod properties;
mod search;
pub(super) mod tasks;
mod times;
pub(super) mod viewings;

use super::tool::Registry;

/// All of them.
#[must_use]
pub fn tools() -> Registry {
    Registry::default()
        .with::<leads::SearchLeads>()
        .with::<leads::ReadLead>()
        .with::<leads::ReadProspect>()
        .with::<leads::CountLeads>()
        .with::<notes::ChangeLeadState>()
        .with::<notes::AssignLead>()
        .with::<notes::NoteOnLead>()
        .with::<properties::SearchProperties>()
        .with::<properties::ReadProperty>()
        .with::<properties::EditProperty>()
        .with::<tasks::ListTasks>()
        .with::<tasks::ResolveTask>()
        .with::<drafts::ListDrafts>()
        .with::<drafts::EditDraft>()
        .with::<drafts::ApproveDraft>()
        .with::<mails::DraftMail>()
        .with::<mails::SendMail>()
        .with::<search::SearchConversations>()
        .with::<viewings::FreeSlots>()
        .with::<viewings::ListViewings>()
        .with::<viewings::BookViewing>()
        .with::<viewings::MoveViewing>()
        .with::<viewings::CancelViewing>()
        .with::<office::ReadRouting>()
        .with::<office::ReadTeam>()
        .with::<office::ReadSettings>()
        .with::<office::Remember>()
}

/// Rows of a list a model gets at most.
const MOST: u16 = 50;

/// How many rows are wanted.
fn limit(wanted: Option<u16>) -> u16 {
    wanted.unwrap_or(20).clamp(1, MOST)
}

/// A text that must say something, and not too much.
fn text(field: &str, value: &str, most: usize) -> Result<String, super::ToolError> {
    let value = value.trim();
    match value.chars().count() {
        0 => Err(super::ToolError::Arguments(format!("{field} must not be empty"))),
        count if count > most => {
            Err(super::ToolError::Arguments(format!("{field} must have at most {most} characters")))
        }
        _ => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_tells_a_model_what_it_takes() {
        let specs = tools().specs();
        assert!(specs.len() >= 25);
        for spec in specs {
            let schema = spec.parameters.to_string();
            assert_eq!(spec.parameters["type"], "object", "{}", spec.name);
            assert_eq!(spec.parameters["additionalProperties"], false, "{}", spec.name);
            assert!(!schema.contains("$ref"), "{}: {schema}", spec.name);
            assert!(spec.description.len() > 20, "{}", spec.name);
            for (field, about) in spec.parameters["properties"].as_object().unwrap() {
                assert!(about.to_string().contains("description"), "{}.{field} says nothing: {about}", spec.name);
            }
        }
    }
}
