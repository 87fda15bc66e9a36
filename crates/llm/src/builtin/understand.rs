//! From a mail to what it wants.
use crate::{Intent, Language, UnderstandRequest, Understanding};
pub(super) fn understand(request: &UnderstandRequest) -> Understanding {
    Understanding {
        language: request.language_hint.unwrap_or(Language::De),
        formal: None,
        intents: vec![Intent::Question],
        topics: Vec::new(),
        wished_times: Vec::new(),
        confidence: 0.0,
    }
}
