//! Chat completions that are streamed and may ask for tools.

use std::time::Instant;

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestAssistantMessageContent, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestSystemMessageContent, ChatCompletionRequestToolMessage,
    ChatCompletionRequestToolMessageContent, ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent,
    ChatCompletionStreamOptions, ChatCompletionTool, ChatCompletionTools, CreateChatCompletionRequest, FunctionCall,
    FunctionObject, ReasoningEffort,
};
use async_trait::async_trait;

use super::contacts::{Contacts, Held};
use super::stream::Assembled;
use super::transport::{Patience, Tokens};
use super::{NAME, OpenAi};
use crate::{ChatEngine, ChatMessage, ChatReply, ChatRequest, LlmError, OnText, ToolCall, ToolSpec, Usage};

#[async_trait]
impl ChatEngine for OpenAi {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn chat(&self, request: &ChatRequest, on_text: OnText<'_>) -> Result<(ChatReply, Usage), LlmError> {
        let started = Instant::now();
        let mut contacts = Contacts::default();
        let body = body(&self.settings.model, request, &mut contacts);
        let mut patience = Patience::default();
        loop {
            let mut held = Held::default();
            let mut was_heard = false;
            let mut hand_on = |piece: &str| {
                let ready = held.push(piece, &contacts);
                if !ready.is_empty() {
                    was_heard = true;
                    on_text(&ready);
                }
            };
            match self.transport.stream(&body, &mut hand_on).await {
                Ok(assembled) => {
                    let rest = held.end(&contacts);
                    if !rest.is_empty() {
                        on_text(&rest);
                    }
                    let tokens = assembled.tokens.unwrap_or_else(|| estimate(request, &assembled));
                    return Ok((shown(assembled, &contacts), self.usage(&self.settings.model, tokens, started)));
                }
                Err(error) => match patience.after(&error).filter(|_| !was_heard) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => {
                        tracing::warn!(engine = NAME, was_heard, %error, "language service failed in a chat");
                        return Err(error);
                    }
                },
            }
        }
    }
}

fn shown(assembled: Assembled, contacts: &Contacts) -> ChatReply {
    let calls = assembled.calls.into_iter();
    ChatReply {
        text: contacts.show(&assembled.text),
        calls: calls.map(|call| ToolCall { arguments: contacts.show_in_json(&call.arguments), ..call }).collect(),
        cut: assembled.cut,
    }
}

/// Servers that are merely compatible may not count. Four bytes a token errs on the safe side for German.
fn estimate(request: &ChatRequest, assembled: &Assembled) -> Tokens {
    let said: usize = request
        .messages
        .iter()
        .map(|message| match message {
            ChatMessage::User(text) | ChatMessage::Tool { content: text, .. } => text.len(),
            ChatMessage::Assistant { text, calls } => {
                text.len() + calls.iter().map(|call| call.arguments.len()).sum::<usize>()
            }
        })
        .sum();
    let tokens = |bytes: usize| u32::try_from(bytes / 4).unwrap_or(u32::MAX);
    Tokens { input: tokens(request.instructions.len() + said), output: tokens(assembled.size()) }
}

fn body(model: &str, request: &ChatRequest, contacts: &mut Contacts) -> CreateChatCompletionRequest {
    let system = ChatCompletionRequestSystemMessage {
        content: ChatCompletionRequestSystemMessageContent::Text(contacts.hide(&request.instructions)),
        name: None,
    };
    let messages = std::iter::once(ChatCompletionRequestMessage::System(system))
        .chain(request.messages.iter().map(|said| message(said, contacts)))
        .collect();
    let tools: Vec<_> = request.tools.iter().map(tool).collect();
    CreateChatCompletionRequest {
        model: model.to_owned(),
        messages,
        // The service refuses the second without the first.
        parallel_tool_calls: (!tools.is_empty()).then_some(true),
        tools: (!tools.is_empty()).then_some(tools),
        max_completion_tokens: Some(request.longest_reply),
        // Only reasoning models know the field; the others refuse it.
        reasoning_effort: model.starts_with("gpt-5").then_some(ReasoningEffort::Low),
        stream: Some(true),
        stream_options: Some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None }),
        // What the agency's people ask is not kept at the provider for its own dashboards.
        store: Some(false),
        ..CreateChatCompletionRequest::default()
    }
}

fn tool(spec: &ToolSpec) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: spec.name.clone(),
            description: Some(spec.description.clone()),
            parameters: Some(spec.parameters.clone()),
            strict: None,
        },
    })
}

#[expect(deprecated, reason = "the type has a field that the service replaced by tool_calls")]
fn message(said: &ChatMessage, contacts: &mut Contacts) -> ChatCompletionRequestMessage {
    match said {
        ChatMessage::User(text) => ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage {
            content: ChatCompletionRequestUserMessageContent::Text(contacts.hide(text)),
            name: None,
        }),
        ChatMessage::Assistant { text, calls } => {
            let content = (!text.is_empty()).then(|| contacts.hide(text));
            let calls: Vec<_> = calls
                .iter()
                .map(|call| {
                    ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall {
                        id: call.id.clone(),
                        function: FunctionCall { name: call.name.clone(), arguments: contacts.hide(&call.arguments) },
                    })
                })
                .collect();
            ChatCompletionRequestMessage::Assistant(ChatCompletionRequestAssistantMessage {
                content: content.map(ChatCompletionRequestAssistantMessageContent::Text),
                refusal: None,
                name: None,
                audio: None,
                tool_calls: (!calls.is_empty()).then_some(calls),
                function_call: None,
            })
        }
        ChatMessage::Tool { call, content } => ChatCompletionRequestMessage::Tool(ChatCompletionRequestToolMessage {
            content: ChatCompletionRequestToolMessageContent::Text(contacts.hide(content)),
            tool_call_id: call.clone(),
        }),
    }
}
