//! The network side: connections, the order of checks, and broken answers on demand.
//!
//! Deliberately absent: what is answered (`routes`), and TLS.

mod body;
mod connection;
mod control;
mod refuse;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::answer::{Answer, CORRELATION, Refusal};
use crate::app::App;
use crate::ask::{Ask, Query};
use crate::catalog::Kind;
use crate::clock::Clock;
use crate::config::Config;
use crate::edit::Edit;
use crate::faults::{AuthorizeTrouble, Effect, FaultControl};
use crate::ledger::Ledger;
use crate::limits::Standing;
use crate::oauth::{Caller, Place};
use crate::portal::Portal;
use crate::routes::{self, Area};
use crate::script::Script;
use crate::secret;
use crate::stamp;
use crate::truth::Truth;
use body::Body;

/// A running portal. Dropping it stops it.
pub struct Simulator {
    portal: Arc<Portal>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Builds the portal and starts to serve it on 127.0.0.1. A count for a type that does not exist, or a
    /// redirect address that is no plain ASCII, is `InvalidInput`.
    pub async fn start(config: Config) -> io::Result<Simulator> {
        let mut names = config.counts.keys().chain(&config.more_objects);
        if let Some(unknown) = names.find(|name| Kind::all().all(|kind| kind.name() != *name)) {
            let message = format!("there is no object type {unknown} to count");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let token = match &config.token {
            Some(token) => token.clone(),
            None => secret::key(config.region)?,
        };
        check_apps(&config.apps)?;
        let (listeners, address) = connection::listen(config.port, config.both_families).await?;
        let portal =
            tokio::task::spawn_blocking(move || Arc::new(Portal::new(config, token, address.port())))
                .await
                .map_err(io::Error::other)?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(connection::accept_all(listeners, Arc::clone(&portal), stopped));
        Ok(Simulator { portal, address, stop, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The apps that the account can be connected to.
    pub fn apps(&self) -> &[App] {
        &self.portal.config.apps
    }

    /// The key that opens the portal.
    pub fn token(&self) -> &str {
        &self.portal.token
    }

    pub fn faults(&self) -> &FaultControl {
        &self.portal.faults
    }

    /// What has been asked so far.
    pub fn ledger(&self) -> Ledger {
        self.portal.book.copy()
    }

    /// Forgets what has been asked so far.
    pub fn reset_ledger(&self) {
        self.portal.book.reset();
    }

    /// Waits until so many requests have come since the start, or since the ledger was reset.
    pub async fn calls_reached(&self, calls: u64) {
        // The book lives as long as the portal, so the sender cannot be gone.
        let _ = self.portal.book.watch().wait_for(|&n| n >= calls).await;
    }

    /// What the portal holds now.
    pub fn truth(&self) -> Truth {
        Truth::new(Arc::clone(&self.portal))
    }

    /// Changes the portal from within.
    pub fn edit(&self) -> Edit<'_> {
        Edit::new(&self.portal)
    }

    /// What the portal is yet to go through while it is read.
    pub fn script(&self) -> &Script {
        &self.portal.script
    }

    pub fn clock(&self) -> &Clock {
        &self.portal.clock
    }

    /// Closes the port and every connection.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Longer than anyone waits before they look whether their browser has opened.
const SLOW_PAGE: Duration = Duration::from_secs(25);

/// Redirect addresses go into a header as they are.
fn check_apps(apps: &[App]) -> io::Result<()> {
    let mut addresses = apps.iter().flat_map(|app| &app.redirect_uris);
    match addresses.find(|uri| !uri.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(bad) => {
            let message = format!("{bad:?} cannot be a redirect address");
            Err(io::Error::new(io::ErrorKind::InvalidInput, message))
        }
        None => Ok(()),
    }
}

/// How a request ends: with an answer, or with the connection.
enum End {
    Answer(Response<Body>),
    Cut,
}

/// Answers one request, or ends its connection.
async fn serve(
    portal: Arc<Portal>,
    reset: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    match answer(&portal, &reset, request).await {
        End::Answer(response) => Ok(response),
        End::Cut => Err(io::Error::new(io::ErrorKind::ConnectionReset, "a fault ended the connection")),
    }
}

async fn answer(portal: &Arc<Portal>, reset: &AtomicBool, request: Request<Incoming>) -> End {
    let (parts, incoming) = request.into_parts();
    let host = parts.headers.get("host").and_then(|h| h.to_str().ok()).unwrap_or_default().to_owned();
    if portal.config.check_host && !is_ours(&host, portal) {
        return plain(portal, Refusal::new(421, "This server answers its own address only.").into());
    }
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let Ok(body) = incoming.collect().await.map(http_body_util::Collected::to_bytes) else {
        return End::Cut;
    };
    if portal.config.control_routes && path.starts_with("/_simulator/") {
        return control::answer(portal, parts.method.as_str(), path, &body);
    }
    let visit = portal.book.arrive();
    let method = parts.method.as_str();
    let target = routes::resolve(portal, method, path);
    portal.book.enter(target.pool, &target.label);
    let whole = parts.uri.path_and_query().map_or(path, |p| p.as_str());
    let struck = portal.faults.strike(method, whole, || refuse::size(Query(query), &body));
    let slow = matches!(target.area, Area::Oauth(Place::Authorize(_)))
        && portal.faults.authorize() == AuthorizeTrouble::Slow;
    let slowness = if slow { SLOW_PAGE } else { Duration::ZERO };
    let wait = portal.config.latency + Duration::from_millis(struck.wait_millis) + slowness;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if let Some(effect) = &struck.effect {
        match effect {
            Effect::Hang => match std::future::pending::<Infallible>().await {},
            Effect::Reset => {
                reset.store(true, Ordering::Relaxed);
                portal.book.answered(0, 0, None);
                return End::Cut;
            }
            _ => {}
        }
        if let Some(refusal) = refuse::by_fault(portal, effect) {
            return finish(portal, refusal, &Standing::default());
        }
    }
    let bearer = parts.headers.get("authorization").and_then(|h| h.to_str().ok()).and_then(bearer);
    let origin = format!("http://{host}");
    let caller = Caller::Anyone;
    let mut ask = Ask { method, path, query: Query(query), bearer, caller, body: &body, origin: &origin };
    let (answer, standing) = match refuse::by_rule(portal, &target, &ask, whole.len(), Instant::now()) {
        Ok((caller, standing)) => {
            ask.caller = caller;
            portal.script.before(portal, method, whole);
            let answer = routes::act(portal, &target, &ask);
            portal.script.after(portal, method, whole);
            (answer, standing)
        }
        Err(refusal) => (refusal, Standing::default()),
    };
    drop(visit);
    match struck.effect {
        Some(effect) => broken(portal, answer, &effect, &standing),
        None => finish(portal, answer, &standing),
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whether a `Host` names this server, and not a page's own address that was pointed at this machine.
fn is_ours(host: &str, portal: &Portal) -> bool {
    let is_name = |name: &str| match name {
        "127.0.0.1" | "localhost" => true,
        "[::1]" => portal.config.both_families,
        _ => false,
    };
    let named = host.rsplit_once(':').filter(|(name, _)| is_name(name));
    named.is_some_and(|(_, port)| port.parse() == Ok(portal.port))
}

/// Puts an answer on the wire as usual.
fn finish(portal: &Arc<Portal>, mut answer: Answer, standing: &Standing) -> End {
    if answer.status >= 400 {
        correlate(portal, &mut answer);
    }
    portal.book.answered(answer.status, answer.body.len(), answer.limit);
    let mut response = head(portal, &answer, standing);
    *response.body_mut() = Body::whole(portal.body(answer.body));
    End::Answer(response)
}

/// Puts an answer on the wire with a fault in it.
fn broken(portal: &Arc<Portal>, mut answer: Answer, effect: &Effect, standing: &Standing) -> End {
    match effect {
        Effect::Truncate { percent } => {
            let keep = answer.body.len() * usize::from(*percent).min(99) / 100;
            portal.book.answered(answer.status, keep, None);
            let mut response = head(portal, &answer, standing);
            *response.body_mut() = Body::cut(&Bytes::from(answer.body), keep);
            End::Answer(response)
        }
        Effect::Malformed => {
            answer.body.truncate(answer.body.len() / 2);
            finish(portal, answer, standing)
        }
        Effect::Html => {
            answer.body = b"<!DOCTYPE html><html><body><h1>One moment please</h1></body></html>".to_vec();
            answer.content_type = "text/html;charset=utf-8";
            finish(portal, answer, standing)
        }
        _ => finish(portal, answer, standing),
    }
}

/// Gives every refusal its own correlation id.
fn correlate(portal: &Portal, answer: &mut Answer) {
    let place = answer.body.windows(CORRELATION.len()).position(|w| w == CORRELATION.as_bytes());
    if let Some(at) = place {
        let id = portal.correlation_id();
        answer.body[at..at + CORRELATION.len()].copy_from_slice(id.as_bytes());
        answer.headers.push(("x-hubspot-correlation-id", id));
    }
}

fn head(portal: &Portal, answer: &Answer, standing: &Standing) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).expect("a status has three digits");
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: String| {
        let value = HeaderValue::from_maybe_shared(value).expect("headers are plain ASCII");
        headers.insert(HeaderName::from_static(name), value);
    };
    put("date", stamp::http_date(portal.clock.now()));
    if let Some((most, left)) = standing.interval {
        put("x-hubspot-ratelimit-interval-milliseconds", "10000".to_owned());
        put("x-hubspot-ratelimit-max", most.to_string());
        put("x-hubspot-ratelimit-remaining", left.to_string());
        put("x-hubspot-ratelimit-secondly", (most / 10).to_string());
        put("x-hubspot-ratelimit-secondly-remaining", (most / 10).saturating_sub(1).min(left).to_string());
    }
    if let Some((most, left)) = standing.daily {
        put("x-hubspot-ratelimit-daily", most.to_string());
        put("x-hubspot-ratelimit-daily-remaining", left.to_string());
    }
    for (name, value) in &answer.headers {
        put(name, value.clone());
    }
    if !answer.headers.iter().any(|(name, _)| *name == "x-hubspot-correlation-id") {
        put("x-hubspot-correlation-id", portal.correlation_id());
    }
    if !answer.body.is_empty() {
        put("content-type", answer.content_type.to_owned());
    }
    response
}

/// An answer that no ledger and no limit knows of.
fn plain(portal: &Arc<Portal>, mut answer: Answer) -> End {
    correlate(portal, &mut answer);
    let mut response = head(portal, &answer, &Standing::default());
    *response.body_mut() = Body::whole(Bytes::from(answer.body));
    End::Answer(response)
}
