//! From statements to the text of a mail.
use crate::{Answer, AnswerRequest};

/// The text of the mail: paragraphs, slots as a list.
pub fn render_text(answer: &Answer, _request: &AnswerRequest) -> String {
    answer.statements.iter().map(|statement| statement.text.as_str()).collect::<Vec<_>>().join("\n\n")
}
