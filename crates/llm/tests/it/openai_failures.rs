//! Every way OpenAI can fail, and what it becomes.

use std::time::Duration;

use llm::{Engine, LlmError, OpenAi, OpenAiSettings};
use serde_json::json;

use crate::{
    fake::{Fake, Play, chat},
    openai::{MAIL, error, good, read_mail},
    support::mail,
};

async fn failing(plays: Vec<Play>) -> (usize, LlmError) {
    let (fake, engine) = Fake::start(plays).await;
    let error = engine.understand(&mail(MAIL, true)).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    (fake.calls().len(), error)
}

#[tokio::test]
async fn refusals_and_cut_replies() {
    let refused = Play::Json(chat(None, Some("I cannot help"), "stop"));
    assert_eq!(failing(vec![refused]).await, (1, LlmError::Refused));
    let filtered = Play::Json(chat(Some(""), None, "content_filter"));
    assert_eq!(failing(vec![filtered]).await, (1, LlmError::Refused));
    let cut = Play::Json(chat(Some("{\"language\":"), None, "length"));
    assert!(matches!(failing(vec![cut]).await, (1, LlmError::InvalidOutput(why)) if why.contains("length")));
}

#[tokio::test]
async fn broken_replies() {
    let mut other = read_mail();
    other["intents"] = json!(["buy_now"]);
    let mut sure = read_mail();
    sure["confidence"] = json!(7);
    let mut nothing = read_mail();
    nothing["intents"] = json!([]);
    for play in [
        Play::Raw("<html>"),
        Play::Raw("{\"choices\":[]}"),
        Play::Json(chat(Some("not json"), None, "stop")),
        Play::Json(chat(None, None, "stop")),
        good(&other),
        good(&sure),
        good(&nothing),
    ] {
        let (calls, error) = failing(vec![play]).await;
        assert!(matches!(error, LlmError::InvalidOutput(_)), "{error:?}");
        assert_eq!(calls, 1, "an unusable reply is not asked for again");
    }
}

#[tokio::test]
async fn short_limits_are_waited_for_and_long_ones_are_reported() {
    let (fake, engine) =
        Fake::start([Play::Status(429, Some("0.1"), error("rate_limit_exceeded")), good(&read_mail())]).await;
    engine.understand(&mail(MAIL, true)).await.unwrap();
    assert_eq!(fake.calls().len(), 2);
    let long = Play::Status(429, Some("20"), error("rate_limit_exceeded"));
    let expected = LlmError::RateLimited { retry_after: Some(Duration::from_secs(20)) };
    assert_eq!(failing(vec![long]).await, (1, expected));
    let broke = Play::Status(429, None, error("insufficient_quota"));
    assert_eq!(failing(vec![broke]).await, (1, LlmError::OutOfCredit));
}

#[tokio::test]
async fn server_errors_are_tried_three_times() {
    let (fake, engine) = Fake::start([Play::Status(500, None, error("server_error")), good(&read_mail())]).await;
    engine.understand(&mail(MAIL, true)).await.unwrap();
    assert_eq!(fake.calls().len(), 2);
    let plays = vec![Play::Status(503, None, error("server_error")); 3];
    let (calls, error) = failing(plays).await;
    assert!(matches!(error, LlmError::Unavailable(_)), "{error:?}");
    assert_eq!(calls, 3);
}

#[tokio::test]
async fn silence_and_wrong_settings() {
    assert_eq!(failing(vec![Play::Hang]).await, (1, LlmError::Timeout));
    for status in [400, 401, 403, 404] {
        let (calls, error) = failing(vec![Play::Status(status, None, error("invalid_api_key"))]).await;
        assert!(matches!(error, LlmError::Misconfigured(_)), "{error:?}");
        assert_eq!(calls, 1);
    }
    let mut nowhere = OpenAiSettings::new("test-key".to_owned().into());
    nowhere.base_url = "http://127.0.0.1:9/v1".into();
    let engine = OpenAi::new(nowhere).unwrap();
    assert!(matches!(engine.understand(&mail(MAIL, true)).await, Err(LlmError::Unavailable(_))));
    assert!(matches!(OpenAi::new(OpenAiSettings::new(String::new().into())), Err(LlmError::Misconfigured(_))));
}
