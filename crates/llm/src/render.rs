//! From statements to the text of a mail.

use crate::{Answer, AnswerRequest, Statement, StatementRole};

/// The text of the mail: greeting, paragraphs of facts, slots as a list, closing.
pub fn render_text(answer: &Answer, request: &AnswerRequest) -> String {
    let mut text = String::new();
    let mut previous: Option<&Statement> = None;
    for statement in &answer.statements {
        let listed = is_slot(statement, request);
        let joined = previous.map(|previous| {
            if listed && (is_slot(previous, request) || previous.text.ends_with(':')) {
                "\n"
            } else if !listed
                && previous.role == statement.role
                && statement.role == StatementRole::Fact
                && !previous.text.contains("://")
            {
                " "
            } else {
                "\n\n"
            }
        });
        text.push_str(joined.unwrap_or(""));
        if listed {
            text.push_str("– ");
        }
        text.push_str(statement.text.trim());
        previous = Some(statement);
    }
    text.push('\n');
    text
}

fn is_slot(statement: &Statement, request: &AnswerRequest) -> bool {
    matches!(statement.sources.as_slice(), [source] if request.slots.iter().any(|slot| slot.id == *source))
}
