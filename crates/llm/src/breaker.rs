//! A fuse in front of an engine that may be down: after some failures in a row nobody waits for it any more, and one call at
//! a time tries whether it is back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::{Answer, AnswerRequest, Engine, LlmError, UnderstandRequest, Understanding, Usage};

/// What [`LlmError::Unavailable`] says of a call that was not made.
pub const NOT_ASKED: &str = "not asked, because it failed just now";

/// When an engine is left alone.
#[derive(Clone, Copy, Debug)]
pub struct BreakerSettings {
    /// Failures in a row.
    pub failures: u32,
    /// For how long at first; doubled while it still fails.
    pub pause: Duration,
    /// At most for how long.
    pub longest: Duration,
}

/// An engine with a fuse.
pub struct Breaker {
    inner: Arc<dyn Engine>,
    settings: BreakerSettings,
    state: Mutex<State>,
}

impl std::fmt::Debug for Breaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Breaker").field("engine", &self.inner.name()).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Nobody asks before that.
    until: Option<Instant>,
    /// The pause that ends then.
    pause: Duration,
    /// Somebody tries whether it is back.
    is_tried: bool,
}

impl Breaker {
    /// Puts a fuse in front of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Engine>, settings: BreakerSettings) -> Self {
        Self { inner, settings, state: Mutex::default() }
    }

    /// Whether the engine may be asked. After a pause the first caller tries; the others wait until it knows.
    fn admit(&self) -> Result<(), LlmError> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.until {
            Some(until) if now < until => Err(LlmError::Unavailable(NOT_ASKED.to_owned())),
            Some(_) => {
                state.until = Some(now + state.pause);
                state.is_tried = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn note<T>(&self, result: &Result<T, LlmError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = match result {
            // What it made of one text says nothing of the next call.
            Ok(_) | Err(LlmError::InvalidOutput(_) | LlmError::Refused) => {
                *state = State::default();
                return;
            }
            Err(LlmError::RateLimited { retry_after }) => *retry_after,
            Err(_) => None,
        };
        state.failures = state.failures.saturating_add(1);
        if state.failures < self.settings.failures {
            return;
        }
        if state.until.is_some() && !state.is_tried {
            return; // one of several calls that were on their way when it was found out
        }
        let doubled = if state.is_tried { state.pause * 2 } else { self.settings.pause };
        state.is_tried = false;
        state.pause = doubled.max(wanted.unwrap_or_default()).min(self.settings.longest);
        state.until = Some(Instant::now() + state.pause);
    }
}

#[async_trait]
impl Engine for Breaker {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn embedding_model(&self) -> String {
        self.inner.embedding_model()
    }

    async fn understand(&self, request: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError> {
        self.admit()?;
        let result = self.inner.understand(request).await;
        self.note(&result);
        result
    }

    async fn answer(&self, request: &AnswerRequest) -> Result<(Answer, Usage), LlmError> {
        self.admit()?;
        let result = self.inner.answer(request).await;
        self.note(&result);
        result
    }

    async fn embed(&self, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
        self.admit()?;
        let result = self.inner.embed(texts).await;
        self.note(&result);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Service {
        down: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl Engine for Service {
        fn name(&self) -> &'static str {
            "test"
        }
        fn embedding_model(&self) -> String {
            "test".to_owned()
        }
        async fn understand(&self, _: &UnderstandRequest) -> Result<(Understanding, Usage), LlmError> {
            Err(LlmError::Refused)
        }
        async fn answer(&self, _: &AnswerRequest) -> Result<(Answer, Usage), LlmError> {
            Err(LlmError::Refused)
        }
        async fn embed(&self, _: &[String]) -> Result<(Vec<Vec<f32>>, Usage), LlmError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.down.load(Ordering::SeqCst) {
                return Err(LlmError::Timeout);
            }
            let usage =
                Usage { engine: "test".into(), model: "-".into(), input_tokens: 0, output_tokens: 0, duration_ms: 0 };
            Ok((Vec::new(), usage))
        }
    }

    #[tokio::test]
    async fn a_service_that_fails_is_left_alone_and_tried_again() {
        let service = Arc::new(Service::default());
        let pause = Duration::from_millis(40);
        let breaker = Breaker::new(service.clone(), BreakerSettings { failures: 2, pause, longest: pause * 3 });
        let not_asked = Err(LlmError::Unavailable(NOT_ASKED.to_owned()));
        let ask = async || breaker.embed(&[]).await.map(|_| ());
        service.down.store(true, Ordering::SeqCst);
        assert_eq!(ask().await, Err(LlmError::Timeout));
        assert_eq!(ask().await, Err(LlmError::Timeout));
        assert_eq!((ask().await, service.asked.load(Ordering::SeqCst)), (not_asked.clone(), 2));
        tokio::time::sleep(pause).await;
        assert_eq!(ask().await, Err(LlmError::Timeout), "one tries");
        tokio::time::sleep(pause).await;
        assert_eq!((ask().await, service.asked.load(Ordering::SeqCst)), (not_asked, 3), "the pause is longer now");
        tokio::time::sleep(pause + pause / 2).await;
        service.down.store(false, Ordering::SeqCst);
        assert_eq!(ask().await, Ok(()));
        assert_eq!(ask().await, Ok(()));
        service.down.store(true, Ordering::SeqCst);
        assert_eq!(ask().await, Err(LlmError::Timeout));
        assert_eq!(ask().await, Err(LlmError::Timeout), "it starts from the beginning");
    }
}
