//! One request on the wire, one answer off it: the only module that names reqwest's sending half. Deliberately absent:
//! retrying, limits, and following redirects, which would carry the token elsewhere.

use std::{
    error::Error as _,
    io,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use crm::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::{
    ClientOptions, Daily, Error, FormAnswer, Method, Origin, Request, Token, TransportKind,
    clock::http_date,
    pool::{LimitHeaders, Trio},
};

/// Larger answers are refused: a page of a hundred records stays far below it, a packed bomb does not.
const BODY_MAX: usize = 256 * 1024 * 1024;
/// Answers to forms hold a token or two.
const FORM_ANSWER_MAX: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Wire {
    http: reqwest::Client,
    origin: Origin,
    timeout: Duration,
}

pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) limits: LimitHeaders,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) date: Option<Timestamp>,
    /// When the headers were there.
    pub(crate) at: Instant,
    /// The body, or how it was lost on the way.
    pub(crate) body: Result<Bytes, Lost>,
}

/// An answer that did not come, or not whole.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    pub(crate) kind: TransportKind,
    pub(crate) detail: String,
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Error {
        Error::Transport { kind: lost.kind, detail: lost.detail }
    }
}

impl Wire {
    pub(crate) fn new(origin: Origin, options: &ClientOptions) -> Result<Wire, Error> {
        // A provider that is already installed serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(options.user_agent.as_str())
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .read_timeout(options.timeout)
            .tcp_nodelay(true)
            .gzip(true)
            .pool_max_idle_per_host(options.in_flight_max);
        if origin.is_loopback() {
            // A proxy would be given the token of a server on this computer.
            builder = builder.no_proxy();
        }
        let tls = |detail: String| Error::Transport { kind: TransportKind::Tls, detail };
        let mut extra = Vec::new();
        if let Some(path) = &options.ca_file {
            let pem = std::fs::read(path).map_err(|error| tls(format!("{}: {error}", path.display())))?;
            extra = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| tls(format!("{}: {}", path.display(), told(&error))))?;
        }
        builder = if origin.is_encrypted() {
            if extra.is_empty() { builder } else { builder.tls_certs_merge(extra) }
        } else {
            // Plain http needs no certificates, and a computer without any must not fail here.
            builder.tls_certs_only(extra)
        };
        let http = builder.build().map_err(|error| tls(told(&error)))?;
        Ok(Wire { http, origin, timeout: options.timeout })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) async fn exchange(&self, request: &Request, token: &Token) -> Result<Received, Lost> {
        let url = format!("{}{}", self.origin.as_str(), request.path);
        let mut call = match request.method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url),
        };
        call = call.header(ACCEPT, "application/json").header(AUTHORIZATION, bearer(token)?);
        if let Some(body) = &request.body {
            call = call.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let mut response = call.send().await.map_err(|error| lost(&error))?;
        let at = Instant::now();
        let headers = response.headers();
        let date = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date);
        Ok(Received {
            status: response.status().as_u16(),
            limits: limit_headers(headers),
            retry_after: retry_after(headers, date),
            date,
            at,
            body: read(&mut response, BODY_MAX).await,
        })
    }

    /// Posts a form, without a key.
    pub(crate) async fn post_form(&self, path: &str, body: Bytes) -> Result<FormAnswer, Lost> {
        let call = self.http.post(format!("{}{path}", self.origin.as_str()));
        let call = call
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .timeout(self.timeout)
            .body(body);
        let mut response = call.send().await.map_err(|error| lost(&error))?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date);
        let status = response.status().as_u16();
        Ok(FormAnswer { status, body: read(&mut response, FORM_ANSWER_MAX).await?, date })
    }
}

async fn read(response: &mut reqwest::Response, most: usize) -> Result<Bytes, Lost> {
    let Some(first) = response.chunk().await.map_err(|error| lost(&error))? else { return Ok(Bytes::new()) };
    let expected = usize::try_from(response.content_length().unwrap_or_default()).unwrap_or(most);
    let mut body = BytesMut::with_capacity(expected.min(most).max(first.len() * 2));
    body.extend_from_slice(&first);
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Lost { kind: TransportKind::Interrupted, detail: "the answer is too large".into() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn bearer(token: &Token) -> Result<HeaderValue, Lost> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Lost {
        kind: TransportKind::Interrupted,
        detail: "the key contains characters that cannot be sent".into(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn limit_headers(headers: &HeaderMap) -> LimitHeaders {
    let trio = || {
        let max: u64 = number(headers, "x-hubspot-ratelimit-max")?;
        let interval: u64 = number(headers, "x-hubspot-ratelimit-interval-milliseconds")?;
        let remaining: u64 = number(headers, "x-hubspot-ratelimit-remaining")?;
        let bounded = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        (interval > 0 && max > 0).then(|| Trio {
            max: bounded(max),
            interval: Duration::from_millis(interval),
            remaining: bounded(remaining),
        })
    };
    let daily = || {
        let limit: u64 = number(headers, "x-hubspot-ratelimit-daily")?;
        let remaining: u64 = number(headers, "x-hubspot-ratelimit-daily-remaining")?;
        Some(Daily { used: limit.saturating_sub(remaining), limit })
    };
    LimitHeaders { trio: trio(), daily: daily() }
}

/// Seconds, or a date, which only the same answer's Date header makes a duration.
fn retry_after(headers: &HeaderMap, date: Option<Timestamp>) -> Option<Duration> {
    if let Some(seconds) = number::<u64>(headers, RETRY_AFTER.as_str()) {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(headers.get(RETRY_AFTER)?.to_str().ok()?)?;
    let span = until.millis() - date?.millis();
    Some(Duration::from_millis(u64::try_from(span).unwrap_or_default()))
}

fn lost(error: &reqwest::Error) -> Lost {
    let detail = told(error);
    Lost { kind: kind(error, &detail), detail }
}

/// Which part of the way failed. Two of hyper's faults have no type to know them by, only their text.
fn kind(error: &reqwest::Error, detail: &str) -> TransportKind {
    if is_tls(error) {
        TransportKind::Tls
    } else if error.is_timeout() {
        TransportKind::Timeout
    } else if detail.contains("dns error") {
        TransportKind::Dns
    } else if detail.contains("tunnel") || detail.contains("proxy") {
        TransportKind::Proxy
    } else if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::Interrupted
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(source) = cause {
        if source.is::<rustls::Error>() {
            return true;
        }
        // An I/O error hides what it wraps from `source`, and wraps other I/O errors.
        let inner = source.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = inner.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| source.source());
    }
    false
}

/// An error with its causes, without the address: that would repeat ids and property names.
fn told(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(source) = cause {
        let said = source.to_string();
        if !text.ends_with(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        cause = source.source();
    }
    if text.is_empty() { "the request could not be made".into() } else { text }
}
