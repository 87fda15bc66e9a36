//! Telling an answer as server-sent events.
//!
//! A stream is a reader of the answer's steps at a place (`domain::jarvis::Place`, the id of each event). It reads the log of an answer that is made
//! in this process, and the database otherwise: one that another process makes, or that has ended. Whether its reader may
//! still read is asked at every heartbeat, and at once when somebody's rights changed.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts as _;
use axum::http::{HeaderName, request::Parts};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::view::{ChatMessageView, StepView, cards, step, views};
use crate::domain::jarvis::{self, ChatId, ChatMessageId, ChatState, Fresh, Log, Place, Step};
use crate::domain::live::Subscription;
use crate::ingress::http::caller::Caller;
use crate::ingress::http::problem::ApiResult;

/// How often the database is asked for an answer that another process makes.
const LOOK: Duration = Duration::from_millis(500);

/// The `data` of an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum ChatEventView {
    /// `begun`: which answer this is.
    Begun {
        /// The chat.
        chat_id: ChatId,
        /// The answer; listen to it again by this id.
        message_id: ChatMessageId,
    },
    /// `text`: more of the answer.
    Text {
        /// What is new.
        text: String,
    },
    /// `step`: something happened.
    Step(StepView),
    /// `final`, or `error` if the answer did not come to its end: the whole message.
    End(Box<ChatMessageView>),
}

fn event(name: &str, place: Place, data: &ChatEventView) -> Event {
    // Texts, ids and fixed words always make JSON.
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).id(place.to_string()).data(data)
}

/// Streams an answer from a place on.
pub(super) async fn tell(
    caller: Caller,
    parts: Parts,
    (chat, message): (ChatId, ChatMessageId),
    log: Option<Arc<Log>>,
    place: Place,
) -> ApiResult<Response> {
    let subscription = caller.app.live.subscribe(caller.user.tenant_id)?;
    let heartbeat = Duration::from_secs(caller.app.settings.http.heartbeat_seconds);
    let begun = ChatEventView::Begun { chat_id: chat, message_id: message };
    let reader = Reader {
        ready: VecDeque::from([event("begun", place, &begun)]),
        changes: log.as_ref().map(|log| log.listen()),
        log,
        caller,
        parts,
        subscription,
        chat,
        message,
        place,
        heartbeat,
        beat_at: Instant::now() + heartbeat,
        has_ended: false,
    };
    let events = futures::stream::unfold(reader, async |mut reader: Reader| {
        reader.next().await.map(|event| (Ok::<_, Infallible>(event), reader))
    });
    // A proxy that collects an answer before passing it on would keep events back.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], Sse::new(events)).into_response())
}

/// One client's stream.
struct Reader {
    caller: Caller,
    /// The request as it came, to ask again who it is from.
    parts: Parts,
    subscription: Subscription,
    chat: ChatId,
    message: ChatMessageId,
    /// The answer, while it is made here.
    log: Option<Arc<Log>>,
    changes: Option<watch::Receiver<u64>>,
    place: Place,
    ready: VecDeque<Event>,
    heartbeat: Duration,
    beat_at: Instant,
    has_ended: bool,
}

impl Reader {
    /// The next event; `None` ends the stream. A client reconnects and learns why.
    async fn next(&mut self) -> Option<Event> {
        while self.ready.is_empty() {
            if self.has_ended {
                return None;
            }
            self.look().await.ok()?;
            if self.ready.is_empty() && !self.has_ended {
                self.wait().await?;
            }
        }
        self.ready.pop_front()
    }

    /// Waits until there may be something new.
    async fn wait(&mut self) -> Option<()> {
        let changed = async {
            match &mut self.changes {
                // Ended: the database has the rest.
                Some(changes) => changes.changed().await.is_ok(),
                None => {
                    tokio::time::sleep(LOOK).await;
                    true
                }
            }
        };
        tokio::select! {
            goes_on = changed => {
                if !goes_on {
                    self.read_log().await.ok()?;
                    (self.log, self.changes) = (None, None);
                }
            }
            woken = self.subscription.woken() => {
                // The process ends, or somebody's rights changed.
                if woken?.people {
                    self.ask_again().await.ok()?;
                }
            }
            () = tokio::time::sleep_until(self.beat_at) => {
                self.ask_again().await.ok()?;
                self.beat_at = Instant::now() + self.heartbeat;
                self.ready.push_back(Event::default().comment(""));
            }
        }
        Some(())
    }

    async fn look(&mut self) -> ApiResult<()> {
        if self.log.is_some() { self.read_log().await } else { self.read_database().await }
    }

    async fn read_log(&mut self) -> ApiResult<()> {
        let Some(log) = &self.log else { return Ok(()) };
        // Marked before it is read: what comes in between wakes again.
        if let Some(changes) = &mut self.changes {
            changes.mark_unchanged();
        }
        let fresh = log.fresh(self.place);
        self.take(fresh).await
    }

    async fn read_database(&mut self) -> ApiResult<()> {
        let mut conn = self.caller.tenant_conn().await?;
        jarvis::settle_dead(&mut conn, self.chat).await?;
        let message = jarvis::find_message(&mut conn, self.caller.user.id, self.chat, self.message).await?;
        let steps: Vec<Step> =
            jarvis::steps(&mut conn, &[self.message]).await?.into_iter().map(|(_, step)| step).collect();
        let has_ended = message.state != ChatState::Running;
        let view = match has_ended {
            true => views(&mut conn, &self.caller.app, self.chat, vec![message]).await?.pop(),
            false => None,
        };
        conn.commit().await?;
        self.take(jarvis::fresh(&steps, self.place)).await?;
        if let Some(view) = view {
            let name = if view.state == ChatState::Done { "final" } else { "error" };
            self.ready.push_back(event(name, self.place, &ChatEventView::End(Box::new(view))));
        }
        self.has_ended = has_ended;
        Ok(())
    }

    async fn take(&mut self, fresh: Vec<(Place, Fresh)>) -> ApiResult<()> {
        let has_cards = fresh.iter().any(|(_, fresh)| matches!(fresh, Fresh::Step(Step::Confirmation { .. })));
        let cards = if has_cards {
            let mut conn = self.caller.tenant_conn().await?;
            cards(&mut conn, &self.caller.app, self.chat, &[self.message]).await?
        } else {
            HashMap::new()
        };
        for (place, fresh) in fresh {
            let (name, data) = match fresh {
                Fresh::Text(text) => ("text", ChatEventView::Text { text }),
                Fresh::Step(found) => ("step", ChatEventView::Step(step(found, &cards))),
            };
            self.place = place;
            self.ready.push_back(event(name, place, &data));
        }
        Ok(())
    }

    /// Whether the request would still be let in.
    async fn ask_again(&mut self) -> ApiResult<()> {
        let app = self.caller.app.clone();
        self.caller = Caller::from_request_parts(&mut self.parts, &app).await?;
        Ok(())
    }
}
