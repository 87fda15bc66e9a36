//! `GET /events`: what changes at the agency while a page is open, as server-sent events.
//!
//! The stream reads the table of events from one bookmark to the next; being woken only says when to look. Whether its
//! reader may still read is asked as for any request: at every heartbeat, and at once when somebody's rights changed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts as _;
use axum::http::{HeaderName, request::Parts};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::problem::{ApiProblem, ApiResult};
use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::leads::LeadId;
use crate::domain::live::{self, Batch, Bookmark, Entity, LiveEvent, SubscribeError, Subscription};

/// The `data` of an event `change`. Read the thing itself for what it is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventView {
    /// What kind of thing.
    #[serde(rename = "type")]
    pub kind: Entity,
    /// Which one.
    pub id: uuid::Uuid,
    /// The lead it belongs to.
    pub lead_id: Option<LeadId>,
    /// Its version after the change, if it has one: whoever has that one already need not read it again.
    pub version: Option<i32>,
    /// When it changed.
    pub at: Timestamp,
}

impl From<LiveEvent> for EventView {
    fn from(event: LiveEvent) -> Self {
        Self { kind: event.entity, id: event.entity_id, lead_id: event.lead_id, version: event.version, at: event.at }
    }
}

/// Its route.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream))
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Listen to changes
///
/// A stream of server-sent events that does not end by itself. It begins with `ready` (everything from here on will be
/// told) or `reset` (what happened since `Last-Event-ID` is no longer known: load what is shown anew). Then there is a
/// `change` for every lead, message, task, draft, viewing and test address that the caller may see, and for administrators
/// for every connection whose state changed; a thing may be named more often than it changed. Reconnect with the last `id`
/// as `Last-Event-ID` and nothing is missed for 23 hours. The stream ends
/// when the token does, or the caller's right to sign in.
#[utoipa::path(get, path = "/events", operation_id = "streamEvents", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "`id` of the last event received")),
    responses((status = 200, body = EventView, content_type = "text/event-stream", description = "Events; the schema is that of the `data` of a `change`")))]
async fn stream(caller: Caller, parts: Parts) -> ApiResult<Response> {
    let subscription = caller.app.live.subscribe(caller.user.tenant_id)?;
    let mut reader = Reader::new(caller, parts, subscription);
    reader.begin().await?;
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
    bookmark: Option<Bookmark>,
    ready: VecDeque<Event>,
    look_at: Instant,
    beat_at: Instant,
}

impl Reader {
    fn new(caller: Caller, parts: Parts, subscription: Subscription) -> Self {
        let given = parts.headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
        let bookmark = given.and_then(|text| text.parse().ok());
        let now = Instant::now();
        let beat_at = now + heartbeat(&caller.app);
        Self { caller, parts, subscription, bookmark, ready: VecDeque::new(), look_at: now, beat_at }
    }

    /// The first event: where this stream begins.
    async fn begin(&mut self) -> ApiResult<()> {
        let resumed = match self.bookmark {
            Some(bookmark) => self.read(bookmark).await?,
            None => None,
        };
        match resumed {
            Some(batch) => {
                let (bookmark, from) = (batch.bookmark, self.bookmark);
                self.take(batch);
                self.ready.push_front(named("ready", from.unwrap_or(bookmark)));
            }
            None => {
                let is_new = !self.parts.headers.contains_key(LAST_EVENT_ID);
                self.restart(if is_new { "ready" } else { "reset" }).await?;
            }
        }
        Ok(())
    }

    /// The next event; `None` ends the stream. A client reconnects and learns why.
    async fn next(&mut self) -> Option<Event> {
        while self.ready.is_empty() {
            let until = self.look_at.min(self.beat_at);
            match tokio::time::timeout_at(until, self.subscription.woken()).await {
                Ok(None) => return None,
                Ok(Some(woken)) if woken.people => self.ask_again().await.ok()?,
                Ok(Some(_)) | Err(_) => {}
            }
            let is_beat = Instant::now() >= self.beat_at;
            if is_beat {
                self.ask_again().await.ok()?;
                self.beat_at = Instant::now() + heartbeat(&self.caller.app);
            }
            self.look().await.ok()?;
            if let (true, true, Some(bookmark)) = (is_beat, self.ready.is_empty(), self.bookmark) {
                // Also keeps the bookmark of a client young to whom nothing happens.
                self.ready.push_back(Event::default().comment("").id(bookmark.to_string()));
            }
        }
        self.ready.pop_front()
    }

    /// Reads what there is.
    async fn look(&mut self) -> ApiResult<()> {
        let Some(bookmark) = self.bookmark else { return self.restart("reset").await };
        let mut read = self.read(bookmark).await?;
        // Whoever woke this stream may not have known yet: what came after a change of rights is told by the new ones.
        if read.as_ref().is_some_and(|batch| batch.people) {
            self.ask_again().await?;
            read = self.read(bookmark).await?;
        }
        match read {
            Some(batch) => self.take(batch),
            None => self.restart("reset").await?,
        }
        Ok(())
    }

    async fn read(&self, from: Bookmark) -> ApiResult<Option<Batch>> {
        let mut conn = self.caller.tenant_conn().await?;
        Ok(live::after(&mut conn, self.caller.viewer(), from).await?)
    }

    fn take(&mut self, batch: Batch) {
        let now = Instant::now();
        self.look_at = if batch.more { now } else { self.beat_at.max(now) };
        self.bookmark = Some(batch.bookmark);
        self.ready.extend(batch.events.into_iter().filter_map(|event| {
            let id = event.bookmark.to_string();
            // Ids, numbers and fixed words always make JSON.
            Event::default().event("change").id(id).json_data(EventView::from(event)).ok()
        }));
    }

    /// Begins at the present.
    async fn restart(&mut self, name: &str) -> ApiResult<()> {
        let here = live::here(&mut self.caller.tenant_conn().await?).await?;
        self.bookmark = Some(here);
        self.look_at = Instant::now();
        self.ready.push_back(named(name, here));
        Ok(())
    }

    /// Whether the request would still be let in, and with which rights.
    async fn ask_again(&mut self) -> ApiResult<()> {
        let app = self.caller.app.clone();
        self.caller = Caller::from_request_parts(&mut self.parts, &app).await?;
        Ok(())
    }
}

fn heartbeat(app: &App) -> Duration {
    Duration::from_secs(app.settings.http.heartbeat_seconds)
}

fn named(name: &str, bookmark: Bookmark) -> Event {
    Event::default().event(name).id(bookmark.to_string()).data("{}")
}

impl From<SubscribeError> for ApiProblem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::TooMany => {
                Self::too_many("Your agency has as many streams open as it may have. Close one first.", 30)
            }
            SubscribeError::Ending => Self::unavailable("This server is about to end. Connect again in a moment."),
        }
    }
}
