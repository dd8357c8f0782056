//! The client that sends: waits its turn, asks for a token, sends, and does what `retry` decides. Deliberately absent:
//! what to ask for, and any state beyond limits and counters. Dropping the future of [`Client::send`] cancels it.

mod gate;
mod health;
mod line;
mod scope;
mod tally;
mod today;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crm::{Account, Timestamp};

use crate::{
    ApiVersion, Caller, ClientOptions, Endpoint, Error, Lane, LimitsSnapshot, Observed, Observer, Origin,
    OwnDay, Refusal, Request, RetryPolicy, Speeds, Token, TokenSource, TransportKind, Usage,
    clock::ServerClock,
    observe::{self, End},
    retry::{self, Answer, Limit, Next, Tried},
    wire::{Lost, Received, Wire},
};
use bytes::Bytes;
use gate::{Gate, Pass};
use health::{Health, Kind};
use scope::Address;
use tally::Tally;

/// One connection's way to HubSpot. Cheap to clone; clones share limits and counters.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    lane: Lane,
    /// Counts the requests that are sent through this clone and its clones.
    counter: Option<Arc<AtomicU64>>,
}

struct Inner {
    wire: Wire,
    tokens: Arc<dyn TokenSource>,
    version: ApiVersion,
    retry: RetryPolicy,
    gate: Gate,
    tally: Tally,
    health: Health,
    clock: Mutex<ServerClock>,
    account: Mutex<Option<Account>>,
    /// The newest token that HubSpot has taken.
    good_token: Mutex<Option<Token>>,
    day_percent: AtomicU8,
    /// These calls are counted in the portal's day.
    in_day: AtomicBool,
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
        let in_day = !matches!(tokens.caller(), Caller::App(_));
        let inner = Inner {
            wire,
            tokens,
            version: options.version,
            retry: options.retry,
            gate,
            tally: Tally::default(),
            health: Health::default(),
            clock: Mutex::default(),
            account: Mutex::default(),
            good_token: Mutex::default(),
            day_percent: AtomicU8::new(options.day_percent),
            in_day: AtomicBool::new(in_day),
            observer: options.observer,
        };
        Ok(Client { inner: Arc::new(inner), lane: Lane::default(), counter: None })
    }

    /// The same client, whose calls wait in this lane.
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Client {
        Client { lane, ..self.clone() }
    }

    /// The same client, whose requests are counted here, too: each attempt, as in [`Usage`].
    #[must_use]
    pub fn counted(&self, counter: Arc<AtomicU64>) -> Client {
        Client { counter: Some(counter), ..self.clone() }
    }

    /// Sends until there is an answer or a reason to give up: limits are kept, failures that pass are retried.
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Output, Error> {
        let inner = &*self.inner;
        let request = endpoint.request(inner.version);
        let kind = Kind::of(&request);
        let mut tried = Tried::default();
        let mut attempt = 0;
        loop {
            if attempt > 0 {
                inner.tally.retried();
            }
            attempt += 1;
            let (sent, took, token) = self.attempt(&request, &mut tried).await?;
            let observed = |end| inner.observed(&request, attempt, took, end);
            let (answer, error) = match sent {
                Attempt::Body { status, body } => match endpoint.read(body) {
                    Ok(output) => {
                        observed(End::Good { status });
                        inner.health.answered(&kind);
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
            if answer.is_healthy() {
                inner.health.answered(&kind);
            } else {
                tried.silent = inner.health.failed(&kind, inner.retry.patience(), Instant::now());
            }
            let next = retry::after(&tried, &answer, &inner.retry);
            tracing::debug!(kind = request.kind, ?answer, ?next, "a call did not succeed");
            match next {
                Next::Refresh => {
                    let worked = matches!(answer, Answer::Rejected { worked: true, .. });
                    *(if worked { &mut tried.expiries } else { &mut tried.rejections }) += 1;
                    if inner.tokens.refresh(&token).await?.is_none() {
                        return Err(error);
                    }
                }
                Next::Pause(pause) => {
                    match answer {
                        Answer::Malformed => tried.malformed += 1,
                        _ => tried.failures += 1,
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

    /// How it went, how long it was on the wire, and with which token.
    async fn attempt(
        &self,
        request: &Request,
        tried: &mut Tried,
    ) -> Result<(Attempt, Duration, Token), Error> {
        let inner = &*self.inner;
        if self.lane != Lane::Person {
            inner.has_share(request.pool)?;
        }
        let queued = Instant::now();
        let pass = inner.gate.enter(request.pool, self.lane).await;
        if tried.refusals_429 > 0 {
            tried.waited_for_limits += queued.elapsed();
        }
        // Not before: a call may stand in its queue longer than a token lives.
        let token = inner.token().await?;
        inner.count_in_day(request.pool);
        if let Some(counter) = &self.counter {
            counter.fetch_add(1, Relaxed);
        }
        let flight = inner.tally.sent(request.pool);
        let sent = Instant::now();
        let received = inner.wire.exchange(request, &token).await;
        let took = sent.elapsed();
        drop(flight);
        let attempt = match received {
            Ok(received) => inner.answered(request, &token, tried, pass, received),
            Err(lost) => lost_attempt(lost),
        };
        Ok((attempt, took, token))
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

    /// Tells whose portal it is: from now on limits are shared with the other clients of this portal in this process,
    /// as HubSpot counts them, and its midnight is known, at which its day of calls begins anew.
    pub fn know_account(&self, account: &Account) {
        *locked(&self.inner.account) = Some(account.clone());
        let address = Address { origin: self.origin().to_string(), portal: account.portal };
        self.inner.gate.join(&address, &self.inner.tokens.caller());
    }

    /// How much of the portal's day may be used, in percent.
    pub fn set_day_percent(&self, percent: u8) {
        self.inner.day_percent.store(percent.min(100), Relaxed);
    }

    /// Tells how many calls Portside has made today before this process; call it after [`Client::know_account`].
    pub fn know_own_day(&self, calls: u64) {
        locked(self.inner.gate.scope().day()).began_with(calls);
    }

    pub fn own_day(&self) -> OwnDay {
        let scope = self.inner.gate.scope();
        let day = locked(scope.day());
        OwnDay {
            used: day.used(),
            percent: self.inner.day_percent.load(Relaxed),
            limit: day.as_told().map(|daily| daily.limit),
        }
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

    /// Learns from an answer what it tells about limits and the clock.
    fn answered(
        &self,
        request: &Request,
        token: &Token,
        tried: &Tried,
        pass: Pass<'_>,
        received: Received,
    ) -> Attempt {
        let (scope, ticket) = pass.place();
        drop(pass);
        if let Some(date) = received.date {
            locked(&self.clock).heard(date, received.at);
        }
        let success = (200..300).contains(&received.status);
        scope.answered(request.pool, ticket, success, &received.limits, received.at);
        if let Some(daily) = received.limits.daily {
            self.in_day.store(true, Relaxed);
            locked(scope.day()).told(daily);
        }
        let Received { status, retry_after, body, .. } = received;
        let body = match body {
            Ok(body) => body,
            // The status alone decides about a refusal whose text was lost.
            Err(lost) if success => return lost_attempt(lost),
            Err(_) => Bytes::new(),
        };
        self.tally.received(body.len());
        if success {
            self.is_good(token);
            return Attempt::Body { status, body };
        }
        let refusal = Refusal::read(status, &body).without(token);
        let limit = Limit::read(refusal.policy_name.as_deref(), refusal.message.as_deref());
        let answer = match status {
            401 => Answer::Rejected {
                worked: locked(&self.good_token).as_ref().is_some_and(|good| good.same_as(token)),
                expired: refusal.category.as_deref() == Some("EXPIRED_AUTHENTICATION"),
            },
            code => Answer::Status { code, retry_after, limit },
        };
        if status == 429 {
            self.tally.refused();
            if let Next::WaitForLimit(wait) = retry::after(tried, &answer, &self.retry) {
                scope.refused(request.pool, ticket, limit, retry_after, wait, Instant::now());
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

    fn is_good(&self, token: &Token) {
        let mut good = locked(&self.good_token);
        if !good.as_ref().is_some_and(|good| good.same_as(token)) {
            *good = Some(token.clone());
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
    fn jitter_only_lengthens_and_by_a_quarter_at_most() {
        let pause = Duration::from_secs(4);
        for _ in 0..1000 {
            assert!((pause..=pause * 5 / 4).contains(&jittered(pause)));
        }
    }
}
