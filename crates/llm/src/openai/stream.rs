//! Reading a streamed reply: lines of server-sent events, each a fragment of text or of a tool call.

use serde::Deserialize;

use super::transport::{ChatUsage, ErrorBody, Tokens};
use crate::{LlmError, ToolCall};

/// More is a runaway.
const LARGEST: usize = 1024 * 1024;
/// A model that asks for more tools at once is confused.
const MOST_CALLS: usize = 32;

/// A reply as far as it came.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
    pub(super) cut: bool,
    /// `None`: the server does not count.
    pub(super) tokens: Option<Tokens>,
    refused: bool,
    /// The model has said why it stopped, or the server that this was all.
    ended: bool,
    /// A line that is not whole yet.
    line: Vec<u8>,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<ChatUsage>,
    error: Option<ErrorBody>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallFragment>>,
}

#[derive(Deserialize)]
struct CallFragment {
    index: usize,
    id: Option<String>,
    function: Option<FunctionFragment>,
}

#[derive(Deserialize)]
struct FunctionFragment {
    name: Option<String>,
    arguments: Option<String>,
}

fn invalid(why: &str) -> LlmError {
    LlmError::InvalidOutput(why.to_owned())
}

impl Assembled {
    /// How much it holds, bytes.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.calls.iter().map(|call| call.arguments.len()).sum::<usize>()
    }

    /// Takes what came over the wire, in pieces of any length. New text goes to `on_text`.
    pub(super) fn take(&mut self, bytes: &[u8], on_text: &mut (dyn FnMut(&str) + Send)) -> Result<(), LlmError> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() > LARGEST || self.size() > LARGEST {
                return Err(invalid("a reply without end"));
            }
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.line(&line, on_text)?;
            }
        }
        Ok(())
    }

    /// One line. Comments, names of events and blank lines say nothing here.
    fn line(&mut self, line: &[u8], on_text: &mut (dyn FnMut(&str) + Send)) -> Result<(), LlmError> {
        let Some(data) = line.trim_ascii().strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { return Ok(()) };
        if data == b"[DONE]" {
            self.ended = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(data)
            .map_err(|error| invalid(&format!("{:?} error in a piece of the reply", error.classify())))?;
        if let Some(error) = chunk.error {
            return Err(LlmError::Unavailable(format!("failed while answering: {}", error.name())));
        }
        if let Some(usage) = chunk.usage {
            self.tokens = Some(usage.tokens());
        }
        // Only one reply was asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
            self.text.push_str(&text);
            on_text(&text);
        }
        self.refused |= choice.delta.refusal.is_some_and(|refusal| !refusal.is_empty());
        for fragment in choice.delta.tool_calls.into_iter().flatten() {
            self.fragment(fragment)?;
        }
        if let Some(reason) = choice.finish_reason {
            self.ended = true;
            self.cut = reason == "length";
            self.refused |= reason == "content_filter";
        }
        Ok(())
    }

    fn fragment(&mut self, fragment: CallFragment) -> Result<(), LlmError> {
        if fragment.index >= MOST_CALLS || fragment.index > self.calls.len() {
            return Err(invalid("tool calls out of order"));
        }
        if fragment.index == self.calls.len() {
            self.calls.push(ToolCall { id: String::new(), name: String::new(), arguments: String::new() });
        }
        let call = &mut self.calls[fragment.index];
        if let Some(id) = fragment.id {
            call.id = id;
        }
        if let Some(function) = fragment.function {
            call.name.push_str(&function.name.unwrap_or_default());
            call.arguments.push_str(&function.arguments.unwrap_or_default());
        }
        Ok(())
    }

    /// The whole reply, once nothing more comes.
    pub(super) fn end(self) -> Result<Self, LlmError> {
        if self.refused {
            return Err(LlmError::Refused);
        }
        if !self.ended {
            return Err(LlmError::Unavailable("the reply broke off".to_owned()));
        }
        if self.cut && !self.calls.is_empty() {
            return Err(invalid("a tool call was cut off at the length limit"));
        }
        if self.calls.iter().any(|call| call.id.is_empty() || call.name.is_empty()) {
            return Err(invalid("a tool call without a name"));
        }
        if self.text.trim().is_empty() && self.calls.is_empty() {
            return Err(invalid("no content"));
        }
        Ok(self)
    }
}
