//! The client that sends: waits its turn, asks for a token, sends, and does what `retry` decides. Deliberately absent:
//! what to ask for, and any state beyond limits and counters. Dropping the future of [`Client::send`] cancels it.

mod gate;
mod line;
mod tally;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crm::{Account, Timestamp};

use crate::{
    ApiVersion, ClientOptions, Endpoint, Error, Lane, LimitsSnapshot, Observed, Observer, Origin, Refusal,
    Request, RetryPolicy, Speeds, Token, TokenSource, TransportKind, Usage,
    clock::ServerClock,
    observe::{self, End},
    pool::Ticket,
    retry::{self, Answer, Limit, Next, Tried},
    wire::{Lost, Received, Wire},
};
use bytes::Bytes;
use gate::Gate;
use tally::Tally;

/// One connection's way to HubSpot. Cheap to clone; clones share limits and counters.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    lane: Lane,
}

struct Inner {
    wire: Wire,
    tokens: Arc<dyn TokenSource>,
    version: ApiVersion,
    retry: RetryPolicy,
    gate: Gate,
    tally: Tally,
    clock: Mutex<ServerClock>,
    utc_offset_ms: Mutex<Option<i64>>,
    observer: Option<Arc<dyn Observer>>,
}

/// How one attempt ended.
enum Attempt {
    Body { status: u16, body: Bytes },
    Failed { answer: Answer, error: Error },
}

impl Client {
    pub fn new(
        origin: Origin,
        tokens: Arc<dyn TokenSource>,
        options: ClientOptions,
    ) -> Result<Client, Error> {
        let wire = Wire::new(origin, &options)?;
        let gate = Gate::new(options.speed, options.resumed, options.in_flight_max, Instant::now());
        let inner = Inner {
            wire,
            tokens,
            version: options.version,
            retry: options.retry,
            gate,
            tally: Tally::default(),
            clock: Mutex::default(),
            utc_offset_ms: Mutex::default(),
            observer: options.observer,
        };
        Ok(Client { inner: Arc::new(inner), lane: Lane::default() })
    }

    /// The same client, whose calls wait in this lane.
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Client {
        Client { inner: Arc::clone(&self.inner), lane }
    }

    /// Sends until there is an answer or a reason to give up: limits are kept, failures that pass are retried.
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Output, Error> {
        let inner = &*self.inner;
        let request = endpoint.request(inner.version);
        let mut tried = Tried::default();
        let mut attempt = 0;
        loop {
            if attempt > 0 {
                inner.tally.retried();
            }
            attempt += 1;
            let (sent, took, token) = inner.attempt(&request, self.lane, &mut tried).await?;
            let observed = |end| inner.observed(&request, attempt, took, end);
            let (answer, error) = match sent {
                Attempt::Body { status, body } => match endpoint.read(body) {
                    Ok(output) => {
                        observed(End::Good { status });
                        return Ok(output);
                    }
                    Err(malformed) => {
                        observed(End::Unreadable { status });
                        (Answer::Malformed, Error::Malformed(malformed))
                    }
                },
                Attempt::Failed { answer, error } => {
                    observed(ended(&answer, &error));
                    (answer, error)
                }
            };
            let next = retry::after(&tried, &answer, &inner.retry);
            tracing::debug!(kind = request.kind, ?answer, ?next, "a call did not succeed");
            match next {
                Next::Refresh => {
                    tried.refreshed = true;
                    if inner.tokens.refresh(&token).await?.is_none() {
                        return Err(error);
                    }
                }
                Next::Pause(pause) => {
                    match answer {
                        Answer::Malformed => tried.malformed += 1,
                        Answer::Status { .. } | Answer::Lost | Answer::Untrusted => tried.failures += 1,
                    }
                    tokio::time::sleep(jittered(pause)).await;
                }
                // The pool itself waits; the call stands in its queue again.
                Next::WaitForLimit(_) => tried.refusals_429 += 1,
                Next::WaitForMove(pause) => {
                    tried.waited_for_move += pause;
                    tokio::time::sleep(pause).await;
                }
                Next::GiveUp => return Err(error),
            }
        }
    }

    pub fn limits(&self) -> LimitsSnapshot {
        self.inner.gate.snapshot(Instant::now())
    }

    pub fn usage(&self) -> Usage {
        self.inner.tally.usage()
    }

    /// HubSpot's clock: the newest Date header, run on by a clock that cannot be set.
    pub fn server_time(&self) -> Option<Timestamp> {
        locked(&self.inner.clock).at(Instant::now())
    }

    pub fn set_speeds(&self, speeds: Speeds) {
        self.inner.gate.set_speeds(speeds);
    }

    /// Tells where the portal's midnight is, at which its daily limit starts anew.
    pub fn know_account(&self, account: &Account) {
        *locked(&self.inner.utc_offset_ms) = account.utc_offset_ms;
    }

    pub fn origin(&self) -> &Origin {
        self.inner.wire.origin()
    }

    pub fn version(&self) -> ApiVersion {
        self.inner.version
    }
}

impl Inner {
    async fn token(&self) -> Result<Token, Error> {
        let token = self.tokens.token().await?;
        self.wire.origin().accepts(&token, false)?;
        Ok(token)
    }

    /// How it went, how long it was on the wire, and with which token.
    async fn attempt(
        &self,
        request: &Request,
        lane: Lane,
        tried: &mut Tried,
    ) -> Result<(Attempt, Duration, Token), Error> {
        let queued = Instant::now();
        let pass = self.gate.enter(request.pool, lane).await;
        if tried.refusals_429 > 0 {
            tried.waited_for_limits += queued.elapsed();
        }
        // Not before: a call may stand in its queue longer than a token lives.
        let token = self.token().await?;
        let flight = self.tally.sent(request.pool);
        let sent = Instant::now();
        let received = self.wire.exchange(request, &token).await;
        let took = sent.elapsed();
        drop(flight);
        let attempt = match received {
            Ok(received) => {
                let ticket = pass.ticket();
                drop(pass);
                self.answered(request, &token, tried, ticket, received)
            }
            Err(lost) => lost_attempt(lost),
        };
        Ok((attempt, took, token))
    }

    /// Learns from an answer what it tells about limits and the clock.
    fn answered(
        &self,
        request: &Request,
        token: &Token,
        tried: &Tried,
        ticket: Ticket,
        received: Received,
    ) -> Attempt {
        if let Some(date) = received.date {
            locked(&self.clock).heard(date, received.at);
        }
        let success = (200..300).contains(&received.status);
        self.gate.answered(request.pool, ticket, success, &received.limits, received.at);
        let Received { status, retry_after, body, .. } = received;
        let body = match body {
            Ok(body) => body,
            // The status alone decides about a refusal whose text was lost.
            Err(lost) if success => return lost_attempt(lost),
            Err(_) => Bytes::new(),
        };
        self.tally.received(body.len());
        if success {
            return Attempt::Body { status, body };
        }
        let refusal = Refusal::read(status, &body).without(token);
        let limit = Limit::read(refusal.policy_name.as_deref(), refusal.message.as_deref());
        let answer = Answer::Status { code: status, retry_after, limit };
        if status == 429 {
            self.tally.refused();
            if let Next::WaitForLimit(wait) = retry::after(tried, &answer, &self.retry) {
                self.gate.refused(request.pool, ticket, limit, retry_after, wait);
            }
        }
        Attempt::Failed { answer, error: self.error(refusal, limit, retry_after) }
    }

    fn observed(&self, request: &Request, attempt: u32, took: Duration, end: End) {
        if let Some(observer) = &self.observer {
            let path = observe::template(&request.path);
            observer.observed(&Observed {
                method: request.method,
                path,
                pool: request.pool,
                attempt,
                took,
                end,
            });
        }
    }

    fn error(&self, refusal: Refusal, limit: Limit, retry_after: Option<Duration>) -> Error {
        match refusal.status {
            401 | 530 => Error::Unauthorized(refusal),
            403 => {
                let scopes = refusal.required_scopes();
                let missing = refusal.category.as_deref() == Some("MISSING_SCOPES") || !scopes.is_empty();
                if missing { Error::MissingScopes { refusal, scopes } } else { Error::Refused(refusal) }
            }
            404 => Error::NotFound(refusal),
            409 => Error::Conflict(refusal),
            414 => Error::UriTooLong,
            429 if limit == Limit::Daily => {
                Error::DailyLimit { refusal, resumes_at: self.next_day(retry_after) }
            }
            429 => Error::RateLimited(refusal),
            477 => Error::Moving { retry_after },
            408 | 423 | 500.. => Error::Server(refusal),
            _ => Error::Refused(refusal),
        }
    }

    /// When the daily limit starts anew: as told, else the portal's next midnight.
    fn next_day(&self, retry_after: Option<Duration>) -> Option<Timestamp> {
        let now = locked(&self.clock).at(Instant::now())?;
        if let Some(wait) = retry_after {
            return Some(now.plus(wait));
        }
        let offset = (*locked(&self.utc_offset_ms))?;
        Some(midnight_after(now, offset))
    }
}

fn midnight_after(now: Timestamp, utc_offset_ms: i64) -> Timestamp {
    const DAY: i64 = 86_400_000;
    let local = now.millis() + utc_offset_ms;
    Timestamp::from_millis((local.div_euclid(DAY) + 1) * DAY - utc_offset_ms)
}

/// A failure as an onlooker is told of it.
fn ended(answer: &Answer, error: &Error) -> End {
    match (answer, error, error.refusal()) {
        (_, _, Some(refusal)) => End::refused(refusal),
        (_, Error::Transport { kind, .. }, None) => End::Lost(*kind),
        (Answer::Status { code, .. }, ..) => {
            End::Refused { status: *code, category: None, correlation_id: None }
        }
        _ => End::Lost(TransportKind::Interrupted),
    }
}

fn lost_attempt(lost: Lost) -> Attempt {
    let answer = if lost.kind == TransportKind::Tls { Answer::Untrusted } else { Answer::Lost };
    Attempt::Failed { answer, error: lost.into() }
}

/// Up to a quarter longer, so that calls that failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let chance = std::hash::RandomState::new().build_hasher().finish() % 1024;
    pause + pause.mul_f64(chance as f64 / 4096.0)
}

/// What the lock guards stays whole whatever panics, so a poisoned lock is taken all the same.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_midnight_is_found_in_its_own_time_zone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let hours = |h: i64| h * 3_600_000;
        let now = at("2026-11-21T02:30:00Z");
        assert_eq!(midnight_after(now, 0), at("2026-11-22T00:00:00Z"));
        assert_eq!(midnight_after(now, hours(-4)), at("2026-11-21T04:00:00Z"));
        assert_eq!(midnight_after(now, hours(9)), at("2026-11-21T15:00:00Z"));
    }

    #[test]
    fn jitter_only_lengthens_and_by_a_quarter_at_most() {
        let pause = Duration::from_secs(4);
        for _ in 0..1000 {
            assert!((pause..=pause * 5 / 4).contains(&jittered(pause)));
        }
    }
}
