//! Streamed chats with tools: what is asked, how fragments become a reply, and every way a stream can go wrong.

use std::time::Duration;

use llm::{ChatEngine, ChatMessage, ChatReply, ChatRequest, LlmError, ToolCall, ToolSpec};
use serde_json::{Value, json};

use crate::{
    contract,
    fake::{Fake, Play},
    openai::error,
};

fn request() -> ChatRequest {
    let call = |id: &str| ToolCall { id: id.to_owned(), name: "read_lead".to_owned(), arguments: "{}".to_owned() };
    ChatRequest {
        instructions: "Be helpful.".to_owned(),
        messages: vec![
            ChatMessage::User("Wer ist ida@example.org?".to_owned()),
            ChatMessage::Assistant { text: "Moment.".to_owned(), calls: vec![call("a"), call("b")] },
            ChatMessage::Tool { call: "a".to_owned(), content: "Ida, 0664 555 01 23".to_owned() },
            ChatMessage::Tool { call: "b".to_owned(), content: "nichts am 01.12.2026".to_owned() },
            ChatMessage::User("Und?".to_owned()),
        ],
        tools: vec![ToolSpec {
            name: "read_lead".to_owned(),
            description: "Reads a lead.".to_owned(),
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
        }],
        longest_reply: 100,
    }
}

fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_795_000_000, "model": "gpt-5-mini",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    });
    assert_eq!(contract::faults("CreateChatCompletionStreamResponse", &chunk), Vec::<String>::new());
    format!("data: {chunk}\n\n")
}

fn said(text: &str) -> String {
    chunk(&json!({"content": text}), None)
}

fn usage() -> String {
    let usage = json!({"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366});
    format!(
        "data: {}\n\n",
        json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": usage})
    )
}

const DONE: &str = "data: [DONE]\n\n";

async fn chat(plays: Vec<Play>) -> (Fake, String, Result<(ChatReply, llm::Usage), LlmError>) {
    let (fake, engine) = Fake::start(plays).await;
    let mut heard = String::new();
    let result = engine.chat(&request(), &mut |text: &str| heard.push_str(text)).await;
    (fake, heard, result)
}

#[tokio::test]
async fn the_request_keeps_to_the_contract_and_contact_data_stays_here() {
    let whole = [said("Gut."), chunk(&json!({}), Some("stop")), DONE.to_owned()].concat();
    let (fake, heard, result) = chat(vec![Play::Stream(vec![whole])]).await;
    assert_eq!((heard.as_str(), result.unwrap().0.text.as_str()), ("Gut.", "Gut."));
    let body = fake.calls()[0].body.clone();
    assert_eq!(contract::faults("CreateChatCompletionRequest", &body), Vec::<String>::new());
    assert_eq!(contract::unknown_fields("CreateChatCompletionRequest", &body), Vec::<String>::new());
    let sent = body.to_string();
    assert!(!sent.contains("ida@example.org") && !sent.contains("555 01 23"), "{sent}");
    assert!(sent.contains("[e-mail 1]") && sent.contains("[phone 2]") && sent.contains("01.12.2026"), "{sent}");
    assert_eq!(
        (&body["stream"], &body["store"], &body["parallel_tool_calls"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!(body["stream_options"]["include_usage"], true);
}

#[tokio::test]
async fn fragments_of_text_and_of_parallel_calls_become_one_reply() {
    let call = |index: u32, id: Option<&str>, name: Option<&str>, arguments: &str| {
        let mut call = json!({"index": index, "function": {"arguments": arguments}});
        if let Some(id) = id {
            call["id"] = json!(id);
            call["type"] = json!("function");
        }
        if let Some(name) = name {
            call["function"]["name"] = json!(name);
        }
        chunk(&json!({"tool_calls": [call]}), None)
    };
    let whole = [
        chunk(&json!({"role": "assistant", "content": ""}), None),
        said("Grüß [e-ma"),
        said("il 1]!"),
        call(0, Some("call_1"), Some("read_lead"), ""),
        call(0, None, None, "{\"mail\":\"[e-"),
        call(1, Some("call_2"), Some("read_lead"), "{}"),
        call(0, None, None, "mail 1]\"}"),
        chunk(&json!({}), Some("tool_calls")),
        usage(),
        ": a comment\n\n".to_owned(),
        DONE.to_owned(),
    ]
    .concat();
    // Cut anywhere, also within a letter.
    for size in [1, 7, 100_000] {
        let pieces = whole.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
        let (_, heard, result) = chat(vec![Play::Bytes(pieces)]).await;
        let (reply, used) = result.unwrap();
        assert_eq!(heard, "Grüß ida@example.org!");
        assert_eq!(reply.text, heard);
        let calls: Vec<_> = reply.calls.iter().map(|call| (call.id.as_str(), call.arguments.as_str())).collect();
        assert_eq!(calls, [("call_1", r#"{"mail":"ida@example.org"}"#), ("call_2", "{}")]);
        assert_eq!((used.input_tokens, used.output_tokens, reply.cut), (321, 45, false));
    }
}

#[tokio::test]
async fn refusals_lengths_and_nonsense_are_told_apart() {
    let stream = |parts: &[String]| Play::Stream(vec![parts.concat()]);
    let refused =
        stream(&[chunk(&json!({"refusal": "I cannot"}), None), chunk(&json!({}), Some("stop")), DONE.to_owned()]);
    assert_eq!(chat(vec![refused]).await.2.unwrap_err(), LlmError::Refused);
    let filtered = stream(&[said("A"), chunk(&json!({}), Some("content_filter"))]);
    assert_eq!(chat(vec![filtered]).await.2.unwrap_err(), LlmError::Refused);
    let cut = stream(&[said("Ein langer"), chunk(&json!({}), Some("length")), DONE.to_owned()]);
    let (reply, used) = chat(vec![cut]).await.2.unwrap();
    assert!(reply.cut && reply.text == "Ein langer");
    assert!(used.input_tokens > 0 && used.output_tokens > 0, "a server that does not count is estimated: {used:?}");
    let half_a_call = chunk(
        &json!({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "x", "arguments": "{"}}]}),
        None,
    );
    for broken in [
        stream(&[half_a_call, chunk(&json!({}), Some("length"))]),
        stream(&[
            chunk(&json!({"tool_calls": [{"index": 5, "id": "c", "function": {"name": "x", "arguments": ""}}]}), None),
            DONE.to_owned(),
        ]),
        stream(&[
            chunk(&json!({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}), None),
            DONE.to_owned(),
        ]),
        stream(&["data: not json\n\n".to_owned()]),
        stream(&[DONE.to_owned()]),
    ] {
        let (fake, _, result) = chat(vec![broken]).await;
        assert!(matches!(result, Err(LlmError::InvalidOutput(_))), "{result:?}");
        assert_eq!(fake.calls().len(), 1, "an unusable reply is not asked for again");
    }
}

#[tokio::test]
async fn before_the_first_word_it_is_tried_again_and_after_it_never() {
    let good = Play::Stream(vec![[said("Gut."), chunk(&json!({}), Some("stop"))].concat()]);
    let busy = Play::Status(429, Some("0.1"), error("rate_limit_exceeded"));
    let broken = Play::Status(500, None, error("server_error"));
    let (fake, heard, result) = chat(vec![busy, broken, good.clone()]).await;
    assert_eq!((fake.calls().len(), heard.as_str(), result.is_ok()), (3, "Gut.", true));

    let (fake, heard, result) = chat(vec![Play::Broken(String::new()), good.clone()]).await;
    assert_eq!((fake.calls().len(), heard.as_str(), result.is_ok()), (2, "Gut.", true));
    for broken in [
        Play::Broken(said("Ich den")),
        Play::Stream(vec![said("Ich den")]),
        Play::Stream(vec![said("Ich den") + "data: {\"error\":{\"type\":\"server_error\",\"code\":null}}\n\n"]),
    ] {
        let (fake, heard, result) = chat(vec![broken, good.clone()]).await;
        assert_eq!((fake.calls().len(), heard.as_str()), (1, "Ich den"));
        assert!(matches!(result, Err(LlmError::Unavailable(_))), "{result:?}");
    }
    let long = Play::Status(429, Some("20"), error("rate_limit_exceeded"));
    let (_, _, result) = chat(vec![long]).await;
    assert_eq!(result.unwrap_err(), LlmError::RateLimited { retry_after: Some(Duration::from_secs(20)) });
    let spent = Play::Status(429, None, error("insufficient_quota"));
    assert_eq!(chat(vec![spent]).await.2.unwrap_err(), LlmError::OutOfCredit);
    let wrong = Play::Status(401, None, error("invalid_api_key"));
    assert!(matches!(chat(vec![wrong]).await.2.unwrap_err(), LlmError::Misconfigured(_)));
    assert_eq!(chat(vec![Play::Hang]).await.2.unwrap_err(), LlmError::Timeout);
    assert_eq!(chat(vec![Play::Stalled(said("Ich"))]).await.2.unwrap_err(), LlmError::Timeout);
}
