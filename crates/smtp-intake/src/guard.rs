//! Calls into the backend: whatever goes wrong there becomes a temporary refusal.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use crate::Reply;

/// Awaits a backend call. A panic or a missing answer is `451 4.3.0`: the sender keeps the mail.
pub(crate) async fn guarded<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, Reply>> + Send,
) -> Result<T, Reply> {
    let mut call = Box::pin(call);
    // After a panic the future is only dropped, never polled again, so nothing half-changed is seen.
    let caught = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(answer)) => Poll::Ready(Some(answer)),
        Err(_) => Poll::Ready(None),
    });
    match tokio::time::timeout(limit, caught).await {
        Ok(Some(answer)) => answer.map_err(Reply::or_temporary),
        Ok(None) => {
            tracing::error!("the backend panicked");
            Err(Reply::temporary_failure("Local error, try again later"))
        }
        Err(_) => {
            tracing::error!(limit_ms = limit.as_millis(), "the backend did not answer in time");
            Err(Reply::temporary_failure("Local error, try again later"))
        }
    }
}
